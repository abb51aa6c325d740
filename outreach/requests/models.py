"""Request, its slots and expected groups, the step of every move, and the rules of a year's intake."""

import datetime as dt
import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, place_field
from outreach.ambassadors.models import Theme
from outreach.lives import Party
from outreach.requests.states import ALIVE, IN_SOMEBODYS_NAME, RequestState
from outreach.schools.models import Route
from outreach.schools.places import Course, Stage
from ui import dates


class Kind(models.TextChoices):
    SCHOOL_VISIT = "school_visit", _("出前授業・講演")
    CONTEST = "contest", _("コンテスト講評")
    EVENT = "event", _("イベント登壇")
    CONTENT = "content", _("教材・動画")


class Format(models.TextChoices):
    IN_PERSON = "in_person", _("対面")
    ONLINE = "online", _("オンライン")
    EITHER = "either", _("どちらでもよい")


class Entry(models.TextChoices):
    """How a request came to be: asked for, agreed between both sides beforehand, or written down after the visit."""

    ASKED = "asked", _("申込み")
    ARRANGED = "arranged", _("調整済み")
    AFTERWARDS = "afterwards", _("事後登録")


class Channel(models.TextChoices):
    SITE = "site", _("このサイト")
    PHONE = "phone", _("電話")
    FAX = "fax", _("FAX")
    MAIL = "mail", _("メール")
    LETTER = "letter", _("郵送")


class IntakeMode(models.TextChoices):
    FIRST_COME = "first_come", _("先着順")
    ROUNDS = "rounds", _("締切ごとの調整")


