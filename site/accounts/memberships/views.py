"""The colleagues of one's own places: whom to vouch for; and leaving a place."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.invitations.rules import may_manage, roles_to_offer
from accounts.memberships import actions
from accounts.memberships.rules import colleagues as colleagues_of
from accounts.memberships.rules import same_place, verified_places, waiting_colleagues
from accounts.models import Invitation, Membership, Vouching
from ui.refusals import NotAllowed

MOST_SHOWN = 100


@login_required
@require_safe
def colleagues(request: HttpRequest) -> HttpResponse:
    """For each place that knows this person: who waits for somebody's word, who belongs there, who is invited."""
    return render(
        request,
        "accounts/memberships/colleagues.html",
        {"places": [_place(request, membership) for membership in verified_places(request.user)]},
    )


def _place(request: HttpRequest, membership: Membership) -> dict:
    others = list(colleagues_of(membership)[:MOST_SHOWN])
    roles = roles_to_offer(request.user, membership)
    invited = (
        Invitation.objects.redeemable().filter(same_place(membership)).select_related("school", "board", "organisation")
    )
    return {
        "membership": membership,
        "waiting": [other for other in others if other.verified_at is None],
        "known": [other for other in others if other.verified_at is not None],
        "may_invite": bool(roles),
        "invited": [row for row in invited[:MOST_SHOWN] if may_manage(request.user, row)] if roles else [],
    }


def sentence_of_the_voucher(membership: Membership) -> str:
    """What a colleague says by pressing the button."""
    return _("%(name)sさんが%(place)sに勤めていて、届け出たのが本人であることを確かめました。") % {
        "name": membership.person.get_full_name(),
        "place": membership.place_name,
    }


@login_required
@require_POST
def vouch(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A colleague says that the person belongs there."""
    membership = get_object_or_404(waiting_colleagues(request.user), public_id=public_id)
    try:
        actions.vouch(membership, by=request.user, how=Vouching.COLLEAGUE, note=sentence_of_the_voucher(membership))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)sさんの所属を確認しました。") % {"name": membership.person.get_full_name()})
    return redirect("my_colleagues")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What is still in the person's name, and the button that ends the membership."""
    rows = Membership.objects.current().filter(person=request.user).select_related("school", "board", "organisation")
    membership = get_object_or_404(rows, public_id=public_id)
    if request.method == "POST":
        try:
            actions.leave(membership, by=request.user)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("%(place)sの所属を終えました。") % {"place": membership.place_name})
        return redirect("my")
    known = membership.place is not None and colleagues_of(membership).filter(verified_at__isnull=False).exists()
    return render(
        request,
        "accounts/memberships/leave.html",
        {"membership": membership, "matters": actions.open_matters(membership), "has_successor": known},
    )
