"""Time looked up and kept among a million holds, beside the least that the database can be asked: one row by its index."""

import datetime as dt
import random
import re
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from outreach.availability import actions, guards
from outreach.availability.actions import Buffers
from outreach.models import Ambassador, Hold, Offer, Participation, Request
from outreach.visits.states import OfferState
from tests.bench import booking
from tests.bench.servers import CannotMeasure

LOOKS, INSERTS, TURNS = 300, 60, 5
# Every eight hours each ambassador's time is kept for four: between two holds there is just room for a third.
STEP, KEPT = dt.timedelta(hours=8), dt.timedelta(hours=4)
BUFFERS = Buffers(90, 90)
LESSON = dt.timedelta(minutes=50)
MINUTE = dt.timedelta(minutes=1)
DAYS_AHEAD = 120
Line = tuple[str, ...]

_COLUMNS = (
    "public_id, ambassador_id, request_id, slot_id, offer_id, starts_at, ends_at, buffer_before, buffer_after,"
    " blocked_from, blocked_until, is_holding"
)
_VALUES_ON_SQLITE = """WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})
    SELECT lower(hex(randomblob(16))), {first} + i % {people}, {request}, {slot}, {offer},
      datetime({began} + i / {people} * {step}, 'unixepoch'),
      datetime({began} + i / {people} * {step} + {kept}, 'unixepoch'), 0, 0,
      datetime({began} + i / {people} * {step}, 'unixepoch'),
      datetime({began} + i / {people} * {step} + {kept}, 'unixepoch'), 1 FROM n"""
_VALUES_ON_POSTGRESQL = """SELECT gen_random_uuid(), {first} + i % {people}, {request}, {slot}, {offer},
      to_timestamp({began} + i / {people} * {step}), to_timestamp({began} + i / {people} * {step} + {kept}), 0, 0,
      to_timestamp({began} + i / {people} * {step}), to_timestamp({began} + i / {people} * {step} + {kept}), true
    FROM generate_series(0, {count} - 1) i"""


@dataclass(frozen=True)
class Grid:
    """Where the holds lie: `each` for every ambassador, one a step."""

    people: list[int]
    began: dt.datetime
    each: int
    offer: Offer
    other_request: int

    def moment(self, dice: random.Random, *, is_free: bool, is_to_come: bool) -> tuple[int, dt.datetime, dt.datetime]:
        """Somebody, the moment one of their holds begins, and the beginning of a lesson on it or in the gap after."""
        to_come = min(self.each, dt.timedelta(days=DAYS_AHEAD) // STEP)
        held = self.began + STEP * dice.randrange(self.each - to_come if is_to_come else 0, self.each)
        begins = held + KEPT + 95 * MINUTE if is_free else held + 95 * MINUTE
        return dice.choice(self.people), held, begins


def fill(count: int) -> Grid:
    """The ambassadors' time is kept so often, and by nothing else; the guards look away meanwhile where they can."""
    booking.take_back()
    people = list(Ambassador.objects.order_by("pk").values_list("pk", flat=True))
    first, each = people[0], count // len(people)
    offer = Offer.objects.filter(state=OfferState.SENT).order_by("pk").prefetch_related("slots")[0]
    other = Request.objects.exclude(pk=offer.request_id).order_by("pk").values_list("pk", flat=True)[0]
    until = timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=DAYS_AHEAD)
    grid = Grid(people, until - STEP * each, each, offer, other)
    values = _VALUES_ON_SQLITE if connection.vendor == "sqlite" else _VALUES_ON_POSTGRESQL
    # Numbers of our own, no words from outside.
    numbers = {
        "count": each * len(people),
        "first": first,
        "people": len(people),
        "request": offer.request_id,
        "slot": offer.slots.all()[0].pk,
        "offer": offer.pk,
        "began": int(grid.began.timestamp()),
        "step": int(STEP.total_seconds()),
        "kept": int(KEPT.total_seconds()),
    }
    _only_writing()
    Participation.objects.all().delete()
    Hold.objects.all().delete()
    with transaction.atomic(), _triggers_away(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO outreach_hold ({_COLUMNS}) {values.format(**numbers)}")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE outreach_hold")
    # The next connection is set up like any other.
    connection.close()
    return grid


