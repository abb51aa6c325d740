"""The requests of one board in one table: what a row says, whose turn it is, and the filters of the address."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership, Role
from outreach.lives import Party
from outreach.requests.models import IntakeRules, Kind, Request, Slot
from outreach.requests.states import RequestState
from outreach.schools.models import Board, School
from outreach.visits.models import Offer, Visit
from outreach.visits.states import OfferState, VisitState
from ui import dates

NOWHERE = str(uuid.UUID(int=0))
GONE = (VisitState.CANCELLED, VisitState.NOT_HELD)
ENDED = (RequestState.DECLINED, RequestState.UNMATCHED, RequestState.EXPIRED, RequestState.WITHDRAWN)
COUNTED = (VisitState.VERIFIED, VisitState.CORRECTED)
BEFORE_A_VISIT = (
    RequestState.DRAFT,
    RequestState.WITH_BOARD,
    RequestState.SUBMITTED,
    RequestState.RETURNED,
    RequestState.WAITLISTED,
    RequestState.OPEN,
)
# What a board looks for: states before a visit is booked, then how far the visit is.
STATES: dict[str, Any] = {state.value: state.label for state in BEFORE_A_VISIT} | {
    "planned": gettext_lazy("これからの訪問"),
    "awaiting": gettext_lazy("報告待ち"),
    "reported": gettext_lazy("速報"),
    "verified": gettext_lazy("確定"),
    "ended": gettext_lazy("終わった申込み"),
}
TAGS = {
    RequestState.WITH_BOARD: "care",
    RequestState.RETURNED: "care",
    RequestState.SUBMITTED: "going",
    RequestState.OPEN: "going",
    RequestState.WAITLISTED: "going",
    RequestState.BOOKED: "done",
    RequestState.COMPLETED: "done",
}


@dataclass(frozen=True)
class Filters:
    """What the address asks for; whatever cannot be read is not asked for."""

    state: str = ""
    school: School | None = None
    month: str = ""
    year: int | None = None

    @property
    def first_day(self) -> dt.date | None:
        return dt.date(int(self.month[:4]), int(self.month[5:]), 1) if self.month else None

    @property
    def is_set(self) -> bool:
        return bool(self.state or self.school or self.month or self.year)


def _living_visits() -> QuerySet[Visit]:
    return Visit.objects.filter(request=OuterRef("pk")).exclude(state__in=GONE)


def requests_of(board: Board, user: Any) -> QuerySet[Request]:
    """What the board's schools have sent, what it asked for itself, and drafts this person began for its schools."""
    rows = Request.objects.visible_to(user).filter(Q(school__board=board) | Q(board=board))
    return rows.exclude(state=RequestState.DRAFT) if user.is_coordinator else rows


def filtered(rows: QuerySet[Request], filters: Filters) -> QuerySet[Request]:
    if filters.state:
        rows = rows.filter(_in_state(filters.state))
    if filters.school:
        rows = rows.filter(school=filters.school)
    if filters.year:
        rows = rows.filter(fiscal_year=filters.year)
    if first := filters.first_day:
        rows = rows.filter(_in_month(first))
    return rows


def _in_state(state: str) -> Q:
    living, now = _living_visits(), timezone.now()
    if state == "ended":
        return Q(state__in=ENDED)
    if state in ("planned", "awaiting"):
        return Q(Exists(living.planned(now) if state == "planned" else living.awaiting_report(now)))
    if state in ("reported", "verified"):
        return Q(Exists(living.filter(state__in=COUNTED if state == "verified" else [VisitState.REPORTED])))
    return Q(state=state)


def _in_month(first: dt.date) -> Q:
    """Of the visit; while there is none, of any wished day or the due day."""
    days = (first, (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1))
    wished = Slot.objects.filter(request=OuterRef("pk"), dropped_at__isnull=True, day__range=days)
    of_visit = Q(Exists(_living_visits().filter(day__range=days)))
    return of_visit | ~Q(Exists(_living_visits())) & (Q(Exists(wished)) | Q(due_on__range=days))


def in_order(rows: QuerySet[Request]) -> QuerySet[Request]:
    """Newest first."""
    rows = rows.select_related("school", "board").only(
        *("public_id", "number", "state", "state_since", "kind", "title", "answer_by", "due_on", "fiscal_year"),
        *("submitted_at", "place_in_queue_at", "created_at", "school_id", "board_id", "organisation_id", "contact_id"),
        *("school__name_ja", "school__name_en", "board__name_ja", "board__name_en"),
    )
    return rows.order_by("-created_at", "-pk")


@dataclass(frozen=True)
class Line:
    """One row: what it is, when, in which state, whose turn until when."""

    url: str
    number: str
    host: str
    kind: str
    contact: str
    dates: list[str]
    state: str
    tag: str
    turn: str
    until: str
    visit_url: str
    sent_on: dt.date | None
    visit_day: dt.date | None
    is_waiting: bool = False
    public_id: str = ""


@dataclass
class Known:
    """What belongs to the rows of one page, read at once."""

    slots: dict[int, list[Slot]] = field(default_factory=lambda: defaultdict(list))
    visits: dict[int, Visit] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    positions: dict[tuple[int, int], str] = field(default_factory=dict)
    rules: dict[int, IntakeRules] = field(default_factory=dict)


