"""A migrated, otherwise empty database, made once and copied for every test process.

Running all migrations takes most of a minute; copying their result takes none. On SQLite the copy lies under var/ and is
used until a migration changes; on PostgreSQL it is a template of this run's server.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config.env import VAR_DIR

FOLDER = VAR_DIR / "migrated"


def prepare() -> None:
    """Point the settings of the test database at a copy of the migrated one."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if connection.vendor == "sqlite":
        shutil.copyfile(made_for_sqlite(), test_database_name())
    else:
        name = f"migrated_{fingerprint()}"
        with one_at_a_time(f"postgres-{os.environ['DATABASE_URL']}"):
            with connection._nodb_cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
                exists = cursor.fetchone()
                if not exists:
                    cursor.execute(f'CREATE DATABASE "{name}"')
            if not exists:
                migrate(f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}")
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = name
        connection.settings_dict["TEST"]["TEMPLATE"] = name


def made_for_sqlite() -> Path:
    """The migrated file, made now where nobody has."""
    made = FOLDER / f"{fingerprint()}.sqlite3"
    with one_at_a_time("sqlite"):
        if not made.exists():
            for old in FOLDER.glob("*.sqlite3"):
                old.unlink()
            half_made = FOLDER / "half-made.sqlite3"
            half_made.unlink(missing_ok=True)
            migrate(f"sqlite:///{half_made}")
            # Everything into the one file: what lies in the write-ahead log would not be copied.
            with sqlite3.connect(half_made) as database:
                database.execute("PRAGMA journal_mode=DELETE")
            database.close()
            half_made.rename(made)
    return made


def test_database_name() -> str:
    """Where this process's test database will be looked for; pytest-xdist has added its suffix already."""
    return connection.creation._get_test_db_name()


def migrate(database_url: str) -> None:
    """Run every migration, in a process of its own so that nothing of it stays in this one."""
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        check=True,
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )


def fingerprint() -> str:
    """Changes with any migration of any app, and with the facts that our data migrations load."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    told = hashlib.sha256()
    for app, name in sorted(loader.disk_migrations):
        module = sys.modules[loader.disk_migrations[app, name].__module__]
        told.update(f"{app}.{name}".encode())
        told.update(Path(module.__file__).read_bytes())
    told.update((settings.BASE_DIR / "curriculum" / "competences" / "entrecomp.py").read_bytes())
    return told.hexdigest()[:16]


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    with (FOLDER / f"{hashlib.sha256(name.encode()).hexdigest()[:12]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    # `make test` lets this run beside what cannot use a second processor.
    import django

    django.setup()
    FOLDER.mkdir(parents=True, exist_ok=True)
    made_for_sqlite()
