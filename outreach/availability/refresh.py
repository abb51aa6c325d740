"""Free blocks made anew from what an ambassador has told, so that who is free on a day is a question to one index."""

import datetime as dt

from django.db import transaction
from django.db.models import CharField, F, Q
from django.db.models.functions import Concat

from outreach.ambassadors.models import Ambassador
from outreach.availability.hours import stretches
from outreach.availability.models import Conditions, DayException, FreeBlock
from ui import dates


def horizon(today: dt.date | None = None) -> dt.date:
    """The last day for which free times are worked out: the end of the next fiscal year."""
    return dates.fiscal_year_bounds(dates.fiscal_year_of(today or dates.today()) + 1)[1]


def refresh(ambassador: Ambassador) -> int:
    """The free blocks say again what rules, exceptions and stays say, from today on; returns how many there are.

    Callers hold the ambassador's row lock. Only what differs is written. Somebody who has told no hours has no blocks:
    of them it is not known when they are free.
    """
    rules = list(ambassador.weekly_rules.all())
    exceptions = list(ambassador.day_exceptions.filter(last_day__gte=dates.today() - dt.timedelta(days=1)))
    tells = bool(rules) or any(one.kind == DayException.Kind.FREE for one in exceptions)
    first, last = dates.today(), horizon()
    wanted = {}
    if tells:
        for one in stretches(ambassador, rules, exceptions, ambassador.stays.all(), first, last):
            wanted[one.starts_at, one.ends_at, one.where.prefecture_code, one.where.in_person] = one
    known = {
        (row.starts_at, row.ends_at, row.prefecture_code, row.in_person): row.pk
        for row in FreeBlock.objects.filter(ambassador=ambassador)
    }
    if gone := [pk for key, pk in known.items() if key not in wanted]:
        FreeBlock.objects.filter(ambassador=ambassador, pk__in=gone).delete()
    FreeBlock.objects.bulk_create(
        FreeBlock(ambassador=ambassador, starts_at=since, ends_at=until, prefecture_code=place, in_person=in_person)
        for since, until, place, in_person in wanted
        if (since, until, place, in_person) not in known
    )
    worked_out = {
        "free_until": last if tells else None,
        "free_from_base": ambassador.country_code + ambassador.prefecture_code,
    }
    Conditions.objects.update_or_create(ambassador=ambassador, defaults=worked_out)
    return len(wanted)


def refresh_due() -> str:
    """What is past goes; and whose free times end before the next fiscal year does, or who has moved, gets them anew."""
    FreeBlock.objects.filter(ends_at__lte=dates.at_tokyo(dates.today(), dt.time())).delete()
    base = Concat("ambassador__country_code", "ambassador__prefecture_code", output_field=CharField())
    old = Conditions.objects.filter(free_until__isnull=False).annotate(base=base)
    due = old.filter(Q(free_until__lt=horizon()) | ~Q(free_from_base=F("base")))
    due = due.values_list("ambassador_id", flat=True)
    count = 0
    for key in list(due.order_by("ambassador_id")):
        with transaction.atomic():
            refresh(Ambassador.objects.select_for_update(of=("self",)).get(pk=key))
            count += 1
    return f"{count} ambassadors' free times worked out"
