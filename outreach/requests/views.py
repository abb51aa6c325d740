"""Asking for a visit, page by page, and following what became of it."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outreach.lives import NotAllowed, Party
from outreach.requests import actions
from outreach.requests.forms import DatesPageForm, LessonPageForm, ReasonForm, SchoolPageForm
from outreach.requests.history import history
from outreach.requests.intake import intake_now
from outreach.requests.models import Request, current_rules
from outreach.requests.rules import parties_of
from outreach.requests.states import LIFE_OF_A_REQUEST, RequestState

PAGES = ("school", "dates", "lesson", "confirm")


def _page_titles() -> dict[str, str]:
    return {"school": _("学校と担当者"), "dates": _("希望日時"), "lesson": _("授業の内容"), "confirm": _("確認")}


def _steps(current: str, request_row: Request | None) -> list[dict[str, str]]:
    place = PAGES.index(current)
    return [
        {
            "label": title,
            "state": "done" if number < place else "now" if number == place else "next",
            "url": reverse("requests:edit", args=[request_row.public_id, name])
            if request_row and number < place
            else "",
        }
        for number, (name, title) in enumerate(_page_titles().items())
    ]


def _mine(request: HttpRequest, public_id: uuid.UUID) -> Request:
    """The request, if this person may see it; anything else answers like a missing one."""
    rows = Request.objects.visible_to(request.user).select_related("school", "contact", "entered_by")
    return get_object_or_404(rows.distinct(), public_id=public_id)


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All requests of the person's schools, newest first."""
    rows = (
        Request.objects.filter(school_id__in=request.user.school_ids)
        .visible_to(request.user)
        .with_what_a_list_shows()
        .distinct()
    )
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "outreach/requests/list.html", {"page": page, "intake": intake_now()})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """First page: which school asks. The draft exists from here on."""
    if not request.user.school_ids:
        messages.info(request, _("はじめに、所属する学校を選んでください。"))
        return redirect("choose_school")
    intake = intake_now()
    form = SchoolPageForm(request.POST or None, user=request.user, initial=_known_contact(request))
    form_key = _uuid_or_none(request.POST.get("form_key")) or uuid.uuid4()
    if request.method == "POST" and form.is_valid():
        try:
            draft = actions.start_draft(form.cleaned_data["school"], by=request.user, form_key=form_key)
            if draft.state == RequestState.DRAFT:
                actions.describe(
                    draft,
                    by=request.user,
                    contact_phone=form.cleaned_data["contact_phone"],
                    contact_hours=form.cleaned_data["contact_hours"],
                )
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return _after(request, draft, "school")
    drafts = Request.objects.visible_to(request.user).filter(state=RequestState.DRAFT).select_related("school")[:5]
    return render(
        request,
        "outreach/requests/edit_school.html",
        {"form": form, "form_key": form_key, "steps": _steps("school", None), "intake": intake, "drafts": drafts},
    )


def _known_contact(request: HttpRequest) -> dict[str, str]:
    """What the person wrote last time, so that nobody types a phone number twice."""
    last = Request.objects.filter(entered_by=request.user).exclude(contact_phone="").order_by("-created_at").first()
    if last:
        return {"contact_phone": last.contact_phone, "contact_hours": last.contact_hours}
    phone = next((m.phone for m in request.user.current_memberships if m.phone), "")
    return {"contact_phone": phone}


def _uuid_or_none(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _stops_here(request: HttpRequest) -> bool:
    """Whether the person saves a page that may be half written."""
    return bool({"save", "back"} & request.POST.keys())


def _after(request: HttpRequest, draft: Request, page: str) -> HttpResponse:
    """To the next page, or to the list when the person wants to stop here."""
    if "save" in request.POST:
        messages.success(request, _("下書きを保存しました。続きはマイページからいつでも書けます。"))
        return redirect("my")
    following = PAGES[PAGES.index(page) + (-1 if "back" in request.POST else 1)]
    return redirect("requests:edit", draft.public_id, following)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, public_id: uuid.UUID, page: str) -> HttpResponse:
    """One page of the form over a draft or a request that was handed back."""
    row = _mine(request, public_id)
    if page not in PAGES or Party.SCHOOL not in parties_of(request.user, row):
        raise Http404
    if row.state not in actions.EDITABLE:
        messages.info(request, _("申込みのあとは、ここからは変えられません。変えたいことは事務局に連絡してください。"))
        return redirect(row)
    return {"school": _edit_school, "dates": _edit_dates, "lesson": _edit_lesson, "confirm": _confirm}[page](
        request, row
    )


