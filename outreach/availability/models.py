"""Hold: time kept for one request; and what an ambassador says of their time: weekly hours, single days, stays, calendars."""

import datetime as dt
import uuid
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outreach.ambassadors.rules import assisted_by
from outreach.schools.places import prefecture_name
from ui import dates


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


# ── what an ambassador says of their time ─────────────────────────────────────
class Weekday(models.IntegerChoices):
    """As Python counts them."""

    MONDAY = 0, _("月曜日")
    TUESDAY = 1, _("火曜日")
    WEDNESDAY = 2, _("水曜日")
    THURSDAY = 3, _("木曜日")
    FRIDAY = 4, _("金曜日")
    SATURDAY = 5, _("土曜日")
    SUNDAY = 6, _("日曜日")


class WeeklyRule(models.Model):
    """毎週の空き時間: a weekday and two local clock times in the zone they were meant in.

    `until_time` at or before `from_time` lies on the next day: 22:00–0:00 ends at midnight, 20:00–2:00 passes it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ambassador = models.ForeignKey("outreach.Ambassador", models.CASCADE, related_name="weekly_rules")
    weekday = models.PositiveSmallIntegerField(_("曜日"), choices=Weekday)
    from_time = models.TimeField(_("始まり"))
    until_time = models.TimeField(_("終わり"))
    zone = models.CharField(_("時間帯"), max_length=50, default="Asia/Tokyo")
    valid_from = models.DateField(_("この日から"), null=True, blank=True)
    valid_until = models.DateField(_("この日まで"), null=True, blank=True)

    class Meta:
        verbose_name = _("毎週の空き時間")
        verbose_name_plural = _("毎週の空き時間")
        ordering = ("ambassador_id", "weekday", "from_time", "pk")
        constraints = [
            models.CheckConstraint(name="weekly_rule_weekday_is_known", condition=Q(weekday__in=Weekday.values)),
            models.CheckConstraint(
                name="weekly_rule_ends_after_it_begins",
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.clock_words}"

    @property
    def clock_words(self) -> str:
        """9:00–17:00; the end of the day is 24:00."""
        return clock_span_words(self.from_time, self.until_time)


def clock_span_words(since: dt.time, until: dt.time) -> str:
    if until == dt.time():
        last = "24:00"
    elif until <= since:
        last = _("翌日%(clock)s") % {"clock": dates.clock_words(until)}
    else:
        last = dates.clock_words(until)
    return f"{dates.clock_words(since)}–{last}"


class DayException(models.Model):
    """例外の日: on these days, or between two clock times of each, free beside the weekly hours or not free at all."""

    class Kind(models.TextChoices):
        BLOCKED = "blocked", _("訪問できない")
        FREE = "free", _("ふだん以外に空いている")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ambassador = models.ForeignKey("outreach.Ambassador", models.CASCADE, related_name="day_exceptions")
    kind = models.CharField(_("種類"), max_length=10, choices=Kind)
    first_day = models.DateField(_("初日"))
    last_day = models.DateField(_("最終日"))
    # Both empty: the whole day.
    from_time = models.TimeField(_("始まり"), null=True, blank=True)
    until_time = models.TimeField(_("終わり"), null=True, blank=True)
    zone = models.CharField(_("時間帯"), max_length=50, default="Asia/Tokyo")

    class Meta:
        verbose_name = _("例外の日")
        verbose_name_plural = _("例外の日")
        ordering = ("ambassador_id", "first_day", "pk")
        constraints = [
            models.CheckConstraint(name="day_exception_kind_is_known", condition=Q(kind__in=("blocked", "free"))),
            models.CheckConstraint(
                name="day_exception_ends_after_it_begins", condition=Q(last_day__gte=F("first_day"))
            ),
            models.CheckConstraint(
                name="day_exception_names_both_clocks_or_none",
                condition=Q(from_time__isnull=True, until_time__isnull=True)
                | Q(from_time__isnull=False, until_time__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.first_day}–{self.last_day}"

    @property
    def day_words(self) -> str:
        if self.first_day == self.last_day:
            return dates.day_words(self.first_day)
        return f"{dates.day_words(self.first_day)}–{dates.day_words(self.last_day)}"

    @property
    def clock_words(self) -> str:
        if self.from_time is None:
            return _("終日")
        return clock_span_words(self.from_time, self.until_time)


class Stay(models.Model):
    """滞在: on these days, or on one weekday of every week, the ambassador is elsewhere than at their base.

    It decides the place a visit is travelled to from, and whether one in person is possible. Abroad means online.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ambassador = models.ForeignKey("outreach.Ambassador", models.CASCADE, related_name="stays")
    # Empty: every day between the two.
    weekday = models.PositiveSmallIntegerField(_("曜日"), choices=Weekday, null=True, blank=True)
    first_day = models.DateField(_("初日"), null=True, blank=True)
    last_day = models.DateField(_("最終日"), null=True, blank=True)
    # Empty: abroad.
    prefecture_code = models.CharField(_("滞在する都道府県"), max_length=2, blank=True)
    in_person = models.BooleanField(_("対面で訪問できる"), default=True)

    class Meta:
        verbose_name = _("滞在")
        verbose_name_plural = _("滞在")
        ordering = ("ambassador_id", "first_day", "weekday", "pk")
        constraints = [
            models.CheckConstraint(
                name="stay_weekday_is_known", condition=Q(weekday__isnull=True) | Q(weekday__in=Weekday.values)
            ),
            models.CheckConstraint(
                name="stay_has_days",
                condition=Q(weekday__isnull=False) | Q(first_day__isnull=False, last_day__isnull=False),
            ),
            models.CheckConstraint(
                name="stay_ends_after_it_begins",
                condition=Q(first_day__isnull=True) | Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
            ),
            models.CheckConstraint(name="stay_abroad_is_online", condition=~Q(prefecture_code="") | Q(in_person=False)),
        ]

    def __str__(self) -> str:
        return f"{self.day_words} {self.place}"

    @property
    def place(self) -> str:
        return prefecture_name(self.prefecture_code) or str(_("海外"))

    @property
    def day_words(self) -> str:
        days = "–".join(dates.day_words(day) if day else "" for day in (self.first_day, self.last_day))
        if self.weekday is None:
            return days if self.first_day != self.last_day else dates.day_words(self.first_day)
        every = _("毎週%(weekday)s") % {"weekday": self.get_weekday_display()}
        return f"{every} {days}" if days != "–" else every

    def holds_on(self, day: dt.date) -> bool:
        """Whether the ambassador is there on this day of Japan."""
        if self.weekday is not None and day.weekday() != self.weekday:
            return False
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)


