"""One server, three depths of middleware: none, Django's default, and that of `wagtail start`."""

import gc

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

django.setup(set_prefix=False)


def _behind(middleware: list[str]) -> WSGIHandler:
    # A handler reads the list once, when it is made.
    settings.MIDDLEWARE = middleware
    return WSGIHandler()


_wagtail = _behind(settings.MIDDLEWARE)
_default = _behind([name for name in settings.MIDDLEWARE if name.startswith("django.")])
_bare = _behind([])


def application(environ: dict, start_response):
    path = environ["PATH_INFO"]
    handler = _bare if path.startswith("/bare/") else _default if path.startswith("/default/") else _wagtail
    return handler(environ, start_response)


# As the house does, see config/wsgi.py.
gc.collect()
gc.freeze()
