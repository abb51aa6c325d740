"""Asking for a visit, page by page, and following what became of it."""

import datetime as dt
import re
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.once import once
from outreach.ambassadors.models import Ambassador
from outreach.lives import Life, NotAllowed, Party, TooLate, check
from outreach.requests import actions
from outreach.requests.chance_pages import outlook
from outreach.requests.forms import (
    DatesPageForm,
    JointSchoolForm,
    LaterApprovalForm,
    LessonPageForm,
    ReasonForm,
    SchoolPageForm,
    bells_of,
)
from outreach.requests.history import history
from outreach.requests.intake import intake_now
from outreach.requests.models import Kind, PlannedGroup, Request, Slot, current_rules
from outreach.requests.occasions import KINDS, HostPageForm, OccasionForm, about_kinds, page_titles, pages_of
from outreach.requests.odds import Odds, odds_of
from outreach.requests.rules import may_ask, may_name_contact, may_note_approval, parties_of
from outreach.requests.states import ALIVE, LIFE_OF_A_REQUEST, RequestState
from outreach.schools.forms import MOST_SHOWN, SchoolSearchForm
from outreach.schools.models import School
from ui import dates
from ui.forms import NO_PUPIL_NAMES
from ui.words import joined

# While a request is in one of these states, the day by which its host needs an answer still matters.
WAITS_FOR_AN_ANSWER = (
    RequestState.WITH_BOARD,
    RequestState.SUBMITTED,
    RequestState.RETURNED,
    RequestState.OPEN,
    RequestState.WAITLISTED,
)

_SLUG = re.compile(r"[a-z0-9-]{1,60}")

# Who puts a seal on the paper of a school, and of any other host.
SEALS = (
    gettext_lazy("校長"),
    gettext_lazy("副校長・教頭"),
    gettext_lazy("主幹・教務"),
    gettext_lazy("事務長"),
    gettext_lazy("起案者"),
)
SEALS_OF_OTHERS = (gettext_lazy("決裁者"), "", "", gettext_lazy("起案者"))


def _steps(current: str, request_row: Request | None, kind: str = Kind.SCHOOL_VISIT) -> list[dict[str, str]]:
    titles = page_titles(request_row.kind if request_row else kind)
    place = list(titles).index(current)
    return [
        {
            "label": title,
            "state": "done" if number < place else "now" if number == place else "next",
            "url": reverse("requests:edit", args=[request_row.public_id, name])
            if request_row and number < place
            else "",
        }
        for number, (name, title) in enumerate(titles.items())
    ]


def _mine(request: HttpRequest, public_id: uuid.UUID) -> Request:
    """The request, if this person may see it; anything else answers like a missing one."""
    rows = Request.objects.visible_to(request.user).select_related(
        "school__board", "board", "organisation", "contact", "entered_by"
    )
    return get_object_or_404(rows.distinct(), public_id=public_id)


def planned_groups(row: Request) -> list[PlannedGroup]:
    """The pupils expected: of the school that asks first, then of those that take part."""
    known = "planned_groups" in getattr(row, "_prefetched_objects_cache", {})
    groups = row.planned_groups.all() if known else row.planned_groups.select_related("school")
    return sorted(groups, key=lambda group: (group.school_id != row.school_id, group.school.name_ja))


