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

from accounts.models import Membership, User
from outbox.actions import post
from outreach.alliance.models import Organisation
from outreach.lives import Life, NotAllowed, Party, TooLate, check
from outreach.requests import letters
from outreach.requests.models import (
    Channel,
    Entry,
    IntakeRules,
    Kind,
    NumberSeries,
    PlannedGroup,
    Request,
    Slot,
    Step,
    current_rules,
)
from outreach.requests.rules import may_name_contact, may_note_approval, parties_of
from outreach.requests.states import IN_SOMEBODYS_NAME, LIFE_OF_A_REQUEST, RequestState
from outreach.schools.models import Board, School
from ui import dates

EDITABLE = (RequestState.DRAFT, RequestState.RETURNED)
SENT = (RequestState.SUBMITTED, RequestState.WITH_BOARD)
_ORDER_OF_PARTIES = (Party.SCHOOL, Party.AMBASSADOR, Party.BOARD, Party.COORDINATOR, Party.SYSTEM)


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
        raise TooLate(_("ほかの人が先に操作しました。画面を開き直して、いまの状態を確かめてください。"))
    before, thing.state, thing.state_since = thing.state, move.target, now
    thing.version += 1
    party = next(p for p in _ORDER_OF_PARTIES if p in parties and p in move.who)
    return Step.objects.create(
        subject=life.name,
        verb=verb,
        from_state=before,
        to_state=move.target,
        version=thing.version,
        by=by,
        party=party,
        at=now,
        reason=reason,
        **links,
    )


def begin(thing: Any, life: Life, verb: str, *, by: User | None, party: str, **links: Any) -> Step:
    """The first step of a thing that was made just now: from nothing into its first state."""
    return Step.objects.create(
        subject=life.name,
        verb=verb,
        from_state="",
        to_state=thing.state,
        version=thing.version,
        by=by,
        party=party,
        **links,
    )


def locked(request: Request) -> Request:
    """The request with its row locked. Locks are taken in one order always: request, visit, ambassadors by id."""
    rows = Request.objects.select_related("school__board", "contact__ambassador").select_for_update(of=("self",))
    return rows.get(pk=request.pk)


def step(
    request: Request,
    verb: str,
    *,
    by: User | None,
    reason: str = "",
    parties: Iterable[Party] | None = None,
    **links: Any,
) -> Step:
    """A locked request takes a step; in whose name follows from who the person is, unless it is said."""
    parties = parties_of(by, request) if parties is None else parties
    return take_step(request, LIFE_OF_A_REQUEST, verb, by=by, parties=parties, reason=reason, request=request, **links)


def start_draft(
    host: School | Board | Organisation,
    *,
    by: User,
    kind: str = Kind.SCHOOL_VISIT,
    form_key: Any = None,
    contact: User | None = None,
) -> Request:
    """A draft of the host exists; the same form sent twice gives the same draft.

    A school asks for lessons and for the other kinds; boards and organisations ask for the other kinds only, through
    people whom somebody has vouched for. A board's people may also begin a draft for a school it founded: then the
    contact person is named, because it is somebody of the school.
    """
    place = _place_of(host, by, kind)
    if form_key and (known := Request.objects.filter(form_key=form_key, entered_by=by).first()):
        return known
    try:
        with transaction.atomic():
            return Request.objects.create(
                **{place: host},
                kind=kind,
                entered_by=by,
                contact=contact or by,
                form_key=form_key,
                fiscal_year=dates.fiscal_year_of(dates.today()),
            )
    except IntegrityError:
        known = Request.objects.filter(form_key=form_key, entered_by=by).first()
        if known is None:
            raise NotAllowed(_("この画面は古くなりました。もう一度「派遣の申込み」から始めてください。")) from None
        return known


def _place_of(host: School | Board | Organisation, by: User, kind: str) -> str:
    """The field of a request that names this host; refuses whoever does not speak for it."""
    if isinstance(host, School):
        if host.pk not in by.school_ids and host.board_id not in by.verified_board_ids:
            raise NotAllowed(_("所属していない学校の申込みは作れません。先に所属を届け出てください。"))
        return "school"
    place, own = (
        ("board", by.verified_board_ids) if isinstance(host, Board) else ("organisation", by.verified_organisation_ids)
    )
    if host.pk not in own:
        raise NotAllowed(_("所属の確認が済んでいない機関の申込みは作れません。事務局に連絡してください。"))
    if kind == Kind.SCHOOL_VISIT:
        raise NotAllowed(_("出前授業・講演を申し込めるのは学校です。学校の担当者から申し込んでください。"))
    return place


