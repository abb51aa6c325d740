"""Who suits a lesson, and who of them is likely free at a time: one question to the database for many times at once.

Suiting is rules 2 and 3 of the matching problem (`docs/decisions/0027-hours-and-free-times.md`): the way, the language,
the stage of the pupils, the theme. Free is what an ambassador has told of their hours, less what is kept for other
requests and less their outside calendars.
"""

import datetime as dt
import functools
import operator
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import BooleanField, CharField, Exists, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import TruncDate

from outreach.ambassadors.models import Ambassador, Appointment, Facet, FacetKind, Language, Theme
from outreach.availability import intervals
from outreach.availability.actions import Span, blocked_span
from outreach.availability.hours import DAY, Whereabouts
from outreach.availability.models import BUFFER_CHOICES, BusyBlock, FreeBlock, Hold
from outreach.availability.travel import AT_MOST, buffers, is_too_far
from ui import dates

# Of the longest way and the longest of somebody's own numbers, in minutes.
LONGEST_BUFFER = max(AT_MOST, *BUFFER_CHOICES)
IN_PERSON, ONLINE, EITHER = "in_person", "online", "either"


@dataclass(frozen=True)
class Wanted:
    """What a lesson is like, as far as it decides who suits: format, the school's prefecture, theme, stages, language."""

    format: str
    prefecture_code: str = ""
    theme: str = ""
    stages: frozenset[str] = frozenset()
    language: str = Language.JAPANESE
    # Minutes kept on each side, by the rules of the year.
    usual_in_person: int = 90
    usual_online: int = 15

    @property
    def longest_buffer(self) -> dt.timedelta:
        """No lesson keeps more time than this on either side."""
        return dt.timedelta(minutes=max(LONGEST_BUFFER, self.usual_in_person, self.usual_online))


@dataclass(frozen=True)
class Time:
    """A lesson that might be: its first and last moment."""

    starts_at: dt.datetime
    ends_at: dt.datetime

    @property
    def day(self) -> dt.date:
        return dates.in_tokyo(self.starts_at).date()


def suiting(wanted: Wanted) -> QuerySet[Ambassador]:
    """Active ambassadors who come that way, to such pupils, in that language and about that theme.

    Who has not said for whom or about what they come is left out by none of it.
    """
    found = Ambassador.objects.active()
    if wanted.format == IN_PERSON:
        found = found.filter(visits_in_person=True)
    elif wanted.format == ONLINE:
        found = found.filter(visits_online=True)
    asked = {FacetKind.LANGUAGE: {wanted.language}, FacetKind.STAGE: wanted.stages}
    if wanted.theme and wanted.theme != Theme.OTHER:
        asked[FacetKind.THEME] = {wanted.theme}
    for kind, values in asked.items():
        if values:
            of_kind = Facet.objects.filter(ambassador=OuterRef("pk"), kind=kind)
            found = found.filter(Exists(of_kind.filter(value__in=sorted(values))) | ~Exists(of_kind))
    return found


def who_is_free(
    wanted: Wanted, times: Iterable[Time], *, among: QuerySet[Ambassador] | None = None, request_id: int | None = None
) -> dict[Time, set[int]]:
    """For each time the ids of those who suit and are likely free then: one query for all of them.

    Time kept for the request itself (`request_id`) takes nobody away. Past the horizon of the free times nobody is free.
    """
    times = list(dict.fromkeys(times))
    found: dict[Time, set[int]] = {time: set() for time in times}
    if not times:
        return found
    taken: dict[int, list[Span]] = defaultdict(list)
    blocks = []
    for row in _blocks_and_what_is_taken(wanted, times, suiting(wanted) if among is None else among, request_id):
        block = _Row(*row)
        if block.is_free:
            blocks.append(block)
        else:
            taken[block.ambassador_id].append((block.starts_at, block.ends_at))
    for block in blocks:
        for time in times:
            if block.starts_at <= time.starts_at and time.ends_at <= block.ends_at:
                kept = _kept_time(block, time, wanted)
                if kept and not any(since < kept[1] and until > kept[0] for since, until in taken[block.ambassador_id]):
                    found[time].add(block.ambassador_id)
    return found


class _Row(NamedTuple):
    """A free block with the conditions of whose it is, or a span that is taken."""

    is_free: bool
    ambassador_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    prefecture_code: str
    in_person: bool
    visits_in_person: bool
    visits_online: bool
    notice_days: int | None
    buffer_in_person: int | None
    buffer_online: int | None
    farthest_km: int | None


def _kept_time(block: _Row, time: Time, wanted: Wanted) -> Span | None:
    """The lesson with this person's buffers; None when they would not come that way, so far, or at so short notice."""
    if (time.day - dates.today()).days < (block.notice_days or 0):
        return None
    where = Whereabouts(block.prefecture_code, block.in_person and block.visits_in_person)
    comes = where.in_person and not is_too_far(block, where, wanted.prefecture_code)
    is_online = wanted.format == ONLINE or (wanted.format == EITHER and block.visits_online and not comes)
    if not (block.visits_online if is_online else comes):
        return None
    usual = wanted.usual_online if is_online else wanted.usual_in_person
    kept = buffers(block, where, is_online=is_online, usual=usual, prefecture_code=wanted.prefecture_code)
    return blocked_span(time.starts_at, time.ends_at, kept)


def _blocks_and_what_is_taken(
    wanted: Wanted, times: list[Time], people: QuerySet[Ambassador], request_id: int | None
) -> QuerySet:
    """Blocks that hold one of these lessons, and all that is taken around them, in one query."""
    # A block lies within one day of Japan: it began within the 24 hours before.
    holding = [
        Q(starts_at__gt=time.starts_at - DAY, starts_at__lte=time.starts_at, ends_at__gte=time.ends_at)
        for time in times
    ]
    around = [(time.starts_at - wanted.longest_buffer, time.ends_at + wanted.longest_buffer) for time in times]
    around = intervals.merge(around)
    theirs = {"ambassador__in": people.order_by().values("pk")}
    appointed = Appointment.objects.filter(
        ambassador=OuterRef("ambassador_id"), from_day__lte=OuterRef("day"), until__gte=OuterRef("day")
    )
    conditions = [f"ambassador__conditions__{name}" for name in _Row._fields[8:]]
    blocks = FreeBlock.objects.annotate(day=TruncDate("starts_at", tzinfo=dates.TOKYO))
    free = blocks.filter(_any(holding), Exists(appointed), **theirs).order_by()
    busy = BusyBlock.objects.filter(_any(Q(starts_at__lt=last, ends_at__gt=first) for first, last in around), **theirs)
    held = Hold.objects.alive().filter(
        _any(Q(blocked_from__lt=last, blocked_until__gt=first) for first, last in around), **theirs
    )
    if request_id is not None:
        held = held.exclude(request_id=request_id)
    nothing = [Value("", CharField()), *[Value(False, BooleanField())] * 3]
    nothing += [Value(None, IntegerField())] * len(conditions)
    is_free, is_taken = Value(True, BooleanField()), Value(False, BooleanField())
    return free.values_list(
        is_free,
        *("ambassador_id", "starts_at", "ends_at", "prefecture_code", "in_person"),
        *("ambassador__visits_in_person", "ambassador__visits_online"),
        *conditions,
    ).union(
        busy.order_by().values_list(is_taken, "ambassador_id", "starts_at", "ends_at", *nothing),
        held.order_by().values_list(is_taken, "ambassador_id", "blocked_from", "blocked_until", *nothing),
        all=True,
    )


def _any(conditions: Iterable[Q]) -> Q:
    return functools.reduce(operator.or_, conditions)
