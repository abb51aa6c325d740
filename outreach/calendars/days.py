"""What lies on the days of a person: visits, offers, moves that are talked about, the ways, and what they have told.

For ambassadors and their assistants it is read from the time kept for them, for a school, a board or an organisation
from its requests and visits, for the desk from everybody's.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from outreach.ambassadors.models import Ambassador
from outreach.availability.hours import blocked_spans
from outreach.availability.models import BusyBlock, DayException, FreeBlock, Hold
from outreach.requests.models import Format, Request, Slot
from outreach.requests.states import RequestState
from outreach.visits.models import Visit
from ui import dates

DAY = dt.timedelta(days=1)
# What each kind is called in a day of the month.
KINDS = {
    "set": pgettext_lazy("calendar", "決定"),
    "ask": pgettext_lazy("calendar", "打診"),
    "move": pgettext_lazy("calendar", "相談"),
    "wish": pgettext_lazy("calendar", "希望"),
    "road": pgettext_lazy("calendar", "移動"),
    "busy": pgettext_lazy("calendar", "予定"),
    "off": pgettext_lazy("calendar", "休み"),
    "free": pgettext_lazy("calendar", "可"),
}
# In this order within a day that begins them at the same moment.
ORDER = list(KINDS)


@dataclass(frozen=True)
class Happening:
    """One thing on one day of Japan."""

    kind: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    title: str = ""
    url: str = ""
    notes: tuple[str, ...] = ()
    # The periods of the school's bells, where it named them.
    period_words: str = ""
    whole_day: bool = False

    @property
    def word(self) -> str:
        return str(KINDS[self.kind])

    @property
    def day(self) -> dt.date:
        return dates.in_tokyo(self.starts_at).date()

    @property
    def clock_words(self) -> str:
        if self.whole_day:
            return _("終日")
        until = dates.clock_words(self.ends_at)
        return f"{dates.clock_words(self.starts_at)}–{'24:00' if until == '0:00' else until}"

    @property
    def when_words(self) -> str:
        return self.period_words or self.clock_words

    @property
    def is_thing(self) -> bool:
        """Whether it has a page: lists name these, and leave out what only takes time."""
        return bool(self.url)


@dataclass
class Wanted:
    """From which day to which, both included, for whom, and for the desk narrowed down."""

    first: dt.date
    last: dt.date
    people: list[Ambassador] = field(default_factory=list)
    prefecture: str = ""
    format: str = ""

    @property
    def begins(self) -> dt.datetime:
        return dates.at_tokyo(self.first, dt.time())

    @property
    def ends(self) -> dt.datetime:
        return dates.at_tokyo(self.last + DAY, dt.time())


def happenings(user: User, wanted: Wanted, *, is_desk: bool = False) -> dict[dt.date, list[Happening]]:
    """By day, each day in the order of the clock. A constant number of queries, however much there is."""
    found: list[Happening] = []
    if is_desk:
        found += _of_visits(_narrowed(Visit.objects.all(), wanted), wanted)
        found += _of_wishes(_narrowed(Request.objects.all(), wanted), wanted, Request.objects.none())
    else:
        if wanted.people:
            found += _of_holds(wanted, user)
            found += _told(wanted)
        hosts = _hosted_by(user)
        if hosts:
            visits = Visit.objects.filter(_hosts_of_visits(user))
            found += _of_visits(visits, wanted)
            found += _of_wishes(Request.objects.filter(hosts), wanted, visits)
    by_day = defaultdict(list)
    # Whoever is both the host and the guest reads a visit once.
    for one in dict.fromkeys(found):
        by_day[one.day].append(one)
    for rows in by_day.values():
        rows.sort(key=lambda one: (one.starts_at, ORDER.index(one.kind), one.title))
    return dict(by_day)


def _hosted_by(user: User) -> Q | None:
    schools, boards = user.verified_school_ids, user.verified_board_ids
    organisations = user.verified_organisation_ids
    if not (schools or boards or organisations):
        return None
    return Q(school_id__in=schools) | Q(board_id__in=boards) | Q(organisation_id__in=organisations)


def _hosts_of_visits(user: User) -> Q:
    return (
        Q(school_id__in=user.verified_school_ids)
        | Q(request__board_id__in=user.verified_board_ids)
        | Q(request__organisation_id__in=user.verified_organisation_ids)
    )


def _narrowed(rows: QuerySet, wanted: Wanted) -> QuerySet:
    if wanted.prefecture:
        rows = rows.filter(school__prefecture_code=wanted.prefecture)
    if wanted.format:
        rows = rows.filter(format=wanted.format)
    return rows


def _within(wanted: Wanted, first: str = "starts_at", last: str = "ends_at") -> Q:
    return Q(**{f"{first}__lt": wanted.ends, f"{last}__gt": wanted.begins})


# ── the host's side, and the desk's ───────────────────────────────────────────
def _of_visits(visits: QuerySet[Visit], wanted: Wanted) -> Iterator[Happening]:
    living = visits.filter(_within(wanted), slot__isnull=False).exclude(state__in=("cancelled", "not_held"))
    rows = living.select_related("school", "slot", "request__school", "request__board", "request__organisation")
    for visit in rows.prefetch_related("participations__ambassador"):
        people = "・".join(person.name for person in visit.present_ambassadors)
        yield Happening(
            "set",
            visit.starts_at,
            visit.ends_at,
            title=visit.request.host_name,
            url=visit.get_absolute_url(),
            notes=tuple(note for note in (visit.get_format_display(), people, visit.state_words) if note),
            period_words=visit.slot.period_words,
        )


def _of_wishes(requests: QuerySet[Request], wanted: Wanted, visits: QuerySet[Visit]) -> Iterator[Happening]:
    """Days that a host keeps free until it has its answer."""
    asked = requests.filter(state__in=(RequestState.SUBMITTED, RequestState.OPEN, RequestState.WITH_BOARD))
    slots = Slot.objects.filter(
        _within(wanted),
        request__in=asked.order_by().values("pk"),
        dropped_at__isnull=True,
        starts_at__gt=timezone.now(),
    ).exclude(origin=Slot.Origin.MOVED)
    # The slot that was booked stands there as its visit.
    slots = slots.exclude(visits__isnull=False)
    for slot in slots.select_related("request__school", "request__board", "request__organisation"):
        yield Happening(
            "wish",
            slot.starts_at,
            slot.ends_at,
            title=slot.request.host_name,
            url=slot.request.get_absolute_url(),
            notes=(slot.rank_words, slot.request.get_state_display()),
            period_words=slot.period_words,
        )


# ── the ambassador's side ─────────────────────────────────────────────────────
def _of_holds(wanted: Wanted, user: User) -> Iterator[Happening]:
    """What keeps an ambassador's time: visits, offers that wait, moves that are talked about; and the ways around them."""
    rows = Hold.objects.alive().filter(_within(wanted, "blocked_from", "blocked_until"), ambassador__in=wanted.people)
    rows = rows.select_related(
        *("ambassador", "slot", "visit", "offer", "reschedule__visit"),
        *("request__school", "request__board", "request__organisation"),
    )
    for hold in rows:
        yield _kept(hold, user, several=len(wanted.people) > 1)
        yield from _ways(hold)


