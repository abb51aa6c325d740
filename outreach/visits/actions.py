"""The verbs of offers, visits and reports, and every verb of a request that can touch them.

Locks are taken in one order always: request, visit, ambassadors by id.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from outbox.actions import post
from outreach.ambassadors.models import Ambassador
from outreach.availability import actions as time
from outreach.availability.models import Hold
from outreach.lives import NotAllowed, Party
from outreach.requests import letters as request_letters
from outreach.requests.actions import locked, take_step
from outreach.requests.models import Format, Request, Slot, Step, current_rules
from outreach.requests.rules import parties_of
from outreach.requests.states import LIFE_OF_A_REQUEST, RequestState
from outreach.visits import ledger, letters
from outreach.visits.models import Group, Offer, Participation, Report, Standing, Visit
from outreach.visits.rules import parties_of_offer, parties_of_visit
from outreach.visits.states import LIFE_OF_A_VISIT, LIFE_OF_AN_OFFER, OfferState, VisitState
from ui import dates

REMINDER_DAYS = (1, 7, 14)
# While a visit is in one of these states its parties see how to reach each other.
CONTACTS_OPEN = (VisitState.CONFIRMED, VisitState.DELIVERED, VisitState.REPORTED, VisitState.RETURNED)


@dataclass(frozen=True)
class GroupCount:
    """Pupils of one grade who were there; `already_met` of them an ambassador met before in this fiscal year."""

    stage: str
    grade: int
    present: int
    already_met: int = 0
    label: str = ""


def _post_all(drafts: list) -> None:
    for draft in drafts:
        post(draft)


def _lock_ambassadors(ids: list[int]) -> dict[int, Ambassador]:
    people = Ambassador.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {person.pk: person for person in people}


def _let_go_of_expired_holds(ambassador_ids: list[int]) -> None:
    """Time whose offer ran out is free by the clock; the row says so from now on."""
    time.let_go(Hold.objects.filter(ambassador_id__in=ambassador_ids, is_holding=True, expires_at__lte=timezone.now()))


def _living_visit(request: Request) -> Visit | None:
    return (
        Visit.objects.select_for_update(of=("self",))
        .filter(request=request)
        .exclude(state__in=(VisitState.CANCELLED, VisitState.NOT_HELD))
        .first()
    )


def buffers_for(request: Request, slot: Slot) -> time.Buffers:
    """Minutes kept before and after the lesson: the way there and back, or a short pause when online."""
    rules = current_rules(dates.fiscal_year_of(slot.day))
    if request.format == Format.ONLINE:
        minutes = rules.online_buffer if rules else 15
    else:
        minutes = rules.travel_buffer if rules else 90
    return time.Buffers(minutes, minutes)


def why_not(ambassador: Ambassador, request: Request, slot: Slot) -> str:
    """Why this person cannot be asked about this slot, in words; "" when nothing speaks against it."""
    if ambassador.paused_at:
        return _("%(name)sさんは活動を休んでいます。") % {"name": ambassador.name}
    if request.format == Format.IN_PERSON and not ambassador.visits_in_person:
        return _("%(name)sさんの訪問はオンラインだけです。") % {"name": ambassador.name}
    if request.format == Format.ONLINE and not ambassador.visits_online:
        return _("%(name)sさんの訪問は対面だけです。") % {"name": ambassador.name}
    if slot.dropped_at or slot.is_past:
        return _("%(slot)sはもう選べません。") % {"slot": slot}
    if not ambassador.appointments.filter(from_day__lte=slot.day, until__gte=slot.day).exists():
        return _("%(name)sさんは%(day)sには任命されていません。") % {
            "name": ambassador.name,
            "day": dates.day_words(slot.day),
        }
    hold = time.in_the_way(ambassador.pk, request.pk, slot.starts_at, slot.ends_at, buffers_for(request, slot))
    if hold:
        return _("%(name)sさんは%(when)sにほかの予定を確保しています。") % {
            "name": ambassador.name,
            "when": dates.moment_words(hold.starts_at),
        }
    return ""


@transaction.atomic
def send_offer(
    request: Request,
    *,
    by: User,
    ambassador: Ambassador,
    slots: list[Slot],
    message: str = "",
    expires_at: dt.datetime | None = None,
    form_key: Any = None,
) -> Offer:
    """One ambassador is asked about these slots; their time is kept until the answer or the moment the offer ends.

    Raises: NotAllowed when the request is not open, the person cannot come, or their time is taken.
    """
    if form_key and (known := Offer.objects.filter(form_key=form_key, sent_by=by).first()):
        return known
    request = locked(request)
    if Party.COORDINATOR not in parties_of(by, request):
        raise NotAllowed(_("打診できるのは事務局です。"))
    if request.state != RequestState.OPEN:
        raise NotAllowed(
            _("いまは「%(state)s」なので打診できません。先に「調整を始める」を押してください。")
            % {"state": request.get_state_display()}
        )
    if not request.contact_is_verified:
        raise NotAllowed(_("担当者の所属をまだ確認していません。確認してから打診してください。"))
    if not slots or any(slot.request_id != request.pk for slot in slots):
        raise NotAllowed(_("打診する希望日時を1つは選んでください。"))
    ambassador = _lock_ambassadors([ambassador.pk])[ambassador.pk]
    _let_go_of_expired_holds([ambassador.pk])
    if Offer.objects.waiting().filter(request=request, ambassador=ambassador).exists():
        raise NotAllowed(_("%(name)sさんには打診していて、返事を待っています。") % {"name": ambassador.name})
    for slot in slots:
        if refusal := why_not(ambassador, request, slot):
            raise NotAllowed(refusal)
    rules = current_rules(request.fiscal_year)
    now = timezone.now()
    first_start = min(slot.starts_at for slot in slots)
    expires_at = min(expires_at or now + dt.timedelta(days=rules.offer_days if rules else 5), first_start)
    if expires_at <= now:
        raise NotAllowed(_("返事の期限は、いまより後にしてください。"))
    # An older offer that ran out but was not yet written down would stand in the way of this one.
    _write_down_expired(Offer.objects.filter(request=request, ambassador=ambassador))
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
            )
    except IntegrityError:
        raise NotAllowed(_("%(name)sさんには打診していて、返事を待っています。") % {"name": ambassador.name}) from None
    offer.slots.set(slots)
    for slot in slots:
        time.keep(
            ambassador=ambassador,
            request=request,
            slot=slot,
            offer=offer,
            buffers=buffers_for(request, slot),
            expires_at=expires_at,
        )
    Step.objects.create(
        subject=LIFE_OF_AN_OFFER.name,
        request=request,
        offer=offer,
        verb="send",
        from_state="",
        to_state=OfferState.SENT,
        by=by,
        party=Party.COORDINATOR,
        reason="",
    )
    _post_all(letters.offered(offer))
    return offer


def _open_offer(offer: Offer) -> tuple[Request, Offer]:
    """Lock the request first, then read the offer: somebody may have answered meanwhile."""
    request = locked(offer.request)
    offer = Offer.objects.select_related("ambassador__user", "request").get(pk=offer.pk)
    offer.request = request
    return request, offer


def _answer(offer: Offer, verb: str, *, by: User | None, parties: set[Party], reason: str = "") -> Step:
    return take_step(
        offer, LIFE_OF_AN_OFFER, verb, by=by, parties=parties, reason=reason, request=offer.request, offer=offer
    )


@transaction.atomic
def accept(offer: Offer, *, by: User, slot: Slot, note: str = "") -> Visit:
    """The visit is confirmed on this slot; every other hold of the request is let go and everybody learns it.

    Raises: NotAllowed when the offer ended, the request was booked by another answer, or the slot is not in the offer.
    """
    request, offer = _open_offer(offer)
    _living_visit(request)
    ambassador = _lock_ambassadors([offer.ambassador_id])[offer.ambassador_id]
    _let_go_of_expired_holds([ambassador.pk])
    if not offer.slots.filter(pk=slot.pk).exists():
        raise NotAllowed(_("この打診にない日時です。打診の日時から選んでください。"))
    if offer.state == OfferState.SENT and request.state != RequestState.OPEN:
        raise NotAllowed(
            _("この申込みは「%(state)s」になりました。確保していた時間は空けて大丈夫です。")
            % {"state": request.get_state_display()}
        )
    if slot.is_past or slot.dropped_at:
        raise NotAllowed(_("%(slot)sはもう選べません。") % {"slot": slot})
    parties = parties_of_offer(by, offer)
    # A table constraint wants the slot beside the new state, so it is written first.
    Offer.objects.filter(pk=offer.pk, version=offer.version).update(
        accepted_slot=slot, answered_at=timezone.now(), answer_note=note
    )
    step = _answer(offer, "accept", by=by, parties=parties)
    take_step(request, LIFE_OF_A_REQUEST, "book", by=by, parties={Party.AMBASSADOR}, request=request)
    visit = Visit.objects.create(
        request=request,
        slot=slot,
        school=request.school,
        day=slot.day,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        zone=slot.zone,
        fiscal_year=dates.fiscal_year_of(slot.day),
        confirmed_at=step.at,
        format=Format.ONLINE
        if request.format == Format.EITHER and not ambassador.visits_in_person
        else Format.IN_PERSON
        if request.format == Format.EITHER
        else request.format,
    )
    Participation.objects.create(visit=visit, ambassador=ambassador, offer=offer, joined_at=step.at)
    kept = Hold.objects.filter(offer=offer, slot=slot, is_holding=True).update(visit=visit, expires_at=None)
    if kept != 1:
        raise NotAllowed(_("確保していた時間が失われました。事務局に連絡してください。"))
    time.let_go(Hold.objects.filter(offer=offer).exclude(slot=slot))
    for other in request.offers.filter(state=OfferState.SENT).exclude(pk=offer.pk).select_related("ambassador__user"):
        other.request = request
        _take_back(
            other, "lapse", by=by, parties={Party.AMBASSADOR}, reason=gettext_lazy("ほかの推進大使に決まりました。")
        )
    confirmed = Step.objects.create(
        subject=LIFE_OF_A_VISIT.name,
        request=request,
        visit=visit,
        offer=offer,
        verb="confirm",
        from_state="",
        to_state=VisitState.CONFIRMED,
        by=by,
        party=Party.AMBASSADOR,
        at=step.at,
    )
    ledger.write(visit, confirmed, Standing.BOOKED)
    _post_all(letters.confirmed(visit))
    return visit


@transaction.atomic
def decline(offer: Offer, *, by: User, note: str = "") -> Offer:
    """The ambassador's time is free again and the desk looks for somebody else."""
    _request, offer = _open_offer(offer)
    _answer(offer, "decline", by=by, parties=parties_of_offer(by, offer), reason=note)
    Offer.objects.filter(pk=offer.pk).update(answered_at=timezone.now(), answer_note=note)
    offer.answer_note = note
    time.let_go(Hold.objects.filter(offer=offer))
    _post_all(letters.offer_declined(offer))
    return offer


