"""School, Board and BellTime."""

import unicodedata
import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outreach.schools.places import Founder, SchoolType, Stage, prefecture_name
from ui.words import TwoLanguages


def search_key(*texts: str) -> str:
    """One spelling for looking up: NFKC, lower case, hiragana for katakana, no blanks."""
    text = unicodedata.normalize("NFKC", "".join(texts)).lower()
    # What everybody says and what the list writes.
    for short, full in (("高校", "高等学校"), ("高専", "高等専門学校")):
        text = text.replace(short, full)
    return "".join(chr(ord(m) - 0x60) if "ァ" <= m <= "ヶ" else m for m in text if not m.isspace())


class BoardKind(models.TextChoices):
    PREFECTURE = "prefecture", _("都道府県教育委員会")
    MUNICIPALITY = "municipality", _("市区町村教育委員会")
    PRIVATE_AFFAIRS = "private_affairs", _("私学担当課")
    NATIONAL = "national", _("国立大学法人など")
    OTHER = "other", _("その他の設置者")


class Route(models.TextChoices):
    DIRECT = "direct", _("直接")
    COPY = "copy", _("写し")
    VIA = "via", _("経由")


class Board(TwoLanguages, models.Model):
    """The body that founds schools; its route says whether requests pass through it first."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name_ja = models.CharField(_("名称"), max_length=120)
    name_en = models.CharField(_("名称（英語）"), max_length=120, blank=True)
    kind = models.CharField(_("種類"), max_length=20, choices=BoardKind)
    prefecture_code = models.CharField(_("都道府県"), max_length=2)
    route = models.CharField(_("申込みの経路"), max_length=10, choices=Route, default=Route.DIRECT)

    class Meta:
        verbose_name = _("教育委員会ほか設置者")
        verbose_name_plural = _("教育委員会ほか設置者")
        ordering = ("prefecture_code", "kind", "name_ja")
        constraints = [
            models.UniqueConstraint(fields=("prefecture_code", "name_ja"), name="board_named_once_per_prefecture")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def prefecture(self) -> str:
        return prefecture_name(self.prefecture_code)


class SchoolQuerySet(models.QuerySet["School"]):
    def open(self):
        return self.filter(closed_on__isnull=True)

    def matching(self, words: str):
        """Schools whose name or reading holds every word, whatever its width or kana."""
        found = self
        for word in words.split()[:5]:
            found = found.filter(search_text__contains=search_key(word))
        return found


class School(TwoLanguages, models.Model):
    """One row of the ministry's 学校コード list; never deleted, closed with a date."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school_code = models.CharField(_("学校コード"), max_length=13, unique=True)
    type_code = models.CharField(_("学校種"), max_length=2, choices=SchoolType)
    prefecture_code = models.CharField(_("都道府県"), max_length=2)
    founder_code = models.CharField(_("設置区分"), max_length=1, choices=Founder)
    name_ja = models.CharField(_("学校名"), max_length=120)
    name_en = models.CharField(_("学校名（英語）"), max_length=160, blank=True)
    name_kana = models.CharField(_("ふりがな"), max_length=160, blank=True)
    search_text = models.CharField(max_length=300, editable=False, default="")
    postal_code = models.CharField(_("郵便番号"), max_length=8, blank=True)
    address = models.CharField(_("所在地"), max_length=200, blank=True)
    main_phone = models.CharField(_("代表番号"), max_length=30, blank=True)
    main_mail = models.EmailField(_("代表メール"), blank=True)
    board = models.ForeignKey(
        Board, models.PROTECT, null=True, blank=True, related_name="schools", verbose_name=_("設置者")
    )
    is_remote = models.BooleanField(_("離島・へき地"), default=False)
    may_be_named = models.BooleanField(_("公表への同意"), default=False)
    opened_on = models.DateField(_("設置日"), null=True, blank=True)
    closed_on = models.DateField(_("廃止日"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="predecessors", verbose_name=_("移行後の学校")
    )
    updated_at = models.DateTimeField(_("更新"), default=timezone.now)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("学校")
        verbose_name_plural = _("学校")
        ordering = ("prefecture_code", "name_kana", "name_ja", "school_code")
        indexes = [models.Index(fields=("prefecture_code", "type_code"), name="school_by_place_and_type")]
        constraints = [
            models.CheckConstraint(
                name="school_code_has_13_characters", condition=models.Q(school_code__regex=r"^[A-Z][0-9]{12}$")
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.search_text = search_key(self.name_ja, " ", self.name_kana, self.name_en)[:300]
        super().save(*args, **kwargs)

    @property
    def prefecture(self) -> str:
        return prefecture_name(self.prefecture_code)


class BellTime(models.Model):
    """When a period (時限) begins and ends: of one school, or the default of a stage where `school` is empty."""

    school = models.ForeignKey(School, models.CASCADE, null=True, blank=True, related_name="bell_times")
    stage = models.CharField(_("対象"), max_length=30, choices=Stage)
    period = models.PositiveSmallIntegerField(_("時限"))
    starts_at = models.TimeField(_("始まり"))
    ends_at = models.TimeField(_("終わり"))

    class Meta:
        verbose_name = _("時程")
        verbose_name_plural = _("時程")
        ordering = ("stage", "period")
        constraints = [
            models.UniqueConstraint(
                fields=("stage", "period"),
                condition=models.Q(school__isnull=True),
                name="default_bell_time_once_per_stage_and_period",
            ),
            models.UniqueConstraint(
                fields=("school", "stage", "period"),
                condition=models.Q(school__isnull=False),
                name="bell_time_once_per_school_and_period",
            ),
            models.CheckConstraint(
                name="bell_time_ends_after_it_starts", condition=models.Q(ends_at__gt=models.F("starts_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.period}"
