"""Answering an offer, the page of a visit, another day for it, the report, and the wished days of a request."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.once import once
from outreach.ambassadors import conduct
from outreach.ambassadors.models import CodeOfConduct
from outreach.ambassadors.rules import spoken_for
from outreach.availability.models import Hold
from outreach.lives import NotAllowed, Party, TooLate
from outreach.requests.forms import DueDateForm, MoreDatesForm, ReopenForm
from outreach.requests.history import history
from outreach.requests.models import Kind, Request
from outreach.requests.rules import parties_of
from outreach.requests.states import LIFE_OF_A_REQUEST
from outreach.requests.views import planned_groups, reason_page, refusal_of, refused_page
from outreach.visits import actions
from outreach.visits.forms import AcceptForm, CommentForm, DeclineForm, MoveForm, RefuseForm, ReportForm
from outreach.visits.models import Offer, Reschedule, Visit
from outreach.visits.rules import parties_of_offer, parties_of_visit
from outreach.visits.states import (
    LIFE_OF_A_RESCHEDULE,
    LIFE_OF_A_VISIT,
    LIFE_OF_AN_OFFER,
    OfferState,
    RescheduleState,
    VisitState,
    time_is_not_held,
)
from ui.dates import today
from ui.words import listed

TOKYO = "Asia/Tokyo"


def _offer(request: HttpRequest, public_id: uuid.UUID) -> Offer:
    rows = Offer.objects.visible_to(request.user).select_related(
        "request__school", "request__board", "request__organisation", "ambassador__user"
    )
    return get_object_or_404(rows, public_id=public_id)


def _visit(request: HttpRequest, public_id: uuid.UUID) -> Visit:
    rows = (
        Visit.objects.visible_to(request.user)
        .select_related(
            "request__contact", "request__school", "request__board", "request__organisation", "school", "slot"
        )
        .prefetch_related("participations__ambassador__user")
    )
    return get_object_or_404(rows, public_id=public_id)


# ── an offer ──────────────────────────────────────────────────────────────────
@login_required
@require_safe
def offer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The question put to one ambassador: what, where, when, until when to answer."""
    return _show_offer(request, _offer(request, public_id))


def _confirmed_by_others(row: Offer) -> Visit | None:
    """The visit that came of the request so far, with its day and its people."""
    visits = row.request.visits.exclude(state__in=(VisitState.CANCELLED, VisitState.NOT_HELD))
    return visits.select_related("slot", "request").prefetch_related("participations__ambassador").first()


def _other_days(row: Offer, visit: Visit | None) -> list:
    """Days on which this ambassador could come instead; none once the day is fixed."""
    return [] if visit or row.state != OfferState.SENT or row.without_slots else actions.other_days(row)


def _show_offer(
    request: HttpRequest,
    row: Offer,
    accept_form: AcceptForm | None = None,
    decline_form: DeclineForm | None = None,
    status: int = 200,
) -> HttpResponse:
    visit = _confirmed_by_others(row)
    is_mine = bool(visit) and any(p.offer_id == row.pk and not p.left_at for p in visit.participations.all())
    may_answer = (
        Party.AMBASSADOR in parties_of_offer(request.user, row)
        and refusal_of(LIFE_OF_AN_OFFER, row, "accept", {Party.AMBASSADOR}) is None
    )
    if may_answer:
        accept_form = accept_form or AcceptForm(offer=row, visit=visit)
        decline_form = decline_form or DeclineForm(offer=row, other_days=_other_days(row, visit))
    return render(
        request,
        "outreach/visits/offer.html",
        {
            "offer": row,
            "asked": row.request,
            "slots": row.slots.order_by("rank"),
            "may_answer": may_answer,
            "for_other": may_answer and row.ambassador.user_id != request.user.pk,
            "has_accepted_code": not may_answer or conduct.has_accepted(row.ambassador),
            "groups": planned_groups(row.request),
            "competences": row.request.competences.all(),
            "accept_form": accept_form,
            "decline_form": decline_form,
            "visit": visit if is_mine else None,
            "fixed": None if is_mine else visit,
            "coming": len(visit.present_ambassadors) if visit else 0,
        },
        status=status,
    )