def _take_back(offer: Offer, verb: str, *, by: User | None, parties: set[Party], reason: str) -> None:
    _answer(offer, verb, by=by, parties=parties, reason=reason)
    time.let_go(Hold.objects.filter(offer=offer))
    _post_all(letters.offer_retracted(offer, reason))


@transaction.atomic
def retract(offer: Offer, *, by: User, reason: str) -> Offer:
    """The desk takes the question back; the ambassador's time is free again."""
    _request, offer = _open_offer(offer)
    _take_back(offer, "retract", by=by, parties=parties_of_offer(by, offer) & {Party.COORDINATOR}, reason=reason)
    return offer


def _write_down_expired(offers) -> int:
    count = 0
    for offer in offers.filter(state=OfferState.SENT, expires_at__lte=timezone.now()).select_related(
        "ambassador__user", "request__school"
    ):
        _answer(offer, "expire", by=None, parties={Party.SYSTEM})
        time.let_go(Hold.objects.filter(offer=offer))
        _post_all(letters.offer_expired(offer))
        count += 1
    return count


def expire_offers() -> str:
    """Write down the offers whose moment has passed; their time has been free since that moment."""
    count = 0
    overdue = Offer.objects.filter(state=OfferState.SENT, expires_at__lte=timezone.now())
    for pk, request_id in list(overdue.values_list("pk", "request_id")):
        with transaction.atomic():
            Request.objects.select_for_update(of=("self",)).get(pk=request_id)
            count += _write_down_expired(Offer.objects.filter(pk=pk))
    return f"{count} offers expired"


