"""BlockedSource: what was stopped, on which page, how often. Never who it was, from where or with which browser."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BlockedSource(models.Model):
    directive = models.CharField(_("きまり"), max_length=40)
    source = models.CharField(_("止めたもの"), max_length=200)
    page = models.CharField(_("ページ"), max_length=200)
    count = models.PositiveIntegerField(_("回数"), default=1)
    first_seen_at = models.DateTimeField(_("最初"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("最後"), default=timezone.now)

    class Meta:
        verbose_name = _("読み込みの遮断")
        verbose_name_plural = _("読み込みの遮断")
        ordering = ("-last_seen_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["directive", "source", "page"], name="blocked_source_is_counted_in_one_row"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.directive}: {self.source}"
