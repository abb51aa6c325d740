"""Raising a hand: which open requests fit an ambassador, told without naming a school, and the verbs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from outreach.ambassadors.models import Ambassador, Facet, FacetKind, Theme
from outreach.ambassadors.rules import speaks_for
from outreach.availability import travel
from outreach.availability.hours import Whereabouts
from outreach.availability.models import Conditions
from outreach.lives import NotAllowed, TooLate
from outreach.requests.models import Entry, Format, Hand, Kind, Request
from outreach.requests.states import RequestState
from outreach.schools.places import Stage, prefecture_name
from ui import dates
from ui.words import listed

MOST_LISTED = 60


@dataclass(frozen=True)
class Opening:
    """What an ambassador may know of a request before they are asked: where, whom, what about, in which months, how."""

    request: Request
    prefecture: str
    stages: str
    theme: str
    months: str
    format: str
    is_near: bool
    has_hand: bool


def open_requests():
    """Lessons that an ambassador is sought for, with a wished day still ahead, in the order of the queue."""
    now = timezone.now()
    return (
        Request.objects.filter(state=RequestState.OPEN, kind=Kind.SCHOOL_VISIT, entry=Entry.ASKED, school__isnull=False)
        .filter(slots__dropped_at__isnull=True, slots__starts_at__gt=now)
        .distinct()
        .order_by("place_in_queue_at", "pk")
    )


def fitting(ambassador: Ambassador) -> list[Opening]:
    """Open requests that this person would suit, the near ones first; none about which they are being asked or coming."""
    told: dict[str, set[str]] = {kind: set() for kind in FacetKind.values}
    for kind, value in Facet.objects.filter(ambassador=ambassador).values_list("kind", "value"):
        told[kind].add(value)
    conditions = Conditions.objects.filter(ambassador=ambassador).first()
    raised = set(ambassador.hands.filter(lowered_at__isnull=True).values_list("request_id", flat=True))
    rows = open_requests().exclude(pk__in=ambassador.offers.filter(state__in=("sent", "accepted")).values("request_id"))
    rows = rows.select_related("school").prefetch_related("slots", "planned_groups")
    found = [
        opening
        for opening in _openings(rows, ambassador, told, conditions, raised)
        if opening.has_hand or not ambassador.paused_at
    ]
    return sorted(found, key=lambda opening: not opening.is_near)[:MOST_LISTED]


def _openings(
    rows: Any, person: Ambassador, told: dict[str, set[str]], conditions: Any, raised: set[int]
) -> Iterator[Opening]:
    home = Whereabouts(person.prefecture_code, person.visits_in_person)
    for row in rows:
        prefecture = row.school.prefecture_code
        comes = person.visits_in_person and not travel.is_too_far(conditions, home, prefecture)
        if not {Format.IN_PERSON: comes, Format.ONLINE: person.visits_online}.get(
            row.format, comes or person.visits_online
        ):
            continue
        stages = {group.stage for group in row.planned_groups.all()}
        if told[FacetKind.STAGE] and stages and not stages & told[FacetKind.STAGE]:
            continue
        named = row.theme and row.theme != Theme.OTHER
        if told[FacetKind.THEME] and named and row.theme not in told[FacetKind.THEME]:
            continue
        yield Opening(
            row,
            prefecture_name(prefecture),
            listed(str(label) for value, label in Stage.choices if value in stages),
            row.get_theme_display(),
            listed(dict.fromkeys(dates.month_words(slot.day) for slot in row.open_slots() if not slot.is_past)),
            row.get_format_display(),
            prefecture == person.prefecture_code,
            row.pk in raised,
        )


@transaction.atomic
def raise_hand(request: Request, ambassador: Ambassador, *, by: User) -> Hand:
    """The desk sees that this ambassador would like to come; nobody else does. Raised twice is raised once."""
    _may_speak(by, ambassador)
    if ambassador.paused_at:
        raise NotAllowed(_("活動を休んでいる間は、手を挙げられません。再開するときは事務局に連絡してください。"))
    if not open_requests().filter(pk=request.pk).exists():
        raise TooLate(_("この申込みの相手は、もう探していません。"))
    known = Hand.objects.filter(request=request, ambassador=ambassador, lowered_at__isnull=True).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return Hand.objects.create(request=request, ambassador=ambassador)
    except IntegrityError:
        return Hand.objects.get(request=request, ambassador=ambassador, lowered_at__isnull=True)


@transaction.atomic
def lower_hand(request: Request, ambassador: Ambassador, *, by: User) -> None:
    """The ambassador would rather not be asked about it after all."""
    _may_speak(by, ambassador)
    Hand.objects.filter(request=request, ambassador=ambassador, lowered_at__isnull=True).update(
        lowered_at=timezone.now()
    )


def _may_speak(by: User, ambassador: Ambassador) -> None:
    if not speaks_for(by, ambassador):
        raise NotAllowed(_("手を挙げられるのは、本人と、本人が指名した秘書です。"))