def _show_page(request: HttpRequest, row: Request, page: str, **context: Any) -> HttpResponse:
    place = PAGES.index(page)
    back = reverse("requests:edit", args=[row.public_id, PAGES[place - 1]]) if place else ""
    return render(
        request,
        f"outreach/requests/edit_{page}.html",
        {"asked": row, "steps": _steps(page, row), "back": back, "title": _page_titles()[page], **context},
    )


def _edit_school(request: HttpRequest, row: Request) -> HttpResponse:
    form = SchoolPageForm(
        request.POST or None,
        user=request.user,
        school=row.school,
        initial={"contact_phone": row.contact_phone, "contact_hours": row.contact_hours},
    )
    if request.method == "POST" and form.is_valid():
        actions.describe(row, by=request.user, **form.cleaned_data)
        return _after(request, row, "school")
    return _show_page(request, row, "school", form=form)


def _edit_dates(request: HttpRequest, row: Request) -> HttpResponse:
    form = DatesPageForm(
        request.POST or None, request=row, is_draft=_stops_here(request), initial=DatesPageForm.initial_of(row)
    )
    if request.method == "POST" and form.is_valid():
        actions.wish_for(
            row,
            form.wishes,
            by=request.user,
            answer_by=form.cleaned_data["answer_by"],
            times_note=form.cleaned_data["times_note"],
        )
        return _after(request, row, "dates")
    return _show_page(request, row, "dates", form=form, slots=list(form.slot_fields()))


def _edit_lesson(request: HttpRequest, row: Request) -> HttpResponse:
    form = LessonPageForm(
        request.POST or None, request=row, is_draft=_stops_here(request), initial=LessonPageForm.initial_of(row)
    )
    if request.method == "POST" and form.is_valid():
        actions.describe(row, by=request.user, competences=form.cleaned_data["competences"], **form.fields_of_request())
        actions.expect(row, form.groups(), by=request.user)
        return _after(request, row, "lesson")
    return _show_page(request, row, "lesson", form=form)


def _confirm(request: HttpRequest, row: Request) -> HttpResponse:
    if request.method == "POST":
        return _submit(request, row)
    missing = [
        {"page": page, "words": words, "url": reverse("requests:edit", args=[row.public_id, page])}
        for page, words in actions.what_is_missing(row)
    ]
    return _show_page(
        request,
        row,
        "confirm",
        missing=missing,
        rules=current_rules(row.fiscal_year),
        intake=intake_now(),
        groups=row.planned_groups.all(),
    )


def _submit(request: HttpRequest, row: Request) -> HttpResponse:
    try:
        row = actions.submit(row, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("requests:edit", row.public_id, "confirm")
    messages.success(
        request, _("申し込みました。受付番号は%(number)sです。控えをメールで送りました。") % {"number": row.number}
    )
    return redirect(row)


@login_required
@require_safe
def show(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What became of the request: state, whose turn, until when."""
    row = _mine(request, public_id)
    if row.state == RequestState.DRAFT:
        return redirect(
            "requests:edit", row.public_id, next((page for page, _words in actions.what_is_missing(row)), "confirm")
        )
    visit = row.visits.exclude(state__in=("cancelled", "not_held")).first()
    parties = parties_of(request.user, row)
    is_staff = Party.COORDINATOR in parties
    return render(
        request,
        "outreach/requests/show.html",
        {
            "asked": row,
            "visit": visit,
            "slots": row.slots.all(),
            "groups": row.planned_groups.all(),
            "steps": history(row, see_names=is_staff, hide_offers=not is_staff),
            "buttons": [move.verb for move in LIFE_OF_A_REQUEST.buttons(row, parties)],
            "is_staff": is_staff,
            "last_reason": row.steps.exclude(reason="").order_by("-at").values_list("reason", flat=True).first(),
            "waiting_offers": row.offers.filter(state="sent").count(),
        },
    )


@login_required
@require_POST
def throw_away(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The draft is gone."""
    row = _mine(request, public_id)
    try:
        actions.throw_away(row, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(row)
    messages.success(request, _("下書きを消しました。"))
    return redirect("requests:list")


def reason_page(
    request: HttpRequest, *, title: str, lead: str, button: str, back: str, act: Any, done: str
) -> HttpResponse:
    """Ask for a reason, then act; a refusal stands beside the field and nothing typed is lost."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(back)
    return render(
        request,
        "outreach/requests/reason.html",
        {"form": form, "title": title, "lead": lead, "button": button, "back": back},
    )
