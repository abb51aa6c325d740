"""The desk's rooms."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Membership
from accounts.rules import coordinators_only
from outbox.models import Letter, LetterState
from outreach.desk import queue as lists
from outreach.desk.candidates import candidates
from outreach.desk.forms import OfferForm, QueueFilter, RulesForm
from outreach.lives import NotAllowed, Party
from outreach.requests import actions
from outreach.requests.history import history
from outreach.requests.models import IntakeRules, Request, current_rules
from outreach.requests.states import LIFE_OF_A_REQUEST, RequestState
from outreach.requests.views import reason_page
from outreach.schools import actions as school_actions
from outreach.schools.forms import VouchForm
from outreach.schools.places import prefecture_choices
from outreach.visits import actions as visit_actions
from outreach.visits.models import Offer
from ui import dates, places
from ui.forms import folded

PAGE_LENGTH = 50
MOST_CANDIDATES = 12

LISTS = {
    "act": lists.requests_needing_an_act,
    "waiting": lists.requests_waiting_for_an_answer,
    "booked": lists.booked_requests,
}


def _tabs(current: str) -> list[dict]:
    counts = lists.counts()
    tabs = (
        ("act", _("対応が要る"), reverse("desk:queue"), counts.act),
        ("waiting", _("返事待ち"), f"{reverse('desk:queue')}?list=waiting", counts.waiting),
        ("booked", _("決定"), f"{reverse('desk:queue')}?list=booked", counts.booked),
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
    search = QueueFilter(request.GET)
    words, prefecture = (search.cleaned_data["q"], search.cleaned_data["prefecture"]) if search.is_valid() else ("", "")
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
        },
    )


def _request(request: HttpRequest, public_id: uuid.UUID) -> Request:
    rows = Request.objects.visible_to(request.user).select_related("school__board", "contact").prefetch_related("slots")
    return get_object_or_404(rows, public_id=public_id)


@coordinators_only
@require_safe
def show(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything the desk needs to decide about one request."""
    row = _request(request, public_id)
    return _show(
        request,
        row,
        OfferForm(
            request=row,
            initial={"form_key": uuid.uuid4(), "slots": [s.public_id for s in row.open_slots() if not s.is_past]},
        ),
    )


def _show(request: HttpRequest, row: Request, offer_form: OfferForm, status: int = 200) -> HttpResponse:
    buttons = [move.verb for move in LIFE_OF_A_REQUEST.buttons(row, {Party.COORDINATOR})]
    words = folded(request.GET.get("q", "")[:60])
    found = candidates(row, words=words) if row.state in (RequestState.OPEN, RequestState.SUBMITTED) else []
    membership = Membership.objects.current().filter(person=row.contact, school=row.school).first()
    return render(
        request,
        "outreach/desk/request.html",
        {
            "asked": row,
            "slots": row.slots.all(),
            "groups": row.planned_groups.all(),
            "buttons": buttons,
            "competences": row.competences.all(),
            "membership": membership,
            "offer_form": offer_form,
            "offers": row.offers.select_related("ambassador").prefetch_related("slots"),
            "words": words,
            "candidates": [c for c in found if c.can_be_asked][:MOST_CANDIDATES],
            "candidate_count": sum(c.can_be_asked for c in found),
            "others": [c for c in found if not c.can_be_asked][:MOST_CANDIDATES],
            "other_count": sum(not c.can_be_asked for c in found),
            "visit": row.visits.exclude(state__in=("cancelled", "not_held")).first(),
            "steps": history(row, see_names=True),
        },
        status=status,
    )


@coordinators_only
@require_POST
def take_up(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk begins to look for an ambassador."""
    row = _request(request, public_id)
    try:
        actions.take_up(row, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("調整を始めました。打診する推進大使を選んでください。"))
    return redirect("desk:request", row.public_id)


@coordinators_only
@require_POST
def offer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One ambassador is asked."""
    row = _request(request, public_id)
    form = OfferForm(request.POST, request=row)
    if form.is_valid():
        data = form.cleaned_data
        try:
            visit_actions.send_offer(
                row,
                by=request.user,
                ambassador=data["ambassador"],
                slots=list(data["slots"]),
                message=data["message"],
                expires_at=form.expires_at(),
                form_key=data["form_key"],
            )
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("%(name)sさんに打診しました。返事を待ちます。") % {"name": data["ambassador"].name}
            )
            return redirect("desk:request", row.public_id)
    return _show(request, row, form, status=422)


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
        done=_("打診を取り消しました。"),
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def hand_back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The school is asked to mend its request."""
    row = _request(request, public_id)
    return reason_page(
        request,
        title=_("申込みの修正をお願いする"),
        button=_("修正をお願いする"),
        back=reverse("desk:request", args=[row.public_id]),
        lead=_("学校の担当者に、書いた内容がメールで届きます。"),
        act=lambda reason: actions.hand_back(row, by=request.user, reason=reason),
        done=_("学校に修正をお願いしました。"),
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The desk cannot serve this request now."""
    row = _request(request, public_id)
    return reason_page(
        request,
        title=_("今回は見送る"),
        button=_("見送りを伝える"),
        back=reverse("desk:request", args=[row.public_id]),
        lead=_("学校の担当者に、理由がメールで届きます。待っている打診は取り消されます。"),
        act=lambda reason: visit_actions.decline_request(row, by=request.user, reason=reason),
        done=_("学校に見送りを伝えました。"),
    )


@coordinators_only
@require_safe
def memberships(request: HttpRequest) -> HttpResponse:
    """People who say they belong to a school and whom nobody has vouched for yet."""
    page = Paginator(lists.memberships_to_vouch_for(), PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(request, "outreach/desk/memberships.html", {"tabs": _tabs("vouch"), "page": page})


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def membership(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Vouch for one person, with a note of how it was made sure."""
    row = get_object_or_404(
        Membership.objects.select_related("person", "school", "verified_by").filter(school__isnull=False),
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
            waiting = (
                Request.objects.alive().filter(contact=row.person, school=row.school).order_by("created_at").first()
            )
            return redirect("desk:request", waiting.public_id) if waiting else redirect("desk:memberships")
    return render(
        request,
        "outreach/desk/membership.html",
        {
            "membership": row,
            "form": form,
            "requests": Request.objects.visible_to(request.user).filter(contact=row.person, school=row.school)[:10],
            "colleagues": [
                colleague.person
                for colleague in Membership.objects.current()
                .filter(school=row.school, verified_at__isnull=False)
                .exclude(pk=row.pk)
                .select_related("person")[:10]
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
            "expected": visit.request.pupils_expected,
            "present": next((report.present for report in visit.reports.all()), 0),
        }
        for visit in page
    ]
    return render(request, "outreach/desk/reports.html", {"tabs": _tabs("reports"), "page": page, "lines": lines})


@coordinators_only
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """What waits in the outbox and what has left; letters with secrets only in the invented world."""
    rows = Letter.objects.open_to_staff(is_demo=bool(places.is_demo.first()))
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
        {"page": page, "states": LetterState.choices, "state": state, "words": words},
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
