"""Asking ambassadors, and their answers: the verbs of an offer."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Subquery, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from outreach.ambassadors import conduct
from outreach.ambassadors.models import Ambassador
from outreach.availability import actions as time
from outreach.availability import sources
from outreach.availability.models import Hold
from outreach.availability.outlook import Outlook
from outreach.lives import NotAllowed, Party, TooLate
from outreach.requests.actions import begin, locked, step
from outreach.requests.models import Format, Kind, Request, RulesOfYears, Slot, Step
from outreach.requests.rules import parties_of
from outreach.requests.states import RequestState
from outreach.visits import ledger, letters
from outreach.visits.locking import (
    end_proposal,
    living_visit,
    lock_ambassadors,
    offer_step,
    open_offer,
    post_all,
    read_people,
    take_back,
    take_back_offers,
    visit_step,
    waiting_offers,
    write_down_expired,
)
from outreach.visits.models import Offer, Participation, Standing, Visit
from outreach.visits.rules import parties_of_offer
from outreach.visits.states import LIFE_OF_A_VISIT, LIFE_OF_AN_OFFER, OfferState, VisitState
from outreach.visits.suitability import buffers_for, lesson_of, obstacle
from ui import dates
from ui.words import listed


@transaction.atomic
def send_offer(
    request: Request,
    *,
    by: User,
    ambassador: Ambassador,
    slots: Iterable[Slot] = (),
    message: str = "",
    expires_at: dt.datetime | None = None,
    buffers: time.Buffers | None = None,
    override_reason: str = "",
    form_key: Any = None,
) -> Offer:
    """One ambassador is asked about these slots; their time is kept until the answer or the moment the offer ends.

    `buffers` are this offer's own minutes before and after. `override_reason` lifts limits, the hours told and outside
    calendars, and allows shorter buffers than usual; nothing lifts an overlap.
    Raises: NotAllowed when the request is not open or the person cannot come; TooLate when their time was just taken.
    """
    if form_key and (known := Offer.objects.filter(form_key=form_key, sent_by=by).first()):
        return known
    request = locked(request)
    visit = living_visit(request)
    slots = _askable(request, visit, list(slots), by)
    ambassador = lock_ambassadors([ambassador.pk])[ambassador.pk]
    rules = RulesOfYears()
    _not_asked_twice(request, visit, ambassador)
    outlook = Outlook([ambassador], slots)
    usual = {slot.pk: buffers_for(request, slot, rules, ambassador, outlook) for slot in slots}
    _check_buffers(usual.values(), buffers, override_reason)
    found = obstacle(ambassador, request, slots, buffers, rules, outlook)
    if found and not (found.can_be_lifted and override_reason):
        raise found.refusal()
    now = timezone.now()
    expires_at = _end_of_offer(request, slots, expires_at, now, rules, ambassador)
    try:
        with transaction.atomic():
            offer = Offer.objects.create(
                request=request,
                ambassador=ambassador,
                message=message,
                sent_by=by,
                expires_at=expires_at,
                form_key=form_key,
                sent_at=now,
                buffer_before=buffers.before if buffers else None,
                buffer_after=buffers.after if buffers else None,
                override_reason=override_reason,
                without_slots=not slots,
            )
    except IntegrityError:
        raise TooLate(_("%(name)sさんには打診していて、返事を待っています。") % {"name": ambassador.name}) from None
    offer.slots.add(*slots)
    if slots:
        times = [(slot, buffers or usual[slot.pk]) for slot in slots]
        time.keep(times, ambassador=ambassador, request=request, offer=offer, expires_at=expires_at)
    begin(
        offer,
        LIFE_OF_AN_OFFER,
        "send",
        by=by,
        party=Party.COORDINATOR,
        request=request,
        offer=offer,
        reason=override_reason,
    )
    post_all(letters.offered(offer))
    return offer


def _askable(request: Request, visit: Visit | None, slots: list[Slot], by: User) -> list[Slot]:
    """The slots as they are now; refuses what nobody can be asked about."""
    if Party.COORDINATOR not in parties_of(by, request):
        raise NotAllowed(_("打診できるのは事務局です。"))
    if request.state != RequestState.OPEN:
        raise TooLate(
            _("いまは「%(state)s」なので打診できません。先に「調整を始める」を押してください。")
            % {"state": request.get_state_display()}
        )
    if not request.contact_is_verified:
        raise NotAllowed(
            _("担当者が所属を離れています。新しい担当者を決めてから打診してください。")
            if request.contact_has_left
            else _("担当者の所属をまだ確認していません。確認してから打診してください。")
        )
    if request.kind == Kind.CONTENT:
        return []
    fresh = list(request.slots.filter(pk__in=[slot.pk for slot in slots]).order_by("rank"))
    if not fresh or len(fresh) != len(slots):
        raise NotAllowed(_("打診する希望日時を1つは選んでください。"))
    for slot in fresh:
        if slot.dropped_at or slot.is_past:
            raise TooLate(_("%(slot)sはもう選べません。") % {"slot": slot})
        if visit is not None and slot.pk != visit.slot_id:
            raise TooLate(_("訪問は%(slot)sに決まりました。この日時だけを打診できます。") % {"slot": visit.slot.words})
    return fresh


def _not_asked_twice(request: Request, visit: Visit | None, ambassador: Ambassador) -> None:
    if visit is not None and any(person.pk == ambassador.pk for person in visit.present_ambassadors):
        raise NotAllowed(_("%(name)sさんはこの訪問の担当です。") % {"name": ambassador.name})
    if visit is not None and not visit.places_free:
        raise TooLate(_("担当の推進大使はそろっています。"))
    for offer in waiting_offers(request):
        if offer.ambassador_id != ambassador.pk:
            continue
        if offer.expires_at > timezone.now():
            raise TooLate(_("%(name)sさんには打診していて、返事を待っています。") % {"name": ambassador.name})
        # An older offer that ran out but was not yet written down would stand in the way of this one.
        write_down_expired(offer)


def _check_buffers(usual: Iterable[time.Buffers], buffers: time.Buffers | None, override_reason: str) -> None:
    """Longer is free to choose; shorter than what this person's way takes, or the year's rules say, needs a reason."""
    if buffers is None or override_reason:
        return
    for least in usual:
        if buffers.before < least.before or buffers.after < least.after:
            raise NotAllowed(
                _("前後の余裕は、きまりでは%(before)s分と%(after)s分です。短くするときは理由を書いてください。")
                % {"before": least.before, "after": least.after}
            )


def _end_of_offer(
    request: Request,
    slots: list[Slot],
    expires_at: dt.datetime | None,
    now: dt.datetime,
    rules: RulesOfYears,
    ambassador: Ambassador,
) -> dt.datetime:
    """The moment asked for, or the end of the last working day where the ambassador lives.

    But never after the first lesson would begin.
    """
    of_year = rules.of(request.fiscal_year)
    zone = ZoneInfo(ambassador.time_zone)
    days = of_year.offer_days if of_year else 5
    last_day = dates.after_working_days(now.astimezone(zone).date(), days, ambassador.country_code)
    wanted = expires_at or dates.end_of_day_in(last_day, zone)
    if slots:
        latest = min(slot.starts_at for slot in slots)
    else:
        latest = dates.end_of_day(request.due_on)
    if min(wanted, latest) <= now:
        raise NotAllowed(_("返事の期限は、いまより後にしてください。"))
    return min(wanted, latest)


@transaction.atomic
def accept(
    offer: Offer, *, by: User, slot: Slot | None = None, note: str = "", despite_calendar: bool = False
) -> Visit:
    """The first yes confirms the visit on its slot and lets all other time go; a later yes adds an ambassador.

    Raises: TooLate when the offer ended or the places are taken; NotAllowed when the slot is not in the offer;
    BusyElsewhere when an outside calendar has something at that time, unless `despite_calendar`.
    """
    request, offer = open_offer(offer)
    visit = living_visit(request)
    leaving = _to_be_replaced(visit)
    people = lock_ambassadors([offer.ambassador_id, *([leaving.ambassador_id] if leaving else [])])
    ambassador = people[offer.ambassador_id]
    # As the row is now: it may have been dropped since the page was read.
    slot = offer.slots.filter(pk=slot.pk).first() if slot is not None else None
    if slot is None and not offer.without_slots:
        raise NotAllowed(_("この打診にない日時です。打診の日時から選んでください。"))
    if offer.state == OfferState.SENT and request.state != RequestState.OPEN:
        raise TooLate(
            _("この申込みは「%(state)s」になりました。確保していた時間は空けて大丈夫です。")
            % {"state": request.get_state_display()}
        )
    if slot is not None and (slot.is_past or slot.dropped_at):
        raise TooLate(_("%(slot)sはもう選べません。") % {"slot": slot})
    if visit is not None and slot is not None and visit.slot_id != slot.pk:
        raise TooLate(_("訪問は%(slot)sに決まりました。") % {"slot": visit.slot.words})
    parties = parties_of_offer(by, offer)
    _may_enter_a_school(ambassador, by)
    if slot is not None and not despite_calendar:
        _not_busy_elsewhere(offer, slot, by)
    # A table constraint wants the slot beside the new state, so it is written first.
    Offer.objects.filter(pk=offer.pk, version=offer.version).update(
        accepted_slot=slot, answered_at=timezone.now(), answer_note=note
    )
    answered = offer_step(offer, "accept", by=by, parties=parties)
    is_first = visit is None
    if is_first:
        visit = _confirm(request, slot, ambassador, at=answered.at)
    _keep_for_visit(offer, visit, slot)
    Participation.objects.create(visit=visit, ambassador=ambassador, offer=offer, joined_at=answered.at)
    # The letters and the ledger read these; nothing of them changes any more.
    prefetch_related_objects([request], "slots", "planned_groups")
    if is_first:
        news = confirm(visit, by=by, party=Party.AMBASSADOR, offer=offer)
        post_all(letters.confirmed(visit))
    else:
        end_proposal(visit, by=by, parties={Party.AMBASSADOR}, reason=letters.SOMEBODY_JOINED)
        news = visit_step(visit, "join", by=by, parties={Party.AMBASSADOR})
        if leaving:
            hand_over(leaving, at=answered.at)
        read_people(visit)
        post_all(letters.joined(visit, ambassador, leaving.ambassador if leaving else None))
    ledger.write(visit, news, Standing.BOOKED)
    _settle_places(request, visit, slot, by=by)
    return visit


class BusyElsewhere(NotAllowed):
    """Somebody's own calendar has something at that time: they say themselves whether they come all the same."""


