"""確認用リンク: the draft of a page for people without an account, for seven days.

A principal or a ministry official who approves a text gets an address. It shows the newest draft, says so, and ends by
itself; whoever made it can end it at once. Only its SHA-256 is stored.
"""

import datetime as dt
import hashlib
import secrets
import uuid
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log
from wagtail.models import Page

LASTS = dt.timedelta(days=7)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class PreviewLinkQuerySet(models.QuerySet["PreviewLink"]):
    def alive(self) -> "PreviewLinkQuerySet":
        return self.filter(ended_at__isnull=True, ends_at__gt=timezone.now())

    def known_by(self, token: str) -> "PreviewLink | None":
        return self.alive().select_related("page").filter(token_hash=_hashed(token)).first()


class PreviewLink(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    page = models.ForeignKey(Page, models.CASCADE, related_name="preview_links", verbose_name=_("ページ"))
    token_hash = models.CharField(_("照合値"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("作成"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("作成した人")
    )
    ends_at = models.DateTimeField(_("終わり"))
    ended_at = models.DateTimeField(_("取り消した日時"), null=True, blank=True)

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("確認用リンク")
        verbose_name_plural = _("確認用リンク")
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.page} – {self.ends_at:%Y-%m-%d %H:%M}"


@transaction.atomic
def make_link(page: Page, *, by: Any) -> tuple[PreviewLink, str]:
    """Whoever has the address reads the newest draft of the page for seven days. The token is told this once."""
    token = secrets.token_urlsafe(32)
    link = PreviewLink.objects.create(page=page, token_hash=_hashed(token), made_by=by, ends_at=timezone.now() + LASTS)
    log(instance=page.specific, action="kakehashi.make_preview_link", user=by)
    return link, token


@transaction.atomic
def end_link(link: PreviewLink, *, by: Any) -> None:
    """The address opens nothing from now on. Ending it twice changes nothing."""
    if PreviewLink.objects.alive().filter(pk=link.pk).update(ended_at=timezone.now()):
        log(instance=link.page.specific, action="kakehashi.end_preview_link", user=by)


def forget_ended_links() -> str | None:
    """Links that ended a month ago are of no use to anybody."""
    count, _kinds = PreviewLink.objects.filter(ends_at__lt=timezone.now() - dt.timedelta(days=30)).delete()
    return f"{count} preview links forgotten" if count else None
