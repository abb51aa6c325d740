"""Who is free on three times among 2,000 ambassadors with 200 outside events each, beside one row by its index; and how
long it takes to work out the free times of one of them anew."""

import datetime as dt
import random
import statistics
from functools import partial

from django.db import connection, transaction

from accounts.models import User
from outreach.ambassadors.models import Ambassador, Appointment, Facet, FacetKind, Language
from outreach.availability.free import Time, Wanted, who_is_free
from outreach.availability.models import BusyBlock, CalendarSource, Conditions, FreeBlock, Stay, WeeklyRule
from outreach.availability.refresh import horizon, refresh
from outreach.schools.places import PREFECTURES
from tests.bench.holds import Line, _caught, _first_row, _indexes, _microseconds
from tests.bench.servers import CannotMeasure
from ui import dates

LOOKS, REFRESHED = 60, 40
DAYS, EVENTS = 60, 200
DAY = dt.timedelta(days=1)


def fill(count: int, seed: int) -> list[Ambassador]:
    """So many ambassadors all over the country, free on their weekdays, with events of an hour elsewhere."""
    dice = random.Random(seed)
    users = User.objects.bulk_create(
        User(email=f"free{number}@example.jp", name=f"空き {number}", password="!") for number in range(count)
    )
    people = Ambassador.objects.bulk_create(
        Ambassador(
            user=user,
            slug=f"free-{number}",
            name_ja=user.name,
            name_kana=f"あき {number}",
            prefecture_code=dice.choice(list(PREFECTURES)),
        )
        for number, user in enumerate(users)
    )
    today = dates.today()
    Appointment.objects.bulk_create(Appointment(ambassador=one, from_day=today, until=horizon()) for one in people)
    Facet.objects.bulk_create(Facet(ambassador=one, kind=FacetKind.LANGUAGE, value=Language.JAPANESE) for one in people)
    Conditions.objects.bulk_create(Conditions(ambassador=one, free_until=horizon()) for one in people)
    sources = CalendarSource.objects.bulk_create(CalendarSource(ambassador=one, name="仕事") for one in people)
    mornings = [dates.at_tokyo(today + number * DAY, dt.time(9)) for number in range(DAYS)]
    FreeBlock.objects.bulk_create(
        (
            FreeBlock(
                ambassador=one,
                starts_at=morning,
                ends_at=morning + dt.timedelta(hours=8),
                prefecture_code=one.prefecture_code,
            )
            for one in people
            for morning in mornings
            if (morning.day + one.pk) % 7 < 3
        ),
        batch_size=2000,
    )
    hours = [morning + dt.timedelta(hours=hour) for morning in mornings for hour in range(-1, 10)]
    BusyBlock.objects.bulk_create(
        (
            BusyBlock(source=source, ambassador=one, starts_at=hour, ends_at=hour + dt.timedelta(minutes=45))
            for one, source in zip(people, sources, strict=True)
            for hour in dice.sample(hours, EVENTS)
        ),
        batch_size=2000,
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE outreach_freeblock, outreach_busyblock")
    return people


def look(people: list[Ambassador], seed: int) -> list[Line]:
    dice = random.Random(seed)
    waits: dict[str, list[float]] = {"bare": [], "SQL": [], "all": []}
    found, plans = 0, set()
    wanted = Wanted("in_person", "27")
    with connection.cursor() as cursor:
        for _number in range(LOOKS):
            begins = [
                dates.at_tokyo(dates.today() + dice.randrange(20, DAYS - 1) * DAY, dt.time(dice.randrange(9, 16)))
                for _slot in range(3)
            ]
            times = [Time(moment, moment + dt.timedelta(minutes=50)) for moment in begins]
            asked = partial(who_is_free, wanted, times)
            sentence = _caught(asked)
            some = dice.choice(people)
            bare = "SELECT id FROM outreach_freeblock WHERE ambassador_id = %s AND ends_at > %s LIMIT 1"
            moment = connection.ops.adapt_datetimefield_value(begins[0].astimezone(dt.UTC))
            waits["bare"].append(_microseconds(partial(_first_row, cursor, bare, [some.pk, moment])))
            waits["SQL"].append(_microseconds(partial(_all_rows, cursor, *sentence)))
            waits["all"].append(_microseconds(asked))
            found += sum(map(len, asked().values()))
            plans |= _indexes(cursor, sentence)
    if not found:
        raise CannotMeasure("Nobody was free at any of these times.")
    row = statistics.median(waits["bare"])
    labels = {
        "bare": "one row by ambassador and moment: the bare SELECT",
        "SQL": f"who is free on 3 times? the SQL alone, by {', '.join(sorted(plans)) or 'no index'}",
        "all": f"who is free on 3 times? the answer ({found // LOOKS // 3} people a time)",
    }
    return [
        (label, f"{statistics.median(waits[kind]) / row:.0f}", f"{statistics.median(waits[kind]):.0f}")
        for kind, label in labels.items()
    ]


def _all_rows(cursor, sql, values):
    cursor.execute(sql, values)
    return cursor.fetchall()


def work_out(people: list[Ambassador]) -> list[Line]:
    """Free blocks of one person until the end of the next fiscal year, written anew, and looked at when nothing changed."""
    anew, same, blocks = [], [], 0
    for one in people[:REFRESHED]:
        FreeBlock.objects.filter(ambassador=one).delete()
        WeeklyRule.objects.bulk_create(
            WeeklyRule(ambassador=one, weekday=day, from_time=dt.time(9), until_time=dt.time(17)) for day in range(5)
        )
        Stay.objects.create(ambassador=one, weekday=1, prefecture_code="27")
        with transaction.atomic():
            anew.append(_microseconds(partial(refresh, one)))
        with transaction.atomic():
            same.append(_microseconds(partial(refresh, one)))
        blocks = FreeBlock.objects.filter(ambassador=one).count()
    words = f"{blocks} free blocks of one person"
    return [
        (f"{words} worked out anew", "", f"{statistics.median(anew):.0f}"),
        (f"{words} worked out, nothing changed", "", f"{statistics.median(same):.0f}"),
    ]


def measure(count: int, seed: int) -> list[Line]:
    """The table."""
    people = fill(count, seed)
    head = (f"{count:,} ambassadors, {EVENTS} outside events each", "÷ bare", "µs")
    return [head, *look(people, seed), *work_out(people)]