def _not_busy_elsewhere(offer: Offer, slot: Slot, by: User) -> None:
    """The times that are kept for this slot against those of outside calendars, as they were last read."""
    held = Hold.objects.filter(offer=offer, slot=slot, is_holding=True)
    since, until = (Subquery(held.values(name)[:1]) for name in ("blocked_from", "blocked_until"))
    times = sources.outside_times(offer.ambassador, since, until)
    if not times:
        return
    spans = listed(_span_words(since, until, offer.ambassador.time_zone) for since, until in times)
    told = {"name": offer.ambassador.name, "times": spans}
    words = (
        _("あなたのカレンダーでは、%(times)sにほかの予定があります。")
        if offer.ambassador.user_id == by.pk
        else _("%(name)sさんのカレンダーでは、%(times)sにほかの予定があります。")
    )
    raise BusyElsewhere(words % told)


def _span_words(since: dt.datetime, until: dt.datetime, home: str) -> str:
    """From when until when, in Japan; for somebody who lives elsewhere also on the clock at home."""
    words = _from_until(since, until, dates.TOKYO)
    if home == dates.TOKYO.key:
        return words
    at_home = {"times": words, "home": _from_until(since, until, ZoneInfo(home))}
    return _("%(times)s（現地では%(home)s）") % at_home


