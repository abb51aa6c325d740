"""Versions of the terms, and acceptances of them."""

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField

from ui import dates
from ui.words import in_reader_language

FEATURES = ["h2", "h3", "bold", "ol", "ul", "link"]


class TermsVersionQuerySet(models.QuerySet["TermsVersion"]):
    def begun(self, day: dt.date | None = None) -> "TermsVersionQuerySet":
        return self.filter(in_force_from__lte=day or dates.today())

    def in_force(self, day: dt.date | None = None) -> "TermsVersion | None":
        """What holds on that day; None in a house whose terms nobody has written yet."""
        return self.begun(day).order_by("-in_force_from", "-number").first()

    def asking(self, day: dt.date | None = None) -> "TermsVersion | None":
        """The newest version in force that everybody must have accepted."""
        return self.filter(asks_again=True).in_force(day)


class TermsVersion(models.Model):
    """利用規約: one version, from a day on. Once its day has come its words stay as they are."""

    number = models.PositiveSmallIntegerField(_("版"), unique=True)
    in_force_from = models.DateField(_("施行日"), default=dates.today)
    body_ja = RichTextField(_("本文"), features=FEATURES)
    body_en = RichTextField(_("本文（英語）"), features=FEATURES, blank=True)
    changes_ja = models.TextField(_("変わったこと"), max_length=600, blank=True)
    changes_en = models.TextField(_("変わったこと（英語）"), max_length=900, blank=True)
    asks_again = models.BooleanField(
        _("もう一度同意してもらう"), default=True, help_text=_("字句だけを直したときは、印を外してください。")
    )
    made_at = models.DateTimeField(_("作成"), default=timezone.now, editable=False)

    objects = TermsVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("利用規約")
        verbose_name_plural = _("利用規約")
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.number}"

    @property
    def body(self) -> str:
        return in_reader_language(self, "body")

    @property
    def changes(self) -> str:
        return in_reader_language(self, "changes")

    @property
    def has_begun(self) -> bool:
        return self.in_force_from <= dates.today()

    def get_absolute_url(self) -> str:
        return reverse("terms_version", args=(self.number,))

    def clean(self) -> None:
        super().clean()
        before = TermsVersion.objects.filter(pk=self.pk).first() if self.pk else None
        if before is not None and before.has_begun:
            raise ValidationError(
                _("第%(number)s版は%(day)sに施行されたので、変えられません。変えるときは新しい版を作ってください。"),
                params={"number": before.number, "day": dates.day_words(before.in_force_from, year=True)},
            )
        if (
            self.in_force_from
            and before is None
            and TermsVersion.objects.exists()
            and self.in_force_from <= dates.today()
        ):
            raise ValidationError({"in_force_from": _("施行日は、あすより後にしてください。読む時間が要ります。")})


class TermsAcceptance(models.Model):
    """利用規約への同意: a person has accepted one version."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="terms_acceptances", verbose_name=_("利用者")
    )
    version = models.ForeignKey(TermsVersion, models.PROTECT, related_name="acceptances", verbose_name=_("利用規約"))
    accepted_at = models.DateTimeField(_("同意した日時"), default=timezone.now)

    class Meta:
        verbose_name = _("利用規約への同意")
        verbose_name_plural = _("利用規約への同意")
        ordering = ("-accepted_at",)
        constraints = [models.UniqueConstraint(fields=("user", "version"), name="terms_accepted_once_per_version")]
