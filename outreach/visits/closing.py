"""Every verb of a request that can touch its offers or its visit: its dates, its end, and its beginning again."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from outreach.availability import actions as time
from outreach.availability.models import Hold
from outreach.lives import NotAllowed, Party, TooLate, check
from outreach.requests import letters as request_letters
from outreach.requests.actions import SlotWish, close_ranks, give_number, locked, slot_of, step, what_is_missing
from outreach.requests.models import Kind, Request, Slot, current_rules
from outreach.requests.rules import parties_of
from outreach.requests.states import LIFE_OF_A_REQUEST, RequestState
from outreach.visits import letters
from outreach.visits.attending import cancel_locked
from outreach.visits.locking import living_visit, post_all, take_back_offers, waiting_offers, write_down_expired
from outreach.visits.models import Visit
from outreach.visits.states import VisitState
from ui import dates

DEFAULT_SLOTS = 3


def _end(request: Request, verb: str, *, by: User, reason: str) -> Request:
    """End a locked request with all that hangs on it: waiting offers are taken back, a confirmed visit is cancelled."""
    parties = parties_of(by, request)
    visit = living_visit(request)
    if visit is not None and visit.state != VisitState.CONFIRMED:
        raise NotAllowed(_("授業は「%(state)s」です。取り下げることはできません。") % {"state": visit.state_words})
    step(request, verb, by=by, parties=parties, reason=reason)
    take_back_offers(waiting_offers(request), by=by, parties=parties, reason=reason)
    if visit is not None:
        cancel_locked(visit, by=by, reason=reason, parties=parties)
    return request


@transaction.atomic
def withdraw(request: Request, *, by: User, reason: str) -> Request:
    """The school no longer asks; offers are taken back and a confirmed visit is cancelled."""
    request = locked(request)
    was_draft = request.state == RequestState.DRAFT
    request = _end(request, "withdraw", by=by, reason=reason)
    if not was_draft:
        post_all(request_letters.withdrawn(request, reason))
    return request


@transaction.atomic
def decline_request(request: Request, *, by: User, reason: str) -> Request:
    """The desk cannot serve this request now and tells the school why."""
    request = _end(locked(request), "decline", by=by, reason=reason)
    post_all(request_letters.declined(request, reason))
    return request


@transaction.atomic
def unmatch(request: Request, *, by: User, reason: str) -> Request:
    """Nobody was found: the school learns it with the reason, and can ask again with other dates."""
    request = _end(locked(request), "unmatch", by=by, reason=reason)
    post_all(request_letters.unmatched(request, reason))
    return request


@transaction.atomic
def settle(request: Request, *, by: User) -> Request:
    """The desk says that those who have accepted are enough: the request is booked, nobody else is asked."""
    request = locked(request)
    visit = living_visit(request)
    parties = parties_of(by, request)
    step(request, "settle", by=by, parties=parties, visit=visit)
    take_back_offers(waiting_offers(request), by=by, parties=parties, reason=letters.PLACES_TAKEN)
    if visit is not None:
        # Nobody is looked for any more, so whoever was to be replaced stays.
        visit.participations.filter(left_at__isnull=True).update(replace_since=None, left_reason="")
        post_all(letters.settled(visit))
    return request


# ── dates ─────────────────────────────────────────────────────────────────────
@transaction.atomic
def drop_date(request: Request, slot: Slot, *, by: User) -> Request:
    """One wished day is no longer possible: offers about it alone end, the others go on without it."""
    request = locked(request)
    slot = request.slots.filter(pk=slot.pk, dropped_at__isnull=True).first()
    if slot is None:
        raise TooLate(_("この希望日時はもう取り下げられています。"))
    parties = parties_of(by, request)
    others = [other for other in request.open_slots() if other.pk != slot.pk and not other.is_past]
    check(LIFE_OF_A_REQUEST, request, "drop_date", parties)
    if not others:
        raise NotAllowed(_("残りの希望日時がなくなります。先に別の日を加えるか、申込みの取下げを選んでください。"))
    step(request, "drop_date", by=by, parties=parties, reason=str(slot))
    slot.dropped_at = timezone.now()
    slot.save(update_fields=["dropped_at"])
    close_ranks(request)
    for offer in waiting_offers(request):
        holds = Hold.objects.filter(offer=offer, is_holding=True)
        if not holds.filter(slot=slot).exists():
            continue
        if holds.exclude(slot=slot).exists():
            time.let_go(holds.filter(slot=slot))
            post_all(letters.offer_lost_a_day(offer, slot))
        else:
            take_back_offers([offer], by=by, parties=parties, reason=letters.DAY_DROPPED)
    post_all(request_letters.date_dropped(request, slot))
    return request


def _add(request: Request, wishes: list[SlotWish], answer_by: dt.date | None) -> None:
    """Further ranks behind those that are there; the day an answer is needed may move."""
    rules = current_rules(request.fiscal_year)
    most = rules.slots_wanted if rules else DEFAULT_SLOTS
    open_slots = [slot for slot in request.open_slots() if not slot.is_past]
    if len(open_slots) + len(wishes) > most:
        raise NotAllowed(
            _("希望日時は%(most)s個までです。いまは%(count)s個あります。先に取り下げてから加えてください。")
            % {"most": most, "count": len(open_slots)}
        )
    for wish in wishes:
        if wish.starts_at <= timezone.now():
            raise NotAllowed(_("%(day)sは過ぎた日時です。") % {"day": dates.moment_words(wish.starts_at)})
        if any(wish.starts_at < slot.ends_at and wish.ends_at > slot.starts_at for slot in open_slots):
            raise NotAllowed(_("%(day)sは、いまの希望と重なります。") % {"day": dates.day_words(wish.day)})
    last = close_ranks(request)
    Slot.objects.bulk_create([slot_of(request, wish, rank) for rank, wish in enumerate(wishes, start=last + 1)])
    if answer_by is not None:
        request.answer_by = answer_by
        request.save(update_fields=["answer_by", "updated_at"])


@transaction.atomic
def add_dates(request: Request, wishes: list[SlotWish], *, by: User, answer_by: dt.date | None = None) -> Request:
    """The school can also on these days; the request keeps its place in the order."""
    request = locked(request)
    if not wishes:
        raise NotAllowed(_("加える日時を1つは選んでください。"))
    step(request, "add_dates", by=by)
    _add(request, wishes, answer_by)
    post_all(request_letters.dates_added(request))
    return request


@transaction.atomic
def reopen(
    request: Request, *, by: User, wishes: list[SlotWish] = (), answer_by: dt.date | None = None, due_on: Any = None
) -> Request:
    """A request that had ended is asked again, with a new place in the order.

    Days named anew take the place of all wished before; without them those still ahead stay.
    """
    request = locked(request)
    before = request.slots.filter(dropped_at__isnull=True)
    (before if wishes else before.filter(starts_at__lte=timezone.now())).update(dropped_at=timezone.now())
    if request.goes_through_board and Party.COORDINATOR not in parties_of(by, request):
        raise NotAllowed(_("教育委員会を通す申込みです。お手数ですが、新しく申し込んでください。"))
    if due_on is not None:
        request.due_on = due_on
    if wishes:
        request.fiscal_year = dates.fiscal_year_of(wishes[0].day)
    step(request, "reopen", by=by)
    request.place_in_queue_at = request.submitted_at = None
    give_number(request, reaches_desk=True)
    request.save(update_fields=["fiscal_year", "due_on", "updated_at"])
    _add(request, list(wishes), answer_by)
    if missing := what_is_missing(Request.objects.get(pk=request.pk)):
        raise NotAllowed(missing[0][1])
    post_all(request_letters.submitted(request))
    return request


def _without_days(now: dt.datetime) -> Q:
    """Requests of which nothing wished for lies ahead."""
    ahead = Exists(Slot.objects.filter(request=OuterRef("pk"), dropped_at__isnull=True, starts_at__gt=now))
    return Q(~Q(kind=Kind.CONTENT), ~ahead) | Q(kind=Kind.CONTENT, due_on__lt=dates.today())


def expire_requests() -> str:
    """Requests whose days are all past without a visit end; their schools learn it and can ask again."""
    now, count = timezone.now(), 0
    alive = Visit.objects.filter(request=OuterRef("pk")).exclude(state__in=("cancelled", "not_held"))
    waiting = {state for state in RequestState.values if LIFE_OF_A_REQUEST.find("expire", state)}
    over = Request.objects.filter(_without_days(now), ~Exists(alive), state__in=waiting)
    for found in over:
        with transaction.atomic():
            request = locked(found)
            if request.state not in waiting or request.living_visit or not request.days_are_over:
                continue
            for offer in waiting_offers(request):
                write_down_expired(offer)
            step(request, "expire", by=None, parties={Party.SYSTEM})
            post_all(request_letters.expired(request))
            count += 1
    return f"{count} requests ended with their last day"
