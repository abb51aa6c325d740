"""Asking for another day for a visit, and answering."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.once import once
from outreach.ambassadors.rules import spoken_for
from outreach.lives import NotAllowed, TooLate
from outreach.requests.views import refused_page
from outreach.visits import actions
from outreach.visits.forms import MoveForm, RefuseForm
from outreach.visits.models import Reschedule, Visit
from outreach.visits.rules import parties_of_visit
from outreach.visits.states import RescheduleState
from outreach.visits.views import home_zone_of, refusal_to_propose, show_visit, visit_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def move(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Ask everybody for another day; the visit stays where it is until all have agreed."""
    row = visit_of(request, public_id)
    if not parties_of_visit(request.user, row):
        raise Http404
    if refusal := refusal_to_propose(row):
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
            "home_zone": home_zone_of(own),
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
    row = visit_of(request, public_id)
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
    row = visit_of(request, public_id)
    found = _proposal(row, proposal)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return show_visit(request, row, refuse_form=form, status=422)

    def act() -> str:
        actions.refuse(found, by=request.user, note=form.cleaned_data["note"])
        return _("元の日時のままにすることを、相手と事務局に伝えました。")

    return _answer(request, row, act)


@login_required
@require_POST
def withdraw_move(request: HttpRequest, public_id: uuid.UUID, proposal: uuid.UUID) -> HttpResponse:
    """Whoever asked for another day asks no longer."""
    row = visit_of(request, public_id)
    found = _proposal(row, proposal)

    def act() -> str:
        actions.withdraw_proposal(found, by=request.user)
        return _("相談を取り消しました。訪問は元の日時のままです。")

    return _answer(request, row, act)
