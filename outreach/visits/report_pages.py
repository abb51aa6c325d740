"""The report of a visit: written by the school, commented by the ambassador, made to count by the desk."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.once import once
from outreach.lives import NotAllowed, Party, TooLate
from outreach.requests.models import Kind
from outreach.requests.views import reason_page, refused_page
from outreach.visits import actions
from outreach.visits.forms import CommentForm, ReportForm
from outreach.visits.rules import parties_of_visit
from outreach.visits.states import LIFE_OF_A_VISIT
from outreach.visits.views import act_on, visit_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def report(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The school says who was there; two minutes on a phone."""
    row = visit_of(request, public_id)
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
@require_POST
def comment(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The ambassador's words beside the report."""
    row = visit_of(request, public_id)
    form = CommentForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("ひとことを書いてください。1,000字までです。"))
        return redirect(row)
    return act_on(
        request,
        row,
        lambda: actions.add_comment(row, by=request.user, comment=form.cleaned_data["comment"]),
        _("ひとことを添えました。"),
    )


@login_required
@require_POST
def verify(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk makes the report count."""
    row = visit_of(request, public_id)
    return act_on(
        request,
        row,
        lambda: actions.verify(row, by=request.user),
        _("報告を確定しました。活動の広がりに数えられます。")
        if row.request.kind == Kind.SCHOOL_VISIT
        else _("報告を確定しました。"),
        then="desk:reports",
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk asks the school to look at its report again."""
    row = visit_of(request, public_id)
    if not request.user.is_coordinator:
        raise PermissionDenied
    return reason_page(
        request,
        title=_("報告の見直しをお願いする"),
        button=_("見直しをお願いする"),
        back=row.get_absolute_url(),
        lead=_("学校の担当者に、書いた内容がメールで届きます。"),
        act=lambda reason: actions.hand_back(row, by=request.user, reason=reason),
        about=row.in_one_line,
        done=_("学校に報告の見直しをお願いしました。"),
    )