def _open_visit(visit: Visit) -> Visit:
    request = locked(visit.request)
    visit = (
        Visit.objects.select_for_update(of=("self",))
        .select_related("school", "slot")
        .prefetch_related("participations__ambassador__user")
        .get(pk=visit.pk)
    )
    visit.request = request
    return visit


def _take_step(visit: Visit, verb: str, *, by: User, reason: str = "", parties: set[Party] | None = None) -> Step:
    return take_step(
        visit,
        LIFE_OF_A_VISIT,
        verb,
        by=by,
        reason=reason,
        request=visit.request,
        visit=visit,
        parties=parties_of_visit(by, visit) if parties is None else parties,
    )


def _cancel(visit: Visit, *, by: User, reason: str, parties: set[Party] | None = None) -> Step:
    _lock_ambassadors([ambassador.pk for ambassador in visit.present_ambassadors])
    step = _take_step(visit, "cancel", by=by, reason=reason, parties=parties)
    time.let_go(Hold.objects.filter(visit=visit))
    ledger.write(visit, step, None)
    _post_all(letters.cancelled(visit, reason, Party(step.party).label))
    return step


@transaction.atomic
def cancel(visit: Visit, *, by: User, reason: str) -> Visit:
    """The visit will not take place; its time is free again, every party learns why, the request is open again."""
    visit = _open_visit(visit)
    step = _cancel(visit, by=by, reason=reason)
    take_step(
        visit.request,
        LIFE_OF_A_REQUEST,
        "fall_through",
        by=by,
        parties={Party(step.party)},
        reason=reason,
        request=visit.request,
        visit=visit,
    )
    return visit


