"""The desk's rooms."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.memberships.rules import colleagues as colleagues_of
from accounts.models import Membership, place_field
from accounts.once import once
from accounts.rules import coordinators_only
from outbox import actions as outbox_actions
from outbox.models import Letter, LetterState
from outreach.ambassadors.models import Ambassador
from outreach.availability import sources
from outreach.desk import queue as lists
from outreach.desk.candidates import candidates
from outreach.desk.forms import OfferForm, RulesForm
from outreach.inquiries.models import Inquiry
from outreach.lives import NotAllowed, Party, TooLate
from outreach.messages.threads import unread_of
from outreach.requests import actions
from outreach.requests.history import history
from outreach.requests.models import Channel, IntakeRules, Kind, Request, Slot, current_rules
from outreach.requests.states import ALIVE, LIFE_OF_A_REQUEST, RequestState
from outreach.requests.views import (
    is_shown,
    planned_groups,
    reason_of_state,
    reason_page,
    refusal_of,
    refused_page,
)
from outreach.schools import actions as school_actions
from outreach.schools.forms import VouchForm
from outreach.schools.places import PREFECTURES, prefecture_choices
from outreach.visits import actions as visit_actions
from outreach.visits.models import Offer, Visit
from outreach.visits.states import OfferState, VisitState
from ui import dates, places
from ui.forms import folded

PAGE_LENGTH = 50
MOST_CANDIDATES = 12
LONGEST_SEARCH = 60

LISTS = {
    "act": lists.requests_needing_an_act,
    "waiting": lists.requests_waiting_for_an_answer,
    "waitlisted": lists.waitlisted_requests,
    "with_board": lists.requests_with_a_board,
    "booked": lists.booked_requests,
    "messages": lists.requests_with_unread_messages,
}


def _tabs(current: str) -> list[dict]:
    counts = lists.counts()
    tabs = (
        ("act", _("対応が要る"), reverse("desk:queue"), counts.act),
        ("waiting", _("返事待ち"), f"{reverse('desk:queue')}?list=waiting", counts.waiting),
        ("waitlisted", _("順番待ち"), f"{reverse('desk:queue')}?list=waitlisted", counts.waitlisted),
        ("with_board", _("教育委員会で確認中"), f"{reverse('desk:queue')}?list=with_board", counts.with_board),
        ("booked", _("決定"), f"{reverse('desk:queue')}?list=booked", counts.booked),
        ("messages", _("未読のメッセージ"), f"{reverse('desk:queue')}?list=messages", counts.messages),
        ("vouch", _("所属の確認"), reverse("desk:memberships"), counts.vouch),
        ("reports", _("報告の確認"), reverse("desk:reports"), counts.reports),
    )
    return [
        {"label": label, "url": url, "count": count, "is_current": name == current} for name, label, url, count in tabs
    ]


@coordinators_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What needs an act, the most urgent first."""
    name = request.GET.get("list") if request.GET.get("list") in LISTS else "act"
    words = folded(request.GET.get("q", "")[:LONGEST_SEARCH])
    prefecture = request.GET.get("prefecture", "")
    prefecture = prefecture if prefecture in PREFECTURES else ""
    is_filtered = bool(words or prefecture)
    tabs = _tabs(name)
    paginator = Paginator(lists.for_the_list(LISTS[name](), words=words, prefecture=prefecture), PAGE_LENGTH)
    if not is_filtered:
        # The tab has counted the same rows already.
        paginator.count = next(tab["count"] for tab in tabs if tab["is_current"])
    page = paginator.get_page(request.GET.get("page"))
    return render(
        request,
        "outreach/desk/queue.html",
        {
            "tabs": tabs,
            "page": page,
            "lines": lists.lines(list(page)),
            "list": name,
            "words": words,
            "prefecture": prefecture,
            "prefectures": prefecture_choices(),
            "is_filtered": is_filtered,
            "drafts": lists.drafts_of(request.user),
            "new_concerns": Inquiry.objects.new().concerns().count(),
        },
    )


def _request(request: HttpRequest, public_id: uuid.UUID) -> Request:
    rows = Request.objects.visible_to(request.user).select_related(
        "school__board", "board", "organisation", "contact", "entered_by"
    )
    return get_object_or_404(rows.prefetch_related("slots"), public_id=public_id)


