"""A folder of this process alone, gone when the process ends: test databases and uploaded files lie in it."""

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM_WANTED = 1_000_000_000


@functools.cache
def folder() -> Path:
    """Make the folder, in memory where there is room: databases sync to disk often."""
    in_memory = os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= ROOM_WANTED
    made = Path(tempfile.mkdtemp(prefix="kakehashi-", dir=MEMORY if in_memory else None))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made
