"""What the desk does about belonging: ending a membership, mail domains that vouch, invitations."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.invitations import actions as invitations_actions
from accounts.memberships import actions
from accounts.models import DESK_ROLES, PLACES_OF_ROLES, Invitation, MailDomain, Membership, Role
from accounts.once import once
from accounts.rules import coordinators_only
from accounts.security import ask_for_proof
from outreach.alliance.models import Organisation
from outreach.desk.forms import DeskInviteForm, DomainForm
from outreach.lives import NotAllowed
from outreach.requests.views import reason_page
from outreach.schools.models import Board, School
from ui.forms import folded

PAGE_LENGTH = 50
MOST_FOUND = 20
LONGEST_SEARCH = 60
PLACES = {"school": School, "board": Board, "organisation": Organisation}


# ── choosing a place ──────────────────────────────────────────────────────────
def found_places(words: str, fields: tuple[str, ...] = tuple(PLACES)) -> list[dict[str, Any]]:
    """Schools, boards and organisations whose name holds the words: at most a screenful of each."""
    words = words.strip()
    if not words:
        return []
    rows = {
        "school": School.objects.open().matching(words).select_related("board"),
        "board": _boards(words),
        "organisation": Organisation.objects.taking_part().matching(words),
    }
    return [
        {"place": place, "ref": f"{field}:{place.public_id}", "kind": place._meta.verbose_name}
        for field in fields
        for place in rows[field][:MOST_FOUND]
    ]


def _boards(words: str) -> Any:
    found = Board.objects.all()
    for word in words.split()[:5]:
        found = found.filter(name_ja__icontains=word)
    return found


def place_of(ref: str) -> Any:
    """The school, board or organisation that `school:<uuid>` names, or None."""
    field, _colon, public_id = ref.partition(":")
    if field not in PLACES:
        return None
    try:
        return PLACES[field].objects.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        return None


# ── memberships ───────────────────────────────────────────────────────────────
@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def end_membership(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A membership ends now, with a reason that the person reads."""
    rows = Membership.objects.current().select_related("person", "school", "board", "organisation")
    membership = get_object_or_404(rows, public_id=public_id)
    name, place = membership.person.get_full_name(), membership.place_name
    return reason_page(
        request,
        title=_("%(name)sさんの所属を終える") % {"name": name},
        button=_("所属を終える"),
        back=reverse("desk:membership", args=[membership.public_id]),
        lead=_("%(place)sの申込みと訪問は、この人からすぐに見られなくなります。理由は本人にメールで伝わります。")
        % {"place": place},
        act=lambda reason: actions.end(membership, by=request.user, reason=reason),
        done=_("%(name)sさんの%(place)sの所属を終えました。") % {"name": name, "place": place},
    )


# ── mail domains ──────────────────────────────────────────────────────────────
@coordinators_only
@require_safe
def domains(request: HttpRequest) -> HttpResponse:
    """The domains that vouch, and a search for the place to which another belongs."""
    rows = MailDomain.objects.select_related("school", "board", "organisation", "listed_by")
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    words = folded(request.GET.get("q", "")[:LONGEST_SEARCH])
    return render(request, "outreach/desk/domains.html", {"page": page, "words": words, "found": found_places(words)})


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once
def add_domain(request: HttpRequest) -> HttpResponse:
    """List a domain for one place."""
    place = place_of(request.GET.get("place", ""))
    if place is None:
        messages.info(request, _("はじめに、どこのドメインかをさがして選んでください。"))
        return redirect("desk:domains")
    form = DomainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            listed = actions.list_domain(place, told["domain"], by=request.user, note=told["note"])
        except NotAllowed as refusal:
            form.add_error("domain", str(refusal))
        else:
            messages.success(
                request,
                _("%(domain)sを%(place)sのドメインとして登録しました。")
                % {"domain": listed.domain, "place": place.name},
            )
            return redirect("desk:domains")
    return render(
        request,
        "outreach/desk/domain.html",
        {"form": form, "place": place},
        status=422 if request.method == "POST" else 200,
    )


@coordinators_only
@require_POST
def strike_domain(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The domain vouches no longer."""
    listed = get_object_or_404(
        MailDomain.objects.select_related("school", "board", "organisation"), public_id=public_id
    )
    actions.strike_domain(listed, by=request.user)
    messages.success(request, _("%(domain)sの登録を外しました。") % {"domain": listed.domain})
    return redirect("desk:domains")


# ── invitations ───────────────────────────────────────────────────────────────
def _field_of(role: str) -> str | None:
    """The kind of place that goes with a role; None for the roles of the desk."""
    return next((field for field, roles in PLACES_OF_ROLES.items() if role in roles), None)


@coordinators_only
@require_safe
def invitations(request: HttpRequest) -> HttpResponse:
    """The invitations nobody has redeemed yet."""
    rows = Invitation.objects.living().select_related("school", "board", "organisation", "invited_by")
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(request, "outreach/desk/invitations.html", {"page": page})


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once
def invite(request: HttpRequest) -> HttpResponse:
    """First as what, then where, then whom. To the desk itself only administrators invite."""
    roles = {value: label for value, label in Role.choices if value not in DESK_ROLES or request.user.is_superuser}
    role = request.GET.get("role", "")
    if role in Role.values and role not in roles:
        raise PermissionDenied
    if role in DESK_ROLES:
        ask_for_proof(request)
    role = role if role in roles else ""
    field = _field_of(role) if role else None
    place = place_of(request.GET.get("place", "")) if field else None
    if place is not None and place._meta.model_name != field:
        place = None
    is_ready = bool(role) and (place is not None or role in DESK_ROLES)
    form = DeskInviteForm(request.POST or None, has_place=place is not None) if is_ready else None
    if form is not None and request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            invitations_actions.invite(
                told["address"],
                by=request.user,
                role=role,
                place=place,
                body_name=told.get("body_name", ""),
                language=told["language"],
            )
        except NotAllowed as refusal:
            form.add_error("address", str(refusal))
        else:
            messages.success(
                request,
                _("%(address)s に招待のメールを送りました。7日のあいだ使えます。") % {"address": told["address"]},
            )
            return redirect("desk:invitations")
    words = folded(request.GET.get("q", "")[:LONGEST_SEARCH])
    return render(
        request,
        "outreach/desk/invite.html",
        {
            "form": form,
            "role": Role(role) if role else None,
            "roles": roles.items(),
            "needs_place": bool(role) and field is not None,
            "place": place,
            "words": words,
            "found": found_places(words, (field,)) if field else [],
        },
        status=422 if request.method == "POST" else 200,
    )
