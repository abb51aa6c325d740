"""The ambassadors as the desk sees them: appointments, pauses, limits, cards that wait to be read, 行動規範."""

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.once import once
from accounts.rules import coordinators_only
from outreach.ambassadors import actions, conduct, profile
from outreach.ambassadors.models import PROPOSED_TEXTS, Ambassador, CodeOfConduct, ProfileProposal
from outreach.availability.models import CalendarSource
from outreach.desk.forms import (
    AppointmentForm,
    CardAddressForm,
    ConductForm,
    DecideForm,
    EndAppointmentForm,
    LimitsForm,
)
from outreach.lives import NotAllowed, TooLate
from outreach.requests.models import current_rules
from outreach.requests.views import reason_page, refused_page
from outreach.visits.models import Participation
from ui import dates
from ui.forms import folded

PAGE_LENGTH = 50
FACES_OF_A_NAME = ("name_ja", "name_kana", "name_en", "headline_ja")


@coordinators_only
@require_safe
def ambassadors(request: HttpRequest) -> HttpResponse:
    """Everybody who is or was appointed, by ふりがな, with their limits and how often they have gone this year."""
    year = dates.fiscal_year_of(dates.today())
    words = folded(request.GET.get("q", "")[:60])
    rows = Ambassador.objects.all()
    for word in words.split()[:5]:
        rows = rows.filter(_any_contains(word))
    paginator = Paginator(rows.order_by("name_kana", "pk"), PAGE_LENGTH)
    page = paginator.get_page(request.GET.get("page"))
    people = [person.pk for person in page]
    counted = dict(_visits_in(year, people))
    until = dict(
        Ambassador.objects.filter(pk__in=people).values_list("pk").annotate(last=Max("appointments__until")).order_by()
    )
    rules = current_rules(year)
    lines = [
        {
            "person": person,
            "visits": counted.get(person.pk, 0),
            "until": until.get(person.pk),
            "month": person.most_per_month or (rules.most_per_month if rules else None),
            "year": person.most_per_year or (rules.most_per_year if rules else None),
        }
        for person in page
    ]
    return render(
        request,
        "outreach/desk/ambassadors.html",
        {
            "page": page,
            "lines": lines,
            "words": words,
            "year": year,
            "waiting_cards": ProfileProposal.objects.waiting().count(),
            "waiting_calendars": CalendarSource.objects.waiting().count(),
        },
    )


def _any_contains(word: str) -> Q:
    found = Q()
    for name in FACES_OF_A_NAME:
        found |= Q(**{f"{name}__icontains": word})
    return found


def _visits_in(year: int, people: list[int]) -> list[tuple[int, int]]:
    """How many visits of this fiscal year each has taken or will take: (ambassador, count)."""
    taken = Participation.objects.filter(ambassador__in=people, left_at__isnull=True, visit__fiscal_year=year).exclude(
        visit__state__in=("cancelled", "not_held")
    )
    return list(taken.values_list("ambassador").annotate(count=Count("pk")).order_by())


