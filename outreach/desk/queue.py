"""The lists of the desk: what needs an act, what waits for somebody else."""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import DESK_ROLES, Membership, User
from outreach.lives import Party
from outreach.messages.models import Message
from outreach.requests.models import Channel, Format, Kind, Request, Slot, current_rules
from outreach.requests.states import RequestState
from outreach.schools.models import search_key
from outreach.visits.actions import REMINDER_DAYS
from outreach.visits.models import Offer, Participation, Visit
from outreach.visits.states import OfferState, VisitState
from ui import dates
from ui.templatetags.kakehashi import due_html, tag_html

NOWHERE = str(uuid.UUID(int=0))
STATE_TAGS = {
    RequestState.OPEN: "going",
    RequestState.SUBMITTED: "going",
    RequestState.RETURNED: "care",
    RequestState.WAITLISTED: "going",
    RequestState.WITH_BOARD: "going",
    RequestState.BOOKED: "done",
}

# Requests of these states stand on one of the lists.
SHOWN = (
    RequestState.SUBMITTED,
    RequestState.OPEN,
    RequestState.RETURNED,
    RequestState.BOOKED,
    RequestState.WAITLISTED,
    RequestState.WITH_BOARD,
)


@dataclass(frozen=True)
class Counts:
    """How many things are on each list."""

    act: int
    waiting: int
    vouch: int
    reports: int
    booked: int
    waitlisted: int
    with_board: int
    messages: int


def _waiting_offers() -> Exists:
    return Exists(Offer.objects.filter(request=OuterRef("pk"), state=OfferState.SENT, expires_at__gt=timezone.now()))


def requests_needing_an_act() -> QuerySet[Request]:
    """New requests, and open ones about which nobody is being asked: a visit with places left is among them."""
    return Request.objects.filter(Q(state=RequestState.SUBMITTED) | Q(state=RequestState.OPEN) & ~Q(_waiting_offers()))


def requests_waiting_for_an_answer() -> QuerySet[Request]:
    """Somebody else's turn: an ambassador's answer, or the school's mending."""
    return Request.objects.filter(Q(state=RequestState.RETURNED) | Q(state=RequestState.OPEN) & Q(_waiting_offers()))


def booked_requests() -> QuerySet[Request]:
    return Request.objects.filter(state=RequestState.BOOKED)


def waitlisted_requests() -> QuerySet[Request]:
    return Request.objects.filter(state=RequestState.WAITLISTED)


def requests_with_a_board() -> QuerySet[Request]:
    """The board of the school has not passed them on yet; after a call the desk may do it."""
    return Request.objects.filter(state=RequestState.WITH_BOARD)


def requests_with_unread_messages() -> QuerySet[Request]:
    """Somebody has written on the page of the visit, and nobody of the desk has opened it."""
    written = Message.objects.filter(visit__request=OuterRef("pk")).unread_by(Party.COORDINATOR)
    return Request.objects.filter(Exists(written))


def unread_messages(rows: Iterable[int]) -> dict[int, int]:
    """How many messages wait for the desk, per request, given by their keys."""
    unread = Message.objects.filter(visit__request__in=rows).unread_by(Party.COORDINATOR).order_by()
    return dict(unread.values_list("visit__request").annotate(count=Count("pk")))


def drafts_of(user: User) -> list[Request]:
    """What this coordinator has begun to write down for others and not finished, newest first."""
    rows = Request.objects.filter(entered_by=user, state=RequestState.DRAFT).exclude(channel=Channel.SITE)
    return list(rows.select_related("school", "board", "organisation").order_by("-updated_at")[:5])


def memberships_to_vouch_for() -> QuerySet[Membership]:
    return (
        Membership.objects.waiting_for_a_voucher()
        .exclude(role__in=DESK_ROLES)
        .filter(person__is_active=True)
        .select_related("person", "school", "board", "organisation")
        .order_by("asked_at")
    )


def memberships_found(words: str) -> QuerySet[Membership]:
    """Whoever belongs somewhere today and whose name, address or place holds every word."""
    rows = Membership.objects.current().select_related("person", "school", "board", "organisation")
    for word in words.split()[:5]:
        rows = rows.filter(
            Q(person__name__icontains=word)
            | Q(person__name_kana__icontains=word)
            | Q(person__email__icontains=word)
            | Q(school__search_text__contains=search_key(word))
            | Q(board__name_ja__icontains=word)
            | Q(organisation__name_ja__icontains=word)
            | Q(body_name__icontains=word)
        )
    return rows.order_by("person__name_kana", "pk")


