"""The public directory and its cards, and the ambassador's own pages: card, assistants, code of conduct."""

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

from accounts.once import once
from accounts.rules import only
from outreach.ambassadors import assistants, conduct, pictures, profile
from outreach.ambassadors.forms import AssistantForm, CardForm, DirectoryForm, OfferingForm
from outreach.ambassadors.models import PROPOSED_TEXTS, Ambassador, OldSlug, ProfileProposal
from outreach.lives import NotAllowed
from ui import dates

PAGE_LENGTH = 24


def _is_ambassador(user: Any) -> bool:
    return Ambassador.objects.filter(user=user).exists()


ambassadors_only = only(_is_ambassador)


# ── in public ─────────────────────────────────────────────────────────────────
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """Everybody in office, by ふりがな; the filters live in the address."""
    form = DirectoryForm(request.GET)
    rows = form.found().prefetch_related("facets")
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    wanted = form.wanted()
    return render(
        request,
        "outreach/ambassadors/directory.html",
        {
            "form": form,
            "page": page,
            "is_filtered": bool(wanted),
            "more_open": bool({"competence", "language"} & set(wanted)),
        },
    )


@require_safe
def card(request: HttpRequest, slug: str) -> HttpResponse:
    """One ambassador as everybody may know them; an old address leads to the new one for good."""
    rows = Ambassador.objects.prefetch_related("facets", "competences__framework")
    person = rows.filter(slug=slug).first()
    if person is None:
        old = get_object_or_404(OldSlug.objects.select_related("ambassador"), slug=slug)
        if not _may_read(request, old.ambassador):
            raise Http404
        return redirect(old.ambassador, permanent=True)
    if not _may_read(request, person):
        raise Http404
    return render(
        request,
        "outreach/ambassadors/card.html",
        {
            "person": person,
            "competences": person.competences.all(),
            "is_own": request.user.is_authenticated and person.user_id == request.user.pk,
            "is_hidden": not _is_in_public(person),
        },
    )


def _is_in_public(person: Ambassador) -> bool:
    return Ambassador.objects.in_public().filter(pk=person.pk).exists()


def _may_read(request: HttpRequest, person: Ambassador) -> bool:
    """A card that is not in public is there for its owner and the desk alone."""
    user = request.user
    is_insider = user.is_authenticated and (person.user_id == user.pk or user.is_coordinator)
    return is_insider or _is_in_public(person)


# ── the ambassador's own card ─────────────────────────────────────────────────
def _own(request: HttpRequest) -> Ambassador:
    return Ambassador.objects.select_related("user").prefetch_related("facets").get(user=request.user)


def _show_profile(
    request: HttpRequest,
    person: Ambassador,
    card_form: CardForm | None = None,
    offering_form: OfferingForm | None = None,
) -> HttpResponse:
    waiting = person.proposals.waiting().first()
    words = {name: getattr(waiting or person, name) for name in PROPOSED_TEXTS}
    declined = None if waiting else person.proposals.filter(decided_at__isnull=False).order_by("-decided_at").first()
    is_error = card_form is not None or offering_form is not None
    return render(
        request,
        "outreach/ambassadors/profile.html",
        {
            "person": person,
            "waiting": waiting,
            "declined": declined if declined and not declined.is_approved else None,
            "card_form": card_form or CardForm(initial=words),
            "offering_form": offering_form or OfferingForm(initial=OfferingForm.of(person)),
            "is_hidden": not _is_in_public(person),
        },
        status=422 if is_error else 200,
    )


@ambassadors_only
@require_http_methods(["GET", "HEAD", "POST"])
@once
def own_profile(request: HttpRequest) -> HttpResponse:
    """The card as its owner edits it; new words and a new photo wait for the desk."""
    person = _own(request)
    if request.method != "POST":
        return _show_profile(request, person)
    form = CardForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            proposal = profile.propose(
                person,
                by=request.user,
                texts=form.texts(),
                portrait=form.cleaned_data["photo"],
                recognisable=form.cleaned_data["recognisable"],
            )
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            if proposal is None:
                messages.info(request, _("いまの紹介と同じです。変わったところはありません。"))
            else:
                messages.success(request, _("紹介の変更を事務局に送りました。確かめて公開するとメールで知らせます。"))
            return redirect("ambassadors:profile")
    return _show_profile(request, person, card_form=form)