def _person(public_id: uuid.UUID) -> Ambassador:
    return get_object_or_404(Ambassador.objects.select_related("user"), public_id=public_id)


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def ambassador(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One ambassador: appointments, pause, card, and the limits of their own, which go before those of the year."""
    person = _person(public_id)
    if request.method != "POST":
        return _show(request, person)
    form = LimitsForm(request.POST)
    if form.is_valid():
        try:
            actions.set_limits(person, by=request.user, **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)sさんの上限を改めました。") % {"name": person.name})
            return redirect("desk:ambassador", person.public_id)
    return _show(request, person, limits_form=form)


def _show(request: HttpRequest, person: Ambassador, status: int = 200, **forms: Any) -> HttpResponse:
    year = dates.fiscal_year_of(dates.today())
    coming = (
        Participation.objects.filter(ambassador=person, left_at__isnull=True, visit__fiscal_year=year)
        .exclude(visit__state__in=("cancelled", "not_held"))
        .select_related("visit__request__school", "visit__request__board", "visit__request__organisation")
        .order_by("-visit__day", "-visit__pk")
    )
    visits = [participation.visit for participation in coming]
    months: dict[dt.date, int] = {}
    for visit in visits:
        first = visit.day.replace(day=1)
        months[first] = months.get(first, 0) + 1
    limits = {"most_per_month": person.most_per_month, "most_per_year": person.most_per_year}
    shown = {
        "limits_form": LimitsForm(initial=limits),
        "appointment_form": AppointmentForm(initial=_next_appointment(person)),
        "card_form": CardAddressForm(initial={"slug": person.slug, "is_public": person.is_public}),
    } | forms
    return render(
        request,
        "outreach/desk/ambassador.html",
        {
            "person": person,
            "rules": current_rules(year),
            "year": year,
            "today": dates.today(),
            "visits": visits[:PAGE_LENGTH],
            "count": len(visits),
            "this_month": months.get(dates.today().replace(day=1), 0),
            "appointments": person.appointments.order_by("-from_day")[:10],
            "assistants": person.assistants.current(),
            "proposal": person.proposals.waiting().first(),
            "has_accepted_code": conduct.has_accepted(person),
            **shown,
        },
        status=status,
    )


def _next_appointment(person: Ambassador) -> dict[str, dt.date]:
    """What is usually added next: until the end of the fiscal year, from today or from the end of the last one."""
    last = person.appointments.aggregate(last=Max("until"))["last"]
    from_day = max(dates.today(), last + dt.timedelta(days=1)) if last else dates.today()
    return {"from_day": from_day, "until": dates.fiscal_year_bounds(dates.fiscal_year_of(from_day))[1]}


@coordinators_only
@require_POST
def appoint(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One more appointment, from a day until a day."""
    person = _person(public_id)
    form = AppointmentForm(request.POST)
    if form.is_valid():
        try:
            actions.appoint(person, by=request.user, **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)sさんの任命を加えました。") % {"name": person.name})
            return redirect("desk:ambassador", person.public_id)
    return _show(request, person, status=422, appointment_form=form)


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def end_appointment(request: HttpRequest, public_id: uuid.UUID, from_day: dt.date) -> HttpResponse:
    """An appointment ends earlier than was said."""
    person = _person(public_id)
    appointment = get_object_or_404(person.appointments.select_related("ambassador"), from_day=from_day)
    form = EndAppointmentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_appointment(appointment, by=request.user, **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error("until", str(refusal))
        else:
            messages.success(request, _("%(name)sさんの任命の終わりを改めました。") % {"name": person.name})
            return redirect("desk:ambassador", person.public_id)
    after = Participation.objects.filter(ambassador=person, left_at__isnull=True, visit__state="confirmed")
    return render(
        request,
        "outreach/desk/end_appointment.html",
        {
            "person": person,
            "appointment": appointment,
            "form": form,
            "coming": after.filter(visit__day__range=(dates.today(), appointment.until)).count(),
        },
        status=422 if request.method == "POST" else 200,
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """From this moment nobody asks the ambassador, and the card is not shown."""
    person = _person(public_id)
    return reason_page(
        request,
        title=_("%(name)sさんの活動を休みにする") % {"name": person.name},
        button=_("活動を休みにする"),
        back=reverse("desk:ambassador", args=[person.public_id]),
        lead=_(
            "すぐに、新しい打診ができなくなり、届いている打診も引き受けられなくなり、紹介ページは見えなくなります。"
            "決まっている訪問はそのままです。交代や中止は訪問のページで行ってください。"
            "休みにしたことは本人にメールで伝わります。理由は記録に残り、本人には伝わりません。"
        ),
        hint=_("記録にだけ残り、本人には伝わりません。"),
        act=lambda reason: actions.pause(person, by=request.user, reason=reason),
        done=_("%(name)sさんの活動を休みにしました。") % {"name": person.name},
    )


@coordinators_only
@require_POST
def resume(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The ambassador can be asked again."""
    person = _person(public_id)
    try:
        actions.resume(person, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)sさんの活動を再開しました。") % {"name": person.name})
    return redirect("desk:ambassador", person.public_id)


@coordinators_only
@require_POST
def card(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The address of the card, and whether it is in public."""
    person = _person(public_id)
    form = CardAddressForm(request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                actions.rename(person, by=request.user, slug=form.cleaned_data["slug"])
                actions.show_card(person, by=request.user, is_public=form.cleaned_data["is_public"])
        except NotAllowed as refusal:
            form.add_error("slug", str(refusal))
        else:
            messages.success(request, _("%(name)sさんの紹介ページを改めました。") % {"name": person.name})
            return redirect("desk:ambassador", person.public_id)
    return _show(request, person, status=422, card_form=form)


@coordinators_only
@require_POST
def remove_photo(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The photo is off the card at once."""
    person = _person(public_id)
    profile.remove_photo(person, by=request.user)
    messages.success(request, _("%(name)sさんの写真を消しました。") % {"name": person.name})
    return redirect("desk:ambassador", person.public_id)


# ── changed cards that wait to be read ────────────────────────────────────────
@coordinators_only
@require_safe
def profiles(request: HttpRequest) -> HttpResponse:
    """Changed words and photos that wait, the oldest first."""
    waiting = ProfileProposal.objects.waiting().select_related("ambassador").order_by("made_at", "pk")
    page = Paginator(waiting, PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(request, "outreach/desk/profiles.html", {"page": page})


def _differences(proposal: ProfileProposal) -> list[dict[str, Any]]:
    """What would change, before and after."""
    found = []
    for name in PROPOSED_TEXTS:
        before, after = getattr(proposal.ambassador, name), getattr(proposal, name)
        if before != after:
            label = Ambassador._meta.get_field(name).verbose_name
            found.append({"label": label, "before": before, "after": after, "lang": name[-2:]})
    return found


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once
def profile_of(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The card as it is beside the card as it would be; the desk publishes it or says why not."""
    proposal = get_object_or_404(ProfileProposal.objects.select_related("ambassador__user"), public_id=public_id)
    form = DecideForm(request.POST if request.method == "POST" else None, initial={"version": proposal.version})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            if told["decision"] == DecideForm.PUBLISH:
                profile.approve(proposal, by=request.user, version=told["version"])
                done = _("%(name)sさんの紹介の変更を公開しました。") % {"name": proposal.ambassador.name}
            else:
                profile.decline(proposal, by=request.user, version=told["version"], reason=told["reason"])
                done = _("見送ったことを、理由とともに%(name)sさんに伝えました。") % {"name": proposal.ambassador.name}
        except TooLate as refusal:
            return refused_page(request, refusal, back=reverse("desk:profiles"))
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect("desk:profiles")
    return render(
        request,
        "outreach/desk/profile.html",
        {"proposal": proposal, "person": proposal.ambassador, "differences": _differences(proposal), "form": form},
        status=422 if request.method == "POST" else 200,
    )


# ── 行動規範 ──────────────────────────────────────────────────────────────────
@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once
def code_of_conduct(request: HttpRequest) -> HttpResponse:
    """The year's text as a new version, and who has not accepted it."""
    year = dates.fiscal_year_of(dates.today())
    code = conduct.present_code()
    known = {"body_ja": code.body_ja, "body_en": code.body_en} if code else {}
    form = ConductForm(request.POST if request.method == "POST" else None, initial=known | {"fiscal_year": year})
    if request.method == "POST" and form.is_valid():
        try:
            conduct.renew_code(by=request.user, **form.cleaned_data)
        except TooLate as refusal:
            return refused_page(request, refusal, back=reverse("desk:conduct"))
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("行動規範を新しい版にしました。"))
            return redirect("desk:conduct")
    accepted = conduct.who_accepted() or set()
    missing = Ambassador.objects.appointed_on(dates.today()).active().exclude(pk__in=accepted)
    return render(
        request,
        "outreach/desk/conduct.html",
        {
            "form": form,
            "code": code,
            "year": year,
            "versions": CodeOfConduct.objects.select_related("made_by")[:20],
            "missing": missing[:PAGE_LENGTH],
            "missing_count": missing.count(),
        },
        status=422 if request.method == "POST" else 200,
    )
