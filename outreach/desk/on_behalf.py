"""What the desk writes down for others: a request by telephone, a day already agreed, a report that never came."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.once import once
from accounts.rules import coordinators_only
from outreach.desk.candidates import Candidate, candidates
from outreach.desk.forms import ArrangedForm, BehalfForm, CorrectForm, DeskDatesForm, ForHostForm, OtherKindForm
from outreach.lives import NotAllowed, Party, TooLate
from outreach.requests import actions
from outreach.requests.forms import LessonPageForm
from outreach.requests.models import Entry, Kind, Request
from outreach.requests.views import partners, planned_groups, refusal_of, refused_page
from outreach.schools.forms import MOST_SHOWN, SchoolSearchForm
from outreach.schools.models import School
from outreach.visits import actions as visit_actions
from outreach.visits.forms import ReportForm
from outreach.visits.models import Visit
from outreach.visits.states import LIFE_OF_A_VISIT
from ui.forms import folded

MOST_CANDIDATES = 12
PAGES = ("dates", "lesson", "confirm")


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


# ── a request for somebody else ───────────────────────────────────────────────
@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once
def new(request: HttpRequest) -> HttpResponse:
    """Who asks, by which way: the draft exists from here on."""
    is_ours = request.GET.get("host") == "desk"
    school = None if is_ours else School.objects.open().filter(public_id=_uuid(request.GET.get("school"))).first()
    form = ForHostForm(request.POST or None, school=school) if school or is_ours else None
    if form is not None and request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        contact = request.user if is_ours and not told["caller_name"] else form.contact_person()
        try:
            draft = visit_actions.start_for_host(
                {"school": school} if school else {},
                by=request.user,
                contact=contact,
                caller_name=told["caller_name"],
                channel=told["channel"],
                entry=told["entry"],
                kind=told.get("kind", Kind.SCHOOL_VISIT),
                contact_phone=told["contact_phone"],
                contact_hours=told["contact_hours"],
                evidence=told["evidence"],
            )
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("desk:write", draft.public_id, _pages_of(draft)[0])
    search = SchoolSearchForm(request.GET if request.GET.keys() & {"prefecture", "name"} else None)
    found = search.found() if search.is_bound and search.was_asked() else None
    return render(
        request,
        "outreach/desk/new.html",
        {
            "steps": _steps("host", None),
            "search": search,
            "found": found[:MOST_SHOWN] if found is not None else None,
            "more": found is not None and len(found) > MOST_SHOWN,
            "closed": search.found_closed() if found is not None else [],
            "school": school,
            "is_ours": is_ours,
            "form": form,
        },
        status=422 if request.method == "POST" else 200,
    )


def _pages_of(row: Request | None) -> tuple[str, ...]:
    """Content has a due date among what is asked for, and no page of days."""
    return PAGES[1:] if row is not None and row.kind == Kind.CONTENT else PAGES


def _steps(current: str, row: Request | None) -> list[dict[str, str]]:
    titles = {"host": _("相手と受けた方法"), "dates": _("日時"), "lesson": _("内容"), "confirm": _("確認")}
    names = ["host", *_pages_of(row)]
    place = names.index(current)
    return [
        {
            "label": titles[name],
            "state": "done" if number < place else "now" if number == place else "next",
            "url": reverse("desk:write", args=[row.public_id, name]) if row and 0 < number < place else "",
        }
        for number, name in enumerate(names)
    ]


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once
def write(request: HttpRequest, public_id: uuid.UUID, page: str) -> HttpResponse:
    """One page of a request that the desk writes down, or mends after it was handed back."""
    rows = Request.objects.visible_to(request.user).select_related("school__board", "board", "organisation", "contact")
    row = get_object_or_404(rows.prefetch_related("slots"), public_id=public_id)
    if page not in _pages_of(row) or not actions.may_write(request.user, row):
        raise Http404
    if row.state not in actions.EDITABLE:
        back = reverse("desk:request", args=[row.public_id])
        words = _("いまは「%(state)s」なので、ここからは変えられません。") % {"state": row.get_state_display()}
        if request.method == "POST":
            return refused_page(request, TooLate(words), back=back)
        messages.info(request, words)
        return redirect(back)
    return {"dates": _dates, "lesson": _lesson, "confirm": _confirm}[page](request, row)


def _is_half_written(request: HttpRequest) -> bool:
    return bool({"save", "back", "joint"} & request.POST.keys())


def _on(request: HttpRequest, row: Request, page: str) -> HttpResponse:
    """To the page before or after, or away with the draft kept."""
    if "save" in request.POST:
        messages.success(request, _("下書きを保存しました。続きは受付一覧の「入力の途中のもの」から書けます。"))
        return redirect("desk:queue")
    if "joint" in request.POST:
        return redirect("requests:schools", row.public_id)
    pages = _pages_of(row)
    place = pages.index(page) + (-1 if "back" in request.POST else 1)
    return redirect("desk:write", row.public_id, pages[max(0, place)])


def _page(request: HttpRequest, row: Request, page: str, template: str, **context: Any) -> HttpResponse:
    pages = _pages_of(row)
    place = pages.index(page)
    return render(
        request,
        template,
        {
            "asked": row,
            "steps": _steps(page, row),
            "back": reverse("desk:write", args=[row.public_id, pages[place - 1]]) if place else "",
            **context,
        },
        status=422 if request.method == "POST" else 200,
    )


def _dates(request: HttpRequest, row: Request) -> HttpResponse:
    form = DeskDatesForm(
        request.POST or None, request=row, is_draft=_is_half_written(request), initial=DeskDatesForm.initial_of(row)
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.wish_for(
                row,
                form.wishes,
                by=request.user,
                answer_by=form.cleaned_data.get("answer_by"),
                times_note=form.cleaned_data["times_note"],
            )
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return _on(request, row, "dates")
    return _page(
        request,
        row,
        "dates",
        "outreach/desk/write_dates.html",
        form=form,
        slots=list(form.slot_fields()),
        is_asked=row.entry == Entry.ASKED,
        is_held=row.entry == Entry.AFTERWARDS,
    )


def _lesson(request: HttpRequest, row: Request) -> HttpResponse:
    if row.kind != Kind.SCHOOL_VISIT:
        return _other_kind(request, row)
    form = LessonPageForm(
        request.POST or None, request=row, is_draft=_is_half_written(request), initial=LessonPageForm.initial_of(row)
    )
    if request.method == "POST" and form.is_valid():
        try:
            competences = form.cleaned_data["competences"]
            actions.describe(row, by=request.user, competences=competences, **form.fields_of_request())
            actions.expect(row, form.groups(), by=request.user)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return _on(request, row, "lesson")
    return _page(
        request, row, "lesson", "outreach/requests/edit_lesson.html", form=form, partners=partners(row), title=_("内容")
    )


def _other_kind(request: HttpRequest, row: Request) -> HttpResponse:
    form = OtherKindForm(request.POST or None, request=row, initial=OtherKindForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            actions.describe(row, by=request.user, **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return _on(request, row, "lesson")
    return _page(request, row, "lesson", "outreach/desk/write_other.html", form=form)


def _confirm(request: HttpRequest, row: Request) -> HttpResponse:
    missing = [
        {"words": words, "url": reverse("desk:write", args=[row.public_id, page])}
        for page, words in actions.what_is_missing(row)
        if page in _pages_of(row)
    ]
    is_agreed = row.entry != Entry.ASKED
    words = folded(request.POST.get("q", "")[:60])
    form = ArrangedForm(request.POST or None) if is_agreed else None
    if request.method == "POST" and not missing and "search" not in request.POST:
        if form is None:
            return _send(request, row)
        if form.is_valid():
            answer = _book(request, row, form)
            if answer is not None:
                return answer
    is_searching = "search" in request.POST
    return render(
        request,
        "outreach/desk/write_confirm.html",
        {
            "asked": row,
            "steps": _steps("confirm", row),
            "back": reverse("desk:write", args=[row.public_id, "lesson"]),
            "missing": missing,
            "groups": planned_groups(row),
            "is_agreed": is_agreed,
            "is_held": row.entry == Entry.AFTERWARDS,
            "form": form,
            "show_errors": form is not None and not is_searching and not missing,
            "words": words,
            "candidates": _people(row, words, request.POST.getlist("ambassadors")) if is_agreed and not missing else [],
            "chosen": request.POST.getlist("ambassadors"),
        },
        status=422 if request.method == "POST" and not is_searching else 200,
    )


def _people(row: Request, words: str, chosen: list[str]) -> list[Candidate]:
    """Who could have been there; those already ticked stay in sight, whatever is searched for."""
    found = [c for c in candidates(row, words=words, slots=row.open_slots()) if c.can_be_asked or c.needs_a_reason]
    shown = found[:MOST_CANDIDATES]
    if chosen:
        everybody = candidates(row, slots=row.open_slots())
        seen = {c.ambassador.pk for c in shown}
        shown = [
            *(c for c in everybody if str(c.ambassador.public_id) in chosen and c.ambassador.pk not in seen),
            *shown,
        ]
    return shown


def _send(request: HttpRequest, row: Request) -> HttpResponse:
    try:
        sent = actions.submit(row, by=request.user)
    except NotAllowed as refusal:
        return refused_page(request, refusal, back=request.path)
    messages.success(request, _("登録しました。受付番号は%(number)sです。") % {"number": sent.number})
    return redirect("desk:request", row.public_id)


def _book(request: HttpRequest, row: Request, form: ArrangedForm) -> HttpResponse | None:
    """The visit of both sides' agreement; None when the form is to be shown again."""
    try:
        visit = visit_actions.book_arranged(
            row,
            by=request.user,
            ambassadors=list(form.cleaned_data["ambassadors"]),
            override_reason=form.cleaned_data["override_reason"],
        )
    except TooLate as refusal:
        return refused_page(request, refusal, back=reverse("desk:request", args=[row.public_id]), again=request.path)
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return None
    if row.entry == Entry.AFTERWARDS:
        messages.success(request, _("訪問を登録しました。つづけて、実施報告を書いてください。"))
        return redirect("desk:report", visit.public_id)
    messages.success(request, _("調整済みの訪問を登録しました。学校と推進大使にメールで伝えました。"))
    return redirect(visit)


