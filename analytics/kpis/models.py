"""Target (目標): what a figure is held against, kept as versions."""

import datetime as dt

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from outreach.facts import HIGH_SCHOOL_STAGES, Stage
from ui import dates
from ui.words import listed


class Key(models.TextChoices):
    VISITS = "visits", _("訪問授業")
    STUDENTS = "students", _("高校生等の実人数")


def high_school_stages() -> list[str]:
    return [str(stage) for stage in HIGH_SCHOOL_STAGES]


class TargetQuerySet(models.QuerySet["Target"]):
    def for_year(self, kpi: str, fiscal_year: int, as_of: dt.datetime | None = None) -> "Target | None":
        """The version of the target that held in this fiscal year at a moment (now); before the first, the first."""
        versions = self.filter(kpi=kpi, from_year__lte=fiscal_year, until_year__gte=fiscal_year)
        known = versions.filter(made_at__lte=as_of) if as_of else versions
        return known.order_by("-made_at", "-version").first() or versions.order_by("made_at", "version").first()


class Target(models.Model):
    """What a figure should reach within fiscal years, and which pupils' stages count. A change is a new version."""

    kpi = models.CharField(_("指標"), max_length=20, choices=Key)
    from_year = models.PositiveSmallIntegerField(_("年度から"))
    until_year = models.PositiveSmallIntegerField(_("年度まで"))
    amount = models.PositiveIntegerField(_("目標の値"), validators=[MinValueValidator(1)])
    stages = models.JSONField(_("数える対象"), default=high_school_stages, blank=True)
    version = models.PositiveSmallIntegerField(_("版"), default=1)
    made_at = models.DateTimeField(_("作成"), default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(_("変えた理由"), max_length=300, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("one", "目標")
        verbose_name_plural = _("目標")
        ordering = ("kpi", "-from_year", "-version")
        constraints = [
            models.UniqueConstraint(
                fields=("kpi", "from_year", "until_year", "version"), name="target_version_once_per_period"
            ),
            models.CheckConstraint(name="target_years_in_order", condition=Q(until_year__gte=F("from_year"))),
            models.CheckConstraint(name="target_is_more_than_nothing", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kpi_display()} {self.amount}"

    @property
    def years(self) -> range:
        return range(self.from_year, self.until_year + 1)

    @property
    def period_words(self) -> str:
        first = dates.fiscal_year_name(self.from_year)
        if self.from_year == self.until_year:
            return first
        return _("%(first)sから%(last)sまで") % {"first": first, "last": dates.fiscal_year_name(self.until_year)}

    @property
    def stage_words(self) -> str:
        return listed(Stage(stage).label for stage in self.stages)