def _from_until(since: dt.datetime, until: dt.datetime, zone: ZoneInfo) -> str:
    is_one_day = since.astimezone(zone).date() == until.astimezone(zone).date()
    end = dates.clock_words(until, zone) if is_one_day else dates.moment_words(until, zone=zone)
    return f"{dates.moment_words(since, zone=zone)}–{end}"


def _may_enter_a_school(ambassador: Ambassador, by: User) -> None:
    """Nobody goes while they are paused, or before they have accepted the year's 行動規範; the offer stays open."""
    if ambassador.paused_at:
        raise NotAllowed(_("活動を休んでいる間は引き受けられません。事務局に連絡してください。"))
    if not ambassador.user.is_active:
        raise NotAllowed(_("%(name)sさんの利用は止まっています。") % {"name": ambassador.name})
    if conduct.has_accepted(ambassador):
        return
    if ambassador.user_id == by.pk:
        raise NotAllowed(_("先に今年度の行動規範に同意してください。打診はそのまま残っています。"))
    raise NotAllowed(
        _("%(name)sさんが今年度の行動規範にまだ同意していません。本人がマイページで同意すると、引き受けられます。")
        % {"name": ambassador.name}
    )


def _to_be_replaced(visit: Visit | None) -> Participation | None:
    """Whom the next ambassador relieves, the longest waiting first."""
    if visit is None:
        return None
    waiting = [p for p in visit.participations.all() if p.left_at is None and p.replace_since]
    return min(waiting, key=lambda p: p.replace_since, default=None)