def _visit_of(row: Request) -> Visit | None:
    """The visit that came of the request so far, with its day and its people."""
    visits = row.visits.exclude(state__in=(VisitState.CANCELLED, VisitState.NOT_HELD)).select_related("slot")
    visit = visits.prefetch_related("participations__ambassador").first()
    if visit is not None:
        visit.request = row
    return visit


def _askable(row: Request, visit: Visit | None) -> list[Slot]:
    """The days ambassadors can be asked about now: those still wished for, or the fixed one."""
    slots = [visit.slot] if visit and visit.slot else row.open_slots()
    return [slot for slot in slots if not slot.is_past]


@coordinators_only
@require_safe
def show(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything the desk needs to decide about one request."""
    row = _request(request, public_id)
    if row.state == RequestState.DRAFT:
        return redirect("desk:write", row.public_id, "dates")
    return _show(request, row, _visit_of(row))


def _show(
    request: HttpRequest,
    row: Request,
    visit: Visit | None,
    offer_form: OfferForm | None = None,
    status: int = 200,
    late: str = "",
) -> HttpResponse:
    """`late` says what happened when somebody was faster; the candidates below are fresh."""
    buttons = [move.verb for move in LIFE_OF_A_REQUEST.buttons(row, {Party.COORDINATOR})]
    words = folded(request.GET.get("q", "")[:LONGEST_SEARCH])
    slots = _askable(row, visit)
    may_ask = row.state == RequestState.OPEN and (row.kind == Kind.CONTENT or bool(slots))
    present = {person.pk for person in visit.present_ambassadors} if visit else set()
    found = candidates(row, words=words, slots=slots) if may_ask else []
    found = [candidate for candidate in found if candidate.ambassador.pk not in present]
    if may_ask and offer_form is None:
        offer_form = OfferForm(request=row, slots=slots, initial=OfferForm.initial_of(slots, request.GET))
    chosen = str(offer_form["ambassador"].value() or "") if may_ask else ""
    able = [c for c in found if c.can_be_asked]
    at_limit = [c for c in found if c.needs_a_reason]
    shown = able[:MOST_CANDIDATES] + at_limit[:MOST_CANDIDATES]
    # Whoever was chosen on the page before stays in sight, however long the list.
    shown += [c for c in able + at_limit if str(c.ambassador.public_id) == chosen and c not in shown]
    others = [c for c in found if not c.can_be_asked and not c.needs_a_reason]
    offers = row.offers.select_related("ambassador").prefetch_related("slots", "could_do")
    membership = Membership.objects.current().filter(person=row.contact, school=row.school).first()
    return render(
        request,
        "outreach/desk/request.html",
        {
            "asked": row,
            "slots": [slot for slot in row.slots.all() if is_shown(slot, visit)],
            "groups": planned_groups(row),
            "buttons": buttons,
            "competences": row.competences.all(),
            "membership": membership if row.channel == Channel.SITE else None,
            "is_known": row.contact_is_verified,
            "contact_has_left": row.state in ALIVE and row.contact_has_left,
            "may_name_contact": row.state in ALIVE and row.host is not None,
            "is_written_down": row.channel != Channel.SITE,
            "is_ours": row.contact_id == row.entered_by_id and row.channel != Channel.SITE,
            "may_change_dates": row.kind != Kind.CONTENT
            and refusal_of(LIFE_OF_A_REQUEST, row, "add_dates", {Party.COORDINATOR}) is None,
            "may_ask": may_ask,
            "late": late,
            "offer_form": offer_form,
            "offers": [_offer_line(offer, slots if may_ask else []) for offer in offers],
            "words": words,
            "chosen": chosen,
            "candidates": shown,
            "candidate_count": len(able),
            "able_shown": len([c for c in shown if c.can_be_asked]),
            "has_limits": bool(at_limit),
            "others": others[:MOST_CANDIDATES],
            "other_count": len(others),
            "board_answers_by": row.board_answers_by(current_rules(row.fiscal_year)),
            "is_the_boards_turn": actions.is_the_boards_turn(row, row.board_answers_by(current_rules(row.fiscal_year))),
            "visit": visit,
            "unread": unread_of(visit, [Party.COORDINATOR]) if visit else 0,
            "coming": len(visit.present_ambassadors) if visit else 0,
            "asked_now": sum(1 for offer in offers if offer.state == OfferState.SENT and not offer.is_over),
            "still_wanted": visit.places_free if visit else 0,
            "last_reason": reason_of_state(row),
            "steps": history(row, see_names=True),
        },
        status=status,
    )


def _offer_line(offer: Offer, slots: list[Slot]) -> dict[str, Any]:
    """One question put to somebody, and the address that asks them about the days they named instead."""
    could_do = sorted((slot for slot in offer.could_do.all() if slot in slots), key=lambda slot: slot.rank)
    ask = [("ambassador", offer.ambassador.public_id), *(("slots", slot.public_id) for slot in could_do)]
    return {"offer": offer, "could_do": could_do, "ask": urlencode(ask) if could_do else ""}


def _moved(request: HttpRequest, row: Request, act: Callable[[], Any], done: str) -> HttpResponse:
    """Say a verb that needs no words; whoever was slower is told so."""
    back = reverse("desk:request", args=[row.public_id])
    try:
        act()
    except TooLate as refusal:
        return refused_page(request, refusal, back=back)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(back)


@coordinators_only
@require_POST
def take_up(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk begins to look for an ambassador."""
    row = _request(request, public_id)
    return _moved(
        request,
        row,
        lambda: actions.take_up(row, by=request.user),
        _("調整を始めました。打診する推進大使を選んでください。"),
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def pass_on(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk takes the request over: at once when the board's days are over, before with a word of how it made sure."""
    row = _request(request, public_id)
    if refused := _refusal_page(request, row, "pass_on"):
        return refused
    back = reverse("desk:request", args=[row.public_id])
    done = _("事務局が受け付けました。学校と教育委員会にメールで伝えました。")
    last_day = row.board_answers_by(current_rules(row.fiscal_year))
    if not actions.is_the_boards_turn(row, last_day):
        if request.method == "POST":
            return _moved(request, row, lambda: actions.pass_on(row, by=request.user), done)
        return redirect(back)
    return reason_page(
        request,
        title=_("教育委員会に代わって受け付ける"),
        button=_("受け付ける"),
        back=back,
        lead=_("%(board)sが確かめる期限は%(day)sです。電話などで、いつ、だれに確かめたかを書いてください。")
        % {"board": row.school.board.name, "day": dates.day_words(last_day)},
        act=lambda reason: actions.pass_on(row, by=request.user, reason=reason),
        about=row,
        done=done,
    )


@coordinators_only
@require_POST
def settle(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Those who have accepted are enough."""
    row = _request(request, public_id)
    return _moved(
        request,
        row,
        lambda: visit_actions.settle(row, by=request.user),
        _("この人数で決めました。学校と推進大使にメールで伝えました。"),
    )


@coordinators_only
@require_POST
def offer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One ambassador is asked, after a look at the calendars that they keep elsewhere."""
    # Outside of any transaction: servers elsewhere are asked.
    sources.refresh_before_booking(Ambassador.objects.filter(public_id__in=_named(request)))
    return _offer(request, public_id)


def _named(request: HttpRequest) -> list[uuid.UUID]:
    """Whom the form names, whether or not they can be asked."""
    try:
        return [uuid.UUID(request.POST.get("ambassador", ""))]
    except ValueError:
        return []


@once
def _offer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    row = _request(request, public_id)
    visit = _visit_of(row)
    if row.state != RequestState.OPEN:
        words = (
            _("訪問が決まったので、もう打診できません。")
            if row.state == RequestState.BOOKED
            else _("いまは「%(state)s」なので打診できません。") % {"state": row.get_state_display()}
        )
        return _show(request, row, visit, status=409, late=words)
    form = OfferForm(request.POST, request=row, slots=_askable(row, visit))
    if form.is_valid():
        data = form.cleaned_data
        try:
            visit_actions.send_offer(
                row,
                by=request.user,
                ambassador=data["ambassador"],
                slots=list(data.get("slots", ())),
                message=data["message"],
                expires_at=form.expires_at(),
                buffers=form.buffers,
                override_reason=data["override_reason"],
                form_key=data["form_key"],
            )
        except TooLate as refusal:
            row = _request(request, public_id)
            return _show(request, row, _visit_of(row), form, status=409, late=str(refusal))
        except NotAllowed as refusal:
            form.add_error(*_where(form, row, visit, str(refusal)))
        else:
            messages.success(
                request, _("%(name)sさんに打診しました。返事を待ちます。") % {"name": data["ambassador"].name}
            )
            return redirect("desk:request", row.public_id)
    return _show(request, row, visit, form, status=422)


def _where(form: OfferForm, row: Request, visit: Visit | None, words: str) -> tuple[str | None, str]:
    """A refusal that a reason would lift stands beside the reason, any other above the form."""
    data = form.cleaned_data
    if not data["override_reason"]:
        found = visit_actions.obstacle(data["ambassador"], row, data.get("slots", ()), form.buffers)
        if found and found.can_be_lifted:
            return "override_reason", _("%(words)s打診するときは、理由を書いてください。") % {"words": words}
    return None, words


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def retract(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk takes a question back."""
    row = get_object_or_404(
        Offer.objects.visible_to(request.user).select_related("request", "ambassador__user"), public_id=public_id
    )
    return reason_page(
        request,
        title=_("打診を取り消す"),
        button=_("打診を取り消す"),
        back=reverse("desk:request", args=[row.request.public_id]),
        lead=_("%(name)sさんにメールで伝わり、確保していた時間は空きます。") % {"name": row.ambassador.name},
        act=lambda reason: visit_actions.retract(row, by=request.user, reason=reason),
        about=row.request,
        done=_("打診を取り消しました。"),
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def hand_back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The school is asked to mend its request."""
    row = _request(request, public_id)
    return _refusal_page(request, row, "hand_back") or reason_page(
        request,
        title=_("申込みの修正をお願いする"),
        button=_("修正をお願いする"),
        back=reverse("desk:request", args=[row.public_id]),
        lead=_("学校の担当者に、書いた内容がメールで届きます。"),
        act=lambda reason: actions.hand_back(row, by=request.user, reason=reason),
        about=row,
        done=_("学校に修正をお願いしました。"),
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk cannot serve this request now."""
    row = _request(request, public_id)
    return _refusal_page(request, row, "decline") or reason_page(
        request,
        title=_("今回は見送る"),
        button=_("見送りを伝える"),
        back=reverse("desk:request", args=[row.public_id]),
        lead=_("学校の担当者に、理由がメールで届きます。待っている打診は取り消されます。"),
        act=lambda reason: visit_actions.decline_request(row, by=request.user, reason=reason),
        about=row,
        done=_("学校に見送りを伝えました。"),
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def waitlist(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The request waits its turn."""
    row = _request(request, public_id)
    return _refusal_page(request, row, "waitlist") or reason_page(
        request,
        title=_("順番待ちにする"),
        button=_("順番待ちにする"),
        back=reverse("desk:request", args=[row.public_id]),
        lead=_("学校の担当者に、理由がメールで届きます。受付の順番は変わりません。"),
        act=lambda reason: actions.waitlist(row, by=request.user, reason=reason),
        about=row,
        done=_("順番待ちにしました。学校に伝えました。"),
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def unmatch(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Nobody was found for the wished days."""
    row = _request(request, public_id)
    return _refusal_page(request, row, "unmatch") or reason_page(
        request,
        title=_("不成立にする"),
        button=_("不成立を伝える"),
        back=reverse("desk:request", args=[row.public_id]),
        lead=_(
            "学校の担当者に、理由がメールで届きます。待っている打診は取り消されます。学校は、別の日時でもう一度申し込めます。"
        ),
        act=lambda reason: visit_actions.unmatch(row, by=request.user, reason=reason),
        about=row,
        done=_("学校に、推進大使が見つからなかったことを伝えました。"),
    )


def _refusal_page(request: HttpRequest, row: Request, verb: str) -> HttpResponse | None:
    """What cannot be done now is said before anybody writes a reason for it."""
    refusal = refusal_of(LIFE_OF_A_REQUEST, row, verb, {Party.COORDINATOR})
    if refusal is None:
        return None
    if request.method == "POST":
        return refused_page(request, refusal, back=reverse("desk:request", args=[row.public_id]))
    messages.info(request, str(refusal))
    return redirect("desk:request", row.public_id)


@coordinators_only
@require_safe
def memberships(request: HttpRequest) -> HttpResponse:
    """People whom nobody has vouched for yet; with words, everybody who belongs somewhere and fits them."""
    words = folded(request.GET.get("q", "")[:LONGEST_SEARCH])
    rows = lists.memberships_found(words) if words else lists.memberships_to_vouch_for()
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(request, "outreach/desk/memberships.html", {"tabs": _tabs("vouch"), "page": page, "words": words})


def _requests_of(membership: Membership) -> QuerySet[Request]:
    """What the person asks for in the name of that place."""
    place = membership.place
    if place is None:
        return Request.objects.none()
    return Request.objects.filter(contact=membership.person, **{place_field(place): place})


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def membership(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Vouch for one person, with a note of how it was made sure."""
    row = get_object_or_404(
        Membership.objects.select_related("person", "school", "board", "organisation", "verified_by", "ended_by"),
        public_id=public_id,
    )
    form = VouchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            school_actions.vouch(row, by=request.user, how=form.cleaned_data["how"], note=form.cleaned_data["note"])
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)sさんの所属を確認しました。") % {"name": row.person.get_full_name()})
            waiting = _requests_of(row).filter(state__in=ALIVE).order_by("created_at").first()
            return redirect("desk:request", waiting.public_id) if waiting else redirect("desk:memberships")
    return render(
        request,
        "outreach/desk/membership.html",
        {
            "membership": row,
            "form": form,
            "is_current": Membership.objects.current().filter(pk=row.pk).exists(),
            "requests": _requests_of(row).filter(pk__in=Request.objects.visible_to(request.user).values("pk"))[:10],
            "colleagues": [
                colleague.person
                for colleague in colleagues_of(row).filter(verified_at__isnull=False)[:10]
                if row.place is not None
            ],
        },
    )


@coordinators_only
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Reports that wait to be verified, oldest first."""
    page = Paginator(lists.reports_to_verify(), PAGE_LENGTH).get_page(request.GET.get("page"))
    lines = [
        {
            "visit": visit,
            "expected": visit.request.people_expected or visit.request.pupils_expected,
            "present": next((report.people or report.present for report in visit.reports.all()), 0),
        }
        for visit in page
    ]
    return render(
        request,
        "outreach/desk/reports.html",
        {
            "tabs": _tabs("reports"),
            "page": page,
            "lines": lines,
            "overdue": list(lists.reports_overdue()[:PAGE_LENGTH]),
            "days": visit_actions.REMINDER_DAYS[-1],
            "may_verify": lists.may_verify_now(request.user),
        },
    )


@coordinators_only
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """What waits in the outbox and what has left; letters with secrets only in the invented world."""
    rows = Letter.objects.open_to_staff(is_demo=bool(places.is_demo.first()))
    given_up = rows.given_up().count()
    state = request.GET.get("state", "")
    if state in LetterState.values:
        rows = rows.filter(state=state)
    words = folded(request.GET.get("q", "")[:60])
    if words:
        rows = rows.filter(Q(to_address__icontains=words) | Q(subject__icontains=words))
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(
        request,
        "outreach/desk/letters.html",
        {"page": page, "states": LetterState.choices, "state": state, "words": words, "given_up": given_up},
    )


@coordinators_only
@require_safe
def letter(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One letter as it is read."""
    row = get_object_or_404(Letter.objects.open_to_staff(is_demo=bool(places.is_demo.first())), public_id=public_id)
    return render(request, "outreach/desk/letter.html", {"letter": row})


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """How requests are taken this fiscal year; a change is a new version."""
    year = dates.fiscal_year_of(dates.today())
    form = RulesForm(request.POST or None, initial=RulesForm.initial_of(current_rules(year)))
    if request.method == "POST" and form.is_valid():
        made = actions.set_rules(by=request.user, fiscal_year=year, **form.cleaned_data)
        messages.success(
            request, _("きまりを改めました（第%(version)s版）。すぐに使われます。") % {"version": made.version}
        )
        return redirect("desk:rules")
    versions = IntakeRules.objects.filter(fiscal_year=year).select_related("made_by").order_by("-version")[:20]
    return render(request, "outreach/desk/rules.html", {"form": form, "versions": versions, "year": year})


@coordinators_only
@require_POST
def send_again(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A letter that was given up goes out anew; the address has been put right, or the server has come to its senses."""
    row = get_object_or_404(Letter.objects.open_to_staff(is_demo=bool(places.is_demo.first())), public_id=public_id)
    if outbox_actions.send_again(row, by=request.user):
        messages.success(request, _("もう一度送ります。数分のうちに出ます。"))
    elif row.is_secret:
        messages.error(
            request, _("コードなどの秘密を含むメールは送り直せません。本人に、手続きをもう一度するよう伝えてください。")
        )
    else:
        messages.info(request, _("このメールは、すでに送信済みか、送信を待っているところです。"))
    return redirect("desk:letter", public_id=row.public_id)
