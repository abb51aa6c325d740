"""The house as it runs for people, with its files in the folder of the bench."""

import os
from pathlib import Path

from config.settings import *

FOLDER = Path(os.environ["BENCH_FOLDER"])
STATIC_ROOT = FOLDER / "static"
MEDIA_ROOT = FOLDER / "media"
STORAGES["private"]["OPTIONS"]["location"] = FOLDER / "private"
