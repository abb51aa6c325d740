"""When the invented ambassadors can come: weekly hours, days that differ, stays, conditions.

Told at the very end: what has been booked before was agreed with each of them.
"""

import datetime as dt
from typing import Any

from django.db import transaction

from demo.places import seeded_uuid
from outreach.availability.models import Conditions, DayException, Stay, WeeklyRule
from outreach.availability.refresh import refresh

DAY = dt.timedelta(days=1)
# (weekdays, from, until), one pattern after the other.
PATTERNS = (
    ((0, 2, 3, 4), dt.time(9), dt.time(17)),
    ((1, 3), dt.time(8, 30), dt.time(18)),
    ((0, 2, 4), dt.time(8, 30), dt.time(16)),
    ((0, 1, 2, 3), dt.time(10), dt.time(17)),
    ((0, 1, 2, 3, 4), dt.time(8), dt.time(18)),
)
# Who lives abroad gives lessons in the morning of Europe or the evening of America, when it is afternoon or morning here.
ABROAD = {"Europe": (dt.time(5, 30), dt.time(10)), "America": (dt.time(17), dt.time(22)), "": (dt.time(9), dt.time(17))}
# One in so many has told nothing yet.
SILENT = 13


@transaction.atomic
def tell_hours(world: Any, rng: Any) -> None:
    """Everybody but a few has hours; some stay elsewhere, take days off or ask for notice."""
    rules, exceptions, stays, conditions = [], [], [], []
    telling = [person for number, person in enumerate(world.ambassadors) if number % SILENT != SILENT - 1]
    for number, person in enumerate(telling):
        weekdays, since, until = PATTERNS[number % len(PATTERNS)]
        if person.country_code != "JP":
            since, until = ABROAD.get(person.time_zone.partition("/")[0], ABROAD[""])
        rules += [
            WeeklyRule(
                public_id=seeded_uuid(rng),
                ambassador=person,
                weekday=weekday,
                from_time=since,
                until_time=until,
                zone=person.time_zone,
            )
            for weekday in weekdays
        ]
        if number % 3 == 0:
            exceptions.append(_away(world, rng, person, world.today + (20 + number) * DAY, 4))
        if number % 5 == 0 and person.country_code == "JP":
            stays.append(
                Stay(public_id=seeded_uuid(rng), ambassador=person, weekday=1, prefecture_code="27", in_person=True)
            )
        if person.country_code != "JP" and number % 2:
            first = world.today + (45 + number) * DAY
            stays.append(
                Stay(
                    public_id=seeded_uuid(rng),
                    ambassador=person,
                    first_day=first,
                    last_day=first + 11 * DAY,
                    prefecture_code="13",
                    in_person=False,
                )
            )
        if number % 4 == 0:
            conditions.append(Conditions(ambassador=person, notice_days=10, most_per_week=3))
    WeeklyRule.objects.bulk_create(rules)
    DayException.objects.bulk_create(exceptions)
    Stay.objects.bulk_create(stays)
    Conditions.objects.bulk_create(conditions)
    for person in telling:
        refresh(person)


def _away(world: Any, rng: Any, person: Any, first: dt.date, days: int) -> DayException:
    return DayException(
        public_id=seeded_uuid(rng),
        ambassador=person,
        kind=DayException.Kind.BLOCKED,
        first_day=first,
        last_day=first + days * DAY,
        zone=person.time_zone,
    )
