"""Three databases of this run alone: the house, a copy of it while it was small, and the floors."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests import embedded_pg, scratch
from tests.bench.servers import CannotMeasure


@dataclass(frozen=True)
class Databases:
    """Addresses, as DATABASE_URL wants them."""

    house: str
    small_house: str
    floors: str

    def copy_house(self) -> None:
        """The small house is what the house is now; nobody may be connected to either."""
        if embedded_pg.is_postgres(self.house):
            _tell(self.house, f'CREATE DATABASE "{_name(self.small_house)}" TEMPLATE "{_name(self.house)}"')
        else:
            shutil.copy(_file(self.house), _file(self.small_house))


def _name(url: str) -> str:
    return urlsplit(url).path.strip("/")


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _beside(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _tell(url: str, sql: str) -> None:
    with psycopg.connect(_beside(url, "postgres"), autocommit=True) as connection:
        connection.execute(sql)


@contextmanager
def databases(postgres: bool) -> Generator[Databases]:
    """The engine is chosen as for the tests; what is made here is gone afterwards."""
    if not postgres:
        folder = scratch.folder()
        yield Databases(*(f"sqlite:///{folder / name}.sqlite3" for name in ("house", "small_house", "floors")))
        return
    try:
        server = embedded_pg.database_url(postgres=True)
    except pytest.UsageError as problem:
        raise CannotMeasure(str(problem)) from problem
    urls = [_beside(server, f"bench_{name}_{os.getpid()}") for name in ("house", "small_house", "floors")]
    try:
        for url in (urls[0], urls[2]):
            _tell(server, f'CREATE DATABASE "{_name(url)}"')
        yield Databases(*urls)
    finally:
        for url in urls:
            _tell(server, f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')
        embedded_pg.Server.stop_running()
