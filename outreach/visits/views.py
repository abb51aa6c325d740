"""Answering an offer, the page of a visit, and the report."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outreach.lives import NotAllowed, Party
from outreach.requests.history import history
from outreach.requests.models import Request
from outreach.requests.rules import parties_of
from outreach.requests.states import LIFE_OF_A_REQUEST
from outreach.requests.views import reason_page
from outreach.visits import actions
from outreach.visits.forms import AcceptForm, CommentForm, DeclineForm, ReportForm
from outreach.visits.models import Offer, Visit
from outreach.visits.rules import parties_of_offer, parties_of_visit
from outreach.visits.states import LIFE_OF_A_VISIT, OfferState


def _offer(request: HttpRequest, public_id: uuid.UUID) -> Offer:
    rows = Offer.objects.visible_to(request.user).select_related("request__school", "ambassador__user")
    return get_object_or_404(rows, public_id=public_id)


def _visit(request: HttpRequest, public_id: uuid.UUID) -> Visit:
    rows = (
        Visit.objects.visible_to(request.user)
        .select_related("request__contact", "school", "slot")
        .prefetch_related("participations__ambassador__user")
    )
    return get_object_or_404(rows, public_id=public_id)


@login_required
@require_safe
def offer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The question put to one ambassador: what, where, when, until when to answer."""
    row = _offer(request, public_id)
    return _show_offer(request, row, AcceptForm(offer=row), DeclineForm(prefix="decline"))


def _show_offer(
    request: HttpRequest, row: Offer, accept_form: AcceptForm, decline_form: DeclineForm, status: int = 200
) -> HttpResponse:
    may_answer = Party.AMBASSADOR in parties_of_offer(request.user, row) and row.state == "sent" and not row.is_over
    visit = row.request.visits.filter(participations__offer=row).first()
    return render(
        request,
        "outreach/visits/offer.html",
        {
            "offer": row,
            "asked": row.request,
            "slots": row.slots.order_by("rank"),
            "may_answer": may_answer,
            "groups": row.request.planned_groups.all(),
            "competences": row.request.competences.all(),
            "accept_form": accept_form,
            "decline_form": decline_form,
            "visit": visit,
        },
        status=status,
    )


@login_required
@require_POST
def accept(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The ambassador says yes to one of the days."""
    row = _offer(request, public_id)
    if Party.AMBASSADOR not in parties_of_offer(request.user, row):
        raise PermissionDenied
    if row.state == OfferState.ACCEPTED and (booked := row.request.visits.filter(participations__offer=row).first()):
        return redirect(booked)  # pressed twice: the first press booked it
    form = AcceptForm(request.POST, offer=row)
    if form.is_valid():
        try:
            visit = actions.accept(row, by=request.user, slot=form.cleaned_data["slot"], note=form.cleaned_data["note"])
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect(row)
        messages.success(request, _("引き受けました。学校と事務局にメールで伝えました。"))
        return redirect(visit)
    return _show_offer(request, row, form, DeclineForm(prefix="decline"), status=422)


@login_required
@require_POST
def decline(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The ambassador cannot come this time."""
    row = _offer(request, public_id)
    if Party.AMBASSADOR not in parties_of_offer(request.user, row):
        raise PermissionDenied
    form = DeclineForm(request.POST, prefix="decline")
    if form.is_valid():
        try:
            actions.decline(row, by=request.user, note=form.cleaned_data["note"])
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect(row)
        messages.success(request, _("見送りを事務局に伝えました。確保していた時間は空きました。"))
        return redirect("my")
    return _show_offer(request, row, AcceptForm(offer=row), form, status=422)


@login_required
@require_safe
def show(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The page of a visit: when, where, who, whose turn."""
    row = _visit(request, public_id)
    parties = parties_of_visit(request.user, row)
    is_party = bool(parties)
    report = row.reports.prefetch_related("groups").order_by("-version").first()
    is_staff = Party.COORDINATOR in parties
    return render(
        request,
        "outreach/visits/show.html",
        {
            "visit": row,
            "asked": row.request,
            "ambassadors": row.present_ambassadors,
            "report": report,
            "may_see_contacts": is_party and row.state in actions.CONTACTS_OPEN,
            "is_staff": is_staff,
            "is_school": Party.SCHOOL in parties,
            "is_ambassador": Party.AMBASSADOR in parties,
            "buttons": [move.verb for move in LIFE_OF_A_VISIT.buttons(row, parties)],
            "groups": row.request.planned_groups.all(),
            "steps": history(row.request, see_names=is_staff, hide_offers=not is_staff) if is_party else [],
            "last_reason": row.steps.exclude(reason="").order_by("-at").values_list("reason", flat=True).first(),
            "comment_form": CommentForm(initial={"comment": report.ambassador_comment})
            if report and Party.AMBASSADOR in parties and row.state in ("reported", "returned")
            else None,
        },
    )


def _act(request: HttpRequest, row: Visit, act, done: str, then: str = "") -> HttpResponse:
    try:
        act()
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
def verify(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk makes the report count."""
    row = _visit(request, public_id)
    return _act(
        request,
        row,
        lambda: actions.verify(row, by=request.user),
        _("報告を確定しました。活動の広がりに数えられます。"),
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
        return _act(
            request,
            row,
            lambda: actions.report(
                row,
                by=request.user,
                groups=form.groups,
                format=form.cleaned_data["format"],
                comment=form.cleaned_data["comment"],
                may_be_quoted=form.cleaned_data["may_be_quoted"],
                ambassadors_present=len(row.present_ambassadors) or 1,
            ),
            _("実施報告を受け取りました。事務局が確かめると、活動の広がりに数えられます。"),
        )
    last_reason = row.steps.filter(verb="hand_back").order_by("-at").values_list("reason", flat=True).first()
    return render(
        request,
        "outreach/visits/report.html",
        {
            "visit": row,
            "form": form,
            "planned_rows": form.planned_rows(),
            "other_rows": form.other_rows(),
            "other_open": form.other_rows_have_something(),
            "last_reason": last_reason if row.state == "returned" else "",
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The visit will not take place; the other side learns why."""
    row = _visit(request, public_id)
    if "cancel" not in [move.verb for move in LIFE_OF_A_VISIT.buttons(row, parties_of_visit(request.user, row))]:
        if not parties_of_visit(request.user, row):
            raise Http404
        messages.info(request, _("いまは「%(state)s」なので、中止にはできません。") % {"state": row.state_words})
        return redirect(row)
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


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The school no longer asks for this visit."""
    row = get_object_or_404(
        Request.objects.visible_to(request.user).select_related("school", "contact").distinct(), public_id=public_id
    )
    if "withdraw" not in [move.verb for move in LIFE_OF_A_REQUEST.buttons(row, parties_of(request.user, row))]:
        messages.info(
            request, _("いまは「%(state)s」なので、取り下げられません。") % {"state": row.get_state_display()}
        )
        return redirect(row)
    return reason_page(
        request,
        title=_("申込みを取り下げる"),
        button=_("取り下げる"),
        back=row.get_absolute_url(),
        lead=_("打診と、決まっている訪問も取り消されます。担当する推進大使と事務局にメールで伝わります。"),
        act=lambda reason: actions.withdraw(row, by=request.user, reason=reason),
        done=_("申込みを取り下げました。"),
    )
