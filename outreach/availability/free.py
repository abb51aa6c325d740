"""Who suits a lesson, and who of them is likely free at a time: one question to the database for many times at once.

Suiting is rules 2 and 3 of the matching problem (`docs/decisions/0027-hours-and-free-times.md`): the way, the language,
the stage of the pupils, the theme. Free is what an ambassador has told of their hours, less what is kept for other
requests and less their outside calendars.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, DateTimeField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from outreach.ambassadors.models import Ambassador, Appointment, Facet, FacetKind, Language, Theme
from outreach.availability.models import BUFFER_CHOICES, BusyBlock, FreeBlock, Hold
from outreach.availability.travel import minutes_in_person
from outreach.schools.places import PREFECTURES, km_between
from ui import dates

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
    def ways(self) -> tuple[str, ...]:
        return (IN_PERSON, ONLINE) if self.format == EITHER else (self.format,)


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
    people = suiting(wanted) if among is None else among
    questions = [
        _free_then(wanted, way, number, time, people, request_id)
        for number, time in enumerate(times)
        for way in wanted.ways
    ]
    found: dict[Time, set[int]] = {time: set() for time in times}
    if questions:
        first, *further = questions
        for number, ambassador_id in first.union(*further, all=True) if further else first:
            found[times[number]].add(ambassador_id)
    return found


def _free_then(
    wanted: Wanted, way: str, number: int, time: Time, people: QuerySet[Ambassador], request_id: int | None
) -> QuerySet:
    """(number of the time, ambassador) of the blocks that hold the lesson and meet nothing else with its buffers."""
    is_online = way == ONLINE
    # A block lies within one day of Japan: it began within the 24 hours before.
    blocks = FreeBlock.objects.filter(
        starts_at__gt=time.starts_at - dt.timedelta(days=1),
        starts_at__lte=time.starts_at,
        ends_at__gte=time.ends_at,
        ambassador__in=people.order_by().values("pk"),
    )
    is_near = Q(in_person=True)
    if wanted.prefecture_code:
        blocks = blocks.annotate(km=_km_to(wanted.prefecture_code))
        farthest = "ambassador__conditions__farthest_km"
        is_near &= Q(km__isnull=True) | Q(**{f"{farthest}__isnull": True}) | Q(**{f"{farthest}__gte": F("km")})
    if not is_online:
        blocks = blocks.filter(is_near)
    elif wanted.format == EITHER:
        # Whoever can come does: the verbs choose in the same way.
        blocks = blocks.filter(~is_near, ambassador__visits_online=True)
    else:
        blocks = blocks.filter(ambassador__visits_online=True)
    notice = (time.day - dates.today()).days
    appointed = Appointment.objects.filter(
        ambassador=OuterRef("ambassador_id"), from_day__lte=time.day, until__gte=time.day
    )
    blocks = blocks.filter(Exists(appointed), ambassador__conditions__notice_days__lte=max(notice, 0)).annotate(
        earliest=_moved(time.starts_at, -1, wanted, is_online=is_online),
        latest=_moved(time.ends_at, 1, wanted, is_online=is_online),
    )
    of_the_person = {"ambassador": OuterRef("ambassador_id")}
    busy = BusyBlock.objects.filter(**of_the_person, starts_at__lt=OuterRef("latest"), ends_at__gt=OuterRef("earliest"))
    held = Hold.objects.alive().filter(
        **of_the_person, blocked_from__lt=OuterRef("latest"), blocked_until__gt=OuterRef("earliest")
    )
    if request_id is not None:
        held = held.exclude(request_id=request_id)
    return (
        blocks.filter(~Exists(busy), ~Exists(held))
        .order_by()
        .annotate(number=Value(number, IntegerField()))
        .values_list("number", "ambassador_id")
    )


def _km_to(prefecture_code: str) -> Case:
    return Case(
        *(When(prefecture_code=code, then=Value(km_between(code, prefecture_code))) for code in PREFECTURES),
        default=None,
        output_field=IntegerField(),
    )


def _moved(moment: dt.datetime, direction: int, wanted: Wanted, *, is_online: bool) -> Case:
    """The moment with the buffer of whoever the block belongs to: their own, or that of the way from where they are."""

    def by(minutes: int) -> Value:
        return Value(moment + direction * dt.timedelta(minutes=minutes), DateTimeField())

    usual = wanted.usual_online if is_online else wanted.usual_in_person
    own = "ambassador__conditions__buffer_online" if is_online else "ambassador__conditions__buffer_in_person"
    cases = [When(**{own: minutes}, then=by(minutes)) for minutes in BUFFER_CHOICES]
    if not is_online:
        places: dict[int, list[str]] = defaultdict(list)
        for code in PREFECTURES:
            places[minutes_in_person(usual, code, wanted.prefecture_code)].append(code)
        cases += [When(prefecture_code__in=codes, then=by(minutes)) for minutes, codes in sorted(places.items())]
    return Case(*cases, default=by(usual), output_field=DateTimeField())