def _confirm(request: Request, slot: Slot | None, ambassador: Ambassador, *, at: dt.datetime) -> Visit:
    """A visit on this slot; content has a due date in its place."""
    day = slot.day if slot else request.due_on
    return Visit.objects.create(
        request=request,
        slot=slot,
        school=request.school,
        day=day,
        starts_at=slot.starts_at if slot else dates.at_tokyo(day, dt.time()),
        ends_at=slot.ends_at if slot else dates.at_tokyo(day + dt.timedelta(days=1), dt.time()),
        zone=slot.zone if slot else "Asia/Tokyo",
        fiscal_year=dates.fiscal_year_of(day),
        confirmed_at=at,
        format=_format_of_visit(request, slot, ambassador),
    )


def _format_of_visit(request: Request, slot: Slot | None, ambassador: Ambassador) -> str:
    """Where the school has no wish the ambassador comes, if they can on that day."""
    if request.format != Format.EITHER:
        return request.format
    if slot is None:
        return Format.IN_PERSON if ambassador.visits_in_person else Format.ONLINE
    lesson = lesson_of(request, slot, ambassador, Outlook([ambassador], [slot]))
    return Format.ONLINE if lesson.is_online else Format.IN_PERSON


def confirm(visit: Visit, *, by: User, party: str, offer: Offer | None = None) -> Step:
    """The visit begins its life, with the schools that take part; whoever made it has kept the time already."""
    visit.participating_schools.add(*visit.request.participating_schools.all())
    read_people(visit)
    return begin(visit, LIFE_OF_A_VISIT, "confirm", by=by, party=party, request=visit.request, visit=visit, offer=offer)


def new_visit(request: Request, slot: Slot, people: list[Ambassador], *, at: dt.datetime) -> Visit:
    """A visit without an offer, because both sides have agreed; the time of all its people is kept."""
    visit = _confirm(request, slot, people[0], at=at)
    outlook, rules = Outlook(people, [slot]), RulesOfYears()
    for person in people:
        buffers = buffers_for(request, slot, rules, person, outlook)
        time.keep([(slot, buffers)], ambassador=person, request=request, visit=visit)
        Participation.objects.create(visit=visit, ambassador=person, joined_at=at)
    return visit


