"""The verbs of a request up to the moment an ambassador is asked; and how any life takes a step."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import User
from outbox.actions import post
from outreach.lives import Life, NotAllowed, Party, check
from outreach.requests import letters
from outreach.requests.models import IntakeRules, NumberSeries, PlannedGroup, Request, Slot, Step, current_rules
from outreach.requests.rules import parties_of
from outreach.requests.states import LIFE_OF_A_REQUEST, RequestState
from outreach.schools.models import School
from ui import dates

EDITABLE = (RequestState.DRAFT, RequestState.RETURNED)
_ORDER_OF_PARTIES = (Party.SCHOOL, Party.AMBASSADOR, Party.COORDINATOR, Party.SYSTEM)


@dataclass(frozen=True)
class SlotWish:
    """One wanted day as the form read it; periods are None where clock times were given."""

    day: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    first_period: int | None = None
    last_period: int | None = None
    is_school_day: bool = False


@dataclass(frozen=True)
class GroupWish:
    stage: str
    grade: int
    expected: int
    label: str = ""


def take_step(
    thing: Any, life: Life, verb: str, *, by: User | None, parties: Iterable[Party], reason: str = "", **links: Any
) -> Step:
    """Move a locked row along its life and write the step down; two hands on one row: one wins, one is told.

    Raises: NotAllowed when the table, the party, the guard or somebody faster says no.
    """
    parties = set(parties)
    move = check(life, thing, verb, parties)
    reason = reason.strip()
    if move.needs_reason and not reason:
        raise NotAllowed(_("理由を書いてください。相手と事務局に伝わります。"))
    now = timezone.now()
    changed = (
        type(thing)
        ._base_manager.filter(pk=thing.pk, state=thing.state, version=thing.version)
        .update(state=move.target, state_since=now, version=F("version") + 1)
    )
    if not changed:
        raise NotAllowed(_("ほかの人が先に操作しました。画面を開き直して、いまの状態を確かめてください。"))
    before, thing.state, thing.state_since = thing.state, move.target, now
    thing.version += 1
    party = next(p for p in _ORDER_OF_PARTIES if p in parties and p in move.who)
    return Step.objects.create(
        subject=life.name,
        verb=verb,
        from_state=before,
        to_state=move.target,
        by=by,
        party=party,
        at=now,
        reason=reason,
        **links,
    )


def locked(request: Request) -> Request:
    """The request with its row locked. Locks are taken in one order always: request, visit, ambassadors by id."""
    rows = Request.objects.select_related("school", "contact").select_for_update(of=("self",))
    return rows.get(pk=request.pk)


def _step(request: Request, verb: str, by: User, reason: str = "") -> Step:
    return take_step(
        request, LIFE_OF_A_REQUEST, verb, by=by, parties=parties_of(by, request), reason=reason, request=request
    )


def start_draft(school: School, *, by: User, form_key: Any = None) -> Request:
    """A draft of the school exists; the same form sent twice gives the same draft."""
    if school.pk not in by.school_ids:
        raise NotAllowed(_("所属していない学校の申込みは作れません。先に所属を届け出てください。"))
    if form_key and (known := Request.objects.filter(form_key=form_key, entered_by=by).first()):
        return known
    try:
        with transaction.atomic():
            return Request.objects.create(
                school=school,
                entered_by=by,
                contact=by,
                form_key=form_key,
                fiscal_year=dates.fiscal_year_of(dates.today()),
            )
    except IntegrityError:
        known = Request.objects.filter(form_key=form_key, entered_by=by).first()
        if known is None:
            raise NotAllowed(_("この画面は古くなりました。もう一度「派遣の申込み」から始めてください。")) from None
        return known


def _editable(request: Request, by: User) -> Request:
    request = locked(request)
    if Party.SCHOOL not in parties_of(by, request):
        raise NotAllowed(_("この操作ができるのは学校の担当者です。"))
    if request.state not in EDITABLE:
        raise NotAllowed(_("申込みのあとは、ここからは変えられません。変えたいことは事務局に連絡してください。"))
    return request


@transaction.atomic
def describe(request: Request, *, by: User, competences: Iterable[Any] | None = None, **fields: Any) -> Request:
    """The draft says what its school wrote on one page of the form."""
    request = _editable(request, by)
    for name, value in fields.items():
        setattr(request, name, value)
    request.save(update_fields=[*fields, "updated_at"])
    if competences is not None:
        request.competences.set(competences)
    return request


@transaction.atomic
def wish_for(
    request: Request, wishes: list[SlotWish], *, by: User, answer_by: dt.date | None, times_note: str = ""
) -> Request:
    """The draft asks for these days, ranked as given."""
    request = _editable(request, by)
    # Slots of a returned request may have been offered before: they are dropped, never deleted.
    request.slots.filter(offers__isnull=True).delete()
    request.slots.filter(dropped_at__isnull=True).update(dropped_at=timezone.now())
    Slot.objects.bulk_create(
        [
            Slot(
                request=request,
                rank=rank,
                day=wish.day,
                first_period=wish.first_period,
                last_period=wish.last_period,
                is_school_day=wish.is_school_day,
                starts_at=wish.starts_at,
                ends_at=wish.ends_at,
            )
            for rank, wish in enumerate(wishes, start=1)
        ]
    )
    request.answer_by, request.times_note = answer_by, times_note
    if wishes:
        request.fiscal_year = dates.fiscal_year_of(wishes[0].day)
    request.save(update_fields=["answer_by", "times_note", "fiscal_year", "updated_at"])
    return request


@transaction.atomic
def expect(request: Request, groups: list[GroupWish], *, by: User) -> Request:
    """The draft says how many pupils are expected, per grade."""
    request = _editable(request, by)
    request.planned_groups.all().delete()
    PlannedGroup.objects.bulk_create(
        [
            PlannedGroup(
                request=request,
                school=request.school,
                stage=group.stage,
                grade=group.grade,
                label=group.label,
                expected=group.expected,
            )
            for group in groups
        ]
    )
    return request


def what_is_missing(request: Request) -> list[tuple[str, str]]:
    """What must still be written before the request can be sent: (page of the form, sentence)."""
    missing = []
    rules = current_rules(request.fiscal_year)
    if not request.contact_phone:
        missing.append(("school", _("日中の電話番号がまだです。")))
    slots = request.open_slots()
    if not slots:
        missing.append(("dates", _("希望日時がまだです。1つは選んでください。")))
    elif past := [slot for slot in slots if slot.is_past]:
        missing.append(("dates", _("%(rank)sの日時は過ぎました。選び直してください。") % {"rank": past[0].rank_words}))
    if not request.answer_by:
        missing.append(("dates", _("回答希望日がまだです。")))
    elif request.answer_by < dates.today():
        missing.append(("dates", _("回答希望日が過ぎました。選び直してください。")))
    if not request.theme or not request.aims:
        missing.append(("lesson", _("授業のテーマとねらいがまだです。")))
    if not request.planned_groups.all():
        missing.append(("lesson", _("参加する人数がまだです。")))
    if rules is None:
        missing.append(
            (
                "dates",
                _("%(year)sの受付はまだ始まっていません。") % {"year": dates.fiscal_year_name(request.fiscal_year)},
            )
        )
    elif not rules.opens_on <= dates.today() <= rules.closes_on:
        missing.append(("dates", intake_closed_words(rules)))
    return missing


def intake_closed_words(rules: IntakeRules) -> str:
    if dates.today() < rules.opens_on:
        return _("%(year)sの受付は%(day)sからです。") % {
            "year": dates.fiscal_year_name(rules.fiscal_year),
            "day": dates.day_words(rules.opens_on, year=True),
        }
    return _("%(year)sの受付は%(day)sで終わりました。") % {
        "year": dates.fiscal_year_name(rules.fiscal_year),
        "day": dates.day_words(rules.closes_on, year=True),
    }


def _next_number(fiscal_year: int) -> str:
    series = NumberSeries.objects.filter(fiscal_year=fiscal_year)
    if not series.update(last_number=F("last_number") + 1):
        NumberSeries.objects.get_or_create(fiscal_year=fiscal_year)
        series.update(last_number=F("last_number") + 1)
    number = NumberSeries.objects.get(fiscal_year=fiscal_year).last_number
    return f"{dates.fiscal_year_letter(fiscal_year)}-{number:04d}"


@transaction.atomic
def submit(request: Request, *, by: User) -> Request:
    """The desk has the request; the school has a number and a receipt. Sent twice, it is still one request."""
    request = locked(request)
    prefetch_related_objects([request], "slots", "planned_groups")
    if request.state == RequestState.SUBMITTED and request.number and Party.SCHOOL in parties_of(by, request):
        return request
    verb = "resubmit" if request.state == RequestState.RETURNED else "submit"
    if missing := what_is_missing(request):
        raise NotAllowed(missing[0][1])
    _step(request, verb, by)
    if not request.number:
        request.number = _next_number(request.fiscal_year)
    request.submitted_at = request.submitted_at or timezone.now()
    request.place_in_queue_at = request.place_in_queue_at or request.submitted_at
    request.save(update_fields=["number", "submitted_at", "place_in_queue_at", "updated_at"])
    for draft in letters.submitted(request):
        post(draft)
    return request


@transaction.atomic
def take_up(request: Request, *, by: User) -> Request:
    """The desk begins to look for an ambassador; the school learns that its request is in hand."""
    request = locked(request)
    _step(request, "take_up", by)
    for draft in letters.taken_up(request):
        post(draft)
    return request


@transaction.atomic
def hand_back(request: Request, *, by: User, reason: str) -> Request:
    """The school is asked to mend something; it can edit the request again."""
    request = locked(request)
    _step(request, "hand_back", by, reason)
    for draft in letters.handed_back(request, reason):
        post(draft)
    return request


@transaction.atomic
def throw_away(request: Request, *, by: User) -> None:
    """A draft that was never sent is gone, with its slots and groups."""
    request = _editable(request, by)
    if request.state != RequestState.DRAFT:
        raise NotAllowed(_("申し込んだあとは「取り下げる」を使ってください。"))
    request.delete()


@transaction.atomic
def set_rules(*, by: User, fiscal_year: int, note: str = "", **values: Any) -> IntakeRules:
    """A new version of a year's intake rules holds from now on; older versions stay readable."""
    if not by.is_coordinator:
        raise NotAllowed(_("受付のきまりを変えられるのは事務局です。"))
    newest = current_rules(fiscal_year)
    rules = IntakeRules.objects.create(
        fiscal_year=fiscal_year, version=newest.version + 1 if newest else 1, made_by=by, note=note, **values
    )
    log(rules, "kakehashi.set_rules", user=by, data={"version": rules.version, "note": note})
    return rules
