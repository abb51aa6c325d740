"""What stands in a person's calendar now: read in one query, put into words, one entry for each visit and each offered date.

What somebody may see is decided here at each reading: the visits and waiting offers of an ambassador, for an assistant those
of the ambassadors they assist, for people of a host its visits (`Visit.objects.of_people`). Nobody else's come near.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.db.models import CharField, DateTimeField, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from outreach.ambassadors.models import Ambassador, Assistant, Theme
from outreach.availability.models import Hold
from outreach.requests.models import Format, Kind
from outreach.visits.models import Participation, Visit
from outreach.visits.states import OfferState, VisitState
from ui import dates
from ui.calendar_files import print_of_rows
from ui.words import bracketed, in_reader_language, listed

DAYS_BACK, DAYS_AHEAD = dt.timedelta(days=90), dt.timedelta(days=365)
# A calendar that missed the day still learns that something was called off.
TOLD_FOR = DAYS_BACK
CALLED_OFF = (VisitState.CANCELLED, VisitState.NOT_HELD)
# Why a line stands here: the person (or whom they assist) takes part, took part, is the host, or is asked.
OWN, LEFT, HOST, OFFER = "1", "2", "3", "4"


class Line(NamedTuple):
    """One row of the query: one ambassador on one visit, or one date of one offer."""

    why: str
    thing: uuid.UUID
    date: uuid.UUID | None
    state: str
    since: dt.datetime
    begun_at: dt.datetime
    starts_at: dt.datetime
    ends_at: dt.datetime
    hours: int | None
    sequence: int
    format: str
    ends: dt.datetime | None
    row: int
    ambassador_user: int
    ambassador_ja: str
    ambassador_en: str
    kind: str
    title: str
    theme: str
    place: str
    place_text: str
    access: str
    asked_changed_at: dt.datetime
    school_ja: str | None
    school_en: str | None
    school_address: str | None
    school_changed_at: dt.datetime | None
    board_ja: str | None
    board_en: str | None
    organisation_ja: str | None
    organisation_en: str | None


@dataclass(frozen=True)
class Entry:
    """One line of the calendar, in words."""

    uid: str
    sequence: int
    status: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    is_all_day: bool
    begun_at: dt.datetime
    changed_at: dt.datetime
    title: str
    category: str
    place: str
    text: str
    page: str

    @property
    def takes_time(self) -> bool:
        return self.status != "CANCELLED" and not self.is_all_day


# ── what is read ──────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Window:
    """The days a calendar holds; it moves at midnight in Japan."""

    today: dt.date

    @cached_property
    def first(self) -> dt.datetime:
        return dates.at_tokyo(self.today - DAYS_BACK, dt.time())

    @cached_property
    def last(self) -> dt.datetime:
        return dates.at_tokyo(self.today + DAYS_AHEAD + dt.timedelta(days=1), dt.time())

    @cached_property
    def told_since(self) -> dt.datetime:
        return dates.at_tokyo(self.today - TOLD_FOR, dt.time())


def speaks_for(person: User) -> QuerySet:
    """The ambassadors in whose name this person acts, themselves included."""
    own = Ambassador.objects.filter(user=person).order_by().values("pk")
    return own.union(Assistant.objects.of(person).order_by().values("ambassador_id"), all=True)


def visits_hosted(person: User) -> QuerySet:
    """The visits of the schools, boards and organisations for which somebody has vouched for this person."""
    current = Membership.objects.current().verified().filter(person=person).order_by()
    places = [
        Visit.objects.filter(**{f"{path}__in": current.filter(**{f"{name}__isnull": False}).values(name)})
        for path, name in (
            ("school_id", "school_id"),
            ("request__board_id", "board_id"),
            ("request__organisation_id", "organisation_id"),
        )
    ]
    first, *others = [rows.order_by().values("pk") for rows in places]
    return first.union(*others, all=True)


def _without(kind: Any) -> Cast:
    """A column that this part of the query leaves empty; the database is told of what kind it would be."""
    return Cast(Value(None), kind)


_REQUEST = (
    "kind", "title", "theme", "place", "place_text", "access", "updated_at",
    "school__name_ja", "school__name_en", "school__address", "school__updated_at",
    "board__name_ja", "board__name_en", "organisation__name_ja", "organisation__name_en",
)  # fmt: skip
_AMBASSADOR = ("pk", "ambassador__user_id", "ambassador__name_ja", "ambassador__name_en")


def _of_visits(rows: QuerySet, why: str, window: Window, *, starts: Any = None, ends: Any = None, left: Any = None):
    """Lines of participations."""
    too_long_ago = Q(visit__state__in=CALLED_OFF, visit__state_since__lt=window.told_since)
    rows = rows.filter(visit__ends_at__gt=window.first, visit__starts_at__lt=window.last).exclude(too_long_ago)
    return rows.order_by().values_list(
        Value(why, CharField()),
        "visit__public_id",
        _without(Visit._meta.get_field("public_id")),
        "visit__state",
        "visit__state_since",
        "visit__confirmed_at",
        starts or "visit__starts_at",
        ends or "visit__ends_at",
        "visit__slot_id",
        "visit__sequence",
        "visit__format",
        left or _without(DateTimeField()),
        *_AMBASSADOR,
        *(f"visit__request__{name}" for name in _REQUEST),
    )


def _of_offers(rows: QuerySet):
    """Lines of the time that waiting offers keep."""
    return rows.order_by().values_list(
        Value(OFFER, CharField()),
        "offer__public_id",
        "slot__public_id",
        "offer__state",
        "offer__state_since",
        "offer__sent_at",
        "starts_at",
        "ends_at",
        "slot_id",
        Value(0, IntegerField()),
        "request__format",
        "expires_at",
        *_AMBASSADOR,
        *(f"request__{name}" for name in _REQUEST),
    )


def lines(person: User, window: Window, now: dt.datetime) -> QuerySet:
    """Everything in the person's calendar: one query of four parts, each led by an index of the person's own rows."""
    people, hosted = speaks_for(person), visits_hosted(person)
    parts = Participation.objects
    # Time let go keeps its hours: whoever has left is not told where the visit has moved since.
    kept = Hold.objects.filter(visit=OuterRef("visit"), ambassador=OuterRef("ambassador"), is_holding=False)
    kept = kept.order_by("-pk")
    is_back = parts.filter(visit=OuterRef("visit"), ambassador=OuterRef("ambassador"), left_at__isnull=True)
    left = parts.filter(ambassador_id__in=people, left_at__isnull=False)
    left = left.filter(Q(left_at__gte=window.told_since) | Exists(is_back))
    offers = Hold.objects.filter(
        ambassador_id__in=people,
        is_holding=True,
        offer__state=OfferState.SENT,
        expires_at__gt=now,
        starts_at__lt=window.last,
    )
    own = _of_visits(parts.filter(ambassador_id__in=people, left_at__isnull=True), OWN, window)
    return own.union(
        _of_visits(
            left,
            LEFT,
            window,
            starts=Coalesce(Subquery(kept.values("starts_at")[:1]), "visit__starts_at"),
            ends=Coalesce(Subquery(kept.values("ends_at")[:1]), "visit__ends_at"),
            left="left_at",
        ),
        _of_visits(parts.filter(visit_id__in=hosted, left_at__isnull=True), HOST, window),
        _of_offers(offers),
        all=True,
    )


# Nobody, and never: where the statement is filled in.
_NOTHING = uuid.UUID(int=0)
_NOBODY, _NEVER = -1, dt.datetime(1900, 1, 1, tzinfo=dt.UTC)


@lru_cache(maxsize=2)
def _statement(today: dt.date) -> tuple[str, tuple[Any, ...]]:
    """The query as the database takes it: put together once a day, because that takes longer than answering it."""
    return lines(User(pk=_NOBODY), Window(today), _NEVER).query.sql_with_params()


def _read(person: User, today: dt.date, now: dt.datetime) -> list[tuple[Any, ...]]:
    """The rows as the database gives them."""
    sql, blanks = _statement(today)
    never, now = (connection.ops.adapt_datetimefield_value(moment) for moment in (_NEVER, now))
    filled = [person.pk if value == _NOBODY else now if value == never else value for value in blanks]
    with connection.cursor() as cursor:
        cursor.execute(sql, filled)
        return cursor.fetchall()


def _understood(row: tuple[Any, ...]) -> Line:
    """SQLite knows neither moments nor ids: it gives words."""
    return Line._make(read(value) if value is not None else None for read, value in zip(_READ, row, strict=True))


def _moment(value: Any) -> dt.datetime:
    return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC) if isinstance(value, str) else value


def _id(value: Any) -> uuid.UUID:
    return uuid.UUID(value) if isinstance(value, str) else value


def _as_it_is(value: Any) -> Any:
    return value


_IDS = {"thing", "date"}
_MOMENTS = {"since", "begun_at", "starts_at", "ends_at", "ends", "asked_changed_at", "school_changed_at"}
_READ = [_id if name in _IDS else _moment if name in _MOMENTS else _as_it_is for name in Line._fields]


class Calendar:
    """A person's calendar at one moment: its print at once, its entries when they are wanted."""

    def __init__(self, person: User, now: dt.datetime) -> None:
        self.person = person
        self.window = Window(dates.in_tokyo(now).date())
        self._rows = _read(person, self.window.today, now)

    @cached_property
    def content(self) -> str:
        """Another one as soon as anything that is shown says something else."""
        return print_of_rows(self._rows)

    def entries(self) -> list[Entry]:
        """In the order of time, in the language that is spoken now."""
        found = sorted(
            map(_understood, self._rows),
            key=lambda one: (one.thing.int, one.date.int if one.date else 0, one.why, one.row),
        )
        made = [
            entry
            for _thing, rows in groupby(found, key=attrgetter("thing"))
            for entry in _entries_of(list(rows), self.person)
        ]
        return sorted(made, key=lambda entry: (entry.starts_at, entry.uid))