def reports_to_verify() -> QuerySet[Visit]:
    return (
        _with_hosts(Visit.objects.filter(state=VisitState.REPORTED))
        .prefetch_related("reports__groups", "participations__ambassador", "request__planned_groups")
        .order_by("state_since")
    )


def reports_overdue() -> QuerySet[Visit]:
    """Visits whose school has sent no report although it was reminded for the last time: the desk may report for it."""
    last = dates.today() - dt.timedelta(days=REMINDER_DAYS[-1])
    rows = Visit.objects.awaiting_report().filter(day__lte=last)
    return _with_hosts(rows).prefetch_related("participations__ambassador").order_by("starts_at", "pk")


def _with_hosts(rows: QuerySet[Visit]) -> QuerySet[Visit]:
    return rows.select_related("request__school", "request__board", "request__organisation", "slot")


def may_verify_now(user: User) -> bool:
    """Whether this year's rules let this coordinator verify reports."""
    rules = current_rules()
    return bool(not (rules and rules.only_ministry_verifies) or user.is_ministry or user.is_superuser)


def counts() -> Counts:
    numbers = Request.objects.filter(state__in=SHOWN).aggregate(
        act=Count("pk", filter=Q(state=RequestState.SUBMITTED) | Q(state=RequestState.OPEN) & ~Q(_waiting_offers())),
        waiting=Count("pk", filter=Q(state=RequestState.RETURNED) | Q(state=RequestState.OPEN) & Q(_waiting_offers())),
        booked=Count("pk", filter=Q(state=RequestState.BOOKED)),
        waitlisted=Count("pk", filter=Q(state=RequestState.WAITLISTED)),
        with_board=Count("pk", filter=Q(state=RequestState.WITH_BOARD)),
    )
    return Counts(
        messages=requests_with_unread_messages().count(),
        vouch=memberships_to_vouch_for().count(),
        reports=Visit.objects.filter(state=VisitState.REPORTED).count(),
        **numbers,
    )


def for_the_list(rows: QuerySet[Request], *, words: str = "", prefecture: str = "") -> QuerySet[Request]:
    """Filtered, most urgent first (the day an answer is needed, then remote schools, then the order of arrival)."""
    for word in words.split()[:5]:
        rows = rows.filter(
            Q(number__icontains=word)
            | Q(school__search_text__contains=search_key(word))
            | Q(board__name_ja__icontains=word)
            | Q(organisation__name_ja__icontains=word)
        )
    if prefecture:
        rows = rows.filter(school__prefecture_code=prefecture)
    rows = rows.select_related("school").only(
        *("public_id", "number", "state", "kind", "format", "answer_by", "due_on", "channel", "ambassadors_wanted"),
        "contact",
        *("school__name_ja", "school__name_en", "school__prefecture_code", "school__is_remote"),
    )
    # Content names no such day; SQLite would put it before everything urgent.
    return rows.order_by(F("answer_by").asc(nulls_last=True), "-school__is_remote", "place_in_queue_at", "pk")


@dataclass(frozen=True)
class QueueLine:
    """One row of the queue, ready to be shown: building it in the template would cost most of the page's time."""

    url: str
    host: str
    about: str
    format: str
    due: SafeString
    answer_by: str
    first_slot: str
    second_slot: str
    offers: str
    declined: str
    state: SafeString
    hint: str
    unread: str


