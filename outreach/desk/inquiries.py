"""What people have written to the desk: the list, one inquiry, and what the desk does about it.

A concern opens by a button and not by its address: no GET writes here, and who has read it stays on record.
"""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.once import once
from accounts.rules import coordinators_only
from outreach.inquiries import actions
from outreach.inquiries.forms import AnswerForm, NoteForm
from outreach.inquiries.models import Inquiry, InquiryStep, Kind
from outreach.inquiries.rules import may_read
from outreach.inquiries.states import LIFE_OF_AN_INQUIRY, InquiryState
from outreach.lives import NotAllowed, Party
from outreach.requests.views import reason_page, refused_page

PAGE_LENGTH = 50
STATE_TAGS = {InquiryState.NEW: "care", InquiryState.TAKEN: "going", InquiryState.CLOSED: "done"}


@coordinators_only
@require_safe
def inquiries(request: HttpRequest) -> HttpResponse:
    """What is open, where somebody may be in danger first; nothing of what was written."""
    kind = request.GET.get("kind") if request.GET.get("kind") in Kind.values else ""
    state = request.GET.get("state") if request.GET.get("state") in (*InquiryState.values, "all") else ""
    page = Paginator(_chosen(kind, state), PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(
        request,
        "outreach/desk/inquiries.html",
        {
            "page": page,
            "lines": [{"inquiry": row, "tag": STATE_TAGS[row.state]} for row in page],
            "kind": kind,
            "kinds": Kind.choices,
            "state": state,
            "states": [("", _("終わっていないもの")), *InquiryState.choices, ("all", _("すべて"))],
            "is_filtered": bool(kind or state),
        },
    )


def _chosen(kind: str, state: str) -> QuerySet[Inquiry]:
    rows = Inquiry.objects.select_related("taken_by")
    if kind:
        rows = rows.filter(kind=kind)
    if state == InquiryState.CLOSED:
        return rows.filter(state=state).order_by("-closed_at", "-pk")
    if state in InquiryState.values:
        rows = rows.filter(state=state)
    return (rows if state else rows.open()).most_urgent_first()


def _inquiry(public_id: uuid.UUID) -> Inquiry:
    return get_object_or_404(Inquiry.objects.select_related("taken_by"), public_id=public_id)


@coordinators_only
@require_safe
def inquiry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One inquiry, and everything that was done about it."""
    return _show(request, _inquiry(public_id))


def _show(request: HttpRequest, row: Inquiry, status: int = 200, **forms: Any) -> HttpResponse:
    buttons = [move.verb for move in LIFE_OF_AN_INQUIRY.buttons(row, {Party.COORDINATOR})]
    is_open = may_read(request.user, row)
    steps = [_line(step) for step in row.steps.select_related("by")] if is_open else []
    shown = {"note_form": NoteForm(), "answer_form": AnswerForm(is_concern=row.is_concern)} | forms
    return render(
        request,
        "outreach/desk/inquiry.html",
        {
            "inquiry": row,
            "tag": STATE_TAGS[row.state],
            "is_mine": row.taken_by_id == request.user.pk,
            "may_read": is_open,
            # What was typed is shown again, however long it took.
            "may_write": is_open or bool(forms),
            "buttons": buttons,
            "steps": steps,
            **shown,
        },
        status=status,
    )


def _line(step: InquiryStep) -> dict[str, Any]:
    what = _("記録") if step.verb == InquiryStep.NOTE else str(LIFE_OF_AN_INQUIRY.word_for(step.verb))
    return {"what": what, "when": step.at, "who": step.by.get_full_name(), "reason": step.text}


@coordinators_only
@require_POST
def read_inquiry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Open a concern; that this person did is written down."""
    row = _inquiry(public_id)
    actions.open_concern(row, by=request.user)
    return redirect(row)


@coordinators_only
@require_POST
def take_inquiry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """I look after it."""
    row = _inquiry(public_id)
    try:
        actions.take(row, by=request.user)
    except NotAllowed as refusal:
        return refused_page(request, refusal, back=row.get_absolute_url())
    messages.success(request, _("担当になりました。"))
    return redirect(row)


@coordinators_only
@require_POST
@once
def note_inquiry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What the desk wants to remember."""
    row = _inquiry(public_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _show(request, row, status=422, note_form=form)
    actions.note(row, by=request.user, text=form.cleaned_data["note"])
    messages.success(request, _("記録しました。"))
    return redirect(row)


@coordinators_only
@require_POST
@once
def answer_inquiry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The sender gets an answer by mail."""
    row = _inquiry(public_id)
    form = AnswerForm(request.POST, is_concern=row.is_concern)
    if form.is_valid():
        told = form.cleaned_data
        try:
            actions.answer(row, by=request.user, text=told["text"], then_close=told["then_close"])
        except NotAllowed as refusal:
            # Also when somebody has closed it meanwhile: what was typed stays on the page.
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("返事を送りました。"))
            return redirect(row)
    return _show(request, row, status=422, answer_form=form)


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def close_inquiry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Nothing more is to be done."""
    row = _inquiry(public_id)
    return reason_page(
        request,
        title=_("対応を終える"),
        button=_("対応を終える"),
        back=row.get_absolute_url(),
        lead=_("何をしたかを書いて終えます。書いた人には伝わりません。1年たつと、書いた人の連絡先は自動で消えます。"),
        hint=_("事務局の記録に残ります。"),
        about=str(row),
        act=lambda reason: actions.close(row, by=request.user, reason=reason),
        done=_("対応を終えました。"),
        then=reverse("desk:inquiries"),
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def reopen_inquiry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """There is more to do after all."""
    row = _inquiry(public_id)
    return reason_page(
        request,
        title=_("もう一度開く"),
        button=_("もう一度開く"),
        back=row.get_absolute_url(),
        lead=_("もう一度対応します。開いた人が担当になります。"),
        hint=_("事務局の記録に残ります。"),
        about=str(row),
        act=lambda reason: actions.reopen(row, by=request.user, reason=reason),
        done=_("もう一度開きました。"),
    )