def _answered_too_late(request: HttpRequest, row: Offer, verb: str) -> HttpResponse | None:
    """The question has ended, by somebody's hand or by the clock: whatever was written in the form, it is too late."""
    refusal = refusal_of(LIFE_OF_AN_OFFER, row, verb, {Party.AMBASSADOR})
    return _offer_too_late(request, row, TooLate(str(refusal))) if refusal else None


def _offer_too_late(request: HttpRequest, row: Offer, refusal: TooLate) -> HttpResponse:
    """What became of this question, and which others still wait for the same person."""
    ended = row.steps.filter(subject="offer", verb__in=("lapse", "retract")).order_by("-at", "-pk").first()
    others = Offer.objects.waiting().filter(ambassador=row.ambassador).exclude(pk=row.pk)
    others = others.select_related("request__school", "request__board", "request__organisation")
    return refused_page(
        request,
        refusal,
        back=row.get_absolute_url(),
        reason=ended.reason if ended else "",
        offers=others.prefetch_related("slots").order_by("expires_at")[:10],
        asks_offers=True,
    )


@login_required
@require_POST
@once
def accept(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The ambassador says yes to one of the days."""
    row = _offer(request, public_id)
    if Party.AMBASSADOR not in parties_of_offer(request.user, row):
        raise PermissionDenied
    if row.state == OfferState.ACCEPTED and (booked := row.request.visits.filter(participations__offer=row).first()):
        return redirect(booked)  # pressed twice: the first press booked it
    if (late := _answered_too_late(request, row, "accept")) is not None:
        return late
    form = AcceptForm(request.POST, offer=row, visit=_confirmed_by_others(row))
    if form.is_valid():
        if (code := _code_to_accept(request, row)) is not None:
            return _ask_for_conduct(request, row, code, form)
        chosen = form.cleaned_data
        try:
            visit = actions.accept(row, by=request.user, slot=chosen.get("slot"), note=chosen["note"])
        except TooLate as refusal:
            return _offer_too_late(request, row, refusal)
        except NotAllowed as refusal:
            return refused_page(request, refusal, back=row.get_absolute_url())
        messages.success(request, _("引き受けました。学校と事務局にメールで伝えました。"))
        return redirect(visit)
    return _show_offer(request, row, accept_form=form, status=422)


def _code_to_accept(request: HttpRequest, row: Offer) -> CodeOfConduct | None:
    """This year's code of conduct when it must be accepted first; the form may carry the acceptance with it."""
    person = row.ambassador
    if person.user_id != request.user.pk or conduct.has_accepted(person):
        return None  # an assistant cannot accept it; the verb says what to do
    code = conduct.present_code()
    if request.POST.get("accepts_code") == str(code.pk):
        conduct.accept_code(person, by=request.user, code=code)
        return None
    return code


def _ask_for_conduct(request: HttpRequest, row: Offer, code: CodeOfConduct, form: AcceptForm) -> HttpResponse:
    """The text and one button that accepts both; the offer stays open, and the chosen day and the note go along."""
    return render(
        request,
        "outreach/visits/conduct_first.html",
        {"offer": row, "asked": row.request, "code": code, "year": today(), "form": form},
        status=422,
    )


@login_required
@require_POST
@once
def decline(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The ambassador cannot come this time."""
    row = _offer(request, public_id)
    if Party.AMBASSADOR not in parties_of_offer(request.user, row):
        raise PermissionDenied
    if (late := _answered_too_late(request, row, "decline")) is not None:
        return late
    form = DeclineForm(request.POST, offer=row, other_days=_other_days(row, _confirmed_by_others(row)))
    if form.is_valid():
        could_do = form.cleaned_data.get("could_do", ())
        try:
            actions.decline(row, by=request.user, note=form.cleaned_data["note"], could_do=could_do)
        except TooLate as refusal:
            return _offer_too_late(request, row, refusal)
        except NotAllowed as refusal:
            return refused_page(request, refusal, back=row.get_absolute_url())
        messages.success(request, _("見送りを事務局に伝えました。確保していた時間は空きました。"))
        return redirect("my")
    return _show_offer(request, row, decline_form=form, status=422)


@login_required
@require_safe
def show(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The page of a visit: when, where, who, whose turn."""
    return _show_visit(request, _visit(request, public_id))


def buttons_of(row: Visit, parties: set[Party]) -> list[str]:
    """What these parties may do now; an ambassador beside others leaves, and does not cancel for them."""
    verbs = [move.verb for move in LIFE_OF_A_VISIT.buttons(row, parties)]
    if parties == {Party.AMBASSADOR} and len(row.present_ambassadors) > 1:
        verbs = [verb for verb in verbs if verb != "cancel"]
    return verbs


def _show_visit(
    request: HttpRequest, row: Visit, refuse_form: RefuseForm | None = None, status: int = 200
) -> HttpResponse:
    parties = parties_of_visit(request.user, row)
    is_party = bool(parties)
    reports = list(row.reports.prefetch_related("groups__school").order_by("-version")) if is_party else []
    report = reports[0] if reports else row.reports.prefetch_related("groups__school").order_by("-version").first()
    is_staff = Party.COORDINATOR in parties
    ambassadors = row.present_ambassadors
    own = spoken_for(request.user, ambassadors)
    missing = max(0, row.request.ambassadors_wanted - len(ambassadors))
    return render(
        request,
        "outreach/visits/show.html",
        {
            "visit": row,
            "asked": row.request,
            "participations": [p for p in row.participations.all() if p.left_at is None],
            "names": listed(_("%(name)sさん") % {"name": person.name} for person in ambassadors),
            "coming": len(ambassadors),
            "still_wanted": missing if row.state == VisitState.CONFIRMED and not row.is_over else 0,
            "report": report,
            "older_reports": reports[1:],
            "may_verify": is_staff and actions.may_verify(request.user, row),
            "may_see_contacts": is_party and row.state in actions.CONTACTS_OPEN,
            "is_party": is_party,
            "is_staff": is_staff,
            "is_school": Party.SCHOOL in parties,
            "is_ambassador": any(person.user_id == request.user.pk for person in own),
            "own": own,
            "home_zone": _home_zone(own),
            "buttons": buttons_of(row, parties),
            "groups": planned_groups(row.request) if is_party else [],
            "steps": history(row.request, see_names=is_staff, hide_offers=not is_staff) if is_party else [],
            "last_reason": _reason_of_state(row),
            "comment_form": CommentForm(initial={"comment": report.ambassador_comment})
            if report and Party.AMBASSADOR in parties and row.state in ("reported", "returned")
            else None,
            "proposal": _shown_proposal(request, row, parties) if is_party else None,
            "refuse_form": refuse_form or RefuseForm(),
            "may_propose": is_party and _refusal_to_propose(row) is None,
        },
        status=status,
    )


def _home_zone(own: list) -> str:
    """The zone of somebody abroad, who reads each time twice; "" in Japan."""
    return next((person.time_zone for person in own if person.time_zone != TOKYO), "")


def _reason_of_state(row: Visit) -> str:
    """The words with which the visit came into its present state."""
    led_here = row.steps.filter(subject="visit", to_state=row.state).exclude(from_state=row.state)
    return led_here.order_by("-at", "-pk").values_list("reason", flat=True).first() or ""


# ── another day ───────────────────────────────────────────────────────────────
def _shown_proposal(request: HttpRequest, row: Visit, parties: set[Party]) -> dict[str, Any] | None:
    """The proposal that is open, or has just run out: both times, who has agreed, and what this person may do."""
    reschedule = (
        row.reschedules.filter(state=RescheduleState.OPEN)
        .select_related("slot", "old_slot")
        .prefetch_related("agreed")
        .first()
    )
    if reschedule is None or row.state != VisitState.CONFIRMED:
        return None
    reschedule.visit = row
    missing = reschedule.still_asked()
    speaks_for_school = None in missing and Party.SCHOOL in parties
    own_word_is_missing = speaks_for_school or bool(spoken_for(request.user, [one for one in missing if one]))
    verbs = [move.verb for move in LIFE_OF_A_RESCHEDULE.buttons(reschedule, parties)]
    if not own_word_is_missing:
        verbs = [verb for verb in verbs if verb not in {"agree", "refuse"}]
    if reschedule.is_over or (Party.COORDINATOR not in parties and reschedule.proposed_for not in parties):
        verbs = [verb for verb in verbs if verb != "withdraw"]
    sides = [(_("学校"), None), *((person.name, person) for person in row.present_ambassadors)]
    return {
        "row": reschedule,
        "by": Party(reschedule.proposed_for).label,
        "answers": [{"name": name, "has_agreed": side not in missing} for name, side in sides],
        "waits_for": listed(name for name, side in sides if side in missing),
        "verbs": verbs,
    }


def _refusal_to_propose(row: Visit) -> NotAllowed | None:
    if row.state != VisitState.CONFIRMED:
        return TooLate(_("訪問は「%(state)s」です。日時は変えられません。") % {"state": row.state_words})
    if words := time_is_not_held(row):
        return NotAllowed(words)
    if row.reschedules.waiting().exists():
        return TooLate(_("日時変更の相談がもう出ています。先にその返事をしてください。"))
    return None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def move(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Ask everybody for another day; the visit stays where it is until all have agreed."""
    row = _visit(request, public_id)
    if not parties_of_visit(request.user, row):
        raise Http404
    if refusal := _refusal_to_propose(row):
        if request.method == "POST":
            return refused_page(request, refusal, back=row.get_absolute_url())
        messages.info(request, str(refusal))
        return redirect(row)
    form = MoveForm(request.POST or None, visit=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.propose(row, by=request.user, wish=form.wishes[0], reason=form.cleaned_data["reason"])
        except TooLate as refusal:
            return refused_page(request, refusal, back=row.get_absolute_url(), again=request.path)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("日時の変更を相談しました。全員が同意すると変わります。それまでは元の日時のままです。")
            )
            return redirect(row)
    own = spoken_for(request.user, row.present_ambassadors)
    return render(
        request,
        "outreach/visits/move.html",
        {
            "visit": row,
            "asked": row.request,
            "form": form,
            "slots": list(form.slot_fields()),
            "home_zone": _home_zone(own),
        },
        status=422 if request.method == "POST" else 200,
    )


def _proposal(row: Visit, proposal: uuid.UUID) -> Reschedule:
    found = get_object_or_404(row.reschedules.select_related("slot", "old_slot"), public_id=proposal)
    found.visit = row
    return found


def _answer(request: HttpRequest, row: Visit, act: Any) -> HttpResponse:
    """Say one's word about a proposal; somebody may have been faster, or the clock."""
    try:
        done = act()
    except TooLate as refusal:
        return refused_page(request, refusal, back=row.get_absolute_url())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(row)


@login_required
@require_POST
def agree(request: HttpRequest, public_id: uuid.UUID, proposal: uuid.UUID) -> HttpResponse:
    """The new day suits this side; with the last word the visit moves."""
    row = _visit(request, public_id)
    found = _proposal(row, proposal)

    def act() -> str:
        made = actions.agree(found, by=request.user)
        if made.state == RescheduleState.AGREED:
            return _("全員が同意しました。訪問の日時が変わりました。")
        return _("同意を伝えました。ほかの人の返事を待っています。")

    return _answer(request, row, act)


@login_required
@require_POST
def refuse(request: HttpRequest, public_id: uuid.UUID, proposal: uuid.UUID) -> HttpResponse:
    """The new day does not suit this side: the visit stays where it was."""
    row = _visit(request, public_id)
    found = _proposal(row, proposal)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _show_visit(request, row, refuse_form=form, status=422)

    def act() -> str:
        actions.refuse(found, by=request.user, note=form.cleaned_data["note"])
        return _("元の日時のままにすることを、相手と事務局に伝えました。")

    return _answer(request, row, act)


@login_required
@require_POST
def withdraw_move(request: HttpRequest, public_id: uuid.UUID, proposal: uuid.UUID) -> HttpResponse:
    """Whoever asked for another day asks no longer."""
    row = _visit(request, public_id)
    found = _proposal(row, proposal)

    def act() -> str:
        actions.withdraw_proposal(found, by=request.user)
        return _("相談を取り消しました。訪問は元の日時のままです。")

    return _answer(request, row, act)


# ── the day and the report ────────────────────────────────────────────────────
def _act(request: HttpRequest, row: Visit, act, done: str, then: str = "") -> HttpResponse:
    try:
        act()
    except TooLate as refusal:
        return refused_page(request, refusal, back=row.get_absolute_url())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
        if then:
            return redirect(then)
    return redirect(row)


@login_required
@require_POST
def deliver(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Somebody who was there says the lesson took place."""
    row = _visit(request, public_id)
    return _act(request, row, lambda: actions.deliver(row, by=request.user), _("実施したことを記録しました。"))


@login_required
@require_POST
def undo_deliver(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """It was said by mistake that the lesson took place."""
    row = _visit(request, public_id)
    return _act(request, row, lambda: actions.undo_deliver(row, by=request.user), _("実施の記録を取り消しました。"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def not_held(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The day passed and nothing took place; the request can be given new dates."""
    row = _visit(request, public_id)
    if (led := _not_now(request, row, "not_held")) is not None:
        return led
    return reason_page(
        request,
        title=_("実施しなかったことを伝える"),
        button=_("実施しなかった"),
        back=row.get_absolute_url(),
        lead=_("活動の数には入りません。申込みは調整に戻り、希望日時を加えると、もう一度推進大使を探せます。"),
        act=lambda reason: actions.not_held(row, by=request.user, reason=reason),
        done=_("実施しなかったことを、相手と事務局に伝えました。"),
    )


def _not_now(request: HttpRequest, row: Visit, verb: str) -> HttpResponse | None:
    """A stranger to the visit meets 404; a party for whom the verb is not open now is led back with a word why."""
    parties = parties_of_visit(request.user, row)
    if not parties:
        raise Http404
    if verb in buttons_of(row, parties):
        return None
    refusal = refusal_of(LIFE_OF_A_VISIT, row, verb, parties)
    if request.method == "POST" and isinstance(refusal, TooLate):
        return refused_page(request, refusal, back=row.get_absolute_url())
    words = str(refusal or _("ほかの推進大使も担当です。来られないときは「担当を外れる」を選んでください。"))
    messages.info(request, words)
    return redirect(row)


def _named_ambassador(request: HttpRequest, row: Visit) -> Any:
    """The ambassador whom the address or the form names; None when it names nobody."""
    named = request.POST.get("who") or request.GET.get("who")
    if not named:
        return None
    found = next((person for person in row.present_ambassadors if str(person.public_id) == named), None)
    if found is None:
        raise Http404
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One ambassador comes no longer; the visit goes on with the others."""
    row = _visit(request, public_id)
    if (led := _not_now(request, row, "leave")) is not None:
        return led
    ambassador = _named_ambassador(request, row)
    own = spoken_for(request.user, row.present_ambassadors)
    if ambassador is None and len(own) == 1:
        ambassador = own[0]
    if ambassador is None:
        messages.info(request, _("外れる推進大使を、訪問のページで選んでください。"))
        return redirect(row)
    is_own = ambassador in own
    if not is_own and not request.user.is_coordinator:
        raise PermissionDenied
    return reason_page(
        request,
        title=_("担当を外れる") if is_own else _("%(name)sさんの担当を外す") % {"name": ambassador.name},
        button=_("担当を外れる") if is_own else _("担当から外す"),
        back=row.get_absolute_url(),
        lead=_("訪問は、ほかの担当の推進大使で行います。学校、ほかの推進大使、事務局にメールで伝わります。"),
        act=lambda reason: actions.leave(row, by=request.user, reason=reason, ambassador=ambassador),
        done=_("担当を外れました。確保していた時間は空きました。") if is_own else _("担当から外しました。"),
        then="my" if is_own and not request.user.is_coordinator else "",
        hidden={"who": ambassador.public_id},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk looks for somebody in an ambassador's place, who stays until somebody is found."""
    row = _visit(request, public_id)
    if not request.user.is_coordinator:
        raise PermissionDenied
    if (led := _not_now(request, row, "replace")) is not None:
        return led
    ambassador = _named_ambassador(request, row)
    if ambassador is None:
        messages.info(request, _("交代を探す推進大使を、訪問のページで選んでください。"))
        return redirect(row)
    return reason_page(
        request,
        title=_("%(name)sさんの交代を探す") % {"name": ambassador.name},
        button=_("交代を探す"),
        back=row.get_absolute_url(),
        lead=_("訪問は決まったままです。打診した人が引き受けたときに交代し、学校と推進大使にメールで伝わります。"),
        act=lambda reason: actions.replace(row, by=request.user, reason=reason, ambassador=ambassador),
        done=_("交代の推進大使を探し始めました。申込みの画面で打診してください。"),
        hidden={"who": ambassador.public_id},
    )


@login_required
@require_POST
def verify(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk makes the report count."""
    row = _visit(request, public_id)
    return _act(
        request,
        row,
        lambda: actions.verify(row, by=request.user),
        _("報告を確定しました。活動の広がりに数えられます。")
        if row.request.kind == Kind.SCHOOL_VISIT
        else _("報告を確定しました。"),
        then="desk:reports",
    )


@login_required
@require_POST
def comment(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The ambassador's words beside the report."""
    row = _visit(request, public_id)
    form = CommentForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("ひとことを書いてください。1,000字までです。"))
        return redirect(row)
    return _act(
        request,
        row,
        lambda: actions.add_comment(row, by=request.user, comment=form.cleaned_data["comment"]),
        _("ひとことを添えました。"),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def report(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The school says who was there; two minutes on a phone."""
    row = _visit(request, public_id)
    parties = parties_of_visit(request.user, row)
    if Party.SCHOOL not in parties:
        raise Http404
    if "report" not in [move.verb for move in LIFE_OF_A_VISIT.buttons(row, parties)]:
        messages.info(
            request,
            _("報告は授業が終わってから、確定するまでの間に書けます。いまは「%(state)s」です。")
            % {"state": row.state_words},
        )
        return redirect(row)
    form = ReportForm(request.POST or None, visit=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.report(
                row,
                by=request.user,
                groups=form.groups,
                **form.told(),
            )
        except TooLate as refusal:
            return refused_page(request, refusal, back=row.get_absolute_url())
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                _("実施報告を受け取りました。事務局が確かめると、活動の広がりに数えられます。")
                if row.request.kind == Kind.SCHOOL_VISIT
                else _("実施報告を受け取りました。事務局が確かめます。"),
            )
            return redirect(row)
    last_reason = row.steps.filter(verb="hand_back").order_by("-at").values_list("reason", flat=True).first()
    return render(
        request,
        "outreach/visits/report.html" if row.request.kind == Kind.SCHOOL_VISIT else "outreach/visits/outcome.html",
        {
            "visit": row,
            "form": form,
            "asked": row.request,
            "planned_rows": form.planned_rows(),
            "other_rows": form.other_rows(),
            "other_open": form.other_rows_have_something(),
            "is_joint": len({school["school"].pk for school in form.rows}) > 1,
            "last_reason": last_reason if row.state == "returned" else "",
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The visit will not take place; the other side learns why."""
    row = _visit(request, public_id)
    if (led := _not_now(request, row, "cancel")) is not None:
        return led
    return reason_page(
        request,
        title=_("訪問を中止する"),
        button=_("訪問を中止する"),
        back=row.get_absolute_url(),
        lead=_("相手と事務局にすぐメールで伝わります。申込みは調整に戻り、事務局が次の手を探します。"),
        act=lambda reason: actions.cancel(row, by=request.user, reason=reason),
        done=_("訪問を中止しました。相手と事務局に伝えました。"),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk asks the school to look at its report again."""
    row = _visit(request, public_id)
    if not request.user.is_coordinator:
        raise PermissionDenied
    return reason_page(
        request,
        title=_("報告の見直しをお願いする"),
        button=_("見直しをお願いする"),
        back=row.get_absolute_url(),
        lead=_("学校の担当者に、書いた内容がメールで届きます。"),
        act=lambda reason: actions.hand_back(row, by=request.user, reason=reason),
        done=_("学校に報告の見直しをお願いしました。"),
    )


# ── the wished days and the end of a request ──────────────────────────────────
def _request(request: HttpRequest, public_id: uuid.UUID) -> Request:
    rows = Request.objects.visible_to(request.user).select_related("school__board", "board", "organisation", "contact")
    return get_object_or_404(rows.prefetch_related("slots").distinct(), public_id=public_id)


def _request_of_host(request: HttpRequest, public_id: uuid.UUID) -> tuple[Request, set[Party]]:
    """A request on which this person acts for its host or for the desk; a board only looks on."""
    row = _request(request, public_id)
    parties = parties_of(request.user, row) & {Party.SCHOOL, Party.COORDINATOR}
    if not parties:
        raise Http404
    return row, parties


def _led_back(request: HttpRequest, row: Request, refusal: NotAllowed) -> HttpResponse:
    """A page that does not fit the state of the request: told on the page of the request, or at once after a press."""
    if request.method == "POST":
        return refused_page(request, refusal, back=row.get_absolute_url())
    messages.info(request, str(refusal))
    return redirect(row)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def dates(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The wished days: drop one, add others; the place in the order stays."""
    row, parties = _request_of_host(request, public_id)
    refusal = refusal_of(LIFE_OF_A_REQUEST, row, "add_dates", parties)
    if row.kind == Kind.CONTENT:
        refusal = refusal or NotAllowed(
            _("教材・動画には希望日時がありません。納期を変えたいときは、事務局に連絡してください。")
        )
    if refusal:
        return _led_back(request, row, refusal)
    form = MoreDatesForm(request.POST or None, request=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_dates(row, form.wishes, by=request.user, answer_by=form.cleaned_data["answer_by"])
        except TooLate as too_late:
            return refused_page(request, too_late, back=row.get_absolute_url(), again=request.path)
        except NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("希望日時を加えました。受付の順番は変わりません。"))
            return redirect(row)
    asked = set(Hold.objects.alive().filter(request=row, offer__isnull=False).values_list("slot_id", flat=True))
    ahead = [slot for slot in row.open_slots() if not slot.is_past]
    return render(
        request,
        "outreach/requests/dates.html",
        {
            "asked": row,
            "form": form,
            "slots": list(form.slot_fields()),
            "has_offers": bool(asked),
            "days": [
                {"slot": slot, "is_asked": slot.pk in asked, "may_drop": slot in ahead and len(ahead) > 1}
                for slot in row.open_slots()
            ],
        },
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_POST
def drop_date(request: HttpRequest, public_id: uuid.UUID, slot: uuid.UUID) -> HttpResponse:
    """One wished day is no longer possible."""
    row, _parties = _request_of_host(request, public_id)
    found = get_object_or_404(row.slots, public_id=slot)
    try:
        actions.drop_date(row, found, by=request.user)
    except TooLate as refusal:
        return refused_page(request, refusal, back=row.get_absolute_url())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(slot)sを取り下げました。受付の順番は変わりません。") % {"slot": found})
    return redirect("visits:dates", row.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def reopen(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A request that had ended is asked again, with days to come and a new place in the order."""
    row, parties = _request_of_host(request, public_id)
    if refusal := refusal_of(LIFE_OF_A_REQUEST, row, "reopen", parties):
        return _led_back(request, row, refusal)
    is_content = row.kind == Kind.CONTENT
    form = DueDateForm(request.POST or None) if is_content else ReopenForm(request.POST or None, request=row)
    if request.method == "POST" and form.is_valid():
        wanted = (
            form.cleaned_data if is_content else {"answer_by": form.cleaned_data["answer_by"], "wishes": form.wishes}
        )
        try:
            actions.reopen(row, by=request.user, **wanted)
        except TooLate as too_late:
            return refused_page(request, too_late, back=row.get_absolute_url())
        except NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("もう一度申し込みました。控えをメールで送りました。"))
            return redirect(row)
    return render(
        request,
        "outreach/requests/reopen.html",
        {"asked": row, "form": form, "slots": [] if is_content else list(form.slot_fields())},
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The school no longer asks for this visit."""
    row, parties = _request_of_host(request, public_id)
    if refusal := refusal_of(LIFE_OF_A_REQUEST, row, "withdraw", parties):
        return _led_back(request, row, refusal)
    return reason_page(
        request,
        title=_("申込みを取り下げる"),
        button=_("取り下げる"),
        back=row.get_absolute_url(),
        lead=_("打診と、決まっている訪問も取り消されます。担当する推進大使と事務局にメールで伝わります。"),
        act=lambda reason: actions.withdraw(row, by=request.user, reason=reason),
        done=_("申込みを取り下げました。"),
    )
