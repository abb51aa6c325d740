"""What ambassadors, or their assistants, tell of their time: the verbs. The free blocks follow in the same transaction."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import User
from outreach.ambassadors.actions import locked
from outreach.ambassadors.models import Ambassador
from outreach.ambassadors.rules import speaks_for
from outreach.availability.models import Conditions, DayException, Stay, WeeklyRule
from outreach.availability.refresh import refresh
from outreach.lives import NotAllowed, TooLate
from ui import dates

# More rows of one kind than anybody needs.
MOST = 100
LONGEST_EXCEPTION = dt.timedelta(days=366)


@dataclass(frozen=True)
class Clocks:
    """Two local clock times; an end at or before the beginning is on the next day, midnight is the end of the day."""

    since: dt.time
    until: dt.time


def _own(ambassador: Ambassador, by: User) -> Ambassador:
    """The row, locked: whoever asks this person waits until what they tell is written."""
    if not speaks_for(by, ambassador):
        raise NotAllowed(_("空き時間を変えられるのは、本人と、本人が指名した秘書です。"))
    return locked(ambassador)


def _told(row: Ambassador, what: str, by: User, **said: Any) -> None:
    refresh(row)
    log(row, "kakehashi.tell_hours", user=by, data={"what": what, **said})


def _not_too_many(rows: Any) -> None:
    if rows.count() >= MOST:
        raise NotAllowed(
            _("%(most)s件まで登録できます。使わないものを消してから、もう一度登録してください。") % {"most": MOST}
        )


@transaction.atomic
def add_weekly(
    ambassador: Ambassador,
    *,
    by: User,
    weekdays: Iterable[int],
    clocks: Clocks,
    zone: str,
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
) -> list[WeeklyRule]:
    """On these weekdays the ambassador is free between two clock times of the zone; what is said already is said once."""
    row = _own(ambassador, by)
    _not_too_many(row.weekly_rules)
    if valid_from and valid_until and valid_until < valid_from:
        raise NotAllowed(_("「この日まで」は、「この日から」より後の日にしてください。"))
    same = {"from_time": clocks.since, "until_time": clocks.until, "zone": zone}
    same |= {"valid_from": valid_from, "valid_until": valid_until}
    made = [
        WeeklyRule.objects.get_or_create(ambassador=row, weekday=weekday, **same)[0] for weekday in sorted(weekdays)
    ]
    _told(row, "weekly", by)
    return made


@transaction.atomic
def add_exception(
    ambassador: Ambassador,
    *,
    by: User,
    kind: str,
    first_day: dt.date,
    last_day: dt.date,
    zone: str,
    clocks: Clocks | None = None,
) -> DayException:
    """On these days the ambassador is free beside the weekly hours, or not at all."""
    row = _own(ambassador, by)
    _not_too_many(row.day_exceptions.filter(last_day__gte=dates.today()))
    if last_day < first_day:
        raise NotAllowed(_("最終日は、初日より後の日にしてください。"))
    if last_day < dates.today():
        raise NotAllowed(_("%(day)sは過ぎた日です。") % {"day": dates.day_words(last_day)})
    if last_day - first_day > LONGEST_EXCEPTION:
        raise NotAllowed(_("1年より長い期間です。日付を確かめてください。長く休むときは、事務局に連絡してください。"))
    made, _is_new = DayException.objects.get_or_create(
        ambassador=row,
        kind=kind,
        first_day=first_day,
        last_day=last_day,
        zone=zone,
        from_time=clocks.since if clocks else None,
        until_time=clocks.until if clocks else None,
    )
    _told(row, "exception", by)
    return made


@transaction.atomic
def add_stay(
    ambassador: Ambassador,
    *,
    by: User,
    prefecture_code: str,
    in_person: bool,
    weekday: int | None = None,
    first_day: dt.date | None = None,
    last_day: dt.date | None = None,
) -> Stay:
    """On these days, or every week on one, the ambassador is there; abroad ("") nobody visits in person."""
    row = _own(ambassador, by)
    _not_too_many(row.stays)
    if first_day and last_day and last_day < first_day:
        raise NotAllowed(_("最終日は、初日より後の日にしてください。"))
    if weekday is None and (first_day is None or last_day is None):
        raise NotAllowed(_("初日と最終日、または曜日を書いてください。"))
    made, _is_new = Stay.objects.get_or_create(
        ambassador=row,
        weekday=weekday,
        first_day=first_day,
        last_day=last_day,
        prefecture_code=prefecture_code,
        in_person=in_person and bool(prefecture_code),
    )
    _told(row, "stay", by)
    return made


@transaction.atomic
def take_away(said: WeeklyRule | DayException | Stay, *, by: User) -> None:
    """What was told holds no longer."""
    row = _own(said.ambassador, by)
    gone, _each = type(said).objects.filter(pk=said.pk).delete()
    if not gone:
        raise TooLate(_("もう消えています。画面を開き直して、いまの空き時間を確かめてください。"))
    _told(row, "take_away", by)


@transaction.atomic
def set_conditions(
    ambassador: Ambassador, *, by: User, time_zone: str | None = None, **wanted: int | None
) -> Conditions:
    """From now on offers keep these conditions: notice, limits of days and weeks, minutes, the farthest way."""
    row = _own(ambassador, by)
    if time_zone and time_zone != row.time_zone:
        row.time_zone = time_zone
        row.save(update_fields=["time_zone"])
    conditions, _is_new = Conditions.objects.update_or_create(ambassador=row, defaults=wanted)
    _told(row, "conditions", by)
    return conditions
