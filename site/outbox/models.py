"""Letter: mail that waits in the outbox until it has left."""

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LetterState(models.TextChoices):
    WAITING = "waiting", _("送信待ち")
    SENDING = "sending", _("送信中")
    SENT = "sent", _("送信済み")
    GIVEN_UP = "given_up", _("送信できませんでした")
    # Its reader's account was paused before it could leave.
    HELD_BACK = "held_back", _("送りません（利用停止中）")


class LetterQuerySet(models.QuerySet["Letter"]):
    def due(self, now: dt.datetime):
        return self.filter(state=LetterState.WAITING, next_try_at__lte=now)

    def stuck(self, now: dt.datetime):
        """In the hands of a worker whose lease has ended: it has died, or is too slow to be waited for."""
        return self.filter(state=LetterState.SENDING, leased_until__lte=now)

    def not_yet_left(self):
        return self.filter(state__in=[LetterState.WAITING, LetterState.SENDING])

    def given_up(self):
        return self.filter(state=LetterState.GIVEN_UP)

    def open_to_staff(self, *, is_demo: bool):
        """Letters the desk may read: those that carry a secret only in the invented world."""
        return self if is_demo else self.filter(is_secret=False)


class Letter(models.Model):
    """One mail to one person. Its key makes telling the same news twice harmless.

    A worker that sends it holds a lease: nobody else touches the letter until the lease ends, by the clock.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(_("しるし"), max_length=200, unique=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="letters",
        verbose_name=_("宛先の人"),
    )
    to_address = models.EmailField(_("宛先"), max_length=254)
    language = models.CharField(_("言語"), max_length=2, default="ja")
    subject = models.CharField(_("件名"), max_length=300)
    body = models.TextField(_("本文"))
    is_secret = models.BooleanField(_("秘密を含む"), default=False)
    state = models.CharField(_("状態"), max_length=10, choices=LetterState, default=LetterState.WAITING)
    created_at = models.DateTimeField(_("作成"), default=timezone.now)
    # Since it was posted, or since the desk sent it off anew.
    waits_since = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(_("次に送るとき"), default=timezone.now)
    leased_to = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("送信"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("試した回数"), default=0)
    last_error = models.CharField(_("最後の失敗"), max_length=300, blank=True)
    message_id = models.CharField(max_length=200)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("お知らせメール")
        verbose_name_plural = _("お知らせメール")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=("state", "next_try_at"), name="letter_due"),
            models.Index(fields=("-created_at",), name="letter_newest_first"),
        ]
        constraints = [
            models.CheckConstraint(name="letter_state_is_known", condition=Q(state__in=LetterState.values)),
            models.CheckConstraint(
                name="letter_is_leased_while_it_is_sent",
                condition=Q(state=LetterState.SENDING.value, leased_to__isnull=False, leased_until__isnull=False)
                | (~Q(state=LetterState.SENDING.value) & Q(leased_to__isnull=True, leased_until__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def may_be_sent_again(self) -> bool:
        """The body of a secret letter is gone, and what it opened has ended."""
        return self.state == LetterState.GIVEN_UP and not self.is_secret
