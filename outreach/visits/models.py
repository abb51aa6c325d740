"""Offer, Visit, Report with its groups, and ReachEntry."""

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from outreach.ambassadors.models import Assistant
from outreach.lives import Party
from outreach.requests.models import Format, Kind, grade_words
from outreach.schools.places import Course, Founder, SchoolType, Stage
from outreach.visits.states import OfferState, RescheduleState, VisitState
from ui import dates
from ui.words import listed


class OfferQuerySet(models.QuerySet["Offer"]):
    def visible_to(self, user):
        """The ambassador asked, their assistants, and the desk."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_coordinator:
            return self
        assisted = Assistant.objects.of(user).values("ambassador_id")
        return self.filter(Q(ambassador__user=user) | Q(ambassador_id__in=assisted))

    def waiting(self, now: dt.datetime | None = None):
        return self.filter(state=OfferState.SENT, expires_at__gt=now or timezone.now())


class Offer(models.Model):
    """打診: one ambassador is asked about one or more slots of a request, until a moment."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    form_key = models.UUIDField(null=True, unique=True, editable=False)
    request = models.ForeignKey("outreach.Request", models.PROTECT, related_name="offers")
    ambassador = models.ForeignKey("outreach.Ambassador", models.PROTECT, related_name="offers")
    slots = models.ManyToManyField("outreach.Slot", related_name="offers", verbose_name=_("希望日時"))
    state = models.CharField(_("状態"), max_length=12, choices=OfferState, default=OfferState.SENT)
    state_since = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=0)
    message = models.TextField(_("事務局からのひとこと"), blank=True)
    sent_at = models.DateTimeField(_("打診した日時"), default=timezone.now)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(_("返事の期限"))
    answered_at = models.DateTimeField(_("返事の日時"), null=True, blank=True)
    accepted_slot = models.ForeignKey("outreach.Slot", models.PROTECT, null=True, blank=True, related_name="+")
    answer_note = models.TextField(_("返事に添えたこと"), blank=True)
    could_do = models.ManyToManyField(
        "outreach.Slot", blank=True, related_name="+", verbose_name=_("ほかに都合のよい希望日時")
    )
    # Empty: the minutes of the year's rules.
    buffer_before = models.PositiveSmallIntegerField(_("前の余裕（分）"), null=True, blank=True)
    buffer_after = models.PositiveSmallIntegerField(_("後の余裕（分）"), null=True, blank=True)
    override_reason = models.TextField(_("きまりを超える理由"), blank=True)
    # A question about content has a due date and no slots.
    without_slots = models.BooleanField(default=False, editable=False)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("one", "打診")
        verbose_name_plural = _("打診")
        ordering = ("-sent_at", "-pk")
        indexes = [models.Index(fields=("state", "expires_at"), name="offer_by_end")]
        constraints = [
            models.CheckConstraint(name="offer_state_is_known", condition=Q(state__in=OfferState.values)),
            models.UniqueConstraint(
                fields=("request", "ambassador"),
                condition=Q(state="sent"),
                name="one_waiting_offer_per_request_and_ambassador",
            ),
            models.CheckConstraint(
                name="accepted_offer_names_its_slot",
                condition=~Q(state="accepted") | Q(accepted_slot__isnull=False) | Q(without_slots=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ambassador} ← {self.request}"

    def get_absolute_url(self) -> str:
        return reverse("visits:offer", args=[self.public_id])

    @property
    def is_over(self) -> bool:
        return self.state == OfferState.SENT and self.expires_at <= timezone.now()

    @property
    def slot_words(self) -> str:
        return listed(slot.rank_words for slot in self.slots.all())

    @property
    def state_words(self) -> str:
        """What the clock says beats what the row says."""
        return str(OfferState.EXPIRED.label) if self.is_over else self.get_state_display()


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, user):
        """The host's people, the ambassadors of the visit and their assistants, staff who read metrics, and the desk."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.reads_metrics else self.of_people(user)

    def of_people(self, user):
        """Those on which this person acts for the host or as an ambassador, whatever else they may look at."""
        assisted = Assistant.objects.of(user).values("ambassador_id")
        return self.filter(
            Q(school_id__in=user.verified_school_ids)
            | Q(request__board_id__in=user.verified_board_ids)
            | Q(request__organisation_id__in=user.verified_organisation_ids)
            | Q(participations__ambassador__user=user, participations__left_at__isnull=True)
            | Q(participations__ambassador_id__in=assisted, participations__left_at__isnull=True)
        ).distinct()

    def awaiting_report(self, now: dt.datetime | None = None):
        return self.filter(
            Q(state__in=(VisitState.DELIVERED, VisitState.RETURNED))
            | Q(state=VisitState.CONFIRMED, ends_at__lte=now or timezone.now())
        )

    def planned(self, now: dt.datetime | None = None):
        return self.filter(state=VisitState.CONFIRMED, ends_at__gt=now or timezone.now())

    def with_what_a_list_shows(self):
        return self.select_related("school", "request", "slot").prefetch_related("participations__ambassador")


class Visit(models.Model):
    """訪問授業: what was booked: one slot of one request, with one or more ambassadors (担当大使)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey("outreach.Request", models.PROTECT, related_name="visits")
    # Content (教材・動画) has a due date and no slot: it holds nobody's time.
    slot = models.ForeignKey("outreach.Slot", models.PROTECT, null=True, related_name="visits")
    school = models.ForeignKey("outreach.School", models.PROTECT, null=True, related_name="visits")
    participating_schools = models.ManyToManyField("outreach.School", blank=True, related_name="joint_visits")
    ambassadors = models.ManyToManyField("outreach.Ambassador", through="Participation", related_name="visits")
    state = models.CharField(_("状態"), max_length=12, choices=VisitState, default=VisitState.CONFIRMED)
    state_since = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=0)
    format = models.CharField(_("形式"), max_length=10, choices=Format)
    day = models.DateField(_("日付"))
    starts_at = models.DateTimeField(_("始まり"))
    ends_at = models.DateTimeField(_("終わり"))
    zone = models.CharField(max_length=50, default="Asia/Tokyo")
    sequence = models.PositiveIntegerField(_("予定の版"), default=0)
    fiscal_year = models.PositiveSmallIntegerField(_("年度"), db_index=True)
    confirmed_at = models.DateTimeField(_("決まった日時"), default=timezone.now)
    reminders_sent = models.PositiveSmallIntegerField(default=0)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("one", "訪問授業")
        verbose_name_plural = _("訪問授業")
        ordering = ("-starts_at", "-pk")
        indexes = [
            models.Index(fields=("fiscal_year", "state"), name="visit_by_year_and_state"),
            models.Index(fields=("state", "ends_at"), name="visit_by_state_and_end"),
        ]
        constraints = [
            models.CheckConstraint(name="visit_state_is_known", condition=Q(state__in=VisitState.values)),
            models.CheckConstraint(name="visit_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
            models.UniqueConstraint(
                fields=("request",),
                name="one_living_visit_per_request",
                condition=~Q(state__in=("cancelled", "not_held")),
            ),
        ]

    def __str__(self) -> str:
        return f"{dates.day_words(self.day)} {self.school or self.request}"

    @property
    def in_one_line(self) -> str:
        """When, where and who: what nobody should mistake for another visit."""
        when = self.slot.short_words if self.slot else dates.day_words(self.day)
        return "　".join((when, self.request.host_name, listed(self.present_ambassadors)))

    def get_absolute_url(self) -> str:
        return reverse("visits:show", args=[self.public_id])

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def present_ambassadors(self) -> list:
        """The ambassadors who have not left."""
        return [p.ambassador for p in self.participations.all() if p.left_at is None]

    @property
    def places_taken(self) -> int:
        """Ambassadors who are coming; one for whom a replacement is sought does not count."""
        return sum(p.left_at is None and p.replace_since is None for p in self.participations.all())

    @property
    def places_free(self) -> int:
        """How many of the wanted ambassadors are still missing."""
        return max(0, self.request.ambassadors_wanted - self.places_taken)

    @property
    def holds_time(self) -> bool:
        return self.slot_id is not None

    @property
    def state_words(self) -> str:
        if self.state == VisitState.CONFIRMED and self.is_over:
            return str(_("報告待ち"))
        return self.get_state_display()

    def latest_report(self) -> "Report | None":
        return self.reports.order_by("-version").first()


class Participation(models.Model):
    """One ambassador on one visit, from the acceptance until they leave."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="participations")
    ambassador = models.ForeignKey("outreach.Ambassador", models.PROTECT, related_name="participations")
    offer = models.OneToOneField(Offer, models.PROTECT, null=True, related_name="participation")
    joined_at = models.DateTimeField(_("加わった日時"), default=timezone.now)
    replace_since = models.DateTimeField(_("交代を探し始めた日時"), null=True, blank=True)
    left_at = models.DateTimeField(_("外れた日時"), null=True, blank=True)
    left_reason = models.TextField(_("外れた理由"), blank=True)

    class Meta:
        verbose_name = _("担当大使")
        verbose_name_plural = _("担当大使")
        ordering = ("joined_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("visit", "ambassador"), condition=Q(left_at__isnull=True), name="ambassador_once_per_visit"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ambassador} – {self.visit_id}"


class RescheduleQuerySet(models.QuerySet["Reschedule"]):
    def waiting(self, now: dt.datetime | None = None):
        return self.filter(state=RescheduleState.OPEN, expires_at__gt=now or timezone.now())


class Reschedule(models.Model):
    """日時変更の相談: a new day for a visit, held beside the old one until everybody has agreed or somebody says no."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="reschedules")
    slot = models.ForeignKey("outreach.Slot", models.PROTECT, related_name="+", verbose_name=_("変更後の日時"))
    old_slot = models.ForeignKey("outreach.Slot", models.PROTECT, related_name="+", verbose_name=_("いまの日時"))
    state = models.CharField(_("状態"), max_length=12, choices=RescheduleState, default=RescheduleState.OPEN)
    state_since = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=0)
    reason = models.TextField(_("理由"))
    override_reason = models.TextField(_("きまりを超える理由"), blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_for = models.CharField(_("立場"), max_length=12, choices=Party)
    proposed_at = models.DateTimeField(_("相談を始めた日時"), default=timezone.now)
    expires_at = models.DateTimeField(_("返事の期限"))
    school_agreed_at = models.DateTimeField(_("学校が同意した日時"), null=True, blank=True)
    agreed = models.ManyToManyField("outreach.Ambassador", blank=True, related_name="+", verbose_name=_("同意した大使"))

    objects = RescheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("日時変更の相談")
        verbose_name_plural = _("日時変更の相談")
        ordering = ("-proposed_at", "-pk")
        constraints = [
            models.CheckConstraint(name="reschedule_state_is_known", condition=Q(state__in=RescheduleState.values)),
            models.UniqueConstraint(fields=("visit",), name="one_open_reschedule_per_visit", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} → {self.slot}"

    @property
    def is_over(self) -> bool:
        return self.state == RescheduleState.OPEN and self.expires_at <= timezone.now()

    @property
    def state_words(self) -> str:
        """What the clock says beats what the row says."""
        return str(RescheduleState.EXPIRED.label) if self.is_over else self.get_state_display()

    def still_asked(self) -> list[Any]:
        """Whose word is still missing: ambassadors, then None for the school."""
        agreed = {ambassador.pk for ambassador in self.agreed.all()}
        missing = [ambassador for ambassador in self.visit.present_ambassadors if ambassador.pk not in agreed]
        return missing if self.school_agreed_at else [*missing, None]


class Report(models.Model):
    """実施報告: what took place. A correction is a new version; the newest counts."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="reports")
    version = models.PositiveSmallIntegerField(_("版"), default=1)
    format = models.CharField(_("実際の形式"), max_length=10, choices=Format)
    ambassadors_present = models.PositiveSmallIntegerField(_("来た大使の人数"), default=1)
    comment = models.TextField(_("授業のようす"), blank=True)
    ambassador_comment = models.TextField(_("推進大使のひとこと"), blank=True)
    may_be_quoted = models.BooleanField(_("公表してよい"), default=False)
    # Of kinds without groups of pupils: how many people were there, and where the result can be seen.
    people = models.PositiveIntegerField(_("参加した人数"), null=True, blank=True)
    link = models.URLField(_("成果の置き場所"), max_length=500, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on_behalf_source = models.CharField(_("代わりに入力した根拠"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("報告の日時"), default=timezone.now)
    verified_at = models.DateTimeField(_("確定の日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("実施報告")
        verbose_name_plural = _("実施報告")
        ordering = ("visit_id", "-version")
        constraints = [models.UniqueConstraint(fields=("visit", "version"), name="report_version_once_per_visit")]

    def __str__(self) -> str:
        return f"{self.visit_id} v{self.version}"

    @property
    def present(self) -> int:
        return sum(group.present for group in self.groups.all())

    @property
    def distinct(self) -> int:
        return sum(group.distinct for group in self.groups.all())


class Group(models.Model):
    """A group of pupils who were there. The same pupils in two periods are one group."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="groups")
    school = models.ForeignKey("outreach.School", models.PROTECT, related_name="+")
    stage = models.CharField(_("対象"), max_length=30, choices=Stage)
    course = models.CharField(_("課程"), max_length=20, choices=Course, blank=True)
    grade = models.PositiveSmallIntegerField(_("学年"))
    label = models.CharField(_("組など"), max_length=60, blank=True)
    present = models.PositiveIntegerField(_("出席した人数"))
    already_met = models.PositiveIntegerField(_("今年度すでに会った人数"), default=0)

    class Meta:
        verbose_name = _("グループ")
        verbose_name_plural = _("グループ")
        ordering = ("report_id", "stage", "grade", "pk")
        constraints = [
            models.CheckConstraint(name="group_met_at_most_those_present", condition=Q(already_met__lte=F("present")))
        ]

    def __str__(self) -> str:
        return f"{self.grade_words} {self.present}"

    @property
    def distinct(self) -> int:
        return self.present - self.already_met

    @property
    def grade_words(self) -> str:
        return grade_words(self.stage, self.grade)


class Measure(models.TextChoices):
    VISITS = "visits", _("訪問授業の件数")
    DISTINCT = "distinct", _("実人数")
    PRESENT = "present", _("延べ人数")
    ENCOUNTERS = "encounters", _("出会いの数")


class Standing(models.TextChoices):
    """How sure a figure is. Booked becomes 'awaiting report' by the clock once the day is past."""

    BOOKED = "booked", _("予定")
    RETURNED = "returned", _("報告待ち")
    REPORTED = "reported", _("速報")
    VERIFIED = "verified", _("確定")


class ReachEntry(models.Model):
    """活動実績: one line of the ledger of what counts. Never changed: a correction is a reversing line and a new one.

    A figure as of t is the sum of `amount` where `known_at` ≤ t.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="reach_entries")
    step = models.ForeignKey("outreach.Step", models.PROTECT, related_name="reach_entries")
    known_at = models.DateTimeField(_("わかった日時"))
    day = models.DateField(_("訪問の日"))
    ends_at = models.DateTimeField(_("授業の終わり"))
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    kind = models.CharField(_("種類"), max_length=12, choices=Kind, default=Kind.SCHOOL_VISIT)
    standing = models.CharField(_("確かさ"), max_length=10, choices=Standing)
    measure = models.CharField(_("指標の単位"), max_length=12, choices=Measure)
    amount = models.IntegerField(_("増減"))
    school = models.ForeignKey("outreach.School", models.PROTECT, null=True, related_name="+")
    school_type = models.CharField(_("学校種"), max_length=2, choices=SchoolType, blank=True)
    board = models.ForeignKey("outreach.Board", models.PROTECT, null=True, related_name="+")
    founder_code = models.CharField(_("設置区分"), max_length=1, choices=Founder, blank=True)
    prefecture_code = models.CharField(_("都道府県"), max_length=2, blank=True)
    stage = models.CharField(_("対象"), max_length=30, choices=Stage, blank=True)
    format = models.CharField(_("形式"), max_length=10, choices=Format)

    class Meta:
        verbose_name = _("活動実績")
        verbose_name_plural = _("活動実績")
        ordering = ("known_at", "pk")
        indexes = [
            models.Index(fields=("fiscal_year", "measure", "standing"), name="reach_by_year_and_measure"),
            models.Index(fields=("known_at",), name="reach_by_known_at"),
        ]
        constraints = [
            models.CheckConstraint(name="reach_measure_is_known", condition=Q(measure__in=Measure.values)),
            models.CheckConstraint(name="reach_standing_is_known", condition=Q(standing__in=Standing.values)),
            models.CheckConstraint(name="reach_entry_says_something", condition=~Q(amount=0)),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.amount:+d}"