# Minutes that may be asked for before and after a lesson.
BUFFER_CHOICES = (0, 15, 30, 45, 60, 90, 120, 150, 180, 240, 300)


class Conditions(models.Model):
    """引き受ける条件: what an ambassador wants kept when they are asked. Empty: the rules of the year."""

    ambassador = models.OneToOneField("outreach.Ambassador", models.CASCADE, related_name="conditions")
    notice_days = models.PositiveSmallIntegerField(
        _("何日前までに打診を受けたいか"), default=0, validators=[MaxValueValidator(120)]
    )
    most_per_day = models.PositiveSmallIntegerField(
        _("1日の上限"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    most_per_week = models.PositiveSmallIntegerField(
        _("1週間の上限"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(14)]
    )
    buffer_in_person = models.PositiveSmallIntegerField(_("対面の前後の余裕（分）"), null=True, blank=True)
    buffer_online = models.PositiveSmallIntegerField(_("オンラインの前後の余裕（分）"), null=True, blank=True)
    farthest_km = models.PositiveSmallIntegerField(
        _("対面で行ける距離（km）"), null=True, blank=True, validators=[MinValueValidator(10), MaxValueValidator(3000)]
    )
    # Until this day the free times are worked out; empty: the ambassador has not told any hours.
    free_until = models.DateField(null=True, blank=True, editable=False)
    # The base of the ambassador, country and prefecture, for which they are.
    free_from_base = models.CharField(max_length=4, blank=True, default="", editable=False)

    class Meta:
        verbose_name = _("引き受ける条件")
        verbose_name_plural = _("引き受ける条件")

    def __str__(self) -> str:
        return f"{self.ambassador_id}"


class FreeBlock(models.Model):
    """空き時間: a stretch of one day of Japan that lies in an ambassador's hours, with where they are on that day.

    Worked out from rules, exceptions and stays whenever one of them changes. Holds and outside times are not taken off.
    """

    ambassador = models.ForeignKey("outreach.Ambassador", models.CASCADE, related_name="free_blocks")
    starts_at = models.DateTimeField(_("始まり"))
    ends_at = models.DateTimeField(_("終わり"))
    # Empty: abroad or not known.
    prefecture_code = models.CharField(_("都道府県"), max_length=2, blank=True)
    # From there; whether the ambassador visits in person at all, their own row says.
    in_person = models.BooleanField(_("対面で訪問できる"), default=True)

    class Meta:
        verbose_name = _("空き時間")
        verbose_name_plural = _("空き時間")
        ordering = ("ambassador_id", "starts_at")
        indexes = [
            models.Index(fields=("starts_at", "ends_at", "ambassador"), name="free_block_by_time"),
            models.Index(fields=("ambassador", "ends_at"), name="free_block_by_person"),
        ]
        constraints = [
            models.CheckConstraint(name="free_block_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at")))
        ]

    def __str__(self) -> str:
        return f"{self.ambassador_id} {self.starts_at:%Y-%m-%d %H:%M}"


class Approval(models.TextChoices):
    """Whether a calendar may be read: those of the large houses at once, others when the desk has said so."""

    WAITING = "waiting", _("事務局の確認待ち")
    APPROVED = "approved", _("読み取る")
    REFUSED = "refused", _("読み取らない")