# ── reports ───────────────────────────────────────────────────────────────────
def _visit(request: HttpRequest, public_id: uuid.UUID) -> Visit:
    rows = Visit.objects.visible_to(request.user).select_related(
        "request__contact", "request__school", "request__board", "request__organisation", "school", "slot"
    )
    return get_object_or_404(rows.prefetch_related("participations__ambassador"), public_id=public_id)


def _not_now(request: HttpRequest, row: Visit, verb: str) -> HttpResponse | None:
    refusal = refusal_of(LIFE_OF_A_VISIT, row, verb, {Party.COORDINATOR})
    if refusal is None:
        return None
    if request.method == "POST":
        return refused_page(request, refusal, back=row.get_absolute_url())
    messages.info(request, str(refusal))
    return redirect(row)


def _report_page(request: HttpRequest, row: Visit, form: ReportForm, **context: Any) -> HttpResponse:
    return render(
        request,
        "outreach/desk/report.html",
        {
            "visit": row,
            "asked": row.request,
            "form": form,
            "planned_rows": form.planned_rows(),
            "other_rows": form.other_rows(),
            "other_open": form.other_rows_have_something(),
            "is_joint": len({line["school"].pk for line in form.rows}) > 1,
            **context,
        },
        status=422 if request.method == "POST" else 200,
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once
def report(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk says what took place because the school has not; where it knows it from is written down."""
    row = _visit(request, public_id)
    if (led := _not_now(request, row, "report")) is not None:
        return led
    source = row.request.evidence.partition("\n")[0][:200]
    form = BehalfForm(request.POST or None, visit=row, initial={"on_behalf_source": source})
    if request.method == "POST" and form.is_valid():
        try:
            visit_actions.report(
                row,
                by=request.user,
                groups=form.groups,
                on_behalf_source=form.cleaned_data["on_behalf_source"],
                **form.told(),
            )
        except TooLate as refusal:
            return refused_page(request, refusal, back=row.get_absolute_url())
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("学校に代わって報告を入力しました。内容を確かめて、確定してください。"))
            return redirect(row)
    return _report_page(request, row, form, is_correction=False)


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once
def correct(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A verified report gets a new version; the older ones stay readable."""
    row = _visit(request, public_id)
    if (led := _not_now(request, row, "correct")) is not None:
        return led
    if not visit_actions.may_verify(request.user, row):
        refusal = NotAllowed(_("報告を訂正できるのは、文部科学省の担当者です。"))
        if request.method == "POST":
            return refused_page(request, refusal, back=row.get_absolute_url())
        messages.info(request, str(refusal))
        return redirect(row)
    form = CorrectForm(request.POST or None, visit=row)
    if request.method == "POST" and form.is_valid():
        try:
            visit_actions.correct(
                row, by=request.user, reason=form.cleaned_data["reason"], groups=form.groups, **form.told()
            )
        except TooLate as refusal:
            return refused_page(request, refusal, back=row.get_absolute_url())
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("報告を訂正しました。前の版も、このページで読めます。"))
            return redirect(row)
    return _report_page(request, row, form, is_correction=True)
