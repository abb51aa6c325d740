"""Inviting somebody, sending the letter again, taking it back; and redeeming an invitation, once."""

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.invitations import letters
from accounts.invitations.rules import is_good, may_invite, may_manage, new_token, print_of
from accounts.memberships.actions import confirmed_addresses, forget_read_memberships, mark_verified
from accounts.models import DESK_ROLES, PLACES_OF_ROLES, Invitation, Membership, Role, User, Vouching, place_field
from ui import dates
from ui.forms import folded
from ui.refusals import NotAllowed

GOOD_FOR = dt.timedelta(days=7)
MOST_AT_ONCE = 50  # living invitations of one place: more is no staff room


class NotGood(NotAllowed):
    """The invitation cannot be redeemed by this person now; why is not said."""


@transaction.atomic
def invite(
    address: str, *, by: User, role: str, place: Any = None, body_name: str = "", language: str = ""
) -> Invitation:
    """A letter with a link goes to the address. Invited twice, the newer link holds and the older one has ended."""
    address = _readable(address)
    _check(by, role, place, body_name)
    where = {place_field(place): place} if place is not None else {}
    if place is not None and _belongs_already(address, role, where):
        raise NotAllowed(_("%(address)sの方は、もう%(place)sの一員です。") % {"address": address, "place": place.name})
    living = Invitation.objects.living().filter(address=address, role=role, **where)
    if known := living.select_for_update(of=("self",)).first():
        return _send(known, by=by)
    if not by.is_coordinator and Invitation.objects.redeemable().filter(**where).count() >= MOST_AT_ONCE:
        raise NotAllowed(_("返事のない招待が多すぎます。使わない招待を取り消すか、事務局に連絡してください。"))
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                address=address,
                role=role,
                body_name=body_name.strip() if place is None else "",
                language=language or ("en" if translation.get_language() == "en" else "ja"),
                token_hash=print_of(new_token()),
                invited_by=by,
                expires_at=timezone.now() + GOOD_FOR,
                **where,
            )
    except IntegrityError:
        # Somebody else invited them a moment ago: theirs is the one that lives.
        return _send(living.select_for_update(of=("self",)).get(), by=by)
    log(invitation, "kakehashi.invite", user=by, data={"role": role, "place": invitation.place_name})
    return _send(invitation, by=by)


def _belongs_already(address: str, role: str, where: dict[str, Any]) -> bool:
    """Whoever may invite here sees who belongs here: this tells them nothing new."""
    people = EmailAddress.objects.filter(email=address, verified=True).values("user")
    return Membership.objects.current().verified().filter(person__in=people, role=role, **where).exists()


def _readable(address: str) -> str:
    address = folded(address).lower()
    try:
        validate_email(address)
    except ValidationError:
        raise NotAllowed(
            _("「%(address)s」はメールアドレスとして読めません。") % {"address": " ".join(address.split())[:60]}
        ) from None
    return address


def _check(by: User, role: str, place: Any, body_name: str) -> None:
    if role not in Role.values or (place is None) is not (role in DESK_ROLES):
        raise NotAllowed(_("役割と所属先が合いません。選び直してください。"))
    if place is not None and role not in PLACES_OF_ROLES[place_field(place)]:
        raise NotAllowed(_("役割と所属先が合いません。選び直してください。"))
    if not may_invite(by, role, place):
        raise NotAllowed(_("この所属先には招待できません。事務局に連絡してください。"))
    if place is None and not body_name.strip():
        raise NotAllowed(_("勤務先の名称を書いてください。例：文部科学省"))
    if getattr(place, "closed_on", None) or getattr(place, "left_on", None):
        raise NotAllowed(_("%(place)sはいまは使われていません。") % {"place": place.name})


def _send(invitation: Invitation, *, by: User) -> Invitation:
    """A new secret, good for some days from now, leaves for the address; the one before opens nothing any longer."""
    token, now = new_token(), timezone.now()
    changed = (
        Invitation.objects.living()
        .filter(pk=invitation.pk)
        .update(token_hash=print_of(token), invited_by=by, invited_at=now, expires_at=now + GOOD_FOR)
    )
    if not changed:
        raise NotAllowed(_("この招待はもう終わっています。"))
    invitation.refresh_from_db()
    letters.send(invitation, token)
    return invitation


@transaction.atomic
def send_again(invitation: Invitation, *, by: User) -> Invitation:
    """The letter goes out once more with a new link; the link before has ended."""
    _check(by, invitation.role, invitation.place, invitation.body_name)
    return _send(invitation, by=by)


@transaction.atomic
def revoke(invitation: Invitation, *, by: User) -> Invitation:
    """The link opens nothing any longer."""
    if not may_manage(by, invitation):
        raise NotAllowed(_("この招待は取り消せません。事務局に連絡してください。"))
    living = Invitation.objects.living().filter(pk=invitation.pk)
    if not living.update(revoked_at=timezone.now(), revoked_by=by):
        raise NotAllowed(_("この招待はもう終わっています。"))
    invitation.refresh_from_db()
    log(invitation, "kakehashi.revoke_invitation", user=by)
    return invitation


@transaction.atomic
def redeem(invitation: Invitation, *, by: User) -> Membership:
    """The person has the role at the place, and whoever invited them has vouched for it. Once, whoever is faster.

    Raises: NotGood when it is used, revoked, over, or meant for another address; nothing has changed then.
    """
    if not by.is_active or invitation.address not in confirmed_addresses(by) or not is_good(invitation):
        raise NotGood(_("この招待は使えません。"))
    ours = Invitation.objects.redeemable().filter(pk=invitation.pk, token_hash=invitation.token_hash)
    if not ours.update(used_at=timezone.now(), used_by=by):
        raise NotGood(_("この招待は使えません。"))
    invitation.refresh_from_db()
    membership = _membership(invitation, by)
    if membership.verified_at is None:
        # The desk's word or a colleague's, given beforehand.
        how = Vouching.DESK if invitation.invited_by.is_coordinator else Vouching.COLLEAGUE
        mark_verified(
            membership, by=invitation.invited_by, how=how, note=_("招待：%(address)s") % {"address": invitation.address}
        )
    log(invitation, "kakehashi.redeem_invitation", user=by, data={"role": invitation.role})
    if invitation.role in DESK_ROLES:
        told = {"role": membership.role, "until": str(membership.until), "reason": _("招待を引き受けました。")}
        log(by, "kakehashi.grant_role", user=invitation.invited_by, data=told)
    forget_read_memberships(by)
    return membership


def _membership(invitation: Invitation, person: User) -> Membership:
    """Where the person belongs already, or a new one."""
    place, role = invitation.place, invitation.role
    mine = Membership.objects.current().filter(person=person)
    known = (mine.at(place) if place is not None else mine.filter(role=role)).first()
    if known is None:
        where = {place_field(place): place} if place is not None else {"body_name": invitation.body_name}
        if place is None:
            # Accounts of the desk end with the fiscal year unless they are renewed.
            where["until"] = dates.fiscal_year_bounds(dates.fiscal_year_of(dates.today()))[1]
        return Membership.objects.create(person=person, role=role, **where)
    if role == Role.ADMIN and known.role == Role.MEMBER:
        Membership.objects.filter(pk=known.pk).update(role=role)
        log(known, "kakehashi.make_admin", user=invitation.invited_by)
        known.refresh_from_db()
    return known
