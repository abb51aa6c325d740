"""Databases of this run alone: the house, two copies of it while it was small, and the floors."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, fields
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
    booking: str
    floors: str

    def copy_house(self) -> None:
        """The small house and the house where visits are booked are what the house is now; nobody may be connected."""
        for copy in (self.small_house, self.booking):
            if embedded_pg.is_postgres(self.house):
                _tell(self.house, f'CREATE DATABASE "{_name(copy)}" TEMPLATE "{_name(self.house)}"')
            else:
                shutil.copy(_file(self.house), _file(copy))


def _name(url: str) -> str:
    return urlsplit(url).path.strip("/")


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@contextmanager
def within(url: str) -> Generator[None]:
    """This process sees that database, until the block ends; Django is set up."""
    from django.db import connection

    before = connection.settings_dict["NAME"]
    name = _name(url) if embedded_pg.is_postgres(url) else str(_file(url))
    if name != str(before):
        connection.close()
        connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        if name != str(before):
            connection.close()
            connection.settings_dict["NAME"] = before


def _beside(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _tell(url: str, sql: str) -> None:
    with psycopg.connect(_beside(url, "postgres"), autocommit=True) as connection:
        connection.execute(sql)


@contextmanager
def databases(postgres: bool) -> Generator[Databases]:
    """The engine is chosen as for the tests; what is made here is gone afterwards."""
    names = [field.name for field in fields(Databases)]
    if not postgres:
        folder = scratch.folder()
        yield Databases(*(f"sqlite:///{folder / name}.sqlite3" for name in names))
        return
    try:
        server = embedded_pg.database_url(postgres=True)
    except pytest.UsageError as problem:
        raise CannotMeasure(str(problem)) from problem
    urls = {name: _beside(server, f"bench_{name}_{os.getpid()}") for name in names}
    try:
        for url in (urls["house"], urls["floors"]):
            _tell(server, f'CREATE DATABASE "{_name(url)}"')
        yield Databases(**urls)
    finally:
        for url in urls.values():
            _tell(server, f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')
        embedded_pg.Server.stop_running()
