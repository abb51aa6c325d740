"""Giving and ending roles of the desk, and ending somebody's sign-ins at once. Every act has a reason and is kept."""

import datetime as dt

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import DESK_ROLES, Membership, Role, User, Vouching
from accounts.second_factor import second_factors
from accounts.sign_ins import end_sign_ins
from accounts.staff import letters
from accounts.staff.rules import may_give_roles, may_pause
from outbox.actions import hold_back, post, withdraw_secrets
from ui import dates, places
from ui.refusals import NotAllowed

RENEWED_AHEAD = dt.timedelta(days=90)
# Who writes pages and who reads them before they go out; what the groups may do stands in pages.groups.
GROUPS = {Role.EDITOR: "Editors", Role.COORDINATOR: "Moderators"}


def last_day_of_a_role(day: dt.date | None = None) -> dt.date:
    """Roles of the desk end with the fiscal year."""
    return dates.fiscal_year_bounds(dates.fiscal_year_of(day or dates.today()))[1]


# ── roles ─────────────────────────────────────────────────────────────────────
@transaction.atomic
def grant_role(
    person: User, role: str, *, by: User, body_name: str, reason: str, is_ministry: bool = False
) -> Membership:
    """The person acts for the programme from today until 31 March, in the name of a body."""
    _only_superusers(by, person)
    _with_reason(reason)
    if role not in DESK_ROLES:
        raise NotAllowed(_("この画面で付けられるのは、事務局担当者・閲覧者・編集者の役割だけです。"))
    if not body_name.strip():
        raise NotAllowed(_("どこに所属する人かを書いてください。例：文部科学省 産業連携・地域振興課"))
    locked = _locked(person)
    if not locked.is_active:
        raise NotAllowed(_("%(name)sさんの利用は止まっています。先に再開してください。") % {"name": person})
    if Membership.objects.current().filter(person=person, role=role).exists():
        raise NotAllowed(
            _("%(name)sさんはすでに%(role)sです。続けるときは、期限の更新を使ってください。")
            % {"name": person, "role": Role(role).label}
        )
    membership = Membership.objects.create(
        person=person,
        role=role,
        body_name=body_name.strip(),
        is_ministry=is_ministry,
        until=last_day_of_a_role(),
        verified_at=timezone.now(),
        verified_by=by,
        verified_how=Vouching.DESK,
        verification_note=reason.strip(),
    )
    if role in GROUPS:
        person.groups.add(Group.objects.get_or_create(name=GROUPS[role])[0])
    _forget_read_roles(person)
    _kept(person, "kakehashi.grant_role", by, reason, membership)
    post(letters.role_granted(membership, reason=reason))
    return membership


@transaction.atomic
def renew_role(membership: Membership, *, by: User, reason: str) -> Membership:
    """The role goes on for another fiscal year; possible in the last 90 days before its end."""
    _only_superusers(by, membership.person)
    _with_reason(reason)
    _locked(membership.person)
    row = _running(membership)
    if row.until is None:
        until = last_day_of_a_role()
    elif row.until - RENEWED_AHEAD > dates.today():
        raise NotAllowed(
            _("期限は%(until)sです。更新できるのは、終わりの90日前からです。")
            % {"until": dates.day_words(row.until, year=True)}
        )
    else:
        until = last_day_of_a_role(row.until + dt.timedelta(days=1))
    row.until = until
    row.save(update_fields=["until"])
    _forget_read_roles(row.person)
    _kept(row.person, "kakehashi.renew_role", by, reason, row)
    post(letters.role_renewed(row, reason=reason))
    return row