def may_write(by: User, request: Request) -> bool:
    """The host's people write their request; the desk writes what it took down for somebody."""
    parties = parties_of(by, request)
    return Party.SCHOOL in parties or (Party.COORDINATOR in parties and request.channel != Channel.SITE)


def _editable(request: Request, by: User) -> Request:
    request = locked(request)
    if not may_write(by, request):
        raise NotAllowed(_("この操作ができるのは学校の担当者です。"))
    if request.state not in EDITABLE:
        raise NotAllowed(_("申込みのあとは、ここからは変えられません。変えたいことは事務局に連絡してください。"))
    return request


@transaction.atomic
def describe(request: Request, *, by: User, competences: Iterable[Any] | None = None, **fields: Any) -> Request:
    """The draft says what its school wrote on one page of the form."""
    request = _editable(request, by)
    if fields.get("due_on"):
        # Content has no slots to say which year it belongs to.
        fields["fiscal_year"] = dates.fiscal_year_of(fields["due_on"])
    for name, value in fields.items():
        setattr(request, name, value)
    request.save(update_fields=[*fields, "updated_at"])
    if competences is not None:
        request.competences.set(competences)
    return request


def slot_of(request: Request, wish: SlotWish, rank: int, origin: str = Slot.Origin.WISH) -> Slot:
    """An unsaved slot of the request for this day."""
    return Slot(
        request=request,
        rank=rank,
        origin=origin,
        day=wish.day,
        first_period=wish.first_period,
        last_period=wish.last_period,
        is_school_day=wish.is_school_day,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
    )


def close_ranks(request: Request) -> int:
    """The days still wished for count from 第1希望 again; returns how many. A dropped day keeps the rank it had."""
    wished = request.slots.filter(dropped_at__isnull=True).exclude(origin=Slot.Origin.MOVED).order_by("rank")
    rank = 0
    for rank, slot in enumerate(wished, start=1):
        if slot.rank != rank:
            # From the first on, so that each rank is free when it is taken.
            slot.rank = rank
            slot.save(update_fields=["rank"])
    return rank