def _kept(hold: Hold, user: User, *, several: bool) -> Happening:
    if hold.visit_id:
        kind, thing, state = "set", hold.visit, hold.visit.state_words
        format = hold.visit.get_format_display()
    elif hold.reschedule_id:
        kind, thing, state = "move", hold.reschedule.visit, hold.reschedule.state_words
        format = hold.reschedule.visit.get_format_display()
    else:
        kind, thing = "ask", hold.offer
        state = _("%(until)sまでに返事") % {"until": dates.moment_words(hold.offer.expires_at)}
        format = Format(hold.request.format).label
    whose = _("%(name)sさん") % {"name": hold.ambassador.name} if several or hold.ambassador.user_id != user.pk else ""
    return Happening(
        kind,
        hold.starts_at,
        hold.ends_at,
        title=hold.request.host_name,
        url=thing.get_absolute_url(),
        notes=tuple(str(note) for note in (whose, format, state) if note),
        period_words=hold.slot.period_words if hold.slot else "",
    )


def _ways(hold: Hold) -> Iterator[Happening]:
    """The time kept before and after a lesson."""
    for since, until in ((hold.blocked_from, hold.starts_at), (hold.ends_at, hold.blocked_until)):
        if since < until:
            yield Happening("road", since, until)


def _told(wanted: Wanted) -> Iterator[Happening]:
    """Outside events, days off and free hours of the only person, or the first: the desk knows them as spans too."""
    person = wanted.people[0]
    mine = {"ambassador": person}
    for since, until in BusyBlock.objects.filter(_within(wanted), **mine).values_list("starts_at", "ends_at"):
        yield from _by_days("busy", since, until, wanted)
    off = DayException.objects.filter(
        kind=DayException.Kind.BLOCKED, first_day__lte=wanted.last + DAY, last_day__gte=wanted.first - DAY, **mine
    )
    for since, until in blocked_spans(off, wanted.first - DAY, wanted.last + DAY):
        yield from _by_days("off", since, until, wanted)
    for since, until in FreeBlock.objects.filter(_within(wanted), **mine).values_list("starts_at", "ends_at"):
        yield from _by_days("free", since, until, wanted)


def _by_days(kind: str, since: dt.datetime, until: dt.datetime, wanted: Wanted) -> Iterator[Happening]:
    """Cut at midnight in Japan: several days are several entries, not one long bar."""
    since, until = max(since, wanted.begins), min(until, wanted.ends)
    while since < until:
        midnight = dates.at_tokyo(dates.in_tokyo(since).date() + DAY, dt.time()).astimezone(dt.UTC)
        ends = min(until, midnight)
        yield Happening(kind, since, ends, whole_day=ends - since == DAY)
        since = ends


def counts(found: Iterable[list[Happening]]) -> dict[str, int]:
    """How many things of each kind there are."""
    told: dict[str, int] = defaultdict(int)
    for rows in found:
        for one in rows:
            told[one.kind] += 1
    return told
