"""School, Board and BellTime."""

import re
import unicodedata
import uuid
from collections.abc import Iterable

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outreach.schools.naming import municipality_of, taken_apart
from outreach.schools.places import Founder, SchoolType, Stage, prefecture_name
from ui import dates
from ui.words import TwoLanguages

# Ends of names that people leave out: 日比谷 is 日比谷高等学校.
ENDS_OF_NAMES = (
    "高等学校",
    "中学校",
    "小学校",
    "中等教育学校",
    "義務教育学校",
    "特別支援学校",
    "支援学校",
    "学校",
    "高等部",
)
MOST_MOVES = 5


# Characters of names that people write in either way: 慶応 for 慶應義塾, 付属 for 附属, 竜 for 龍.
OTHER_CHARACTERS = str.maketrans(
    "應龍澤濱邊邉櫻廣國學齋齊嶋嶌眞德髙﨑惠壽條瀧藪附淵冨萬曾榮靜圓實檜籠驒諫鷗會澁瀨關與鹽鐵彌穗禮豐藏縣灣𠮷",
    "応竜沢浜辺辺桜広国学斎斉島島真徳高崎恵寿条滝薮付渕富万曽栄静円実桧篭騨諌鴎会渋瀬関与塩鉄弥穂礼豊蔵県湾吉",
)
# Which drawing of a kanji is meant (異体字セレクタ) says nothing for looking it up.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# 竜ヶ崎, 竜ケ崎 and 竜が崎 are one name.
_KE = re.compile(r"[ヶヵゖゕ]|(?<=[一-龯々])[ケけ](?=[一-龯々]|$)")


def search_key(*texts: str) -> str:
    """One spelling for looking up: NFKC, lower case, hiragana for katakana, common characters for rare ones, no blanks."""
    text = unicodedata.normalize("NFKC", _SELECTORS.sub("", "".join(texts))).lower().translate(OTHER_CHARACTERS)
    text = _KE.sub("が", text)
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


class BoardSource(models.TextChoices):
    """Where it is known from who founds a school; only a guess is guessed anew by the next import."""

    UNKNOWN = "", _("不明")
    GUESSED = "guessed", _("推定")
    DESK = "desk", _("事務局が確認")
    FILE = "file", _("ファイルで登録")


class SchoolQuerySet(models.QuerySet["School"]):
    def open(self):
        return self.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=dates.today()))

    def arranged_by(self, user):
        """Schools whose settings this person may change; see rules.may_arrange."""
        if user.is_coordinator:
            return self.all()
        return self.filter(pk__in=user.verified_school_ids)

    def closed(self):
        return self.filter(closed_on__lte=dates.today())

    def matching(self, words: str):
        """Schools whose name or reading holds every word, whatever its width or kana."""
        found = self
        for word in words.split()[:5]:
            found = found.filter(search_text__contains=search_key(word))
        return found

    def best_first(self, words: str):
        """What was typed in full first, then names that begin with it, then the others; each in the usual order.

        The owner in front of a name is passed over: 日比谷 is all of 東京都立日比谷高等学校.
        """
        key = search_key(words)
        if not key:
            return self
        whole = [key, *(key + end for end in ENDS_OF_NAMES)]
        rank = Case(
            When(Q(name_key__in=whole) | Q(search_text=key), then=Value(0)),
            When(Q(name_key__startswith=key) | Q(search_text__startswith=key), then=Value(1)),
            default=Value(2),
        )
        return self.annotate(rank=rank).order_by("rank", *self.model._meta.ordering)


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
    # The name without its owner, in the spelling of search_text.
    name_key = models.CharField(max_length=120, editable=False, default="")
    postal_code = models.CharField(_("郵便番号"), max_length=8, blank=True)
    address = models.CharField(_("所在地"), max_length=200, blank=True)
    main_phone = models.CharField(_("代表番号"), max_length=30, blank=True)
    main_mail = models.EmailField(_("代表メール"), blank=True)
    board = models.ForeignKey(
        Board, models.PROTECT, null=True, blank=True, related_name="schools", verbose_name=_("設置者")
    )
    board_source = models.CharField(
        _("設置者の根拠"), max_length=8, choices=BoardSource, default=BoardSource.UNKNOWN, blank=True
    )
    is_branch = models.BooleanField(_("分校"), default=False)
    is_remote = models.BooleanField(_("離島・へき地"), default=False)
    may_be_named = models.BooleanField(_("公表への同意"), default=False)
    opened_on = models.DateField(_("設置日"), null=True, blank=True)
    closed_on = models.DateField(_("廃止日"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="predecessors", verbose_name=_("移行後の学校")
    )
    # As the list names it: the school itself may come with a later file.
    successor_code = models.CharField(_("移行後の学校コード"), max_length=13, blank=True)
    updated_at = models.DateTimeField(_("更新"), default=timezone.now)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("学校")
        verbose_name_plural = _("学校")
        ordering = ("prefecture_code", "name_kana", "name_ja", "school_code")
        indexes = [
            models.Index(fields=("prefecture_code", "type_code"), name="school_by_place_and_type"),
            models.Index(fields=("closed_on",), name="school_closed", condition=Q(closed_on__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="school_code_has_13_characters", condition=models.Q(school_code__regex=r"^[A-Z][0-9]{12}$")
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.search_text, self.name_key = keys_of(
            self.name_ja, self.name_kana, self.name_en, self.prefecture_code, self.founder_code
        )
        super().save(*args, **kwargs)

    @property
    def prefecture(self) -> str:
        return prefecture_name(self.prefecture_code)

    @property
    def municipality(self) -> str:
        return municipality_of(self.address, self.prefecture_code)

    @property
    def is_closed(self) -> bool:
        return self.closed_on is not None and self.closed_on <= dates.today()

    @property
    def board_is_guessed(self) -> bool:
        return self.board_id is not None and self.board_source == BoardSource.GUESSED


def keys_of(name_ja: str, name_kana: str, name_en: str, prefecture_code: str, founder_code: str) -> tuple[str, str]:
    """(search_text, name_key) of a school with these names."""
    own_name = taken_apart(name_ja, prefecture_code, founder_code).own_name if name_ja else ""
    return search_key(name_ja, " ", name_kana, name_en)[:300], search_key(own_name)[:120]


def schools_now(schools: Iterable[School]) -> dict[int, School]:
    """Closed school → the school it has become, over several moves where there were several.

    A school without a successor, or whose successors lead in a circle or to a closed one, is left out.
    """
    now = {school.pk: school for school in schools if school.is_closed}
    for _move in range(MOST_MOVES):
        ids = {school.successor_id for school in now.values() if school.is_closed and school.successor_id}
        if not ids:
            break
        later = School.objects.in_bulk(ids)
        now = {pk: later.get(school.successor_id, school) if school.is_closed else school for pk, school in now.items()}
    return {pk: school for pk, school in now.items() if not school.is_closed}


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
