"""What stands on every page: who answers for it, and what everybody must know at once."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ui.words import TwoLanguages, in_reader_language


class Section(TwoLanguages, models.Model):
    """担当: who answers for a page."""

    key = models.SlugField(_("記号"), max_length=40, unique=True)
    name_ja = models.CharField(_("名前"), max_length=80)
    name_en = models.CharField(_("名前（英語）"), max_length=80, blank=True)
    mail = models.EmailField(_("メール"), blank=True)
    phone = models.CharField(_("電話"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("担当")
        verbose_name_plural = _("担当")
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name_ja


class Urgency(models.TextChoices):
    EMERGENCY = "emergency", _("緊急")
    NOTICE = "notice", _("重要なお知らせ")


class BannerQuerySet(models.QuerySet["Banner"]):
    def ahead_of(self, moment: dt.datetime) -> "BannerQuerySet":
        """Those that are shown or will be: few, so that the frame can keep them and look at its clock."""
        return self.filter(Q(shown_until__isnull=True) | Q(shown_until__gt=moment))


class Banner(models.Model):
    """緊急のお知らせ: a strip above every page, from a moment until a moment."""

    urgency = models.CharField(_("種類"), max_length=12, choices=Urgency.choices, default=Urgency.NOTICE)
    text_ja = models.CharField(_("お知らせの文"), max_length=200)
    text_en = models.CharField(_("お知らせの文（英語）"), max_length=300, blank=True)
    page = models.ForeignKey(
        "wagtailcore.Page",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("くわしく伝えるページ"),
        help_text=_("公開されているページだけがリンクになります。"),
    )
    shown_from = models.DateTimeField(_("表示の始まり"), default=timezone.now)
    shown_until = models.DateTimeField(
        _("表示の終わり"), null=True, blank=True, help_text=_("空のときは、消すまで表示します。")
    )

    objects = BannerQuerySet.as_manager()

    class Meta:
        verbose_name = _("緊急のお知らせ")
        verbose_name_plural = _("緊急のお知らせ")
        ordering = ("-shown_from",)
        constraints = [
            models.CheckConstraint(
                condition=Q(shown_until__isnull=True) | Q(shown_until__gt=F("shown_from")),
                name="banner_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return self.text_ja

    @property
    def text(self) -> str:
        return in_reader_language(self, "text")

    def clean(self) -> None:
        super().clean()
        if self.shown_until and self.shown_from and self.shown_until <= self.shown_from:
            raise ValidationError({"shown_until": _("表示の終わりは、始まりより後にしてください。")})
