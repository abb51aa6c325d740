"""What the database holds, so that a test can say that nothing changed, or exactly what did."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

OURS = ("accounts", "outbox", "curriculum", "outreach", "analytics", "pages", "demo")


@cache
def our_tables() -> tuple[type[models.Model], ...]:
    return tuple(model for label in OURS for model in apps.get_app_config(label).get_models(include_auto_created=True))


def rows(*tables: type[models.Model]) -> dict[str, list[Any]]:
    """Every row of these tables, or of all of ours, as the database says it: fast, because it is asked often."""
    held = {}
    with connection.cursor() as cursor:
        for table in tables or our_tables():
            cursor.execute(f'SELECT * FROM "{table._meta.db_table}" ORDER BY "{table._meta.pk.column}"')
            held[table.__name__] = cursor.fetchall()
    return held


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


WRITES = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


@contextmanager
def writing(*, any_table: bool = False) -> Iterator[list[str]]:
    """The tables of ours, or any but the sessions, that something inside writes to: with none, all is as it was, and nothing needs to be read."""
    found: list[str] = []
    ours = {table._meta.db_table for table in our_tables()}

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        wrote = WRITES.match(sql)
        if wrote and (wrote[1] in ours or (any_table and wrote[1] != "django_session")):
            found.append(wrote[1])
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield found


def differences(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """Names of the tables in which something is different."""
    return [name for name in before if before[name] != after[name]]
