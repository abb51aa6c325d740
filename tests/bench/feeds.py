"""A calendar of 500 visits: written whole, answered 304, and among many visits of others; beside icalendar alone.

Asked through every middleware, in this process. The floor writes the very same events by icalendar from plain values.
"""

import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar, Event

from accounts.models import User
from outreach.calendars import actions
from outreach.calendars.models import Feed
from outreach.models import Ambassador, Hold, Participation, Request, School, Slot, Visit
from outreach.requests.models import Kind, Theme
from outreach.requests.states import RequestState
from tests.bench import world
from tests.bench.servers import CannotMeasure
from ui import dates

EVENTS, TURNS = 500, 15
# Nobody else has to do with them.
FIRST = 10_000
BATCH = 5_000
PLACE = "視聴覚室（2階、来客用の玄関からお入りください）"
ACCESS = "架橋駅の北口から歩いて12分。タクシーは乗り場にいないことがあります。"
HOURS = (dt.timedelta(hours=8), dt.timedelta(hours=8, minutes=50))
Line = tuple[str, ...]


def add_visits(ambassadors: list[Ambassador], count: int, by: User) -> None:
    """So many confirmed visits, by turns of these ambassadors, on the days of a year."""
    schools = list(School.objects.order_by("pk")[:60])
    first = dates.at_tokyo(dates.today() - dt.timedelta(days=60), dt.time())
    for begin in range(0, count, BATCH):
        numbers = range(begin, min(count, begin + BATCH))
        asked = Request.objects.bulk_create(
            Request(
                school=schools[n % len(schools)],
                kind=Kind.SCHOOL_VISIT,
                state=RequestState.BOOKED,
                fiscal_year=2000,
                entered_by=by,
                contact=by,
                theme=Theme.STORY,
                aims="自分で課題を見つける力を付けたいと考えています。" * 4,
                place=PLACE,
                access=ACCESS,
            )
            for n in numbers
        )
        times = {n: [first + dt.timedelta(days=n % 360, hours=n // 360 % 8) + hour for hour in HOURS] for n in numbers}
        slots = Slot.objects.bulk_create(
            Slot(
                request=request,
                rank=1,
                day=times[n][0].date(),
                starts_at=times[n][0],
                ends_at=times[n][1],
            )
            for n, request in zip(numbers, asked, strict=True)
        )
        visits = Visit.objects.bulk_create(
            Visit(
                request=slot.request,
                slot=slot,
                school=slot.request.school,
                format="in_person",
                day=slot.day,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                fiscal_year=2000,
            )
            for slot in slots
        )
        who = [ambassadors[n % len(ambassadors)] for n in numbers]
        Hold.objects.bulk_create(
            Hold(
                ambassador=person,
                request_id=visit.request_id,
                slot_id=visit.slot_id,
                visit=visit,
                starts_at=visit.starts_at,
                ends_at=visit.ends_at,
                blocked_from=visit.starts_at,
                blocked_until=visit.ends_at,
            )
            for person, visit in zip(who, visits, strict=True)
        )
        Participation.objects.bulk_create(
            Participation(visit=visit, ambassador=person) for person, visit in zip(who, visits, strict=True)
        )


def _milliseconds(act: Callable[[], Any]) -> float:
    """Processor time where the database works in this process, else time waited."""
    clock = time.thread_time if connection.vendor == "sqlite" else time.perf_counter
    began = clock()
    act()
    return (clock() - began) * 1e3


def floor(written: bytes) -> Callable[[], bytes]:
    """The same events, built from values that are there already and written by icalendar alone."""
    events = [
        [(name, value.dt if hasattr(value, "dt") else value) for name, value in event.property_items(recursive=False)]
        for event in Calendar.from_ical(written).events
    ]
    plain = [
        [
            (name, value if isinstance(value, dt.datetime) else [str(one) for one in value.cats] if hasattr(value, "cats") else str(value))
            for name, value in event
            if name not in {"BEGIN", "END", "SEQUENCE"}
        ]
        for event in events
    ]  # fmt: skip

    def write() -> bytes:
        calendar = Calendar()
        calendar.add("prodid", "-//floor//")
        calendar.add("version", "2.0")
        for values in plain:
            event = Event()
            event.add("sequence", 0)
            for name, value in values:
                event.add(name, value)
            calendar.add_component(event)
        return calendar.to_ical()

    return write


def measure(others: int, seed: int) -> list[Line]:
    """The table."""
    del seed  # nothing here is left to chance
    by, *_others = people = world.add_ambassadors(FIRST, FIRST + 50)
    one, *rest = Ambassador.objects.filter(user__in=people).order_by("pk")
    add_visits([one], EVENTS, by)
    feed, token = actions.make(by=by, name="計測", scope="full")
    client, address = Client(SERVER_NAME="127.0.0.1"), f"/feeds/{token}.ics"
    first = client.get(address)
    if first.status_code != 200 or first.content.count(b"BEGIN:VEVENT") != EVENTS:
        raise CannotMeasure(f"The feed: {first.status_code}, {first.content.count(b'BEGIN:VEVENT')} events")
    known = {"if-none-match": first.headers["ETag"]}
    bare = floor(first.content)

    def ask(**headers: str) -> Callable[[], Any]:
        return lambda: client.get(address, headers=headers)

    def medians(**kinds: Callable[[], Any]) -> dict[str, float]:
        waits: dict[str, list[float]] = {name: [] for name in kinds}
        for _turn in range(TURNS):
            for name, act in kinds.items():
                waits[name].append(_milliseconds(act))
        return {name: statistics.median(times) for name, times in waits.items()}

    def queries(act: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as caught:
            act()
        return len(caught)

    alone = medians(bare=bare, cold=ask(), same=ask(**known))
    counted = {"cold": queries(ask()), "same": queries(ask(**known))}
    add_visits(rest, others, by)
    among = medians(cold=ask(), same=ask(**known))
    # Nothing else may remain of it in a house that is measured further.
    Feed.objects.filter(pk=feed.pk).update(revoked_at=timezone.now())
    ratio, share = alone["cold"] / alone["bare"], alone["same"] / alone["cold"]
    apart = among["cold"] / alone["cold"]
    return [
        (f"a calendar of {EVENTS} visits", "measured", "goal", "queries", "CPU ms"),
        ("icalendar alone: build and write the same events", "1", "", "", f"{alone['bare']:.1f}"),
        ("the feed, written whole ÷ icalendar alone", _said(ratio, 3), "≤ 3 (aim 1.5)", f"{counted['cold']} ≤ 5", f"{alone['cold']:.1f}"),
        ("the feed, answered 304 ÷ written whole", _said(share, 0.05, "%"), "≤ 5 %", f"{counted['same']} ≤ 2", f"{alone['same']:.2f}"),
        (f"written whole, among {others:,} visits of others ÷ alone", _said(apart, 1.2), "0.8 – 1.2", "", f"{among['cold']:.1f}"),
        (f"answered 304, among {others:,} visits of others", "", "", "", f"{among['same']:.2f}"),
    ]  # fmt: skip


def _said(value: float, most: float, unit: str = "") -> str:
    words = f"{value * 100:.1f} %" if unit else f"{value:.2f}"
    return words if value <= most else f"**{words}**"
