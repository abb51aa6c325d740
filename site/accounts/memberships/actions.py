"""Belonging to a place: saying so, being vouched for, vouching, leaving; and the mail domains that vouch by themselves."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.mail_hosts import domain_of, is_domain, is_public
from accounts.memberships import letters
from accounts.memberships.rules import knows
from accounts.models import MailDomain, Membership, Role, User, Vouching, place_field
from outbox.actions import post
from ui import dates, places
from ui.refusals import NotAllowed

ROLE_AT_THE_DOOR = {"school": Role.CONTACT, "board": Role.BOARD_MEMBER, "organisation": Role.MEMBER}


def forget_read_memberships(user: User) -> None:
    user.__dict__.pop("current_memberships", None)


def confirmed_addresses(user: User) -> list[str]:
    """The addresses that this person has shown to be theirs."""
    return [
        address.lower()
        for address in EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    ]


# ── saying that one belongs somewhere ─────────────────────────────────────────
@transaction.atomic
def join(place: Any, *, by: User, position: str = "", phone: str = "") -> Membership:
    """The person says they belong to the place; the desk is asked to make sure. Said twice, it is said once.

    A confirmed address in a listed mail domain of the place vouches at once.
    """
    known = Membership.objects.current().at(place).filter(person=by).first()
    if known:
        return known
    field = place_field(place)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                person=by, role=ROLE_AT_THE_DOOR[field], position=position, phone=phone, **{field: place}
            )
    except IntegrityError:
        return Membership.objects.at(place).get(person=by, until__isnull=True)
    forget_read_memberships(by)
    if not _vouched_by_domain(membership):
        for draft in letters.arrived(membership):
            post(draft)
    return membership


# ── vouching ──────────────────────────────────────────────────────────────────
@transaction.atomic
def vouch(membership: Membership, *, by: User, how: str, note: str) -> Membership:
    """The desk, or a verified colleague, vouches that the person belongs there: from now on they act for the place."""
    if how == Vouching.COLLEAGUE:
        if not knows(by, membership):
            raise NotAllowed(_("所属を確認できるのは、同じところの確認済みの方と事務局です。"))
    elif not by.is_coordinator:
        raise NotAllowed(_("所属を確認できるのは事務局です。"))
    if how == Vouching.DOMAIN:
        raise NotAllowed(_("メールのドメインによる確認は、ドメインを登録すると自動で行われます。"))
    if how not in Vouching.values or not note.strip():
        raise NotAllowed(_("どのように確認したかを書いてください。例：代表番号に電話、教頭の確認、11月20日"))
    mark_verified(membership, by=by, how=how, note=note.strip())
    return membership


def mark_verified(membership: Membership, *, by: User | None, how: str, note: str) -> None:
    """Somebody's word is written down; the person learns it. Who may give that word is the caller's question."""
    waiting = Membership.objects.current().filter(pk=membership.pk, verified_at__isnull=True)
    changed = waiting.update(verified_at=timezone.now(), verified_by=by, verified_how=how, verification_note=note)
    membership.refresh_from_db()
    if not changed:
        raise NotAllowed(
            _("この所属はもう確認されています。") if membership.verified_at else _("この所属は終わっています。")
        )
    forget_read_memberships(membership.person)
    log(membership, "kakehashi.vouch", user=by, data={"how": how, "note": note})
    for draft in letters.vouched(membership):
        post(draft)


def _vouched_by_domain(membership: Membership) -> bool:
    """Whether a listed domain of the place vouches for one of the person's confirmed addresses; written down if so."""
    if membership.place is None or membership.verified_at:
        return False
    owned = {domain_of(address) for address in confirmed_addresses(membership.person)}
    listed = MailDomain.objects.filter(**{place_field(membership.place): membership.place}, domain__in=owned).first()
    if listed is None or is_public(listed.domain):
        return False
    mark_verified(membership, by=listed.listed_by, how=Vouching.DOMAIN, note=listed.domain)
    return True