def lines(rows: list[Request]) -> list[QueueLine]:
    """The rows of one page with what belongs to them: four or five queries, however many rows."""
    now = timezone.now()
    ids = [row.pk for row in rows]
    slots = _first_slots(ids)
    hosts = _other_hosts(rows)
    waiting, declined, coming = Counter(), Counter(), Counter()
    offers = Offer.objects.filter(request__in=ids, state__in=(OfferState.SENT, OfferState.DECLINED))
    for request_id, state, expires_at in offers.values_list("request_id", "state", "expires_at"):
        if state == OfferState.DECLINED:
            declined[request_id] += 1
        elif expires_at > now:
            waiting[request_id] += 1
    taken = Participation.objects.filter(
        visit__request__in=ids, visit__state=VisitState.CONFIRMED, left_at__isnull=True, replace_since__isnull=True
    )
    coming.update(taken.values_list("visit__request_id", flat=True))
    places = Membership.objects.current().filter(person__in={row.contact_id for row in rows}, school__isnull=False)
    belong = {place[:2]: bool(place[2]) for place in places.values_list("person_id", "school_id", "verified_at")}
    unread = unread_messages(ids)
    # Words that many rows share are looked up once; so is the form of an address.
    address = reverse("desk:request", args=[NOWHERE])
    formats = {value: str(label) for value, label in Format.choices}
    kinds = {value: str(label) for value, label in Kind.choices}
    states = {value: tag_html(str(label), STATE_TAGS.get(value, "")) for value, label in RequestState.choices}
    due = {day: due_html(day) for day in {row.answer_by for row in rows}}
    until = {day: dates.day_words(day) if day else _("なし") for day in due}
    remote, unverified, gone = _("離島・へき地"), _("担当者は確認中"), _("担当者が離れました")
    found = []
    for row in rows:
        school = row.school
        shown = slots.get(row.pk, [])
        hint = ""
        if row.state == RequestState.OPEN and coming[row.pk]:
            hint = _("%(wanted)s人のうち%(coming)s人が決まりました") % {
                "wanted": row.ambassadors_wanted,
                "coming": coming[row.pk],
            }
        elif school and row.channel == Channel.SITE and not belong.get((row.contact_id, row.school_id)):
            hint = unverified if (row.contact_id, row.school_id) in belong else gone
        found.append(
            QueueLine(
                url=address.replace(NOWHERE, str(row.public_id)),
                host=school.name if school else hosts[row.pk],
                about="　".join(
                    part
                    for part in (
                        row.number,
                        school.prefecture if school else "",
                        remote if school and school.is_remote else "",
                    )
                    if part
                ),
                format=formats[row.format] if row.kind == Kind.SCHOOL_VISIT else kinds[row.kind],
                due=due[row.answer_by],
                answer_by=until[row.answer_by],
                first_slot=shown[0] if shown else _due_words(row),
                second_slot=shown[1] if shown[1:] else "",
                offers=_("返事待ち %(count)s件") % {"count": waiting[row.pk]} if waiting[row.pk] else "",
                declined=_("見送り %(count)s件") % {"count": declined[row.pk]} if declined[row.pk] else "",
                state=states[row.state],
                hint=hint,
                unread=_("未読のメッセージ %(count)s件") % {"count": unread[row.pk]} if row.pk in unread else "",
            )
        )
    return found


def _due_words(row: Request) -> str:
    """The due day of content, which has no slots."""
    return _("納期　%(day)s") % {"day": dates.day_words(row.due_on)} if row.due_on else ""


def _first_slots(ids: list[int]) -> dict[int, list[str]]:
    """The two best days of each request in words.

    Rows are read as plain values, and a clock only where there are no periods: reading moments costs the most.
    """
    wished = Slot.objects.filter(request__in=ids, dropped_at__isnull=True).exclude(origin=Slot.Origin.MOVED)
    names = ("pk", "rank", "origin", "day", "first_period", "last_period")
    best: dict[int, list[dict]] = defaultdict(list)
    for request_id, *values in wished.order_by("request_id", "rank").values_list("request_id", *names):
        if len(best[request_id]) < 2:
            best[request_id].append(dict(zip(names, values, strict=True)))
    by_clock = [slot["pk"] for slots in best.values() for slot in slots if slot["first_period"] is None]
    clocks = Slot.objects.in_bulk(by_clock) if by_clock else {}
    said: dict[tuple, str] = {}

    def words(slot: dict) -> str:
        if slot["pk"] in clocks:
            return clocks[slot["pk"]].short_words
        key = (slot["day"], slot["first_period"], slot["last_period"])
        if key not in said:
            said[key] = Slot(day=key[0], first_period=key[1], last_period=key[2]).short_words
        return said[key]

    ranks = {key: Slot(rank=key[0], origin=key[1]).rank_words for key in {(slot["rank"], slot["origin"])
             for slots in best.values() for slot in slots}}  # fmt: skip
    return {
        request_id: [f"{ranks[slot['rank'], slot['origin']]}　{words(slot)}" for slot in slots]
        for request_id, slots in best.items()
    }


def _other_hosts(rows: list[Request]) -> dict[int, str]:
    """The name of who asks where it is no school: a handful at most, so they are read only when there are any."""
    ids = [row.pk for row in rows if row.school_id is None]
    others = Request.objects.filter(pk__in=ids).select_related("board", "organisation") if ids else ()
    return {row.pk: row.host_name for row in others}