def _close(request: Request, verb: str, *, by: User, reason: str) -> Request:
    """End a request with all that hangs on it: waiting offers are taken back, a confirmed visit is cancelled."""
    request = locked(request)
    parties = parties_of(by, request)
    visit = _living_visit(request)
    if visit is not None and visit.state != VisitState.CONFIRMED:
        raise NotAllowed(_("授業は「%(state)s」です。取り下げることはできません。") % {"state": visit.state_words})
    take_step(request, LIFE_OF_A_REQUEST, verb, by=by, parties=parties, reason=reason, request=request)
    for offer in request.offers.filter(state=OfferState.SENT).select_related("ambassador__user"):
        offer.request = request
        _take_back(offer, "lapse", by=by, parties=parties, reason=reason)
    if visit is not None:
        visit.request = request
        _cancel(visit, by=by, reason=reason, parties=parties)
    return request


@transaction.atomic
def withdraw(request: Request, *, by: User, reason: str) -> Request:
    """The school no longer asks; offers are taken back and a confirmed visit is cancelled."""
    was_draft = request.state == RequestState.DRAFT
    request = _close(request, "withdraw", by=by, reason=reason)
    if not was_draft:
        _post_all(request_letters.withdrawn(request, reason))
    return request


@transaction.atomic
def decline_request(request: Request, *, by: User, reason: str) -> Request:
    """The desk cannot serve this request now and tells the school why."""
    request = _close(request, "decline", by=by, reason=reason)
    _post_all(request_letters.declined(request, reason))
    return request


@transaction.atomic
def deliver(visit: Visit, *, by: User) -> Visit:
    """Somebody who was there says that the lesson took place."""
    visit = _open_visit(visit)
    _take_step(visit, "deliver", by=by)
    return visit