def _keep_for_visit(offer: Offer, visit: Visit, slot: Slot | None) -> None:
    if slot is None:
        return
    kept = Hold.objects.filter(offer=offer, slot=slot, is_holding=True).update(visit=visit, expires_at=None)
    if kept != 1:
        raise TooLate(_("確保していた時間が失われました。事務局に連絡してください。"))
    time.let_go(Hold.objects.filter(offer=offer).exclude(slot=slot))


def hand_over(leaving: Participation, *, at: dt.datetime) -> None:
    """Whoever was to be replaced is free: somebody else comes."""
    leaving.left_at = at
    leaving.save(update_fields=["left_at"])
    time.let_go(Hold.objects.filter(visit_id=leaving.visit_id, ambassador_id=leaving.ambassador_id))


def _settle_places(request: Request, visit: Visit, slot: Slot | None, *, by: User) -> None:
    """With all places taken the request is booked; otherwise only offers about the fixed slot stay alive."""
    others = waiting_offers(request)
    if not visit.places_free:
        step(request, "book", by=by, parties={Party.AMBASSADOR}, visit=visit)
        take_back_offers(others, by=by, parties={Party.AMBASSADOR}, reason=letters.PLACES_TAKEN)
        return
    for other in others:
        keeps_it = slot is None or Hold.objects.filter(offer=other, slot=slot, is_holding=True).exists()
        if not keeps_it:
            take_back_offers([other], by=by, parties={Party.AMBASSADOR}, reason=letters.DAY_FIXED)
        elif slot is not None and time.let_go(Hold.objects.filter(offer=other).exclude(slot=slot)):
            post_all(letters.offer_narrowed(other, slot))


@transaction.atomic
def decline(offer: Offer, *, by: User, note: str = "", could_do: Iterable[Slot] = ()) -> Offer:
    """The ambassador's time is free again and the desk looks on; other wished days that would suit are told to it."""
    _request, offer = open_offer(offer)
    time.let_go(Hold.objects.filter(offer=offer))
    offer_step(offer, "decline", by=by, reason=note)
    Offer.objects.filter(pk=offer.pk).update(answered_at=timezone.now(), answer_note=note)
    offer.answer_note = note
    others = {slot.pk for slot in other_days(offer)}
    chosen = [slot for slot in could_do if slot.pk in others]
    offer.could_do.set(chosen)
    post_all(letters.offer_declined(offer, chosen))
    return offer


def other_days(offer: Offer) -> list[Slot]:
    """The request's other days, still open, on which this ambassador is free."""
    request = offer.request
    asked = set(offer.slots.values_list("pk", flat=True))
    return [
        slot
        for slot in request.open_slots()
        if slot.pk not in asked and not slot.is_past and obstacle(offer.ambassador, request, [slot]) is None
    ]


@transaction.atomic
def retract(offer: Offer, *, by: User, reason: str) -> Offer:
    """The desk takes the question back; the ambassador's time is free again."""
    _request, offer = open_offer(offer)
    take_back(offer, "retract", by=by, parties=parties_of_offer(by, offer) & {Party.COORDINATOR}, reason=reason)
    return offer


def expire_offers() -> str:
    """Write down the offers whose moment has passed; their time has been free since that moment."""
    count = 0
    overdue = Offer.objects.filter(state=OfferState.SENT, expires_at__lte=timezone.now())
    for found in list(overdue.select_related("request")):
        with transaction.atomic():
            _request, offer = open_offer(found)
            if offer.state == OfferState.SENT:
                write_down_expired(offer)
                count += 1
    return f"{count} offers expired"


__all__ = ["BusyElsewhere", "VisitState", "accept", "decline", "expire_offers", "other_days", "retract", "send_offer"]