class IntakeRules(models.Model):
    """How requests are taken in one fiscal year. A change is a new version; the newest holds."""

    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    version = models.PositiveSmallIntegerField(_("版"), default=1)
    opens_on = models.DateField(_("受付の始まり"))
    closes_on = models.DateField(_("受付の終わり"))
    mode = models.CharField(_("受付の方法"), max_length=12, choices=IntakeMode, default=IntakeMode.FIRST_COME)
    slots_wanted = models.PositiveSmallIntegerField(
        _("希望日時の数"), default=3, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    days_ahead = models.PositiveSmallIntegerField(
        _("何日先から希望できるか"), default=14, validators=[MaxValueValidator(120)]
    )
    answer_days = models.PositiveSmallIntegerField(
        _("回答希望日までの最短日数"), default=7, validators=[MaxValueValidator(90)]
    )
    offer_days = models.PositiveSmallIntegerField(
        _("打診に答える日数（営業日）"), default=5, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    board_days = models.PositiveSmallIntegerField(
        _("教育委員会が確かめる日数"), default=7, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    travel_buffer = models.PositiveSmallIntegerField(
        _("対面の前後の余裕（分）"), default=90, validators=[MaxValueValidator(600)]
    )
    online_buffer = models.PositiveSmallIntegerField(
        _("オンラインの前後の余裕（分）"), default=15, validators=[MaxValueValidator(240)]
    )
    # Empty: no limit. An ambassador's own number, where there is one, goes before.
    most_per_month = models.PositiveSmallIntegerField(
        _("推進大使1人の月の上限"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    most_per_year = models.PositiveSmallIntegerField(
        _("推進大使1人の年度の上限"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    only_ministry_verifies = models.BooleanField(_("報告の確定は文部科学省の担当者だけ"), default=False)
    made_at = models.DateTimeField(_("作成"), default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(_("変えた理由"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("年度の受付のきまり")
        verbose_name_plural = _("年度の受付のきまり")
        ordering = ("-fiscal_year", "-version")
        constraints = [
            models.UniqueConstraint(fields=("fiscal_year", "version"), name="intake_rules_version_once_per_year"),
            models.CheckConstraint(name="intake_closes_after_it_opens", condition=Q(closes_on__gte=F("opens_on"))),
        ]

    def __str__(self) -> str:
        return f"{dates.fiscal_year_name(self.fiscal_year)} v{self.version}"


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, user):
        """Staff see all that was submitted; a host's people see their own; others see nothing here."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_coordinator:
            return self.filter(~Q(state=RequestState.DRAFT) | Q(entered_by=user))
        # An unverified person reads only what they typed; colleagues' requests open when somebody vouched.
        mine = Q(school_id__in=user.verified_school_ids) | Q(school_id__in=user.school_ids, entered_by=user)
        if boards := user.verified_board_ids:
            # A board follows what its schools have sent, and what it asked for itself; a draft that one of its people
            # began for a school is theirs and the school's.
            sent_or_begun = ~Q(state=RequestState.DRAFT) | Q(entered_by=user)
            mine |= Q(board_id__in=boards) | (Q(school__board_id__in=boards) & sent_or_begun)
        if organisations := user.verified_organisation_ids:
            mine |= Q(organisation_id__in=organisations)
        return self.filter(mine)

    def alive(self):
        return self.filter(state__in=ALIVE)

    def in_name_of(self, membership: Membership):
        """What is still open at the place of a membership with its person as the contact."""
        if membership.place is None:
            return self.none()
        rows = self.filter(contact_id=membership.person_id, state__in=IN_SOMEBODYS_NAME)
        rows = rows.filter(**{place_field(membership.place): membership.place})
        return rows.select_related("school__board", "board", "organisation", "contact").order_by("created_at", "pk")

    def with_what_a_list_shows(self):
        return self.select_related("school", "contact").prefetch_related("slots")


class Request(models.Model):
    """A host asks for a visit. It belongs to the host, not to the person who typed it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("受付番号"), max_length=12, blank=True, db_index=True)
    form_key = models.UUIDField(_("二重送信よけ"), null=True, unique=True, editable=False)
    kind = models.CharField(_("種類"), max_length=12, choices=Kind, default=Kind.SCHOOL_VISIT)
    state = models.CharField(_("状態"), max_length=12, choices=RequestState, default=RequestState.DRAFT)
    state_since = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=0)
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    # Who asks: exactly one host.
    school = models.ForeignKey(
        "outreach.School", models.PROTECT, null=True, blank=True, related_name="requests", verbose_name=_("学校")
    )
    board = models.ForeignKey("outreach.Board", models.PROTECT, null=True, blank=True, related_name="requests")
    organisation = models.ForeignKey(
        "outreach.Organisation", models.PROTECT, null=True, blank=True, related_name="requests"
    )
    participating_schools = models.ManyToManyField("outreach.School", blank=True, related_name="joint_requests")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("入力した人")
    )
    contact = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="contact_requests", verbose_name=_("学校担当者")
    )
    contact_phone = models.CharField(_("日中の電話番号"), max_length=30, blank=True)
    contact_hours = models.CharField(_("電話に出やすい時間"), max_length=60, blank=True)
    channel = models.CharField(_("受けた方法"), max_length=10, choices=Channel, default=Channel.SITE)
    caller_name = models.CharField(_("連絡してきた人"), max_length=80, blank=True)
    entry = models.CharField(_("登録のしかた"), max_length=12, choices=Entry, default=Entry.ASKED)
    evidence = models.TextField(_("根拠"), blank=True)
    # 校長の了承: of a school's request; it may follow later.
    principal_name = models.CharField(_("校長の氏名"), max_length=80, blank=True)
    principal_agreed_on = models.DateField(_("校長が了承した日"), null=True, blank=True)
    # What is asked for.
    format = models.CharField(_("形式"), max_length=10, choices=Format, default=Format.IN_PERSON)
    ambassadors_wanted = models.PositiveSmallIntegerField(_("推進大使の人数"), default=1)
    title = models.CharField(_("名称"), max_length=120, blank=True)
    audience = models.CharField(_("対象"), max_length=200, blank=True)
    people_expected = models.PositiveIntegerField(_("見込みの人数"), null=True, blank=True)
    theme = models.CharField(_("テーマ"), max_length=12, choices=Theme, blank=True)
    aims = models.TextField(_("授業のねらい"), blank=True)
    competences = models.ManyToManyField(
        "curriculum.Competence", blank=True, related_name="requests", verbose_name=_("育てたい資質・能力")
    )
    lesson_name = models.CharField(_("位置づける教科・時間"), max_length=80, blank=True)
    course = models.CharField(_("課程"), max_length=20, choices=Course, blank=True)
    place = models.CharField(_("教室・会場"), max_length=120, blank=True)
    # Where the list of schools has no address, the school says where to come.
    place_text = models.CharField(_("授業を行う場所（住所）"), max_length=200, blank=True, default="")
    equipment = models.CharField(_("使える設備"), max_length=200, blank=True)
    access = models.CharField(_("最寄りの駅・停留所と行き方"), max_length=200, blank=True)
    times_note = models.TextField(_("日時について伝えたいこと"), blank=True)
    wishes = models.TextField(_("そのほかの希望"), blank=True)
    answer_by = models.DateField(_("回答希望日"), null=True, blank=True)
    due_on = models.DateField(_("納期"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("申込みの日時"), null=True, blank=True)
    place_in_queue_at = models.DateTimeField(_("受付順"), null=True, blank=True)
    created_at = models.DateTimeField(_("作成"), default=timezone.now)
    updated_at = models.DateTimeField(_("更新"), auto_now=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("派遣の申込み")
        verbose_name_plural = _("派遣の申込み")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=("state", "answer_by"), name="request_queue"),
            models.Index(fields=("school", "state"), name="request_of_school"),
        ]
        constraints = [
            models.CheckConstraint(name="request_state_is_known", condition=Q(state__in=RequestState.values)),
            models.CheckConstraint(name="request_kind_is_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(name="request_entry_is_known", condition=Q(entry__in=Entry.values)),
            models.CheckConstraint(
                name="request_has_one_host",
                condition=(
                    Q(school__isnull=False, board__isnull=True, organisation__isnull=True)
                    | Q(school__isnull=True, board__isnull=False, organisation__isnull=True)
                    | Q(school__isnull=True, board__isnull=True, organisation__isnull=False)
                    | Q(
                        school__isnull=True,
                        board__isnull=True,
                        organisation__isnull=True,
                        kind__in=("contest", "event", "content"),
                    )
                ),
            ),
            models.CheckConstraint(
                name="request_wants_at_least_one_ambassador", condition=Q(ambassadors_wanted__gte=1)
            ),
            models.UniqueConstraint(fields=("number",), name="request_number_once", condition=~Q(number="")),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.get_state_display()} {self.host_name}"

    def get_absolute_url(self) -> str:
        return reverse("requests:show", args=[self.public_id])

    @property
    def host(self):
        return self.school or self.board or self.organisation

    @property
    def host_name(self) -> str:
        return self.host.name if self.host else str(_("事務局"))

    @property
    def address(self) -> str:
        """Where the lesson is: what the school wrote, or its address in the list of schools; empty when nobody said."""
        return self.place_text or (self.school.address if self.school else "")

    @property
    def answer_is_late(self) -> bool:
        """Whether the day by which its host needs an answer has passed."""
        return self.answer_by is not None and self.answer_by < dates.today()

    @property
    def contact_is_verified(self) -> bool:
        """Whether the contact person is known; what the desk took down for a caller, it has made sure of itself."""
        if self.school_id is None or self.channel != Channel.SITE:
            return True
        return self.contact.memberships.current().filter(school_id=self.school_id, verified_at__isnull=False).exists()

    @property
    def contact_has_left(self) -> bool:
        """Whether the contact person no longer belongs to the host; what the desk took down itself it stands for.

        Asked once of each row that was read, and again when it names another contact.
        """
        if self.host is None or (self.channel != Channel.SITE and self.contact_id == self.entered_by_id):
            return False
        asked_of, has_left = self.__dict__.get("_contact_has_left", (None, False))
        if asked_of != self.contact_id:
            has_left = not (self.contact.is_active and self.contact.memberships.current().at(self.host).exists())
            self.__dict__["_contact_has_left"] = (self.contact_id, has_left)
        return has_left

    @property
    def living_visit(self):
        """The visit that came of this request and was neither cancelled nor missed, or None."""
        return self.visits.exclude(state__in=("cancelled", "not_held")).first()

    @property
    def days_are_over(self) -> bool:
        """Whether nothing of what was wished for can still come: no slot ahead, or for content the due date past."""
        if self.kind == Kind.CONTENT:
            return self.due_on is not None and self.due_on < dates.today()
        return not any(slot.dropped_at is None and not slot.is_past for slot in self.slots.all())

    @property
    def goes_through_board(self) -> bool:
        """Whether the board of the school passes requests on (経由) and this one has not come to the desk before."""
        board = self.school.board if self.school else None
        return bool(board and board.route == Route.VIA and self.submitted_at is None)

    def board_answers_by(self, rules: "IntakeRules | None") -> dt.date | None:
        """The last day on which its board alone decides (route 経由); afterwards the desk may pass the request on."""
        if self.state != RequestState.WITH_BOARD:
            return None
        days = rules.board_days if rules else IntakeRules._meta.get_field("board_days").default
        last = dates.in_tokyo(self.state_since).date() + dt.timedelta(days=days)
        return min(last, self.answer_by) if self.answer_by else last

    @property
    def pupils_expected(self) -> int:
        return sum(group.expected for group in self.planned_groups.all())

    def open_slots(self) -> list["Slot"]:
        """The days the host wishes for, best first; days that came by a move are not wishes."""
        return [slot for slot in self.slots.all() if not slot.dropped_at and slot.origin != Slot.Origin.MOVED]


class Slot(models.Model):
    """希望日時: a ranked day with period(s) of the school's bell times, or clock times.

    A slot that did not come from the host's wishes has another origin: a day agreed beforehand, or the new day of a visit.
    """

    class Origin(models.TextChoices):
        WISH = "wish", _("希望")
        ARRANGED = "arranged", _("調整済み")
        MOVED = "moved", _("変更後")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(Request, models.CASCADE, related_name="slots")
    rank = models.PositiveSmallIntegerField(_("第何希望"))
    day = models.DateField(_("日付"))
    first_period = models.PositiveSmallIntegerField(_("時限"), null=True, blank=True)
    last_period = models.PositiveSmallIntegerField(_("時限まで"), null=True, blank=True)
    is_school_day = models.BooleanField(_("授業のある休日"), default=False)
    starts_at = models.DateTimeField(_("始まり"))
    ends_at = models.DateTimeField(_("終わり"))
    zone = models.CharField(max_length=50, default="Asia/Tokyo")
    origin = models.CharField(_("由来"), max_length=10, choices=Origin, default=Origin.WISH)
    dropped_at = models.DateTimeField(_("取り下げた日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("希望日時")
        verbose_name_plural = _("希望日時")
        ordering = ("request_id", "rank")
        constraints = [
            models.UniqueConstraint(
                fields=("request", "rank"), name="slot_rank_once_per_request", condition=Q(dropped_at__isnull=True)
            ),
            models.CheckConstraint(name="slot_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="slot_periods_in_order",
                condition=Q(first_period__isnull=True) | Q(last_period__gte=F("first_period")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rank_words} {self.words}"

    @property
    def rank_words(self) -> str:
        if self.origin == self.Origin.MOVED:
            return _("変更後の日時")
        if self.origin == self.Origin.ARRANGED:
            return _("調整済みの日時")
        return _("第%(rank)s希望") % {"rank": self.rank}

    @property
    def period_words(self) -> str:
        """3・4限, or nothing where clock times were given."""
        if self.first_period is None:
            return ""
        if self.first_period == self.last_period:
            return _("%(period)s限") % {"period": self.first_period}
        return _("%(first)s・%(last)s限") % {"first": self.first_period, "last": self.last_period}

    @property
    def clock_words(self) -> str:
        return f"{dates.clock_words(self.starts_at)}–{dates.clock_words(self.ends_at)}"

    @property
    def words(self) -> str:
        """1月18日（月） 3・4限 10:50–12:40."""
        return " ".join(part for part in (dates.day_words(self.day), self.period_words, self.clock_words) if part)

    @property
    def short_words(self) -> str:
        """1月18日（月） 3・4限: for lists; the clock where there are no periods."""
        return f"{dates.day_words(self.day)} {self.period_words or self.clock_words}"

    @property
    def is_past(self) -> bool:
        return self.starts_at <= timezone.now()


class PlannedGroup(models.Model):
    """The pupils a school expects, per grade; the report is prefilled from it."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="planned_groups")
    school = models.ForeignKey("outreach.School", models.PROTECT, related_name="+")
    stage = models.CharField(_("対象"), max_length=30, choices=Stage)
    grade = models.PositiveSmallIntegerField(_("学年"))
    label = models.CharField(_("組など"), max_length=60, blank=True)
    expected = models.PositiveIntegerField(_("予定の人数"))

    class Meta:
        verbose_name = _("予定のグループ")
        verbose_name_plural = _("予定のグループ")
        ordering = ("request_id", "stage", "grade", "pk")

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.grade} {self.expected}"

    @property
    def grade_words(self) -> str:
        return grade_words(self.stage, self.grade)


def grade_words(stage: str, grade: int) -> str:
    """高校生 2年; the stage alone where there are no grades."""
    label = str(Stage(stage).label)
    if not grade:
        return label
    return _("%(stage)s %(grade)s年") % {"stage": label, "grade": grade}


def grade_label(stage: str, grade: int, division: str = "") -> str:
    """後期 2年: a grade as a form of one school asks for it; the division only where a school has several."""
    if not grade:
        return str(Stage(stage).label)
    year = _("%(grade)s年") % {"grade": grade}
    return f"{division} {year}" if division else year


class Step(models.Model):
    """One move of a request, an offer or a visit: verb, person or system, in whose name, moment, reason. Append-only."""

    class Subject(models.TextChoices):
        REQUEST = "request", _("申込み")
        OFFER = "offer", _("打診")
        VISIT = "visit", _("訪問授業")
        RESCHEDULE = "reschedule", _("日時変更の相談")

    subject = models.CharField(_("対象"), max_length=10, choices=Subject)
    request = models.ForeignKey(Request, models.CASCADE, related_name="steps")
    offer = models.ForeignKey("outreach.Offer", models.CASCADE, null=True, blank=True, related_name="steps")
    visit = models.ForeignKey("outreach.Visit", models.CASCADE, null=True, blank=True, related_name="steps")
    reschedule = models.ForeignKey("outreach.Reschedule", models.CASCADE, null=True, blank=True, related_name="steps")
    # The version of the thing this step led to: one step per move, said by the database.
    version = models.PositiveIntegerField(null=True, editable=False)
    verb = models.CharField(_("動き"), max_length=20)
    from_state = models.CharField(_("前の状態"), max_length=12)
    to_state = models.CharField(_("後の状態"), max_length=12)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="steps")
    party = models.CharField(_("立場"), max_length=12, choices=Party)
    at = models.DateTimeField(_("日時"), default=timezone.now)
    reason = models.TextField(_("理由"), blank=True)

    class Meta:
        verbose_name = _("動き")
        verbose_name_plural = _("動き")
        ordering = ("at", "pk")
        indexes = [models.Index(fields=("request", "at"), name="step_of_request")]
        constraints = [
            models.UniqueConstraint(
                fields=(subject, "version"), name=f"one_step_per_move_of_a_{subject}", condition=Q(subject=subject)
            )
            for subject in ("request", "offer", "visit", "reschedule")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.verb}"


def current_rules(fiscal_year: int | None = None, day: dt.date | None = None) -> IntakeRules | None:
    """The newest version of a fiscal year's rules; of the present year when none is named."""
    year = fiscal_year if fiscal_year is not None else dates.fiscal_year_of(day or dates.today())
    return IntakeRules.objects.filter(fiscal_year=year).order_by("-version").first()


class RulesOfYears:
    """The rules of the fiscal years that one act touches, each year's read once."""

    def __init__(self) -> None:
        self._read: dict[int, IntakeRules | None] = {}

    def of(self, fiscal_year: int) -> IntakeRules | None:
        if fiscal_year not in self._read:
            self._read[fiscal_year] = current_rules(fiscal_year)
        return self._read[fiscal_year]


class NumberSeries(models.Model):
    """The last 受付番号 given in a fiscal year; its row lock keeps numbers without doubles."""

    fiscal_year = models.PositiveSmallIntegerField(_("年度"), unique=True)
    last_number = models.PositiveIntegerField(_("最後の番号"), default=0)

    class Meta:
        verbose_name = _("受付番号の控え")
        verbose_name_plural = _("受付番号の控え")

    def __str__(self) -> str:
        return f"{self.fiscal_year}: {self.last_number}"


class Hand(models.Model):
    """手を挙げる: an ambassador would like to be asked about an open request, whose school they do not know yet."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="hands")
    ambassador = models.ForeignKey("outreach.Ambassador", models.CASCADE, related_name="hands")
    raised_at = models.DateTimeField(_("手を挙げた日時"), default=timezone.now)
    lowered_at = models.DateTimeField(_("手を下ろした日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("挙がっている手")
        verbose_name_plural = _("挙がっている手")
        ordering = ("raised_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("request", "ambassador"),
                condition=Q(lowered_at__isnull=True),
                name="hand_once_per_request_and_ambassador",
            )
        ]

    def __str__(self) -> str:
        return f"{self.ambassador_id} → {self.request_id}"