@transaction.atomic
def vouch_by_address(person: User) -> int:
    """A confirmed address in a listed domain vouches for whatever of this person waits there. How many it was."""
    waiting = Membership.objects.waiting_for_a_voucher().filter(person=person)
    return sum(
        _vouched_by_domain(membership) for membership in waiting.select_related("school", "board", "organisation")
    )


@transaction.atomic
def list_domain(place: Any, domain: str, *, by: User, note: str = "") -> MailDomain:
    """Addresses in this domain show that somebody belongs to the place; those who wait there are verified at once."""
    _only_the_desk(by)
    domain = domain.strip().lower().removeprefix("@").rstrip(".")
    if not is_domain(domain):
        raise NotAllowed(
            _("「%(domain)s」はドメインとして読めません。例：sakura-h.example.ed.jp") % {"domain": domain[:60]}
        )
    if is_public(domain):
        raise NotAllowed(
            _(
                "「%(domain)s」のアドレスはだれでも取れるので、登録できません。所属する人だけが使うドメインを書いてください。"
            )
            % {"domain": domain}
        )
    field = place_field(place)
    listed, is_new = MailDomain.objects.get_or_create(
        domain=domain, **{field: place}, defaults={"listed_by": by, "note": note.strip()}
    )
    if is_new:
        log(listed, "kakehashi.list_domain", user=by, data={"domain": domain, "place": place.name})
        waiting = Membership.objects.waiting_for_a_voucher().at(place).select_related("person", field)
        holders = EmailAddress.objects.filter(verified=True, email__iendswith=f"@{domain}").values("user_id")
        for membership in waiting.filter(person__in=holders):
            _vouched_by_domain(membership)
    return listed


@transaction.atomic
def strike_domain(listed: MailDomain, *, by: User) -> None:
    """The domain vouches for nobody any longer; who was verified by it stays verified."""
    _only_the_desk(by)
    log(listed, "kakehashi.strike_domain", user=by, data={"domain": listed.domain, "place": listed.place.name})
    listed.delete()


def _only_the_desk(by: User) -> None:
    if not by.is_coordinator:
        raise NotAllowed(_("この操作ができるのは事務局です。"))


# ── leaving ───────────────────────────────────────────────────────────────────
def open_matters(membership: Membership) -> list[Any]:
    """What is still in the person's name at that place: lines of upper parts."""
    return [line for lines in places.open_matters.ask(membership) for line in lines]


@transaction.atomic
def leave(membership: Membership, *, by: User) -> Membership:
    """The person belongs there no longer, from this moment on. What they asked for stays with the place."""
    if membership.person_id != by.pk:
        raise NotAllowed(_("終えられるのは、自分の所属だけです。"))
    matters = open_matters(membership)
    _end(membership, by=by, reason="")
    log(membership, "kakehashi.leave", user=by)
    for draft in letters.left(membership, matters):
        post(draft)
    return membership


@transaction.atomic
def end(membership: Membership, *, by: User, reason: str) -> Membership:
    """The desk ends a membership; the person learns why, and can act there no longer from this moment on."""
    _only_the_desk(by)
    if not reason.strip():
        raise NotAllowed(_("理由を書いてください。本人にメールで伝わります。"))
    _end(membership, by=by, reason=reason.strip()[:500])
    log(membership, "kakehashi.end_membership", user=by, data={"reason": membership.end_reason})
    for draft in letters.ended(membership):
        post(draft)
    return membership


def _end(membership: Membership, *, by: User, reason: str) -> None:
    living = Membership.objects.current().filter(pk=membership.pk)
    if not living.update(until=dates.today(), ended_at=timezone.now(), ended_by=by, end_reason=reason):
        raise NotAllowed(_("この所属はもう終わっています。"))
    membership.refresh_from_db()
    forget_read_memberships(membership.person)
    forget_read_memberships(by)
