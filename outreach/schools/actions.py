"""Belonging to a school: saying so, and being vouched for."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Membership, Role, User, Vouching
from outbox.actions import post
from outreach.lives import NotAllowed
from outreach.schools import letters
from outreach.schools.models import School, schools_now


def forget_read_memberships(user: User) -> None:
    user.__dict__.pop("current_memberships", None)


@transaction.atomic
def join(school: School, *, by: User, position: str = "", phone: str = "") -> Membership:
    """The person says they belong to the school; the desk is asked to make sure. Said twice, it is said once."""
    if school.is_closed:
        now = schools_now([school]).get(school.pk)
        if now is None:
            raise NotAllowed(
                _("%(school)sは廃止されています。いまの学校名で探してください。") % {"school": school.name}
            )
        raise NotAllowed(
            _("%(school)sは閉校しました。いまは%(now)sです。%(now)sを選んでください。")
            % {"school": school.name, "now": now.name}
        )
    known = Membership.objects.current().filter(person=by, school=school).first()
    if known:
        return known
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                person=by, role=Role.CONTACT, school=school, position=position, phone=phone
            )
    except IntegrityError:
        return Membership.objects.get(person=by, school=school, until__isnull=True)
    forget_read_memberships(by)
    for draft in letters.arrived(membership):
        post(draft)
    return membership


@transaction.atomic
def vouch(membership: Membership, *, by: User, how: str, note: str) -> Membership:
    """Somebody vouches that the person belongs there: from now on they act for the school."""
    if not by.is_coordinator:
        raise NotAllowed(_("所属を確認できるのは事務局です。"))
    if how not in Vouching.values or not note.strip():
        raise NotAllowed(_("どのように確認したかを書いてください。例：代表番号に電話、教頭の確認、11月20日"))
    changed = Membership.objects.filter(pk=membership.pk, verified_at__isnull=True).update(
        verified_at=timezone.now(), verified_by=by, verified_how=how, verification_note=note.strip()
    )
    if not changed:
        raise NotAllowed(_("この所属はもう確認されています。"))
    membership.refresh_from_db()
    log(membership, "kakehashi.vouch", user=by, data={"how": how, "note": note.strip()})
    for draft in letters.vouched(membership):
        post(draft)
    return membership