def _read(rows: list[Request]) -> Known:
    ids, known = [row.pk for row in rows], Known()
    wished = Slot.objects.filter(request__in=ids, dropped_at__isnull=True).exclude(origin=Slot.Origin.MOVED)
    for slot in wished.order_by("request_id", "rank"):
        known.slots[slot.request_id].append(slot)
    visits = Visit.objects.filter(request__in=ids).exclude(state__in=GONE).select_related("slot")
    known.visits = {visit.request_id: visit for visit in visits}
    waiting = Offer.objects.filter(request__in=ids, state=OfferState.SENT, expires_at__gt=timezone.now())
    known.asked = set(waiting.values_list("request_id", flat=True))
    members = Membership.objects.current().filter(
        person__in={row.contact_id for row in rows}, school__in={row.school_id for row in rows if row.school_id}
    )
    known.positions = {
        (person, school): position
        for person, school, position in members.values_list("person_id", "school_id", "position")
    }
    for rules in IntakeRules.objects.filter(fiscal_year__in={row.fiscal_year for row in rows}).order_by("version"):
        known.rules[rules.fiscal_year] = rules
    return known


def lines(rows: list[Request]) -> list[Line]:
    """The rows of one page in words: the same queries however many rows."""
    known = _read(rows)
    show, read = reverse("requests:show", args=[NOWHERE]), reverse("boards:visit", args=[NOWHERE])
    return [_line(row, known, show, read) for row in rows]


def _line(row: Request, known: Known, show: str, read: str) -> Line:
    visit = known.visits.get(row.pk)
    turn, until = _turn(row, visit, known)
    return Line(
        url=show.replace(NOWHERE, str(row.public_id)),
        number=row.number,
        host=row.host_name,
        kind="" if row.kind == Kind.SCHOOL_VISIT else f"{row.get_kind_display()}　{row.title}",
        contact=known.positions.get((row.contact_id, row.school_id), "") or str(Role.CONTACT.label),
        dates=_dates(row, visit, known.slots.get(row.pk, [])),
        state=_state(row, visit),
        tag=_tag(row, visit),
        turn=turn,
        until=until,
        visit_url=read.replace(NOWHERE, str(visit.public_id)) if visit else "",
        sent_on=dates.in_tokyo(row.place_in_queue_at).date() if row.place_in_queue_at else None,
        visit_day=visit.day if visit else None,
        is_waiting=row.state == RequestState.WITH_BOARD,
        public_id=str(row.public_id),
    )


def _state(row: Request, visit: Visit | None) -> str:
    if visit is None or (row.state == RequestState.OPEN and visit.state == VisitState.CONFIRMED and not visit.is_over):
        return str(row.get_state_display())
    if visit.state == VisitState.CONFIRMED and not visit.is_over:
        return _("これからの訪問")
    if visit.state == VisitState.REPORTED:
        return _("速報")
    return _("確定") if visit.state in COUNTED else _("報告待ち")


def _tag(row: Request, visit: Visit | None) -> str:
    if visit is not None and (visit.is_over or visit.state != VisitState.CONFIRMED):
        return "done" if visit.state in (*COUNTED, VisitState.REPORTED) else "care"
    return TAGS.get(row.state, "")


def _dates(row: Request, visit: Visit | None, slots: list[Slot]) -> list[str]:
    """The day of the visit, or the two best of the days wished for."""
    if visit is not None:
        return [visit.slot.short_words if visit.slot else _("納期　%(day)s") % {"day": dates.day_words(visit.day)}]
    if row.kind == Kind.CONTENT:
        return [_("納期　%(day)s") % {"day": dates.day_words(row.due_on)}] if row.due_on else []
    return [f"{slot.rank_words}　{slot.short_words}" for slot in slots[:2]]


def _turn(row: Request, visit: Visit | None, known: Known) -> tuple[str, str]:
    """(whose turn it is, until when) in words; nobody's when there is nothing to do but wait for the day."""
    school, board, desk = (str(Party(party).label) for party in (Party.SCHOOL, Party.BOARD, Party.COORDINATOR))
    host = school if row.school_id else row.host_name
    if visit is not None and visit.state in COUNTED:
        return "", ""
    if visit is not None and visit.state == VisitState.REPORTED:
        return desk, ""
    if visit is not None and (visit.is_over or visit.state != VisitState.CONFIRMED):
        return host, ""
    if row.state == RequestState.WITH_BOARD:
        last_day = row.board_answers_by(known.rules.get(row.fiscal_year))
        return board, _until(last_day)
    if row.state in (RequestState.DRAFT, RequestState.RETURNED):
        return host, ""
    if row.state in (RequestState.SUBMITTED, RequestState.WAITLISTED):
        return desk, _until(row.answer_by)
    if row.state == RequestState.OPEN:
        return str(Party.AMBASSADOR.label) if row.pk in known.asked else desk, _until(row.answer_by)
    return "", ""


def _until(day: dt.date | None) -> str:
    return _("%(day)sまで") % {"day": dates.day_words(day)} if day else ""


# ── as a file ─────────────────────────────────────────────────────────────────
def heading() -> list[str]:
    return [
        _("受付番号"),
        _("申込み元"),
        _("種類"),
        _("学校担当者の職名"),
        _("申込みの日"),
        _("状態"),
        _("次に動く人"),
        _("期限"),
        _("訪問の日"),
        _("希望日時"),
    ]


def cells(rows: QuerySet[Request]) -> Iterator[Iterable[Any]]:
    """Every row for a file, some hundreds at a time."""
    batch = 500
    ids = list(rows.values_list("pk", flat=True))
    for start in range(0, len(ids), batch):
        found = in_order(Request.objects.filter(pk__in=ids[start : start + batch]))
        for line in lines(list(found)):
            yield (
                line.number,
                line.host,
                line.kind or str(Kind.SCHOOL_VISIT.label),
                line.contact,
                line.sent_on.isoformat() if line.sent_on else "",
                line.state,
                line.turn,
                line.until,
                line.visit_day.isoformat() if line.visit_day else "",
                "、".join(line.dates) if not line.visit_day else "",
            )