def _only_writing() -> None:
    """SQLite writes so many rows in half the time when it looks up none of what they refer to."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_keys = OFF")
            cursor.execute("PRAGMA cache_size = -600000")


@contextmanager
def _triggers_away() -> Iterator[None]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            guards.take_down(connection)
            yield
            guards.set_up(connection)
        else:
            cursor.execute("ALTER TABLE outreach_hold DISABLE TRIGGER USER")
            yield
            # What the rows refer to is looked up at the end of a transaction, and a table with such a debt cannot be altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE outreach_hold ENABLE TRIGGER USER")


def _microseconds(act: Callable[[], Any]) -> float:
    """Processor time where the database works in this process, else time waited."""
    clock = time.thread_time if connection.vendor == "sqlite" else time.perf_counter
    began = clock()
    act()
    return (clock() - began) * 1e6


def look(grid: Grid, seed: int) -> list[Line]:
    """Is this time free? Asked as the verb asks, as bare SQL, and beside it one row by its index; free and taken in turn."""
    dice = random.Random(seed)
    waits: dict[str, list[float]] = {}
    plans: set[str] = set()
    with connection.cursor() as cursor:
        for n in range(LOOKS):
            is_free, days = n % 2 == 0, ("any day", "days to come")[n // 2 % 2]
            person, held, begins = grid.moment(dice, is_free=is_free, is_to_come=days == "days to come")
            span = actions.blocked_span(begins, begins + LESSON, BUFFERS)
            asked = partial(actions.in_the_way, person, grid.other_request, [span])
            sentence = _caught(asked)
            kinds = {
                "bare": partial(_first_row, cursor, *_one_row(person, held)),
                f"{days}, SQL": partial(_first_row, cursor, *sentence),
                f"{days}, verb": asked,
            }
            if (not asked()) != is_free or kinds["bare"]() is None:
                raise CannotMeasure(f"The holds lie otherwise than thought: ambassador {person}, {begins}")
            for kind in dice.sample(sorted(kinds), len(kinds)):
                waits.setdefault(kind, []).append(_microseconds(kinds[kind]))
            if n < 4:
                plans |= _indexes(cursor, sentence)
    bare = statistics.median(waits["bare"])
    used = ", ".join(sorted(plans)) or "no index"
    labels = {
        "bare": "one row by ambassador and moment: the bare SELECT",
        "any day, SQL": f"is any time free? the SQL alone, by {used}",
        "any day, verb": "is any time free? as a verb asks",
        "days to come, SQL": f"is a time of the next {DAYS_AHEAD} days free? the SQL alone",
        "days to come, verb": f"is a time of the next {DAYS_AHEAD} days free? as a verb asks",
    }
    return [
        (label, f"{statistics.median(waits[kind]) / bare:.1f}", f"{statistics.median(waits[kind]):.0f}")
        for kind, label in labels.items()
    ]


def _first_row(cursor: Any, sql: str, values: Any) -> Any:
    cursor.execute(sql, values)
    return cursor.fetchone()


def _one_row(person: int, held: dt.datetime) -> tuple[str, list[Any]]:
    sql = (
        "SELECT id FROM outreach_hold"
        " WHERE is_holding AND ambassador_id = %s AND blocked_from = %s AND blocked_until = %s"
    )
    return sql, [person, *(connection.ops.adapt_datetimefield_value(one) for one in (held, held + KEPT))]


def _caught(act: Callable[[], Any]) -> tuple[str, Any]:
    """The one statement that this sends, with its values."""
    caught = []

    def catch(execute, sql, params, many, context):
        caught.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(catch):
        act()
    (sentence,) = caught
    return sentence


def _indexes(cursor: Any, sentence: tuple[str, Any]) -> set[str]:
    """The indexes that the database says it would use."""
    sql, params = sentence
    cursor.execute(f"EXPLAIN {'QUERY PLAN' if connection.vendor == 'sqlite' else ''} {sql}", params)
    said = " ".join(str(part) for row in cursor.fetchall() for part in row)
    return set(re.findall(r"(?:USING (?:COVERING )?INDEX|Index (?:Only )?Scan using|Index Scan on) (\w+)", said))


def keep(grid: Grid, seed: int) -> list[Line]:
    """What one more hold costs with the guards and without, by turns; nothing of it stays."""
    dice = random.Random(seed)
    guarded, bare = [], []
    for _ in range(TURNS):
        guarded += _inserts(grid, dice)
        bare += _inserts(grid, dice, unguarded=True)
    ratio = statistics.median(guarded) / statistics.median(bare)
    return [("keep time: one INSERT, guarded ÷ unguarded", f"{ratio:.1f}", f"{statistics.median(guarded):.0f}")]


def _inserts(grid: Grid, dice: random.Random, *, unguarded: bool = False) -> list[float]:
    waits = []
    with transaction.atomic(), connection.cursor() as cursor:
        if unguarded:
            guards.take_down(connection)
            if connection.vendor == "postgresql":
                cursor.execute("ALTER TABLE outreach_hold DISABLE TRIGGER USER")
                cursor.execute(f"ALTER TABLE outreach_hold DROP CONSTRAINT {guards.FREE}")
        for _ in range(INSERTS):
            person, _held, begins = grid.moment(dice, is_free=True, is_to_come=True)
            values = _values(grid, person, begins)
            marks = ", ".join(["%s"] * len(values))
            sql = f"INSERT INTO outreach_hold ({_COLUMNS}) VALUES ({marks})"
            waits.append(_microseconds(partial(cursor.execute, sql, values)))
        transaction.set_rollback(True)
    return waits


def _values(grid: Grid, person: int, begins: dt.datetime) -> list[Any]:
    key = uuid.uuid4()
    span = actions.blocked_span(begins, begins + LESSON, BUFFERS)
    times = [connection.ops.adapt_datetimefield_value(one) for one in (begins, begins + LESSON, *span)]
    return [
        key.hex if connection.vendor == "sqlite" else key,
        person,
        grid.other_request,
        None,
        grid.offer.pk,
        *times[:2],
        BUFFERS.before,
        BUFFERS.after,
        *times[2:],
        True,
    ]


def measure(count: int, seed: int) -> list[Line]:
    """The table."""
    grid = fill(count)
    head = (f"among {count:,} holds of {len(grid.people)} ambassadors", "÷ bare", "µs")
    return [head, *look(grid, seed), *keep(grid, seed)]
