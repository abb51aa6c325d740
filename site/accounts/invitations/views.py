"""The invitation behind the link of a letter; inviting, sending again and taking back."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.invitations import actions
from accounts.invitations.forms import InviteForm
from accounts.invitations.rules import by_token, forget, may_manage, remember, remembered, roles_to_offer
from accounts.memberships.actions import confirmed_addresses
from accounts.models import Invitation, Membership
from accounts.once import once
from ui.refusals import NotAllowed


def _is_theirs(request: HttpRequest, invitation: Invitation) -> bool:
    return invitation.address in confirmed_addresses(request.user)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """What one is invited to. Only pressing the button accepts; whatever cannot be redeemed is answered by one page."""
    invitation = by_token(token)
    if invitation is None or (request.user.is_authenticated and not _is_theirs(request, invitation)):
        return _no_longer_good(request)
    if request.method != "POST":
        return _page(request, invitation, reverse("invitation", args=[token]))
    if request.user.is_authenticated:
        return _redeem(request, invitation)
    remember(request, invitation)
    if "sign_up" in request.POST:
        return redirect(f"{reverse('account_signup')}?door=invitation")
    return redirect("account_login")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest) -> HttpResponse:
    """The invitation whose letter was opened before signing in or signing up."""
    invitation = remembered(request)
    if invitation is None or not _is_theirs(request, invitation):
        forget(request)
        messages.info(
            request, _("このアカウントで使える招待はありません。招待のメールが届いたアドレスでログインしてください。")
        )
        return redirect("my")
    if request.method == "POST":
        return _redeem(request, invitation)
    return _page(request, invitation, reverse("my_invitation"))


def _page(request: HttpRequest, invitation: Invitation, address: str) -> HttpResponse:
    return render(request, "accounts/invitations/invitation.html", {"invitation": invitation, "address": address})


def _no_longer_good(request: HttpRequest) -> HttpResponse:
    """Ended, taken back, redeemed, for somebody else or never there: the page does not say which."""
    # Like any missing page it names no address, its own in the other language included.
    return render(request, "accounts/invitations/no_longer_good.html", {"other_language": {}}, status=404)


def _redeem(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    try:
        membership = actions.redeem(invitation, by=request.user)
    except actions.NotGood:
        return _no_longer_good(request)
    forget(request)
    words = _("%(place)sの一員になりました。") if membership.place else _("%(role)sになりました（%(place)s）。")
    messages.success(request, words % {"place": membership.place_name, "role": membership.get_role_display()})
    return redirect("my")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def invite(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A verified person invites somebody to the place of this membership of theirs."""
    rows = Membership.objects.current().select_related("school", "board", "organisation")
    membership = get_object_or_404(rows.filter(person=request.user), public_id=public_id)
    roles = roles_to_offer(request.user, membership)
    if not roles:
        raise Http404
    form = InviteForm(request.POST or None, roles=roles)
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["address"]
        try:
            actions.invite(address, by=request.user, role=form.chosen_role(), place=membership.place)
        except NotAllowed as refusal:
            form.add_error("address", str(refusal))
        else:
            messages.success(
                request, _("%(address)s に招待のメールを送りました。7日のあいだ使えます。") % {"address": address}
            )
            return redirect("my_colleagues")
    return render(
        request,
        "accounts/invitations/invite.html",
        {"form": form, "membership": membership},
        status=422 if request.method == "POST" else 200,
    )


def _managed(request: HttpRequest, public_id: uuid.UUID) -> Invitation:
    rows = Invitation.objects.living().select_related("school", "board", "organisation")
    invitation = get_object_or_404(rows, public_id=public_id)
    if not may_manage(request.user, invitation):
        raise Http404
    return invitation


def _back(request: HttpRequest) -> HttpResponse:
    return redirect("desk:invitations" if request.user.is_coordinator else "my_colleagues")


@login_required
@require_POST
def send_again(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The letter once more, with a new link."""
    invitation = _managed(request, public_id)
    try:
        actions.send_again(invitation, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("%(address)s に招待のメールをもう一度送りました。前のリンクは使えなくなりました。")
            % {"address": invitation.address},
        )
    return _back(request)


@login_required
@require_POST
def revoke(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The invitation is taken back."""
    invitation = _managed(request, public_id)
    try:
        actions.revoke(invitation, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(address)s への招待を取り消しました。") % {"address": invitation.address})
    return _back(request)