class Light(models.TextChoices):
    """How much the times of a calendar can be relied on; the words stand beside the colour."""

    WAITING = "waiting", _("事務局の確認待ち")
    REFUSED = "refused", _("使えません")
    NEW = "new", _("これから読み取り")
    FRESH = "fresh", _("最新")
    STALE = "stale", _("少し古い")
    FAILED = "failed", _("読み取れません")


# How long after the last reading a calendar is fresh, and how long it can still be relied on somewhat.
FRESH_FOR = dt.timedelta(hours=3)
STALE_FOR = dt.timedelta(hours=24)


class CalendarSourceQuerySet(models.QuerySet["CalendarSource"]):
    def visible_to(self, user: Any):
        """Those of the person, and of the ambassadors whose assistant they are."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(Q(ambassador__user=user) | Q(ambassador__in=assisted_by(user)))

    def waiting(self):
        return self.filter(approval=Approval.WAITING)

    def readable(self):
        """The desk has nothing against the host, and the owner may sign in."""
        return self.filter(approval=Approval.APPROVED, ambassador__user__is_active=True)


class CalendarSource(models.Model):
    """外部カレンダー: an address of a calendar elsewhere whose times count as busy.

    Whoever knows the address reads the calendar: it is kept sealed (`sealing.py`) and shown as its host and last letters.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ambassador = models.ForeignKey("outreach.Ambassador", models.CASCADE, related_name="calendar_sources")
    name = models.CharField(_("名前"), max_length=60)
    sealed_address = models.TextField(_("アドレス"), default="", editable=False)
    host = models.CharField(_("サーバー"), max_length=253, default="")
    counts_all_day = models.BooleanField(_("終日の予定も、訪問できない時間にする"), default=True)
    added_at = models.DateTimeField(_("追加した日時"), default=timezone.now)
    approval = models.CharField(_("事務局の確認"), max_length=10, choices=Approval, default=Approval.WAITING)
    refusal = models.TextField(_("使えない理由"), default="", blank=True)
    # What the server gave along with the last file, to be told next time that nothing has changed.
    etag = models.CharField(max_length=200, default="", blank=True, editable=False)
    last_modified = models.CharField(max_length=200, default="", blank=True, editable=False)
    tried_at = models.DateTimeField(_("読み取ろうとした日時"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("読み取れた日時"), null=True, blank=True)
    # When the whole file came: only then does the time that is known grow longer.
    came_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(_("次に読み取る日時"), default=timezone.now)
    # Whoever has written a moment to come here is reading it until then.
    claimed_until = models.DateTimeField(null=True, blank=True)
    # The server has asked not to be asked before.
    wait_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(_("続けて失敗した回数"), default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=30, default="", blank=True)
    trouble_about = models.CharField(max_length=40, default="", blank=True)
    # Codes of what the owner ought to know although the calendar was read, separated by blanks.
    cautions = models.CharField(max_length=100, default="", blank=True)
    # The file came empty after a full one: the times stay until a second reading says the same.
    suspect_since = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("外部カレンダー")
        verbose_name_plural = _("外部カレンダー")
        ordering = ("ambassador_id", "name", "pk")
        indexes = [models.Index(fields=("next_try_at",), name="calendar_source_due")]
        constraints = [
            models.CheckConstraint(name="calendar_source_approval_is_known", condition=Q(approval__in=Approval.values))
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("availability:calendar", args=[self.public_id])

    @property
    def is_approved(self) -> bool:
        return self.approval == Approval.APPROVED

    @property
    def light(self) -> Light:
        if self.approval != Approval.APPROVED:
            return Light(self.approval)
        if self.succeeded_at is None:
            return Light.FAILED if self.failures else Light.NEW
        age = timezone.now() - self.succeeded_at
        return Light.FRESH if age < FRESH_FOR else Light.STALE if age < STALE_FOR else Light.FAILED


class BusyBlock(models.Model):
    """外部の予定: busy time of an outside calendar: start and end only, never a title."""

    source = models.ForeignKey(CalendarSource, models.CASCADE, related_name="busy_blocks")
    ambassador = models.ForeignKey("outreach.Ambassador", models.CASCADE, related_name="busy_blocks")
    starts_at = models.DateTimeField(_("始まり"))
    ends_at = models.DateTimeField(_("終わり"))

    class Meta:
        verbose_name = _("外部の予定")
        verbose_name_plural = _("外部の予定")
        ordering = ("ambassador_id", "starts_at")
        indexes = [models.Index(fields=("ambassador", "ends_at", "starts_at"), name="busy_block_by_person_and_time")]
        constraints = [
            models.CheckConstraint(name="busy_block_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at")))
        ]

    def __str__(self) -> str:
        return f"{self.ambassador_id} {self.starts_at:%Y-%m-%d %H:%M}"