@transaction.atomic
def wish_for(
    request: Request, wishes: list[SlotWish], *, by: User, answer_by: dt.date | None, times_note: str = ""
) -> Request:
    """The draft asks for these days, ranked as given."""
    request = _editable(request, by)
    # Slots of a returned request may have been offered before: they are dropped. Nothing can point to those
    # of a request that was never sent, so nobody is asked who does.
    if request.number:
        request.slots.filter(offers__isnull=True).delete()
    else:
        request.slots.all()._raw_delete(request.slots.db)
    request.slots.filter(dropped_at__isnull=True).update(dropped_at=timezone.now())
    Slot.objects.bulk_create(
        [
            slot_of(request, wish, rank, Slot.Origin.WISH if request.entry == Entry.ASKED else Slot.Origin.ARRANGED)
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
    _plan_for(request, request.school, groups)
    return request


def _plan_for(request: Request, school: School, groups: list[GroupWish]) -> None:
    request.planned_groups.filter(school=school).delete()
    PlannedGroup.objects.bulk_create(
        [
            PlannedGroup(
                request=request,
                school=school,
                stage=group.stage,
                grade=group.grade,
                label=group.label,
                expected=group.expected,
            )
            for group in groups
        ]
    )


@transaction.atomic
def take_part(request: Request, school: School, groups: list[GroupWish], *, by: User) -> Request:
    """The lesson is a joint one: so many pupils of this school are expected too. Said again, the new numbers hold."""
    request = _editable(request, by)
    if request.kind != Kind.SCHOOL_VISIT or request.school_id is None:
        raise NotAllowed(_("合同授業にできるのは、学校の出前授業・講演です。"))
    if school.pk == request.school_id:
        raise NotAllowed(_("申し込む学校の人数は「授業の内容」で書いてください。"))
    if school.is_closed:
        raise NotAllowed(_("%(school)sは閉校しています。") % {"school": school.name})
    if not groups:
        raise NotAllowed(_("参加する人数を、学年ごとに1つは書いてください。おおよそでかまいません。"))
    request.participating_schools.add(school)
    _plan_for(request, school, groups)
    return request


@transaction.atomic
def leave_out(request: Request, school: School, *, by: User) -> Request:
    """This school does not take part after all; its expected pupils are no longer counted on."""
    request = _editable(request, by)
    request.participating_schools.remove(school)
    if school.pk != request.school_id:
        request.planned_groups.filter(school=school).delete()
    return request


def what_is_missing(request: Request) -> list[tuple[str, str]]:
    """What must still be written before the request can be sent: (page of the form, sentence)."""
    missing = []
    if not request.contact_phone:
        missing.append(("school", _("日中の電話番号がまだです。")))
    if request.kind == Kind.CONTENT:
        missing += _missing_due_date(request)
    elif request.entry == Entry.ASKED:
        missing += _missing_days(request)
    elif not request.open_slots():
        missing.append(("dates", _("決まった日時がまだです。")))
    if request.kind == Kind.SCHOOL_VISIT:
        if not request.theme or not request.aims:
            missing.append(("lesson", _("授業のテーマとねらいがまだです。")))
        if not request.planned_groups.all():
            missing.append(("lesson", _("参加する人数がまだです。")))
        # The window of intake binds whoever asks here, not what the desk takes down from a call.
        if request.entry == Entry.ASKED and request.channel == Channel.SITE:
            missing += _missing_intake(request)
    elif not request.title or not request.aims:
        missing.append(("lesson", _("名称とお願いしたいことがまだです。")))
    return missing


def _missing_due_date(request: Request) -> list[tuple[str, str]]:
    if request.due_on is None:
        return [("dates", _("納期がまだです。"))]
    if request.due_on < dates.today():
        return [("dates", _("納期が過ぎました。選び直してください。"))]
    return []


def _missing_days(request: Request) -> list[tuple[str, str]]:
    missing = []
    slots = request.open_slots()
    if not slots:
        missing.append(("dates", _("希望日時がまだです。1つは選んでください。")))
    elif past := [slot for slot in slots if slot.is_past]:
        missing.append(("dates", _("%(rank)sの日時は過ぎました。選び直してください。") % {"rank": past[0].rank_words}))
    if not request.answer_by:
        missing.append(("dates", _("回答希望日がまだです。")))
    elif request.answer_by < dates.today():
        missing.append(("dates", _("回答希望日が過ぎました。選び直してください。")))
    return missing


def _missing_intake(request: Request) -> list[tuple[str, str]]:
    rules = current_rules(request.fiscal_year)
    if rules is None:
        year = dates.fiscal_year_name(request.fiscal_year)
        return [("dates", _("%(year)sの受付はまだ始まっていません。") % {"year": year})]
    if not rules.opens_on <= dates.today() <= rules.closes_on:
        return [("dates", intake_closed_words(rules))]
    return []


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
def submit(request: Request, *, by: User, tell: bool = True) -> Request:
    """The desk has the request; the school has a number and a receipt. Sent twice, it is still one request.

    `tell=False` leaves the receipt to the letter about what follows in the same transaction.
    """
    request = locked(request)
    prefetch_related_objects([request], "slots", "planned_groups")
    parties = parties_of(by, request)
    if request.state in SENT and request.number and Party.SCHOOL in parties:
        return request
    if missing := what_is_missing(request):
        raise NotAllowed(missing[0][1])
    # The desk, and whoever speaks for the board, need not ask the board.
    via_board = request.goes_through_board and not parties & {Party.COORDINATOR, Party.BOARD}
    if via_board:
        step(request, "send_to_board", by=by)
    else:
        step(request, "resubmit" if request.state == RequestState.RETURNED else "submit", by=by)
    give_number(request, reaches_desk=not via_board)
    if tell:
        for draft in letters.sent_to_board(request) if via_board else letters.submitted(request):
            post(draft)
    return request


def give_number(request: Request, *, reaches_desk: bool) -> None:
    """A request that leaves its host has a number, and its place in the order of arrival from that moment."""
    now = timezone.now()
    request.number = request.number or _next_number(request.fiscal_year)
    request.place_in_queue_at = request.place_in_queue_at or now
    if reaches_desk:
        request.submitted_at = request.submitted_at or now
    request.save(update_fields=["number", "place_in_queue_at", "submitted_at", "updated_at"])


@transaction.atomic
def pass_on(request: Request, *, by: User, reason: str = "") -> Request:
    """The request goes on to the desk; it keeps the place it had from the moment the school sent it.

    The board decides. The desk may do it in its place when the board's days are over or nobody speaks for it; before
    that day it says how it has made sure.
    """
    request = locked(request)
    parties = parties_of(by, request)
    by_desk = Party.BOARD not in parties
    last_day = request.board_answers_by(current_rules(request.fiscal_year))
    if by_desk and Party.COORDINATOR in parties and not reason.strip() and is_the_boards_turn(request, last_day):
        raise NotAllowed(
            _("%(board)sが確かめる期限は%(day)sです。電話などで確かめたときは、だれに確かめたかを書いてください。")
            % {"board": request.school.board.name, "day": dates.day_words(last_day)}
        )
    step(request, "pass_on", by=by, parties=parties, reason=reason)
    give_number(request, reaches_desk=True)
    for draft in letters.passed_on(request, by_desk=by_desk):
        post(draft)
    return request


def is_the_boards_turn(request: Request, last_day: dt.date | None) -> bool:
    """Whether the board still has time to decide, and somebody who can."""
    return bool(last_day and dates.today() <= last_day and letters.board_people(request))


@transaction.atomic
def waitlist(request: Request, *, by: User, reason: str) -> Request:
    """The request waits its turn; the school learns why and keeps its place."""
    request = locked(request)
    step(request, "waitlist", by=by, reason=reason)
    for draft in letters.waitlisted(request, reason):
        post(draft)
    return request


@transaction.atomic
def take_up(request: Request, *, by: User, tell: bool = True) -> Request:
    """The desk begins to look for an ambassador; the school learns that its request is in hand."""
    request = locked(request)
    step(request, "take_up", by=by)
    if tell:
        for draft in letters.taken_up(request):
            post(draft)
    return request


@transaction.atomic
def hand_back(request: Request, *, by: User, reason: str) -> Request:
    """The school is asked to mend something; it can edit the request again."""
    request = locked(request)
    step(request, "hand_back", by=by, reason=reason)
    for draft in letters.handed_back(request, reason):
        post(draft)
    return request


@transaction.atomic
def throw_away(request: Request, *, by: User) -> None:
    """A draft that was never sent is gone, with its slots and groups."""
    request = _editable(request, by)
    if request.state != RequestState.DRAFT or request.number:
        raise NotAllowed(_("申し込んだあとは「取り下げる」を使ってください。"))
    request.delete()


@transaction.atomic
def hand_over(rows: list[Request], *, to: User, by: User) -> list[Request]:
    """Another person of the same host is the contact from now on: they, those before them and the desk learn it."""
    moved, before = [], {}
    for row in sorted(rows, key=lambda row: row.pk):
        row = locked(row)
        _may_be_handed_to(row, to, by)
        if row.contact_id == to.pk:
            continue
        before[row.pk] = row.contact
        phone = Membership.objects.current().at(row.host).filter(person=to).values_list("phone", flat=True).first()
        row.contact, row.contact_phone = to, phone or row.contact_phone
        row.save(update_fields=["contact", "contact_phone", "updated_at"])
        names = {"from": before[row.pk].get_full_name(), "to": to.get_full_name()}
        log(row, "kakehashi.hand_over", user=by, data={**names, "party": _party_name(by, row)})
        moved.append(row)
    if moved:
        for draft in letters.handed_over(moved, before, to, by):
            post(draft)
    return moved


def _may_be_handed_to(request: Request, to: User, by: User) -> None:
    if not may_name_contact(by, request):
        raise NotAllowed(_("担当者を決められるのは、申込み元の確認済みの方と事務局です。"))
    if request.state not in IN_SOMEBODYS_NAME:
        raise NotAllowed(_("%(request)sは終わっているので、担当者は代えられません。") % {"request": str(request)})
    if not Membership.objects.current().verified().at(request.host).filter(person=to).exists():
        raise NotAllowed(
            _("%(name)sさんは、いま%(host)sの確認済みの担当者ではありません。ほかの人を選んでください。")
            % {"name": to.get_full_name(), "host": request.host_name}
        )


def _party_name(by: User, request: Request) -> str:
    """In whose name somebody does what is no move: the host's where they belong to it, else the desk's."""
    parties = parties_of(by, request)
    return next(party for party in _ORDER_OF_PARTIES if party in parties).value


@transaction.atomic
def note_approval(request: Request, *, by: User, principal_name: str, principal_agreed_on: dt.date | None) -> Request:
    """校長の了承: who has agreed and when; it may come after the request was sent."""
    request = locked(request)
    if not may_note_approval(by, request):
        raise NotAllowed(_("この操作ができるのは学校の担当者です。"))
    if request.state not in IN_SOMEBODYS_NAME:
        raise NotAllowed(_("この申込みは終わっているので、書き加えられません。"))
    if (principal_name, principal_agreed_on) == (request.principal_name, request.principal_agreed_on):
        return request
    request.principal_name, request.principal_agreed_on = principal_name, principal_agreed_on
    request.save(update_fields=["principal_name", "principal_agreed_on", "updated_at"])
    log(request, "kakehashi.note_approval", user=by, data={"party": _party_name(by, request)})
    return request


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
