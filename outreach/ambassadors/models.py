"""Ambassador with appointments and card, proposals to change the card, assistants, and the code of conduct."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from babel import Locale
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from outreach.schools.models import search_key
from outreach.schools.places import Stage, prefecture_name
from ui import dates
from ui.words import TwoLanguages, in_reader_language


class Theme(models.TextChoices):
    """What a lesson is about: schools ask for one, ambassadors say which are theirs."""

    STORY = "story", _("挑戦と失敗の話を聞く")
    FINDING = "finding", _("身の回りの課題を見つける")
    IDEAS = "ideas", _("アイデアを形にする")
    LOCAL = "local", _("地域の資源を生かす")
    CAREER = "career", _("生き方・働き方を考える")
    INQUIRY = "inquiry", _("探究の発表を聞いて助言する")
    OTHER = "other", _("そのほか")


class Language(models.TextChoices):
    """In which languages somebody can hold a lesson."""

    JAPANESE = "ja", _("日本語")
    ENGLISH = "en", _("英語")
    CHINESE = "zh", _("中国語")
    KOREAN = "ko", _("韓国語")
    SPANISH = "es", _("スペイン語")
    PORTUGUESE = "pt", _("ポルトガル語")
    FRENCH = "fr", _("フランス語")
    GERMAN = "de", _("ドイツ語")
    VIETNAMESE = "vi", _("ベトナム語")
    FILIPINO = "tl", _("フィリピノ語")


class AmbassadorQuerySet(models.QuerySet["Ambassador"]):
    def appointed_on(self, day: dt.date):
        current = Appointment.objects.filter(from_day__lte=day, until__gte=day)
        return self.filter(pk__in=current.values("ambassador_id"))

    def active(self):
        """Who can be asked for a visit: neither resting, nor with an account that the desk has paused."""
        return self.filter(paused_at__isnull=True, user__is_active=True)

    def in_public(self, day: dt.date | None = None):
        """Whose card everybody may read: appointed on this day, not paused, not taken off by the desk."""
        return self.active().filter(is_public=True).appointed_on(day or dates.today())

    def matching(self, words: str):
        """Those whose name, reading or headline holds every word, whatever its width or kana."""
        found = self
        for word in words.split()[:5]:
            found = found.filter(search_text__contains=search_key(word))
        return found


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
    expect_ja = models.TextField(_("授業でできること"), blank=True)
    expect_en = models.TextField(_("授業でできること（英語）"), blank=True)
    # The random name under which `pictures` keeps the sizes of the photo; empty: no photo.
    photo = models.CharField(_("写真"), max_length=40, blank=True)
    prefecture_code = models.CharField(_("拠点の都道府県"), max_length=2, blank=True)
    country_code = models.CharField(_("住んでいる国"), max_length=2, default="JP")
    time_zone = models.CharField(_("時間帯"), max_length=50, default="Asia/Tokyo")
    visits_in_person = models.BooleanField(_("対面で訪問できる"), default=True)
    visits_online = models.BooleanField(_("オンラインで訪問できる"), default=True)
    competences = models.ManyToManyField(
        "curriculum.Competence", blank=True, related_name="ambassadors", verbose_name=_("得意とする資質・能力")
    )
    is_public = models.BooleanField(_("紹介ページを公開する"), default=True)
    search_text = models.CharField(max_length=700, editable=False, default="")
    paused_at = models.DateTimeField(_("活動を休み始めた日時"), null=True, blank=True)
    pause_reason = models.TextField(_("活動を休む理由"), blank=True)
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_text = self.found_by()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "search_text"}
        super().save(*args, **kwargs)

    def found_by(self) -> str:
        """What a search in the directory looks at."""
        return search_key(self.name_ja, self.name_kana, self.name_en, self.headline_ja, self.headline_en)[:700]

    def get_absolute_url(self) -> str:
        return reverse("ambassadors:card", args=[self.slug])

    @property
    def headline(self) -> str:
        return in_reader_language(self, "headline")

    @property
    def about(self) -> str:
        return in_reader_language(self, "about")

    @property
    def expect(self) -> str:
        return in_reader_language(self, "expect")

    @property
    def small_photo_url(self) -> str:
        return photo_address(self.photo, "small")

    @property
    def large_photo_url(self) -> str:
        return photo_address(self.photo, "large")

    def facet_words(self, kind: str) -> list[str]:
        """The facets of one kind in the order of their list; reads what was prefetched."""
        mine = {facet.value for facet in self.facets.all() if facet.kind == kind}
        return [str(label) for value, label in FACETS[kind].choices if value in mine]

    @property
    def themes(self) -> list[str]:
        return self.facet_words(FacetKind.THEME)

    @property
    def stages(self) -> list[str]:
        return self.facet_words(FacetKind.STAGE)

    @property
    def languages(self) -> list[str]:
        return self.facet_words(FacetKind.LANGUAGE)

    @property
    def place(self) -> str:
        """The prefecture, or for somebody abroad the country in the reader's language."""
        if self.country_code == "JP":
            return prefecture_name(self.prefecture_code)
        return Locale.parse(get_language() or "ja").territories.get(self.country_code, self.country_code)


