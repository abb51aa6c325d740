"""What `wagtail start` writes, untouched but for the database, which is set up as the house's is."""

import os
from pathlib import Path

from floorsite.settings.base import *
from floorsite.settings.base import INSTALLED_APPS, TEMPLATES

import config.settings as house

SECRET_KEY = "only-for-the-bench-only-for-the-bench-only-for-the-bench"
DEBUG = False
DATABASES = house.DATABASES
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["tests.bench.floors", *INSTALLED_APPS]
ROOT_URLCONF = "tests.bench.floors.urls"
# Templates of the pages of the house, written when its servers stand.
PLAIN = Path(os.environ["FLOORS_PLAIN"])
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], str(PLAIN)]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


class NoMigrations(dict):
    """Tables are made from the models as they are now: a minute less for the same tables."""

    def __contains__(self, app: object) -> bool:
        return True

    def __missing__(self, app: str) -> None:
        return None


MIGRATION_MODULES = NoMigrations()