# ── in words ──────────────────────────────────────────────────────────────────
def house() -> str:
    """The right side of every UID."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def _entries_of(rows: list[Line], person: User) -> Iterator[Entry]:
    """Of one visit, or of one offer."""
    if rows[0].why == OFFER:
        yield from (_of_date(row, person) for row in rows)
        return
    own = [row for row in rows if row.why == OWN]
    left = [row for row in rows if row.why == LEFT]
    host = [row for row in rows if row.why == HOST]
    if own or host:
        yield _of_visit(own, host, person, times_left=len(left))
    else:
        yield _of_visit_left(left, person)


def _of_visit(own: list[Line], host: list[Line], person: User, times_left: int) -> Entry:
    row = (own or host)[0]
    if own:
        title = _in_whose_name(_to_school(row), own, person)
    else:
        names = listed(_("%(name)sさん") % {"name": _ambassador(one)} for one in host)
        title = _("%(what)s：%(names)s") % {"what": _kind_or_title(row), "names": names}
    is_off = row.state in CALLED_OFF
    if row.state == VisitState.CANCELLED:
        title = _("【中止】%(title)s") % {"title": title}
    elif is_off:
        title = _("【実施なし】%(title)s") % {"title": title}
    elif row.hours is None:
        title = _("【納期】%(title)s") % {"title": title}
    page = _address("visits:show", row.thing)
    return Entry(
        uid=f"visit-{row.thing}@{house()}",
        # Leaving and coming back are one version each beside those of the visit.
        sequence=row.sequence + 2 * times_left,
        status="CANCELLED" if is_off else "CONFIRMED",
        title=title,
        text="" if is_off else _told(row, page),
        page=page,
        **_shared(row, _last_change(row)),
    )


def _of_visit_left(left: list[Line], person: User) -> Entry:
    """A visit in which the person (or whom they assist) no longer takes part: what it was, and no more."""
    row = max(left, key=lambda one: (one.ends, one.row))
    title = _in_whose_name(_to_school(row), [row], person)
    shared = _shared(row, row.ends)
    return Entry(
        uid=f"visit-{row.thing}@{house()}",
        sequence=row.sequence + 2 * len(left) - 1,
        status="CANCELLED",
        title=_("【担当終了】%(title)s") % {"title": title},
        text="",
        page="",
        **shared | {"place": ""},
    )


def _of_date(row: Line, person: User) -> Entry:
    """One date of an offer that waits for an answer."""
    title = _in_whose_name(_to_school(row), [row], person)
    page = _address("visits:offer", row.thing)
    until = _("返事の期限：%(until)s") % {"until": dates.moment_words(row.ends, year=True)}
    return Entry(
        uid=f"offer-{row.thing}-{row.date}@{house()}",
        sequence=row.sequence,
        status="TENTATIVE",
        title=_("【打診】%(title)s") % {"title": title},
        text=f"{until}\n{_told(row, page)}",
        page=page,
        **_shared(row, _last_change(row)),
    )


def _shared(row: Line, changed_at: dt.datetime) -> dict[str, Any]:
    return {
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        # Content has a due day and no hours.
        "is_all_day": row.hours is None,
        "begun_at": row.begun_at,
        "changed_at": changed_at,
        "category": str(Kind(row.kind).label),
        "place": _place(row),
    }


def _last_change(row: Line) -> dt.datetime:
    moments = (row.since, row.asked_changed_at, row.school_changed_at)
    return max(moment for moment in moments if moment is not None)


def _name(ja: str | None, en: str | None) -> str:
    return in_reader_language(_Named(ja or "", en or ""), "name")


class _Named(NamedTuple):
    name_ja: str
    name_en: str


def _host(row: Line) -> str:
    return (
        _name(row.school_ja, row.school_en)
        or _name(row.board_ja, row.board_en)
        or _name(row.organisation_ja, row.organisation_en)
        or _("事務局")
    )


def _ambassador(row: Line) -> str:
    return _name(row.ambassador_ja, row.ambassador_en)


def _kind_or_title(row: Line) -> str:
    return pgettext("one", "訪問授業") if row.kind == Kind.SCHOOL_VISIT else row.title


def _to_school(row: Line) -> str:
    """As an ambassador reads it: what, and where they go."""
    if row.kind == Kind.SCHOOL_VISIT:
        return _("訪問授業：%(school)s") % {"school": _host(row)}
    return f"{row.title}{bracketed(_host(row))}"


def _in_whose_name(title: str, rows: list[Line], person: User) -> str:
    """For an assistant: whose it is."""
    if any(row.ambassador_user == person.pk for row in rows):
        return title
    return _("%(names)s　%(title)s") % {
        "names": listed(_("%(name)sさん") % {"name": _ambassador(row)} for row in rows),
        "title": title,
    }


def _place(row: Line) -> str:
    if row.hours is None:
        return ""
    if row.format == Format.ONLINE:
        return _("オンライン")
    return " ".join(part for part in (row.place_text or row.school_address or "", row.place) if part)


def _told(row: Line, page: str) -> str:
    """What helps on the way; how to reach anybody stands on the page behind the address alone."""
    told = [(_("形式"), Format(row.format).label if row.hours is not None else "")]
    told.append((_("テーマ"), Theme(row.theme).label if row.theme else ""))
    told.append((_("行き方"), "" if row.format == Format.ONLINE else row.access))
    words = [_("%(name)s：%(words)s") % {"name": name, "words": words} for name, words in told if words]
    return "\n".join([*words, page])


def _address(name: str, thing: uuid.UUID) -> str:
    return _address_of_nothing(name, settings.SITE_URL, get_language()).replace(str(_NOTHING), str(thing))


@lru_cache
def _address_of_nothing(name: str, site: str, _language: str | None) -> str:
    return site + reverse(name, args=[_NOTHING])


__all__ = ["Calendar", "Entry", "house"]
