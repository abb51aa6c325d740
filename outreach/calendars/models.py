"""Feed: a secret address at which a calendar program reads what its person may see."""

import hashlib
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    FULL = "full", _("予定の内容まで")
    BUSY = "busy", _("予定の有無だけ")


class Program(models.TextChoices):
    """Families of calendar programs, as they name themselves."""

    GOOGLE = "google", _("Google カレンダー")
    OUTLOOK = "outlook", _("Outlook")
    APPLE = "apple", _("Apple カレンダー")
    THUNDERBIRD = "thunderbird", _("Thunderbird")
    OTHER = "other", _("そのほかのカレンダー")


def print_of_token(token: str) -> str:
    """What is kept of the secret in an address."""
    return hashlib.sha256(token.encode()).hexdigest()


class FeedQuerySet(models.QuerySet["Feed"]):
    def living(self):
        return self.filter(revoked_at__isnull=True)

    def read_by(self, token: str) -> "Feed | None":
        """The feed behind this secret; None for a wrong, replaced or ended one, and while its person's account is paused."""
        rows = self.living().filter(token_hash=print_of_token(token), person__is_active=True)
        return rows.select_related("person").first()


class Feed(models.Model):
    """購読アドレス: where one calendar program of a person reads. Only a print of its secret is kept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feeds", verbose_name=_("人"))
    name = models.CharField(_("名前"), max_length=60)
    scope = models.CharField(_("見せる範囲"), max_length=8, choices=Scope, default=Scope.FULL)
    token_hash = models.CharField(max_length=64, unique=True)
    # Counted up with each new secret.
    version = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(_("作成"), default=timezone.now)
    address_since = models.DateTimeField(_("いまのアドレスになった日時"), default=timezone.now)
    revoked_at = models.DateTimeField(_("止めた日時"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("最後に読まれた日時"), null=True, blank=True)
    last_program = models.CharField(_("最後に読んだカレンダー"), max_length=12, choices=Program, blank=True)
    # What was read last, and since when it has said that: the Last-Modified of the answer.
    content_print = models.CharField(max_length=64, blank=True, editable=False)
    content_since = models.DateTimeField(null=True, editable=False)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("購読アドレス")
        verbose_name_plural = _("購読アドレス")
        ordering = ("person_id", "made_at", "pk")
        constraints = [
            models.CheckConstraint(name="feed_scope_is_known", condition=Q(scope__in=("full", "busy"))),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("calendars:feed", args=[self.public_id])
