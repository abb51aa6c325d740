"""A house for races: a database of its own, and four gunicorn workers in front of it."""

import http.client
import os
import shutil
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts.models import User
from tests import invariants, migrated, scratch
from tests.bench.servers import Server, environment, serve

WORKERS = 4
# Nothing of this may be read in the log of a house that is well.
BAD_WORDS = ("Traceback", "database is locked", "deadlock", "Internal Server Error")
TOKEN = "a" * 32


@dataclass
class House:
    """The server, and the way to its rows from here."""

    server: Server
    name: str
    blocker: Any

    @contextmanager
    def inside(self) -> Generator[None]:
        """The ORM of this process reads and writes the rows of the house, for real."""
        with self.blocker.unblock(), _connected_to(self.name):
            yield

    def broken(self) -> list[str]:
        """The invariants that do not hold at this moment, while others may be writing."""
        isolation = "" if connection.vendor == "sqlite" else " ISOLATION LEVEL REPEATABLE READ"
        with self.inside(), connection.cursor() as cursor:
            # Not atomic(): on SQLite that would be a place in the queue of the writers.
            cursor.execute(f"BEGIN TRANSACTION{isolation}")
            try:
                return invariants.broken()
            finally:
                cursor.execute("ROLLBACK")

    def bad_lines(self) -> list[str]:
        """Lines of the server's log that must not be there, each with the last of what follows it."""
        lines = self.server.log.read_text().splitlines()
        return [
            " … ".join([line, *lines[number + 1 : number + 40][-3:]])
            for number, line in enumerate(lines)
            if any(words in line for words in BAD_WORDS)
        ]

    def forget_log(self) -> None:
        os.truncate(self.server.log, 0)

    # ── workers ───────────────────────────────────────────────────────────────
    def workers(self) -> list[int]:
        master = self.server.master
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def busy_workers(self) -> list[int]:
        """Those that have taken somebody's connection and not yet answered."""
        taken = {f"socket:[{inode}]" for inode in _taken_connections(self.server.port)}
        return [pid for pid in self.workers() if taken & _sockets(pid)]

    def kill(self, worker: int) -> None:
        """Without a word, wherever it is; the master starts another one."""
        os.kill(worker, signal.SIGKILL)

    def wait_for_all_workers(self) -> None:
        self.server.wait()

    def answers(self) -> bool:
        door = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        door.request("GET", "/healthz", headers={"Connection": "close"})
        status = door.getresponse().status
        door.close()
        return status == 200


def _taken_connections(port: int) -> set[str]:
    """Inodes of established connections to this port, at the end of the server."""
    established = "01"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        fields[9]
        for fields in lines
        if fields[1].endswith(f":{port:04X}") and fields[3] == established and fields[9] != "0"
    }


def _sockets(pid: int) -> set[str]:
    try:
        return {os.readlink(handle) for handle in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return set()  # it has just ended


@contextmanager
def _connected_to(name: str) -> Generator[None]:
    before = connection.settings_dict["NAME"]
    if before == name:
        yield
        return
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        ContentType.objects.clear_cache()


@contextmanager
def _database(blocker: Any) -> Generator[tuple[str, str]]:
    """A copy of the migrated database: the name for Django and the address for a server; gone afterwards."""
    if connection.vendor == "sqlite":
        path = scratch.folder() / "races.sqlite3"
        made = migrated.FOLDER / f"{migrated.fingerprint()}.sqlite3"
        with migrated.one_at_a_time("sqlite"):
            shutil.copyfile(made, path)
        try:
            yield str(path), f"sqlite:///{path}"
        finally:
            for left in path.parent.glob(f"{path.name}*"):
                left.unlink()
        return
    name, template = f"races_{os.getpid()}", connection.settings_dict["TEST"]["TEMPLATE"]
    with blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name, f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    finally:
        with blocker.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def house(blocker: Any) -> Generator[House]:
    """The server is up and rests; the database holds what the migrations brought."""
    with _database(blocker) as (name, url):
        env = environment(url) | {
            "SECRET_KEY": settings.SECRET_KEY,
            # A killed worker is replaced by a fork: loading the house anew would take seconds.
            "GUNICORN_CMD_ARGS": "--preload",
        }
        with serve(
            "tests.races.wsgi", name="races", settings="tests.races.settings", env=env, workers=WORKERS
        ) as server:
            server.wait()
            yield House(server, name, blocker)


def cookies_of(person: User) -> dict[str, str]:
    """A signed-in browser of this person."""
    session = SessionStore()
    session[SESSION_KEY] = person._meta.pk.value_to_string(person)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: TOKEN}