def refusal_of(life: Life, thing: Any, verb: str, parties: set[Party]) -> NotAllowed | None:
    """Why this verb cannot be said now in the name of these parties; None when it can."""
    try:
        check(life, thing, verb, parties)
    except NotAllowed as refusal:
        return refusal
    return None


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All requests of the person's hosts, or of the schools a board member follows, newest first."""
    user = request.user
    rows = Request.objects.visible_to(user)
    if user.is_coordinator:
        # The desk has lists of its own.
        rows = rows.filter(
            Q(school_id__in=user.school_ids)
            | Q(board_id__in=user.verified_board_ids)
            | Q(organisation_id__in=user.verified_organisation_ids)
        )
    rows = rows.with_what_a_list_shows().select_related("school", "contact", "board", "organisation").distinct()
    page = Paginator(rows.prefetch_related("visits__slot"), 50).get_page(request.GET.get("page"))
    for row in page:
        # What was booked says more than what was wished for.
        row.booked = next((v for v in row.visits.all() if v.state not in ("cancelled", "not_held")), None)
    return render(
        request,
        "outreach/requests/list.html",
        {
            "page": page,
            "intake": intake_now(),
            "may_ask": may_ask(user),
            "own": {row.pk for row in page if Party.SCHOOL in parties_of(user, row)},
            "waits": WAITS_FOR_AN_ANSWER,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """First page: who asks, for a lesson when nothing else is chosen. The draft exists from here on."""
    if not may_ask(request.user):
        messages.info(request, _("はじめに、所属する学校を選んでください。"))
        return redirect("choose_school")
    kind = request.GET.get("kind", "")
    if kind in KINDS:
        return _new_occasion(request, kind)
    if not request.user.school_ids:
        return render(
            request,
            "outreach/requests/edit_kind.html",
            {"kinds": about_kinds(request.user), "drafts": _drafts(request)},
            status=422 if request.method == "POST" else 200,
        )
    intake = intake_now()
    wished = _wished_ambassador(request)
    form = SchoolPageForm(
        request.POST or None, user=request.user, is_draft=_stops_here(request), initial=_known_contact(request)
    )
    form_key = _uuid_or_none(request.POST.get("form_key")) or uuid.uuid4()
    if request.method == "POST" and form.is_valid():
        try:
            draft = actions.start_draft(form.cleaned_data["school"], by=request.user, form_key=form_key)
            if draft.state == RequestState.DRAFT:
                told = {name: value for name, value in form.cleaned_data.items() if name != "school"}
                if wished is not None:
                    told["wishes"] = _("%(name)sさんを希望します。") % {"name": wished.name}
                actions.describe(draft, by=request.user, **told)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return _after(request, draft, "school")
    return render(
        request,
        "outreach/requests/edit_school.html",
        {
            "form": form,
            "form_key": form_key,
            "steps": _steps("school", None),
            "intake": intake,
            "wished": wished,
            "drafts": _drafts(request),
            "kinds": about_kinds(request.user, Kind.SCHOOL_VISIT),
        },
    )


def _wished_ambassador(request: HttpRequest) -> Ambassador | None:
    """The one from whose card the person came, where that card can be read."""
    slug = request.GET.get("ambassador", "")
    return Ambassador.objects.in_public().filter(slug=slug).first() if _SLUG.fullmatch(slug) else None


def _new_occasion(request: HttpRequest, kind: str) -> HttpResponse:
    """First page for a contest, an event or content."""
    form = HostPageForm(
        request.POST or None, user=request.user, is_draft=_stops_here(request), initial=_known_contact(request)
    )
    form_key = _uuid_or_none(request.POST.get("form_key")) or uuid.uuid4()
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            draft = actions.start_draft(form.chosen_host(), by=request.user, kind=kind, form_key=form_key)
            if draft.state == RequestState.DRAFT:
                reached = {name: told[name] for name in ("contact_phone", "contact_hours")}
                actions.describe(draft, by=request.user, **reached)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return _after(request, draft, "school")
    return render(
        request,
        "outreach/requests/edit_host.html",
        {
            "form": form,
            "form_key": form_key,
            "kind": Kind(kind),
            "steps": _steps("school", None, kind),
            "drafts": _drafts(request),
            "kinds": about_kinds(request.user, kind),
        },
    )


def _drafts(request: HttpRequest) -> list[Request]:
    """What this person has begun and not sent yet."""
    rows = Request.objects.visible_to(request.user).filter(state=RequestState.DRAFT)
    return list(rows.select_related("school", "board", "organisation")[:5])


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
    return bool({"save", "back", "joint"} & request.POST.keys())


def _after(request: HttpRequest, draft: Request, page: str) -> HttpResponse:
    """To the next page, or to the list when the person wants to stop here."""
    if "save" in request.POST:
        messages.success(request, _("下書きを保存しました。続きはマイページからいつでも書けます。"))
        return redirect("my")
    if "joint" in request.POST:
        return redirect("requests:schools", draft.public_id)
    pages = pages_of(draft.kind)
    following = pages[pages.index(page) + (-1 if "back" in request.POST else 1)]
    return redirect("requests:edit", draft.public_id, following)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, public_id: uuid.UUID, page: str) -> HttpResponse:
    """One page of the form over a draft or a request that was handed back."""
    row = _mine(request, public_id)
    if page not in pages_of(row.kind) or not actions.may_write(request.user, row):
        raise Http404
    if Party.SCHOOL not in parties_of(request.user, row):
        # What the desk took down for somebody it writes on pages of its own.
        return redirect("desk:write", row.public_id, "lesson" if page == "school" else page)
    if row.state not in actions.EDITABLE:
        messages.info(request, _("申込みのあとは、ここからは変えられません。変えたいことは事務局に連絡してください。"))
        return redirect(row)
    if page == "school" and is_from_outside(request, row):
        return redirect("requests:edit", row.public_id, "dates")
    views = {"school": _edit_school, "dates": _edit_dates, "lesson": _edit_lesson, "confirm": _confirm}
    if row.kind != Kind.SCHOOL_VISIT:
        views |= {"school": _edit_host, "lesson": _edit_occasion}
    return views[page](request, row)


def is_from_outside(request: HttpRequest, row: Request) -> bool:
    """Whether the person began this for a school of their board: its contact data is the school's business."""
    return row.school_id is not None and row.school_id not in request.user.school_ids


def _show_page(request: HttpRequest, row: Request, page: str, template: str = "", **context: Any) -> HttpResponse:
    titles = page_titles(row.kind)
    pages = list(titles)
    place = pages.index(page)
    back = reverse("requests:edit", args=[row.public_id, pages[place - 1]]) if place else ""
    following = titles[pages[place + 1]] if page != pages[-1] else ""
    return render(
        request,
        template or f"outreach/requests/edit_{page}.html",
        {
            "asked": row,
            "steps": _steps(page, row),
            "back": back,
            "title": titles[page],
            "following": following,
            "is_from_outside": is_from_outside(request, row),
            **context,
        },
    )


def _edit_school(request: HttpRequest, row: Request) -> HttpResponse:
    form = SchoolPageForm(
        request.POST or None,
        user=request.user,
        asked=row,
        is_draft=_stops_here(request),
        initial={
            name: getattr(row, name)
            for name in ("contact_phone", "contact_hours", "principal_name", "principal_agreed_on")
        },
    )
    if request.method == "POST" and form.is_valid():
        _tell_contact(row, form.cleaned_data, by=request.user)
        return _after(request, row, "school")
    return _show_page(request, row, "school", form=form)


def _tell_contact(row: Request, told: dict[str, Any], *, by: User) -> None:
    """Write down how the contact is reached; who goes on with a colleague's draft may become the contact by it."""
    if told.pop("takes_over", False):
        actions.hand_over([row], to=by, by=by)
    actions.describe(row, by=by, **told)


def _edit_host(request: HttpRequest, row: Request) -> HttpResponse:
    form = HostPageForm(
        request.POST or None,
        user=request.user,
        asked=row,
        is_draft=_stops_here(request),
        initial={"contact_phone": row.contact_phone, "contact_hours": row.contact_hours},
    )
    if request.method == "POST" and form.is_valid():
        _tell_contact(row, form.cleaned_data, by=request.user)
        return _after(request, row, "school")
    return _show_page(request, row, "school", "outreach/requests/edit_host.html", form=form, kind=Kind(row.kind))


def _edit_dates(request: HttpRequest, row: Request) -> HttpResponse:
    # Whoever only looks how many could come has not finished writing.
    only_looks = "look" in request.POST
    form = DatesPageForm(
        request.POST or None,
        request=row,
        is_draft=only_looks or _stops_here(request),
        initial=DatesPageForm.initial_of(row),
    )
    if request.method == "POST" and form.is_valid() and not only_looks:
        actions.wish_for(
            row,
            form.wishes,
            by=request.user,
            answer_by=form.cleaned_data["answer_by"],
            times_note=form.cleaned_data["times_note"],
        )
        return _after(request, row, "dates")
    # What was typed just now, once it can be read; otherwise what is on the draft.
    wishes = form.wishes_by_rank() if form.is_bound else {slot.rank: slot for slot in row.open_slots()}
    days = [wish.day for wish in wishes.values()] or [slot.day for slot in row.open_slots()]
    slots = list(form.slot_fields())
    for slot in slots:
        slot["odds"] = None
    by_rank = {slot["rank"]: slot for slot in slots}
    ahead = {rank: wish for rank, wish in wishes.items() if rank in by_rank and wish.starts_at > timezone.now()}
    for rank, odds in zip(ahead, odds_of(row, ahead.values(), form.bells, form.first_day), strict=False):
        by_rank[rank]["odds"] = odds
    return _show_page(request, row, "dates", form=form, slots=slots, outlook=outlook(row, days))


def _edit_lesson(request: HttpRequest, row: Request) -> HttpResponse:
    if request.method != "POST":
        # The form and the schools that take part read the same rows.
        prefetch_related_objects([row], Prefetch("planned_groups", PlannedGroup.objects.select_related("school")))
    form = LessonPageForm(
        request.POST or None, request=row, is_draft=_stops_here(request), initial=LessonPageForm.initial_of(row)
    )
    if request.method == "POST" and form.is_valid():
        actions.describe(row, by=request.user, competences=form.cleaned_data["competences"], **form.fields_of_request())
        actions.expect(row, form.groups(), by=request.user)
        return _after(request, row, "lesson")
    return _show_page(request, row, "lesson", form=form, partners=partners(row))


def _edit_occasion(request: HttpRequest, row: Request) -> HttpResponse:
    form = OccasionForm(
        request.POST or None, request=row, is_draft=_stops_here(request), initial=OccasionForm.initial_of(row)
    )
    if request.method == "POST" and form.is_valid():
        actions.describe(row, by=request.user, **form.fields_of_request())
        return _after(request, row, "lesson")
    return _show_page(request, row, "lesson", "outreach/requests/edit_occasion.html", form=form)


def page_of(row: Request, page: str) -> str:
    """Where something missing is written: the due day of content stands among what is asked."""
    return page if page in pages_of(row.kind) else "lesson"


def _confirm(request: HttpRequest, row: Request) -> HttpResponse:
    if request.method == "POST":
        return _submit(request, row)
    missing = [
        {"page": page, "words": words, "url": reverse("requests:edit", args=[row.public_id, page_of(row, page)])}
        for page, words in actions.what_is_missing(row)
    ]
    return _show_page(
        request,
        row,
        "confirm",
        missing=missing,
        rules=current_rules(row.fiscal_year),
        intake=intake_now(),
        groups=planned_groups(row),
        outlook=outlook(row, [slot.day for slot in row.open_slots()]),
        wished=_wished_with_odds(row),
    )


def _wished_with_odds(row: Request) -> list[tuple[Slot, Odds | None]]:
    """The wished days, each with how many could come."""
    slots = [slot for slot in row.open_slots() if not slot.is_past]
    bells = bells_of(row)
    first_day = dates.today()
    if rules := current_rules():
        first_day += dt.timedelta(days=rules.days_ahead)
    found = dict(zip((slot.pk for slot in slots), odds_of(row, slots, bells, first_day), strict=False))
    return [(slot, found.get(slot.pk)) for slot in row.open_slots()]


def _submit(request: HttpRequest, row: Request) -> HttpResponse:
    try:
        row = actions.submit(row, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("requests:edit", row.public_id, "confirm")
    words = _("申し込みました。受付番号は%(number)sです。控えを、担当の%(name)sさんにメールで送りました。")
    if row.contact_id == request.user.pk:
        words = _("申し込みました。受付番号は%(number)sです。控えをメールで送りました。")
    words %= {"number": row.number, "name": row.contact.get_full_name()}
    if row.answer_by:
        words = joined(words, _("%(day)sまでにお返事します。") % {"day": dates.day_words(row.answer_by)})
    messages.success(request, words)
    return redirect(row)


@login_required
@require_safe
def show(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What became of the request: state, whose turn, until when."""
    row = _mine(request, public_id)
    if row.state == RequestState.DRAFT:
        missing = next((page_of(row, page) for page, _words in actions.what_is_missing(row)), "confirm")
        return redirect("requests:edit", row.public_id, missing)
    rows = row.visits.exclude(state__in=("cancelled", "not_held")).select_related("slot")
    visit = rows.prefetch_related("participations__ambassador").first()
    parties = parties_of(request.user, row)
    is_staff = Party.COORDINATOR in parties
    is_host = Party.SCHOOL in parties
    coming = len(visit.present_ambassadors) if visit else 0
    slots = [slot for slot in row.slots.all() if is_shown(slot, visit)]
    told = outlook(row, [])
    return render(
        request,
        "outreach/requests/show.html",
        {
            "asked": row,
            "visit": visit,
            "slots": slots,
            "first_slot": next(iter(slots), None),
            "usual": told["usual"] if told else None,
            # Until it is booked the page says what will happen; what was handed back waits for the school alone.
            "waits": [state for state in WAITS_FOR_AN_ANSWER if state != RequestState.RETURNED],
            "groups": planned_groups(row),
            "steps": history(row, see_names=is_staff, hide_offers=not is_staff),
            "buttons": [move.verb for move in LIFE_OF_A_REQUEST.buttons(row, parties)],
            "is_staff": is_staff,
            "is_host": is_host,
            # Who began it for the board acts in the school's name here, and only reads the visit.
            "may_open_visit": is_staff or (is_host and row.school_id in {None, *request.user.verified_school_ids}),
            "may_read_visit": visit is not None and Party.BOARD in parties,
            "board_answers_by": row.board_answers_by(current_rules(row.fiscal_year)),
            "may_print": is_staff or is_host,
            "contact_has_left": (is_staff or is_host) and row.state in ALIVE and row.contact_has_left,
            "may_name_contact": row.state in ALIVE and may_name_contact(request.user, row),
            "may_note_approval": _tells_approval(request.user, row) and row.state in ALIVE,
            "may_change_dates": row.kind != Kind.CONTENT
            and refusal_of(LIFE_OF_A_REQUEST, row, "add_dates", parties) is None,
            "days_are_over": row.days_are_over,
            "coming": coming,
            "still_wanted": max(0, row.ambassadors_wanted - coming),
            "last_reason": reason_of_state(row),
            "waiting_offers": row.offers.filter(state="sent", expires_at__gt=timezone.now()).count(),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def approval(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """校長の了承, written after the request was sent."""
    row = _mine(request, public_id)
    if not _tells_approval(request.user, row):
        raise Http404
    told = {name: getattr(row, name) for name in ("principal_name", "principal_agreed_on")}
    form = LaterApprovalForm(request.POST if request.method == "POST" else None, initial=told)
    if request.method == "POST" and form.is_valid():
        try:
            actions.note_approval(row, by=request.user, **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("校長の了承を書き加えました。"))
            return redirect(row)
    return render(request, "outreach/requests/approval_form.html", {"asked": row, "form": form})


def _tells_approval(user: User, row: Request) -> bool:
    """The desk writes it only in the draft that it enters."""
    of_school = Party.SCHOOL in parties_of(user, row) and may_note_approval(user, row)
    return of_school and row.kind == Kind.SCHOOL_VISIT


@login_required
@require_safe
def print_page(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """起案用: everything about the request on one sheet of paper, from the first draft on."""
    row = _mine(request, public_id)
    if not parties_of(request.user, row) & {Party.SCHOOL, Party.COORDINATOR}:
        raise Http404
    return render(
        request,
        "outreach/requests/print.html",
        {
            "asked": row,
            "groups": planned_groups(row),
            "slots": row.open_slots(),
            "competences": row.competences.all(),
            "partners": row.participating_schools.order_by("name_ja"),
            "today": dates.today(),
            "seals": SEALS if row.school_id else SEALS_OF_OTHERS,
        },
    )


def is_shown(slot: Any, visit: Any) -> bool:
    """Days that are wished for, and the day of the visit; a day that is only proposed stands on the visit's page."""
    if slot.dropped_at is not None:
        return False
    return slot.origin != slot.Origin.MOVED or (visit is not None and visit.slot_id == slot.pk)


def reason_of_state(row: Request) -> str:
    """The words with which the request came into its present state; what ambassadors wrote is not among them."""
    led_here = row.steps.filter(subject="request", to_state=row.state).exclude(from_state=row.state)
    return led_here.order_by("-at", "-pk").values_list("reason", flat=True).first() or ""


@login_required
@require_POST
def pass_on(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The board sends the request on to the desk."""
    row = _mine(request, public_id)
    if not parties_of(request.user, row) & {Party.BOARD, Party.COORDINATOR}:
        raise Http404
    try:
        actions.pass_on(row, by=request.user)
    except TooLate as refusal:
        return refused_page(request, refusal, back=row.get_absolute_url())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("事務局に送りました。学校にもメールで伝えました。"))
    return redirect(row)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The board asks the school to mend its request."""
    row = _mine(request, public_id)
    parties = parties_of(request.user, row)
    if not parties & {Party.BOARD, Party.COORDINATOR}:
        raise Http404
    if request.method != "POST" and (refusal := refusal_of(LIFE_OF_A_REQUEST, row, "hand_back", parties)):
        messages.info(request, str(refusal))
        return redirect(row)
    return reason_page(
        request,
        title=_("申込みの修正をお願いする"),
        button=_("修正をお願いする"),
        back=row.get_absolute_url(),
        lead=_("学校の担当者に、書いた内容がメールで届きます。"),
        act=lambda reason: actions.hand_back(row, by=request.user, reason=reason),
        about=row,
        done=_("学校に修正をお願いしました。"),
    )


# ── joint lessons ─────────────────────────────────────────────────────────────
def _editable(request: HttpRequest, public_id: uuid.UUID) -> Request:
    """A request that this person may write; anything else answers like a missing one."""
    row = _mine(request, public_id)
    if not actions.may_write(request.user, row) or row.kind != Kind.SCHOOL_VISIT or row.school_id is None:
        raise Http404
    return row


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def schools(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Which other schools take part in the same lesson, and with how many pupils."""
    row = _editable(request, public_id)
    chosen = School.objects.open().filter(public_id=_uuid_or_none(request.GET.get("school"))).first()
    if row.state not in actions.EDITABLE:
        refusal = NotAllowed(_("申込みのあとは、ここからは変えられません。変えたいことは事務局に連絡してください。"))
        if request.method == "POST":
            return refused_page(request, refusal, back=row.get_absolute_url())
        messages.info(request, str(refusal))
        return redirect(row)
    form = JointSchoolForm(request.POST or None, request=row, school=chosen) if chosen else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            actions.take_part(row, chosen, form.groups, by=request.user)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(school)sを合同授業に加えました。") % {"school": chosen.name})
            return redirect("requests:schools", row.public_id)
    asked_for = request.GET if request.GET.keys() & {"prefecture", "name"} else None
    search = SchoolSearchForm(asked_for, initial={"prefecture": row.school.prefecture_code})
    found = search.found() if search.is_bound and search.was_asked() else None
    return render(
        request,
        "outreach/requests/edit_schools.html",
        {
            "asked": row,
            "steps": _steps("lesson", row),
            "title": _("合同授業"),
            "search": search,
            "found": found[:MOST_SHOWN] if found is not None else None,
            "more": found is not None and len(found) > MOST_SHOWN,
            "closed": search.found_closed() if found is not None else [],
            "chosen": chosen,
            "form": form,
            "partners": partners(row),
        },
        status=422 if request.method == "POST" else 200,
    )


def partners(row: Request) -> list[dict[str, Any]]:
    """The schools that take part, each with the pupils expected of it."""
    groups = planned_groups(row)
    return [
        {"school": school, "groups": [group for group in groups if group.school_id == school.pk]}
        for school in row.participating_schools.order_by("name_ja")
    ]


@login_required
@require_POST
def leave_out(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A school does not take part after all."""
    row = _editable(request, public_id)
    school = get_object_or_404(row.participating_schools, public_id=_uuid_or_none(request.POST.get("school")))
    try:
        actions.leave_out(row, school, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(row)
    messages.success(request, _("%(school)sを合同授業から外しました。") % {"school": school.name})
    return redirect("requests:schools", row.public_id)


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
    request: HttpRequest,
    *,
    title: str,
    lead: str,
    button: str,
    back: str,
    act: Any,
    done: str,
    then: str = "",
    hidden: dict[str, Any] | None = None,
    hint: str = "",
    about: Any = "",
) -> HttpResponse:
    """Ask for a reason, then act; a refusal stands beside the field and nothing typed is lost.

    `then` is where to go afterwards when `back` is no longer the person's to see; `hidden` goes along with the form;
    `hint` says who reads the reason when it is not both sides; `about` names the thing, so that nobody ends another one.
    """
    form = ReasonForm(request.POST or None)
    if hint:
        form.fields["reason"].help_text = f"{hint}　{NO_PUPIL_NAMES}"
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except TooLate as refusal:
            return refused_page(request, refusal, back=back)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(then or back)
    return render(
        request,
        "outreach/requests/reason.html",
        {
            "form": form,
            "title": title,
            "lead": lead,
            "button": button,
            "back": back,
            "hidden": hidden or {},
            "about": about,
        },
    )


def refused_page(request: HttpRequest, refusal: NotAllowed, *, back: str, **context: Any) -> HttpResponse:
    """What happened and what is still possible: 409 when somebody was faster, 422 for any other refusal.

    `context` may name what is still free: `offers`, a list of other offers that wait for the same person.
    """
    is_late = isinstance(refusal, TooLate)
    return render(
        request,
        "outreach/requests/refused.html",
        {"words": str(refusal), "is_late": is_late, "back": back, **context},
        status=409 if is_late else 422,
    )