@ambassadors_only
@require_POST
def offering(request: HttpRequest) -> HttpResponse:
    """How, for whom and about what: holds at once."""
    person = _own(request)
    form = OfferingForm(request.POST)
    if form.is_valid():
        try:
            profile.describe(person, by=request.user, **form.told())
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("形式や対象を改めました。紹介ページにもう出ています。"))
            return redirect("ambassadors:profile")
    return _show_profile(request, person, offering_form=form)


@ambassadors_only
@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """The waiting change is no longer wanted."""
    try:
        profile.take_back(_own(request), by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("変更を取り消しました。公開中の紹介はそのままです。"))
    return redirect("ambassadors:profile")


@ambassadors_only
@require_POST
def remove_photo(request: HttpRequest) -> HttpResponse:
    """The photo is gone at once."""
    profile.remove_photo(_own(request), by=request.user)
    messages.success(request, _("写真を消しました。"))
    return redirect("ambassadors:profile")


@login_required
@require_safe
def waiting_photo(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A photo that waits, for its owner and the desk; nobody else fetches it by any address."""
    rows = ProfileProposal.objects.visible_to(request.user).waiting().exclude(photo="")
    proposal = get_object_or_404(rows, public_id=public_id)
    try:
        content = pictures.read_waiting(proposal.photo)
    except FileNotFoundError:
        raise Http404 from None
    answer = HttpResponse(content, content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'"
    return answer


# ── assistants ────────────────────────────────────────────────────────────────
@ambassadors_only
@require_http_methods(["GET", "HEAD", "POST"])
@once
def own_assistants(request: HttpRequest) -> HttpResponse:
    """Whom the ambassador has named; one more by a mail address."""
    person = _own(request)
    form = AssistantForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = assistants.name_assistant(person, by=request.user, email=form.cleaned_data["email"])
        except NotAllowed as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, _("%(email)sを秘書に指名し、メールを送りました。") % {"email": made.email})
            return redirect("ambassadors:assistants")
    return render(
        request,
        "outreach/ambassadors/assistants.html",
        {"person": person, "form": form, "assistants": person.assistants.current(), "most": assistants.MOST},
        status=422 if request.method == "POST" else 200,
    )


@ambassadors_only
@require_POST
def end_assistant(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The link ends at once."""
    found = get_object_or_404(_own(request).assistants.select_related("ambassador__user"), public_id=public_id)
    try:
        assistants.end_assistant(found, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(email)sの指名を終えました。") % {"email": found.email})
    return redirect("ambassadors:assistants")


# ── 行動規範 ──────────────────────────────────────────────────────────────────
@ambassadors_only
@require_http_methods(["GET", "HEAD", "POST"])
def own_conduct(request: HttpRequest) -> HttpResponse:
    """This year's code of conduct, and one button that accepts it."""
    person, code = _own(request), conduct.present_code()
    if code is None:
        raise Http404
    if request.method == "POST":
        if not conduct.has_accepted(person) and request.POST.get("accepts_code") != str(code.pk):
            messages.error(request, _("行動規範が新しくなりました。新しい文を読んでから同意してください。"))
            return redirect("ambassadors:conduct")
        try:
            conduct.accept_code(person, by=request.user, code=code)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect("ambassadors:conduct")
        messages.success(request, _("行動規範に同意しました。ありがとうございます。"))
        return redirect(reverse("my"))
    year = dates.fiscal_year_of(dates.today())
    accepted = person.acceptances.of_year(year).order_by("-accepted_at").first()
    return render(
        request, "outreach/ambassadors/conduct.html", {"code": code, "year": dates.today(), "accepted": accepted}
    )
