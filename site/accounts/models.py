"""User and Membership: who somebody is, and where they belong from when until when."""

import datetime as dt
import uuid
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.mail_hosts import PUBLIC_MAIL_HOSTS
from accounts.terms.models import TermsAcceptance, TermsVersion
from ui import dates


class UserManager(BaseUserManager["User"]):
    def _create(self, email: str, password: str | None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self._create(email, password, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self._create(email, password, is_superuser=True, is_staff=True, **fields)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)


class User(AbstractUser):
    """One person, signed in by mail address. What they may do follows from memberships, not from the account."""

    username = None
    first_name = None
    last_name = None
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("メールアドレス"), max_length=254, unique=True)
    name = models.CharField(_("氏名"), max_length=80)
    name_kana = models.CharField(_("ふりがな"), max_length=120, blank=True)
    language = models.CharField(_("言語"), max_length=2, choices=(("ja", "日本語"), ("en", "English")), default="ja")
    # Counted up to end every sign-in at once, on whatever device.
    sign_in_round = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = _("利用者")
        verbose_name_plural = _("利用者")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_mail_address")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name

    @cached_property
    def current_memberships(self) -> list["Membership"]:
        """Where this person belongs today; read once per request."""
        return list(self.memberships.current().select_related("school", "board", "organisation"))

    def has_role(self, *roles: str) -> bool:
        return any(membership.role in roles for membership in self.current_memberships)

    @property
    def is_coordinator(self) -> bool:
        return self.is_active and (self.is_superuser or self.has_role(Role.COORDINATOR))

    @property
    def reads_metrics(self) -> bool:
        return self.is_active and (self.is_superuser or self.has_role(Role.COORDINATOR, Role.VIEWER))

    @property
    def edits_pages(self) -> bool:
        return self.is_active and (self.is_superuser or self.has_role(Role.EDITOR))

    @property
    def is_staff_of_the_programme(self) -> bool:
        """Whether this person sees or changes what belongs to others: they sign in with a second factor."""
        return self.is_superuser or self.has_role(*DESK_ROLES, Role.ADMIN)

    @property
    def needs_second_factor(self) -> bool:
        return settings.REQUIRE_MFA and self.is_staff_of_the_programme

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What each sign-in remembers of the account: with another password or round it opens nothing any more."""
        words = f"{self.password}:{self.sign_in_round}"
        return salted_hmac("accounts.models.User.sign_in", words, secret=secret, algorithm="sha256").hexdigest()

    @property
    def school_ids(self) -> list[int]:
        """Schools this person belongs to today, verified or not."""
        return [m.school_id for m in self.current_memberships if m.school_id]

    @property
    def verified_school_ids(self) -> list[int]:
        return [m.school_id for m in self.current_memberships if m.school_id and m.verified_at]

    @property
    def verified_board_ids(self) -> list[int]:
        return [m.board_id for m in self.current_memberships if m.board_id and m.verified_at]

    @property
    def verified_organisation_ids(self) -> list[int]:
        return [m.organisation_id for m in self.current_memberships if m.organisation_id and m.verified_at]

    @property
    def is_ministry(self) -> bool:
        """Whether this person coordinates as an official of the ministry."""
        return self.is_active and any(m.is_ministry and m.role == Role.COORDINATOR for m in self.current_memberships)


class Role(models.TextChoices):
    CONTACT = "contact", _("学校担当者")
    BOARD_MEMBER = "board_member", _("教育委員会の担当者")
    MEMBER = "member", _("参画機関の一員")
    ADMIN = "admin", _("参画機関の管理者")
    COORDINATOR = "coordinator", _("事務局担当者")
    VIEWER = "viewer", _("閲覧者（文部科学省）")
    EDITOR = "editor", _("編集者")


DESK_ROLES = (Role.COORDINATOR, Role.VIEWER, Role.EDITOR)
PLACES_OF_ROLES = {"school": (Role.CONTACT,), "board": (Role.BOARD_MEMBER,), "organisation": (Role.MEMBER, Role.ADMIN)}


class Vouching(models.TextChoices):
    CALL = "call", _("代表番号への電話")
    COLLEAGUE = "colleague", _("確認済みの同僚")
    DOMAIN = "domain", _("登録されたメールのドメイン")
    DESK = "desk", _("事務局の登録")


def place_of_the_role() -> Q:
    """Which place goes with which role: said of every row that names a role and a place."""
    nowhere = {"school__isnull": True, "board__isnull": True, "organisation__isnull": True}
    return (
        Q(role="contact", **nowhere | {"school__isnull": False})
        | Q(role="board_member", **nowhere | {"board__isnull": False})
        | Q(role__in=("member", "admin"), **nowhere | {"organisation__isnull": False})
        | Q(role__in=("coordinator", "viewer", "editor"), **nowhere)
    )


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, day: dt.date | None = None):
        """Those that hold on a day, both ends included; one that was ended holds from that moment on no longer."""
        ended = Q(ended_at__isnull=True)
        if day is not None:
            ended |= Q(ended_at__gte=dates.at_tokyo(day + dt.timedelta(days=1), dt.time()))
        day = day or dates.today()
        return self.filter(ended, from_day__lte=day).filter(Q(until__isnull=True) | Q(until__gte=day))

    def verified(self):
        """Those of people who may sign in, and for whom somebody has vouched."""
        return self.filter(verified_at__isnull=False, person__is_active=True)

    def waiting_for_a_voucher(self):
        return self.current().filter(verified_at__isnull=True)

    def at(self, place: models.Model):
        """Those at this school, board or organisation."""
        return self.filter(**{place_field(place): place})


class Membership(models.Model):
    """A person belongs to a school, a board, an organisation or the desk, from a day until a day.

    Nobody is known by claim alone: `verified_at` says when the desk, a colleague or a listed mail domain vouched.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("人"))
    role = models.CharField(_("役割"), max_length=12, choices=Role)
    school = models.ForeignKey("outreach.School", models.PROTECT, null=True, blank=True, related_name="memberships")
    board = models.ForeignKey("outreach.Board", models.PROTECT, null=True, blank=True, related_name="memberships")
    organisation = models.ForeignKey(
        "outreach.Organisation", models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    position = models.CharField(_("職名"), max_length=80, blank=True)
    phone = models.CharField(_("電話番号"), max_length=30, blank=True)
    body_name = models.CharField(_("所属の名称（事務局）"), max_length=120, blank=True)
    is_ministry = models.BooleanField(_("文部科学省の職員"), default=False)
    from_day = models.DateField(_("から"), default=dates.today)
    until = models.DateField(_("まで"), null=True, blank=True)
    asked_at = models.DateTimeField(_("届け出"), auto_now_add=True)
    verified_at = models.DateTimeField(_("確認した日時"), null=True, blank=True)
    verified_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="vouched_memberships")
    verified_how = models.CharField(_("確認の方法"), max_length=10, choices=Vouching, blank=True)
    verification_note = models.CharField(_("確認の記録"), max_length=500, blank=True)
    # Ended by the person or by the desk before its time: no longer true from this moment on.
    ended_at = models.DateTimeField(_("終えた日時"), null=True, blank=True)
    ended_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    end_reason = models.CharField(_("終えた理由"), max_length=500, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("所属")
        verbose_name_plural = _("所属")
        ordering = ("person_id", "from_day", "pk")
        constraints = [
            models.CheckConstraint(
                name="membership_has_the_place_of_its_role",
                condition=(
                    Q(role="contact", school__isnull=False, board__isnull=True, organisation__isnull=True)
                    | Q(role="board_member", school__isnull=True, board__isnull=False, organisation__isnull=True)
                    | Q(
                        role__in=("member", "admin"),
                        school__isnull=True,
                        board__isnull=True,
                        organisation__isnull=False,
                    )
                    | Q(
                        role__in=("coordinator", "viewer", "editor"),
                        school__isnull=True,
                        board__isnull=True,
                        organisation__isnull=True,
                    )
                ),
            ),
            models.CheckConstraint(
                name="membership_ends_after_it_begins",
                condition=Q(until__isnull=True) | Q(until__gte=models.F("from_day")),
            ),
            models.UniqueConstraint(
                fields=("person", "school"),
                name="one_open_membership_per_person_and_school",
                condition=Q(until__isnull=True),
            ),
            *(
                models.UniqueConstraint(
                    fields=("person", place),
                    name=f"one_open_membership_per_person_and_{place}",
                    condition=Q(until__isnull=True),
                )
                for place in ("board", "organisation")
            ),
        ]
        indexes = [models.Index(fields=("verified_at", "asked_at"), name="membership_waiting")]

    def __str__(self) -> str:
        return f"{self.person} — {self.place_name}"

    @property
    def place(self) -> Any:
        """The school, board or organisation; None for the roles of the desk."""
        return self.school or self.board or self.organisation

    @property
    def place_name(self) -> str:
        return self.place.name if self.place else (self.body_name or self.get_role_display())


def place_field(place: models.Model) -> str:
    """The field that names a place of this kind: school, board or organisation."""
    return place._meta.model_name


class MailDomain(models.Model):
    """A mail domain that only people of one school, board or organisation have: whoever confirmed an address in it
    belongs there. Hosts that give an address to anybody can never be listed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    domain = models.CharField(_("メールのドメイン"), max_length=190)
    school = models.ForeignKey("outreach.School", models.CASCADE, null=True, blank=True, related_name="mail_domains")
    board = models.ForeignKey("outreach.Board", models.CASCADE, null=True, blank=True, related_name="mail_domains")
    organisation = models.ForeignKey(
        "outreach.Organisation", models.CASCADE, null=True, blank=True, related_name="mail_domains"
    )
    note = models.CharField(_("確かめた方法"), max_length=300, blank=True)
    listed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    listed_at = models.DateTimeField(_("登録"), default=timezone.now)

    class Meta:
        verbose_name = _("登録したメールのドメイン")
        verbose_name_plural = _("登録したメールのドメイン")
        ordering = ("domain", "pk")
        constraints = [
            models.CheckConstraint(
                name="mail_domain_has_one_place",
                condition=Q(school__isnull=False, board__isnull=True, organisation__isnull=True)
                | Q(school__isnull=True, board__isnull=False, organisation__isnull=True)
                | Q(school__isnull=True, board__isnull=True, organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="mail_domain_is_nobodys_public_host", condition=~Q(domain__in=sorted(PUBLIC_MAIL_HOSTS))
            ),
            *(
                models.UniqueConstraint(fields=("domain", place), name=f"mail_domain_once_per_{place}")
                for place in ("school", "board", "organisation")
            ),
        ]

    def __str__(self) -> str:
        return self.domain

    @property
    def place(self) -> Any:
        return self.school or self.board or self.organisation


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def living(self):
        """Neither redeemed nor taken back; it may have run out."""
        return self.filter(used_at__isnull=True, revoked_at__isnull=True)

    def redeemable(self, now: dt.datetime | None = None):
        return self.living().filter(expires_at__gt=now or timezone.now())


class Invitation(models.Model):
    """Somebody is asked to take a role at a place, by a letter to one address. The link works once and for some days.

    Only a print of its secret is kept.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    address = models.EmailField(_("メールアドレス"), max_length=254)
    role = models.CharField(_("役割"), max_length=12, choices=Role)
    school = models.ForeignKey("outreach.School", models.CASCADE, null=True, blank=True, related_name="+")
    board = models.ForeignKey("outreach.Board", models.CASCADE, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey("outreach.Organisation", models.CASCADE, null=True, blank=True, related_name="+")
    body_name = models.CharField(_("所属の名称（事務局）"), max_length=120, blank=True)
    language = models.CharField(_("言語"), max_length=2, default="ja")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("招待した人"))
    invited_at = models.DateTimeField(_("招待した日時"), default=timezone.now)
    expires_at = models.DateTimeField(_("期限"))
    used_at = models.DateTimeField(_("引き受けた日時"), null=True, blank=True)
    used_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(_("取り消した日時"), null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("招待")
        verbose_name_plural = _("招待")
        ordering = ("-invited_at", "-pk")
        constraints = [
            models.CheckConstraint(name="invitation_has_the_place_of_its_role", condition=place_of_the_role()),
            models.CheckConstraint(
                name="invitation_is_used_or_revoked", condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True)
            ),
            *(
                models.UniqueConstraint(
                    fields=("address", "role", place),
                    name=f"one_living_invitation_per_address_and_{place}",
                    condition=Q(used_at__isnull=True, revoked_at__isnull=True, **{f"{place}__isnull": False}),
                )
                for place in ("school", "board", "organisation")
            ),
            models.UniqueConstraint(
                fields=("address", "role"),
                name="one_living_invitation_per_address_and_role_of_the_desk",
                condition=Q(
                    used_at__isnull=True, revoked_at__isnull=True, role__in=("coordinator", "viewer", "editor")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address} — {self.place_name}"

    @property
    def place(self) -> Any:
        return self.school or self.board or self.organisation

    @property
    def place_name(self) -> str:
        return self.place.name if self.place else self.body_name

    @property
    def is_over(self) -> bool:
        return self.expires_at <= timezone.now()


class FormKey(models.Model):
    """A form that a person has sent: its key, a print of what it said, and where the answer lay.

    The same form sent twice does its work once. Kept for some days, then forgotten.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.UUIDField()
    body_print = models.CharField(max_length=64)
    answer = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("送信済みの画面")
        verbose_name_plural = _("送信済みの画面")
        constraints = [models.UniqueConstraint(fields=("person", "key"), name="form_sent_once_per_person")]

    def __str__(self) -> str:
        return str(self.key)


__all__ = [
    "FormKey",
    "Invitation",
    "InvitationQuerySet",
    "MailDomain",
    "Membership",
    "MembershipQuerySet",
    "Role",
    "TermsAcceptance",
    "TermsVersion",
    "User",
    "UserManager",
    "Vouching",
]
