"""Inquiry and InquiryStep: what somebody wrote to the desk, and what the desk has done about it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outreach.inquiries.states import OPEN, InquiryState
from ui import dates

LONGEST = 4000


class Kind(models.TextChoices):
    QUESTION = "question", _("お問い合わせ")
    CONCERN = "concern", _("心配・気づいたこと")


class Topic(models.TextChoices):
    """What a question is about, seen from who asks."""

    VISIT = "visit", _("学校への派遣のこと")
    BOARD = "board", _("教育委員会からの問い合わせ")
    AMBASSADOR = "ambassador", _("推進大使のこと")
    ORGANISATION = "organisation", _("企業・団体の参画のこと")
    PRESS = "press", _("報道・取材")
    OTHER = "other", _("そのほか")


class Danger(models.TextChoices):
    """Whether somebody is in danger now, as far as the sender knows."""

    NO = "no", _("いいえ")
    UNSURE = "unsure", _("わからない")
    YES = "yes", _("はい")


class Writer(models.TextChoices):
    PUPIL = "pupil", _("児童・生徒・学生")
    GUARDIAN = "guardian", _("保護者")
    SCHOOL = "school", _("学校の先生・職員")
    AMBASSADOR = "ambassador", _("推進大使")
    OTHER = "other", _("そのほか")


class SchoolMayKnow(models.TextChoices):
    """Whether the desk may speak with the sender's school."""

    YES = "yes", _("はい")
    NO = "no", _("いいえ")
    ASK = "ask", _("先に聞いてほしい")


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def open(self):
        return self.filter(state__in=OPEN)

    def new(self):
        """What nobody looks after yet."""
        return self.filter(state=InquiryState.NEW)

    def concerns(self):
        return self.filter(kind=Kind.CONCERN)

    def questions(self):
        return self.filter(kind=Kind.QUESTION)

    def most_urgent_first(self):
        """Where somebody may be in danger, then the other concerns, then questions; of each the oldest first."""
        rank = Case(
            When(state=InquiryState.CLOSED, then=9),
            When(danger=Danger.YES, then=0),
            When(danger=Danger.UNSURE, then=1),
            When(kind=Kind.CONCERN, then=2),
            default=3,
            output_field=models.PositiveSmallIntegerField(),
        )
        return self.order_by(rank, "sent_at", "pk")


class Inquiry(models.Model):
    """問い合わせ: what anybody has written to the desk. No account is kept with it: who stays unnamed is not known."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("種類"), max_length=10, choices=Kind)
    state = models.CharField(_("状態"), max_length=10, choices=InquiryState, default=InquiryState.NEW)
    text = models.TextField(_("本文"), max_length=LONGEST, blank=True)
    language = models.CharField(_("言語"), max_length=2, choices=settings.LANGUAGES, default="ja")
    sent_at = models.DateTimeField(_("届いた日時"), default=timezone.now)
    # Of a question.
    topic = models.CharField(_("用件"), max_length=14, choices=Topic, blank=True)
    place = models.CharField(_("学校・機関"), max_length=200, blank=True)
    # Of a concern.
    danger = models.CharField(_("いまの危険"), max_length=8, choices=Danger, blank=True)
    when_where = models.CharField(_("いつ、どこで"), max_length=200, blank=True)
    writer = models.CharField(_("書いた人"), max_length=12, choices=Writer, blank=True)
    school_may_know = models.CharField(_("学校への連絡"), max_length=4, choices=SchoolMayKnow, blank=True)
    # How to reach who wrote; forgotten a year after the inquiry was closed.
    name = models.CharField(_("お名前"), max_length=100, blank=True)
    mail = models.EmailField(_("メールアドレス"), max_length=254, blank=True)
    phone = models.CharField(_("電話番号"), max_length=30, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("担当")
    )
    closed_at = models.DateTimeField(_("対応を終えた日時"), null=True, blank=True)
    forgotten_at = models.DateTimeField(_("連絡先を消した日時"), null=True, blank=True)
    # Of the form that was sent: the same form sent twice is one inquiry.
    form_print = models.CharField(max_length=64, unique=True, null=True, editable=False)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name = _("問い合わせ")
        verbose_name_plural = _("問い合わせ")
        ordering = ("-sent_at", "-pk")
        indexes = [models.Index(fields=("state", "sent_at"), name="inquiry_by_state")]
        constraints = [
            models.CheckConstraint(name="inquiry_state_is_known", condition=Q(state__in=InquiryState.values)),
            models.CheckConstraint(
                name="inquiry_says_its_topic_or_its_danger",
                condition=Q(kind="question", topic__in=Topic.values, danger="")
                | Q(kind="concern", topic="", danger__in=Danger.values),
            ),
            models.CheckConstraint(
                name="inquiry_in_hand_names_its_person",
                condition=Q(state="new", taken_by__isnull=True)
                | Q(state__in=("taken", "closed"), taken_by__isnull=False),
            ),
            models.CheckConstraint(
                name="inquiry_is_closed_at_a_moment",
                condition=Q(state="closed", closed_at__isnull=False)
                | Q(state__in=("new", "taken"), closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="forgotten_inquiry_tells_nobody",
                condition=Q(forgotten_at__isnull=True) | Q(name="", mail="", phone=""),
            ),
        ]

    @property
    def cannot_be_asked_first(self) -> bool:
        """Wants to be asked before the school is told, and left nothing by which to ask."""
        return self.school_may_know == SchoolMayKnow.ASK and not (self.mail or self.phone or self.forgotten_at)

    def __str__(self) -> str:
        """Stands in records that others read: never a word of what was written."""
        return f"{self.get_kind_display()} {dates.moment_words(self.sent_at)}"

    @property
    def is_concern(self) -> bool:
        return self.kind == Kind.CONCERN

    @property
    def is_urgent(self) -> bool:
        return self.danger in (Danger.YES, Danger.UNSURE)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def title(self) -> str:
        """What a list says of it: nothing that was written."""
        return str(self.get_kind_display() if self.is_concern else self.get_topic_display())

    def get_absolute_url(self) -> str:
        return reverse("desk:inquiry", args=[self.public_id])


class InquiryStep(models.Model):
    """対応の記録: one act of the desk on an inquiry: a move, an answer or a note. Never changed."""

    NOTE = "note"

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="steps")
    verb = models.CharField(_("動き"), max_length=20)
    from_state = models.CharField(_("前の状態"), max_length=10)
    to_state = models.CharField(_("後の状態"), max_length=10)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("記録した人"))
    at = models.DateTimeField(_("日時"), default=timezone.now)
    # The note, the answer as it was sent, what was done, or why it was opened again.
    text = models.TextField(_("内容"), max_length=LONGEST, blank=True)

    class Meta:
        verbose_name = _("対応の記録")
        verbose_name_plural = _("対応の記録")
        ordering = ("at", "pk")
        indexes = [models.Index(fields=("inquiry", "at"), name="step_of_inquiry")]

    def __str__(self) -> str:
        return f"{self.inquiry_id} {self.verb}"