def ambassadors_among(people: Iterable[User]) -> dict[int, str]:
    """For the list of people: who of them is an ambassador, by the id of the account, and until when."""
    rows = Ambassador.objects.filter(user__in=people).annotate(until=models.Max("appointments__until"))
    return {
        row.user_id: _("推進大使（任命 %(until)sまで）") % {"until": dates.day_words(row.until, year=True)}
        if row.until
        else _("推進大使（任命なし）")
        for row in rows
    }


def photo_address(key: str, size: str) -> str:
    """Where a published photo is fetched; "" when there is none."""
    return default_storage.url(f"portraits/{key}-{size}.jpg") if key else ""


class FacetKind(models.TextChoices):
    THEME = "theme", _("テーマ")
    STAGE = "stage", _("対象")
    LANGUAGE = "language", _("言語")


FACETS: dict[str, type[models.TextChoices]] = {
    FacetKind.THEME: Theme,
    FacetKind.STAGE: Stage,
    FacetKind.LANGUAGE: Language,
}


class Facet(models.Model):
    """One word by which an ambassador is found: a theme, a stage of pupils, a language."""

    ambassador = models.ForeignKey(Ambassador, models.CASCADE, related_name="facets", verbose_name=_("推進大使"))
    kind = models.CharField(_("種類"), max_length=10, choices=FacetKind)
    value = models.CharField(_("値"), max_length=30)

    class Meta:
        verbose_name = _("さがす手がかり")
        verbose_name_plural = _("さがす手がかり")
        ordering = ("ambassador_id", "kind", "value")
        indexes = [models.Index(fields=("kind", "value", "ambassador"), name="ambassador_by_facet")]
        constraints = [
            models.UniqueConstraint(fields=("ambassador", "kind", "value"), name="facet_once_per_ambassador"),
            models.CheckConstraint(name="facet_kind_is_known", condition=Q(kind__in=FacetKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"


class OldSlug(models.Model):
    """An address that a card has had: it leads to the new one for good and is never given to anybody else."""

    slug = models.SlugField(_("記号"), max_length=60, unique=True)
    ambassador = models.ForeignKey(Ambassador, models.PROTECT, related_name="old_slugs", verbose_name=_("推進大使"))
    left_at = models.DateTimeField(_("変えた日時"), default=timezone.now)

    class Meta:
        verbose_name = _("前の記号")
        verbose_name_plural = _("前の記号")
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug


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


PROPOSED_TEXTS = ("headline_ja", "headline_en", "about_ja", "about_en", "expect_ja", "expect_en")


class Recognisable(models.TextChoices):
    """Whether pupils can be recognised on a picture, and whether their school has agreed."""

    NOBODY = "nobody", _("児童生徒は写っていない、または写っていても誰か分からない")
    AGREED = "agreed", _("児童生徒が誰か分かるが、学校の同意を得ている")
    NOT_AGREED = "not_agreed", _("児童生徒が誰か分かり、学校の同意は得ていない")


class ProfileProposalQuerySet(models.QuerySet["ProfileProposal"]):
    def waiting(self):
        return self.filter(decided_at__isnull=True)

    def visible_to(self, user):
        """The ambassador's own, and all for the desk."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.is_coordinator else self.filter(ambassador__user=user)


class ProfileProposal(models.Model):
    """紹介の変更案: new texts or a new photo for a card; the card stays as it is until the desk has read them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ambassador = models.ForeignKey(Ambassador, models.PROTECT, related_name="proposals", verbose_name=_("推進大使"))
    version = models.PositiveIntegerField(_("版"), default=1)
    headline_ja = models.CharField(_("肩書"), max_length=120, blank=True)
    headline_en = models.CharField(_("肩書（英語）"), max_length=160, blank=True)
    about_ja = models.TextField(_("紹介"), blank=True)
    about_en = models.TextField(_("紹介（英語）"), blank=True)
    expect_ja = models.TextField(_("授業でできること"), blank=True)
    expect_en = models.TextField(_("授業でできること（英語）"), blank=True)
    photo = models.CharField(_("写真"), max_length=40, blank=True)
    recognisable = models.CharField(_("写真に写っている児童生徒"), max_length=10, choices=Recognisable, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("送った日時"), default=timezone.now)
    decided_at = models.DateTimeField(_("確かめた日時"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    is_approved = models.BooleanField(_("公開した"), default=False)
    reason = models.TextField(_("見送った理由"), blank=True)

    objects = ProfileProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("紹介の変更案")
        verbose_name_plural = _("紹介の変更案")
        ordering = ("made_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("ambassador",), condition=Q(decided_at__isnull=True), name="one_waiting_proposal_per_ambassador"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ambassador} v{self.version}"


class AssistantQuerySet(models.QuerySet["Assistant"]):
    def current(self):
        return self.filter(ended_at__isnull=True)

    def of(self, user):
        """The links by which this person is somebody's assistant: by the addresses they have confirmed."""
        confirmed = _confirmed_addresses().filter(user=user, user__is_active=True)
        return self.current().filter(email__in=confirmed.values("folded"))

    def people(self) -> models.QuerySet[User]:
        """The accounts behind the current links; an address without an account is nobody yet."""
        confirmed = _confirmed_addresses().filter(folded__in=self.current().order_by().values("email"))
        return User.objects.filter(is_active=True, pk__in=confirmed.values("user_id")).order_by("pk")


def _confirmed_addresses() -> models.QuerySet[EmailAddress]:
    return EmailAddress.objects.filter(verified=True).annotate(folded=Lower("email")).order_by()


class Assistant(models.Model):
    """秘書: somebody who answers offers and follows visits in the ambassador's name, never fees or the profile.

    The link names a mail address. Whoever has an account with that address confirmed is the assistant.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ambassador = models.ForeignKey(Ambassador, models.PROTECT, related_name="assistants", verbose_name=_("推進大使"))
    email = models.EmailField(_("メールアドレス"), max_length=254)
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    named_at = models.DateTimeField(_("指名した日時"), default=timezone.now)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("終わりの日時"), null=True, blank=True)

    objects = AssistantQuerySet.as_manager()

    class Meta:
        verbose_name = _("秘書")
        verbose_name_plural = _("秘書")
        ordering = ("ambassador_id", "named_at", "pk")
        indexes = [models.Index(fields=("email",), name="assistant_by_address")]
        constraints = [
            models.UniqueConstraint(
                fields=("ambassador", "email"),
                condition=Q(ended_at__isnull=True),
                name="assistant_named_once_per_ambassador",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.ambassador}"


class CodeOfConductQuerySet(models.QuerySet["CodeOfConduct"]):
    def in_force(self, fiscal_year: int) -> "CodeOfConduct | None":
        """The newest text of the year, or of the last year that has one."""
        return self.filter(fiscal_year__lte=fiscal_year).order_by("-fiscal_year", "-version").first()


class CodeOfConduct(models.Model):
    """行動規範: what whoever enters a school has accepted that fiscal year. One point a line; a change is a new version."""

    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    version = models.PositiveSmallIntegerField(_("版"), default=1)
    body_ja = models.TextField(_("本文"))
    body_en = models.TextField(_("本文（英語）"), blank=True)
    asks_again = models.BooleanField(_("もう一度同意してもらう"), default=True)
    note = models.CharField(_("変えた理由"), max_length=300, blank=True)
    made_at = models.DateTimeField(_("作成"), default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = CodeOfConductQuerySet.as_manager()

    class Meta:
        verbose_name = _("行動規範")
        verbose_name_plural = _("行動規範")
        ordering = ("-fiscal_year", "-version")
        constraints = [
            models.UniqueConstraint(fields=("fiscal_year", "version"), name="code_of_conduct_version_once_per_year")
        ]

    def __str__(self) -> str:
        return f"{dates.fiscal_year_name(self.fiscal_year)} v{self.version}"

    @property
    def points(self) -> list[str]:
        return [line.strip() for line in in_reader_language(self, "body").splitlines() if line.strip()]


class AcceptanceQuerySet(models.QuerySet["Acceptance"]):
    def of_year(self, fiscal_year: int):
        """The acceptances that hold in this fiscal year: given in it, since the last version that asks again."""
        asking = CodeOfConduct.objects.filter(asks_again=True).in_force(fiscal_year)
        found = self.filter(fiscal_year=fiscal_year, code__fiscal_year__lte=fiscal_year)
        if asking is None:
            return found
        return found.filter(
            Q(code__fiscal_year__gt=asking.fiscal_year)
            | Q(code__fiscal_year=asking.fiscal_year, code__version__gte=asking.version)
        )


class Acceptance(models.Model):
    """行動規範への同意: an ambassador has accepted this text for one fiscal year."""

    ambassador = models.ForeignKey(Ambassador, models.PROTECT, related_name="acceptances", verbose_name=_("推進大使"))
    code = models.ForeignKey(CodeOfConduct, models.PROTECT, related_name="acceptances", verbose_name=_("行動規範"))
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    accepted_at = models.DateTimeField(_("同意した日時"), default=timezone.now)

    objects = AcceptanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("行動規範への同意")
        verbose_name_plural = _("行動規範への同意")
        ordering = ("-accepted_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("ambassador", "code", "fiscal_year"), name="code_accepted_once_per_ambassador_and_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ambassador} {self.fiscal_year}"