@transaction.atomic
def report(
    visit: Visit,
    *,
    by: User,
    groups: list[GroupCount],
    format: str,
    ambassadors_present: int = 1,
    comment: str = "",
    may_be_quoted: bool = False,
) -> Report:
    """The school says who was there; the figures count as reported until the desk verifies them."""
    visit = _open_visit(visit)
    step = _take_step(visit, "report", by=by)
    if not any(group.present for group in groups):
        raise NotAllowed(_("出席した人数を1つは書いてください。"))
    latest = visit.latest_report()
    made = Report.objects.create(
        visit=visit,
        version=latest.version + 1 if latest else 1,
        format=format,
        comment=comment,
        reported_by=by,
        ambassadors_present=ambassadors_present,
        may_be_quoted=may_be_quoted,
        made_at=step.at,
        ambassador_comment=latest.ambassador_comment if latest else "",
    )
    Group.objects.bulk_create(
        [
            Group(
                report=made,
                school=visit.school,
                stage=group.stage,
                grade=group.grade,
                course=visit.request.course,
                label=group.label,
                present=group.present,
                already_met=group.already_met,
            )
            for group in groups
            if group.present
        ]
    )
    ledger.write(visit, step, Standing.REPORTED, made)
    _post_all(letters.reported(visit))
    return made


@transaction.atomic
def hand_back(visit: Visit, *, by: User, reason: str) -> Visit:
    """The school is asked to look at its report again; the visit counts as awaiting report."""
    visit = _open_visit(visit)
    step = _take_step(visit, "hand_back", by=by, reason=reason)
    ledger.write(visit, step, Standing.RETURNED)
    _post_all(letters.report_handed_back(visit, reason))
    return visit


@transaction.atomic
def verify(visit: Visit, *, by: User) -> Visit:
    """The report counts toward the targets; the request is completed."""
    visit = _open_visit(visit)
    step = _take_step(visit, "verify", by=by)
    latest = visit.latest_report()
    latest.verified_at = step.at
    latest.save(update_fields=["verified_at"])
    ledger.write(visit, step, Standing.VERIFIED, latest)
    take_step(
        visit.request,
        LIFE_OF_A_REQUEST,
        "complete",
        by=by,
        parties={Party.COORDINATOR},
        request=visit.request,
        visit=visit,
    )
    _post_all(letters.verified(visit))
    return visit


@transaction.atomic
def add_comment(visit: Visit, *, by: User, comment: str) -> Report:
    """The ambassador's words stand beside the school's report."""
    visit = _open_visit(visit)
    if Party.AMBASSADOR not in parties_of_visit(by, visit):
        raise NotAllowed(_("ひとことを書けるのは担当大使です。"))
    latest = visit.latest_report()
    if latest is None or visit.state == VisitState.VERIFIED:
        raise NotAllowed(_("ひとことを書けるのは、学校の報告が届いてから確定するまでです。"))
    latest.ambassador_comment = comment
    latest.save(update_fields=["ambassador_comment"])
    return latest


def remind_of_reports() -> str:
    """Schools that have not reported 1, 7 and 14 days after the lesson are reminded, each time once."""
    now, count = timezone.now(), 0
    waiting = (
        Visit.objects.awaiting_report(now)
        .filter(reminders_sent__lt=len(REMINDER_DAYS))
        .exclude(state=VisitState.RETURNED)
        .select_related("request__contact", "school", "slot")
    )
    for visit in waiting:
        overdue = [
            number
            for number, days in enumerate(REMINDER_DAYS, start=1)
            if (dates.today() - visit.day).days >= days and number > visit.reminders_sent
        ]
        if overdue:
            with transaction.atomic():
                _post_all(letters.report_wanted(visit, REMINDER_DAYS[overdue[-1] - 1]))
                Visit.objects.filter(pk=visit.pk).update(reminders_sent=overdue[-1])
            count += 1
    return f"{count} schools reminded of their report"
