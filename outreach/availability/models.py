"""Hold: time of one ambassador that is kept for one request."""

import datetime as dt
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class HoldQuerySet(models.QuerySet["Hold"]):
    def alive(self, now: dt.datetime | None = None):
        """Holds that keep time now: those of an offer end with it, by the clock, whether or not it was written down."""
        now = now or timezone.now()
        return self.filter(is_holding=True).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))

    def touching(self, blocked_from: dt.datetime, blocked_until: dt.datetime):
        return self.filter(blocked_from__lt=blocked_until, blocked_until__gt=blocked_from)


class Hold(models.Model):
    """Time kept: the lesson with a buffer before and after. `is_holding` ends when the time is free again.

    `expires_at` is the moment an unanswered offer or proposal ends; a hold of a visit has none. That no two holds of one
    person for different requests overlap is said by the database itself: `outreach/availability/guards.py`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ambassador = models.ForeignKey("outreach.Ambassador", models.PROTECT, related_name="holds")
    request = models.ForeignKey("outreach.Request", models.PROTECT, related_name="holds")
    slot = models.ForeignKey("outreach.Slot", models.PROTECT, null=True, related_name="holds")
    offer = models.ForeignKey("outreach.Offer", models.PROTECT, null=True, blank=True, related_name="holds")
    visit = models.ForeignKey("outreach.Visit", models.PROTECT, null=True, blank=True, related_name="holds")
    reschedule = models.ForeignKey("outreach.Reschedule", models.PROTECT, null=True, blank=True, related_name="holds")
    starts_at = models.DateTimeField(_("始まり"))
    ends_at = models.DateTimeField(_("終わり"))
    buffer_before = models.PositiveSmallIntegerField(_("前の余裕（分）"), default=0)
    buffer_after = models.PositiveSmallIntegerField(_("後の余裕（分）"), default=0)
    blocked_from = models.DateTimeField(_("ここから"))
    blocked_until = models.DateTimeField(_("ここまで"))
    is_holding = models.BooleanField(_("確保している"), default=True)
    expires_at = models.DateTimeField(_("打診の期限"), null=True, blank=True)
    let_go_at = models.DateTimeField(_("手放した日時"), null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("確保")
        verbose_name_plural = _("確保")
        ordering = ("starts_at", "pk")
        indexes = [
            models.Index(
                # The end first: whoever looks ahead passes over all that is past.
                fields=("ambassador", "blocked_until", "blocked_from"),
                name="hold_by_person_and_time",
                condition=Q(is_holding=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="hold_blocks_at_least_the_lesson",
                condition=Q(blocked_from__lte=F("starts_at"), blocked_until__gte=F("ends_at")),
            ),
            models.CheckConstraint(name="hold_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="hold_has_an_owner",
                condition=Q(offer__isnull=False) | Q(visit__isnull=False) | Q(reschedule__isnull=False),
            ),
            models.UniqueConstraint(
                fields=("visit", "ambassador"),
                name="one_confirmed_hold_per_visit_and_ambassador",
                condition=Q(is_holding=True, visit__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ambassador_id} {self.starts_at:%Y-%m-%d %H:%M}"
