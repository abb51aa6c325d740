"""Message, Attachment and Reading: what was written about a visit, with which files, and who has read it."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outreach.lives import Party
from ui import dates
from ui.storage import private

LONGEST = 4000


class MessageQuerySet(models.QuerySet["Message"]):
    def unread_by(self, party: str):
        """What others have written and nobody of this party has opened; what the desk hides needs no reading."""
        seen = Reading.objects.filter(visit=OuterRef("visit"), party=party, up_to__gte=OuterRef("pk"))
        return self.filter(~Q(party=party), ~Exists(seen), hidden_at__isnull=True)

    def unread_per_visit(self, party: str, visits: Iterable[Any]) -> dict[int, int]:
        """How many wait for this party on each of these visits: one query, and no entry where none waits."""
        rows = self.filter(visit__in=visits).unread_by(party).order_by()
        return dict(rows.values_list("visit").annotate(count=Count("pk")))


class Message(models.Model):
    """メッセージ: what one party of a visit wrote to the others. Never changed; the desk can stop showing it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visit = models.ForeignKey("outreach.Visit", models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("書いた人"))
    party = models.CharField(_("立場"), max_length=12, choices=Party)
    text = models.TextField(_("本文"), max_length=LONGEST)
    written_at = models.DateTimeField(_("書いた日時"), default=timezone.now)
    hidden_at = models.DateTimeField(_("表示を止めた日時"), null=True, blank=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    hidden_reason = models.TextField(_("表示を止めた理由"), blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("メッセージ")
        verbose_name_plural = _("メッセージ")
        # Written under a lock on the visit, so keys follow the moments.
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="message_party_may_write", condition=Q(party__in=("school", "ambassador", "coordinator"))
            ),
            models.CheckConstraint(
                name="hidden_message_names_its_reason",
                condition=Q(hidden_at__isnull=True, hidden_by__isnull=True, hidden_reason="")
                | (Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.get_party_display()} {dates.moment_words(self.written_at)}"


class Kind(models.TextChoices):
    """What a file is, told by its content."""

    PDF = "pdf", "PDF"
    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    WEBP = "webp", "WebP"
    TEXT = "text", _("テキスト")
    DOCX = "docx", "Word"
    XLSX = "xlsx", "Excel"
    PPTX = "pptx", "PowerPoint"

    @property
    def ending(self) -> str:
        return {"jpeg": "jpg", "text": "txt"}.get(self.value, self.value)

    @property
    def content_type(self) -> str:
        office = "application/vnd.openxmlformats-officedocument."
        return {
            "pdf": "application/pdf",
            "jpeg": "image/jpeg",
            "png": "image/png",
            "webp": "image/webp",
            "text": "text/plain; charset=utf-8",
            "docx": f"{office}wordprocessingml.document",
            "xlsx": f"{office}spreadsheetml.sheet",
            "pptx": f"{office}presentationml.presentation",
        }[self.value]

    @property
    def is_picture(self) -> bool:
        return self in (Kind.JPEG, Kind.PNG, Kind.WEBP)


FOLDER = "messages"


def place_of(_attachment: "Attachment", _name: str) -> str:
    """A random name that tells nothing; by days, so that what nobody has can be found without looking through all."""
    return f"{FOLDER}/{dates.today().isoformat()}/{uuid.uuid4().hex}"


class Attachment(models.Model):
    """添付ファイル: a file beside a message, made harmless before it was kept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments")
    file = models.FileField(_("ファイル"), storage=private, upload_to=place_of, max_length=120)
    name = models.CharField(_("ファイル名"), max_length=120)
    kind = models.CharField(_("種類"), max_length=8, choices=Kind)
    size = models.PositiveIntegerField(_("大きさ"))
    # Of pictures; empty where nobody has answered.
    shows_pupils = models.BooleanField(_("児童生徒がだれか分かる"), null=True, blank=True)
    has_consent = models.BooleanField(_("学校の同意がある"), null=True, blank=True)

    class Meta:
        verbose_name = _("添付ファイル")
        verbose_name_plural = _("添付ファイル")
        ordering = ("message_id", "pk")
        constraints = [models.CheckConstraint(name="attachment_kind_is_known", condition=Q(kind__in=Kind.values))]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("messages:file", args=[self.message.visit.public_id, self.public_id])


class Reading(models.Model):
    """既読: from this moment on a party has read everything up to a message; `by` was the first of them to open it."""

    visit = models.ForeignKey("outreach.Visit", models.CASCADE, related_name="readings")
    party = models.CharField(_("立場"), max_length=12, choices=Party)
    up_to = models.ForeignKey(Message, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("日時"), default=timezone.now)

    class Meta:
        verbose_name = _("既読")
        verbose_name_plural = _("既読")
        ordering = ("up_to", "at")
        constraints = [models.UniqueConstraint(fields=("visit", "party", "up_to"), name="read_once_by_each_party")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.get_party_display()} ≤ {self.up_to_id}"