@transaction.atomic
def end_role(membership: Membership, *, by: User, reason: str) -> None:
    """From the next page on the person no longer has the role."""
    person = membership.person
    _only_superusers(by, person)
    _with_reason(reason)
    _locked(person)
    row = _running(membership)
    _kept(person, "kakehashi.end_role", by, reason, row)
    post(letters.role_ended(row, reason=reason))
    yesterday = dates.today() - dt.timedelta(days=1)
    if row.from_day <= yesterday:
        Membership.objects.filter(pk=row.pk).update(until=yesterday)
    else:
        # Given and ended on one day: no day remains on which it held; the history keeps both.
        row.delete()
    if row.role in GROUPS:
        # Whatever else the CMS allowed them goes as well, but for what another role of theirs gives.
        others = Membership.objects.current().filter(person=person, role__in=GROUPS).exclude(pk=row.pk)
        kept = {GROUPS[role] for role in others.values_list("role", flat=True)}
        person.groups.remove(*Group.objects.filter(name__in=GROUPS.values()).exclude(name__in=kept))
    _forget_read_roles(person)


# ── signing in ────────────────────────────────────────────────────────────────
@transaction.atomic
def deactivate(person: User, *, by: User, reason: str) -> None:
    """The person is out at once, on every device; letters that wait for them never leave, secret addresses end."""
    if not may_pause(by, person):
        raise NotAllowed(
            _(
                "%(name)sさんの利用は、あなたには止められません。事務局の人の利用は管理者が止めます。自分では止められません。"
            )
            % {"name": person}
        )
    _with_reason(reason)
    if not User.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
        raise NotAllowed(_("%(name)sさんの利用は、もう止まっています。") % {"name": person})
    person.refresh_from_db()
    end_sign_ins(person)
    withdraw_secrets(person)
    hold_back(person)
    list(places.account_paused.ask(person, by))
    _kept(person, "kakehashi.deactivate", by, reason)
    post(letters.paused(person))


@transaction.atomic
def reactivate(person: User, *, by: User, reason: str) -> None:
    """The person may sign in again, anew on each device."""
    if not may_pause(by, person):
        raise NotAllowed(
            _("%(name)sさんの利用は、あなたには再開できません。管理者に頼んでください。") % {"name": person}
        )
    _with_reason(reason)
    if not User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
        raise NotAllowed(_("%(name)sさんの利用は止まっていません。") % {"name": person})
    person.refresh_from_db()
    _kept(person, "kakehashi.reactivate", by, reason)
    post(letters.reopened(person))


@transaction.atomic
def forget_second_factor(person: User, *, by: User, reason: str) -> None:
    """The device is lost and no code is left: the person signs in by password once and sets up another one."""
    _only_superusers(by, person)
    _with_reason(reason)
    if not second_factors(person).exists():
        raise NotAllowed(_("%(name)sさんは2段階目の確認を登録していません。") % {"name": person})
    person.authenticator_set.all().delete()
    end_sign_ins(person)
    _kept(person, "kakehashi.forget_second_factor", by, reason)
    post(letters.second_factor_forgotten(person))


# ── shared ────────────────────────────────────────────────────────────────────
def _only_superusers(by: User, person: User) -> None:
    if by.pk == person.pk:
        raise NotAllowed(_("自分の役割や確認の方法は、自分では変えられません。ほかの管理者に頼んでください。"))
    if not may_give_roles(by, person):
        raise NotAllowed(_("この操作ができるのは管理者です。"))


def _with_reason(reason: str) -> None:
    if not reason.strip():
        raise NotAllowed(_("理由を書いてください。記録に残ります。"))


def _locked(person: User) -> User:
    """Two acts on one person happen one after the other."""
    return User.objects.select_for_update().get(pk=person.pk)


def _running(membership: Membership) -> Membership:
    row = Membership.objects.current().filter(pk=membership.pk, role__in=DESK_ROLES).select_related("person").first()
    if row is None:
        raise NotAllowed(_("この役割は、もう終わっています。画面を開き直してください。"))
    return row


def _forget_read_roles(person: User) -> None:
    person.__dict__.pop("current_memberships", None)


def _kept(person: User, act: str, by: User, reason: str, membership: Membership | None = None) -> None:
    told = {"reason": reason.strip()}
    if membership is not None:
        told |= {
            "role": membership.role,
            "body": membership.body_name,
            "until": membership.until.isoformat() if membership.until else None,
        }
    log(person, act, user=by, data=told)
