"""The house, awake: the addresses, words and frames that a first answer loads are loaded before workers are forked.

A worker that takes the place of a killed one would spend half a second on them each time.
"""

from wsgiref.util import setup_testing_defaults

from django.db import connections

from config.wsgi import application

_asked = {"PATH_INFO": "/accounts/login/", "HTTP_HOST": "127.0.0.1"}
setup_testing_defaults(_asked)
list(application(_asked, lambda status, headers: None))
# A connection must not be shared by forks.
connections.close_all()

__all__ = ["application"]
