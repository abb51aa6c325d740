"""The WSGI door: one process serves, garbage of the loading is set aside for good."""

import gc
import os
import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

# Full collections of a loaded Django heap cost tens of milliseconds in the middle of a request.
gc.collect()
gc.freeze()
