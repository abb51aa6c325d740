"""Ambassador and Appointment."""

import datetime as dt
import uuid

from babel import Locale
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from outreach.schools.places import prefecture_name
from ui.words import TwoLanguages, in_reader_language


class AmbassadorQuerySet(models.QuerySet["Ambassador"]):
    def appointed_on(self, day: dt.date):
        return self.filter(appointments__from_day__lte=day, appointments__until__gte=day).distinct()

    def active(self):
        return self.filter(paused_at__isnull=True)


class Ambassador(TwoLanguages, models.Model):
    """A person who visits schools, with what the public card says."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="ambassador", verbose_name=_("利用者")
    )
    slug = models.SlugField(_("記号"), max_length=60, unique=True)
    name_ja = models.CharField(_("氏名"), max_length=80)
    name_en = models.CharField(_("氏名（ローマ字）"), max_length=120, blank=True)
    name_kana = models.CharField(_("ふりがな"), max_length=120)
    headline_ja = models.CharField(_("肩書"), max_length=120, blank=True)
    headline_en = models.CharField(_("肩書（英語）"), max_length=160, blank=True)
    about_ja = models.TextField(_("紹介"), blank=True)
    about_en = models.TextField(_("紹介（英語）"), blank=True)
    prefecture_code = models.CharField(_("拠点の都道府県"), max_length=2, blank=True)
    country_code = models.CharField(_("住んでいる国"), max_length=2, default="JP")
    time_zone = models.CharField(_("時間帯"), max_length=50, default="Asia/Tokyo")
    visits_in_person = models.BooleanField(_("対面で訪問できる"), default=True)
    visits_online = models.BooleanField(_("オンラインで訪問できる"), default=True)
    teaches_in_english = models.BooleanField(_("英語でもできる"), default=False)
    competences = models.ManyToManyField(
        "curriculum.Competence", blank=True, related_name="ambassadors", verbose_name=_("得意とする資質・能力")
    )
    paused_at = models.DateTimeField(_("活動を休み始めた日時"), null=True, blank=True)
    # Empty: the number of the year's rules.
    most_per_month = models.PositiveSmallIntegerField(_("月の上限"), null=True, blank=True)
    most_per_year = models.PositiveSmallIntegerField(_("年度の上限"), null=True, blank=True)

    objects = AmbassadorQuerySet.as_manager()

    class Meta:
        verbose_name = _("推進大使")
        verbose_name_plural = _("推進大使")
        ordering = ("name_kana", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def headline(self) -> str:
        return in_reader_language(self, "headline")

    @property
    def place(self) -> str:
        """The prefecture, or for somebody abroad the country in the reader's language."""
        if self.country_code == "JP":
            return prefecture_name(self.prefecture_code)
        return Locale.parse(get_language() or "ja").territories.get(self.country_code, self.country_code)


class Appointment(models.Model):
    """任命: from a day until a day, usually 31 March. A visit lies inside one."""

    ambassador = models.ForeignKey(Ambassador, models.PROTECT, related_name="appointments", verbose_name=_("推進大使"))
    from_day = models.DateField(_("から"))
    until = models.DateField(_("まで"))

    class Meta:
        verbose_name = _("任命")
        verbose_name_plural = _("任命")
        ordering = ("ambassador_id", "-from_day")
        constraints = [
            models.CheckConstraint(
                name="appointment_ends_after_it_begins", condition=Q(until__gte=models.F("from_day"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.ambassador} {self.from_day}–{self.until}"
