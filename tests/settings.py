"""Settings of the tests: those of the house, with what is slow on purpose made fast."""

from config.settings import *
from config.settings import DATABASES
from tests import scratch

# The second factor of staff has tests of its own, which switch it on.
REQUIRE_MFA = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A file, not shared memory: the live server of the browser tests writes from another thread.
DATABASES["default"]["TEST"] = (
    {"NAME": str(scratch.folder() / "test.sqlite3")}
    if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
    else {}
)
# A connection kept by a thread of the live server would keep the test database from being dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0

MEDIA_ROOT = scratch.folder() / "media"
STATIC_ROOT = scratch.folder() / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {"BACKEND": "ui.storage.PrivateStorage", "OPTIONS": {"location": scratch.folder() / "private"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
