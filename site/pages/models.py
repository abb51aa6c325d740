"""The kinds of pages. Standard Wagtail pages; only pages are translated as copies."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.db.models import F, Q
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult

from pages import lists, readings
from pages.blocks import PartsOfAPage, QuestionBlock, StepBlock
from pages.checks import ChecksPanel
from pages.notices import Banner, Section, Urgency
from pages.paste import plain
from pages.pictures import Drawing, People, Picture
from pages.previews import PreviewLink
from pages.public import refuse_what_cannot_be_opened
from pages.ways import Step, Twin, steps_to, twin_of
from ui import dates, places
from ui.caching import kept_briefly
from ui.words import in_language_of_reader


class PublicPageForm(WagtailAdminPageForm):
    """The editor's form: 解禁日時 by its name, and no invisible characters in single lines."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "go_live_at" in self.fields:
            self.fields["go_live_at"].label = _("解禁日時（この日時に公開します）")
            self.fields["expire_at"].label = _("公開の終わり")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name, value in cleaned.items():
            if isinstance(value, str) and isinstance(self.fields[name], forms.CharField):
                cleaned[name] = plain(value)
        if "released_on" in self.fields and cleaned.get("go_live_at") and not self.instance.first_published_at:
            # The day that readers see is the day on which it is let out.
            cleaned["released_on"] = dates.in_tokyo(cleaned["go_live_at"]).date()
        return cleaned


class PublicPage(Page):
    """What all our pages have: who answers for them, when they changed, what they look like when shared."""

    section = models.ForeignKey(
        Section, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("担当")
    )
    in_footer = models.BooleanField(_("ページの下のリンクに出す"), default=False)
    share_picture = models.ForeignKey(
        Picture,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("紹介されるときの絵"),
        help_text=_("SNSやメールでこのページが紹介されるときに出ます。空のときは、このサイトの絵が出ます。"),
    )

    base_form_class = PublicPageForm
    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_description")], _("検索と住所")
        ),
        MultiFieldPanel([FieldPanel("show_in_menus"), FieldPanel("in_footer")], _("メニュー")),
        FieldPanel("share_picture"),
        FieldPanel("section"),
    ]

    class Meta:
        abstract = True

    @property
    def has_run_out(self) -> bool:
        """Past its end, whether or not the clock's work has written that down yet."""
        return self.expire_at is not None and self.expire_at <= timezone.now()

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        if not path_components and self.has_run_out:
            raise Http404
        return super().route(request, path_components)

    @property
    def description(self) -> str:
        """One sentence on the page, for search engines and shared links."""
        return self.search_description or readings.without(getattr(self, "lead", ""))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context(request, *args, **kwargs),
            "trail": self._trail(),
            "description": self.description,
            "share_picture": self.share_picture if self.share_picture and self.share_picture.may_be_shown else None,
            "newer_japanese": self._newer_japanese(),
            "has_twin": self._public_twin() is not None,
            "readings_shown": False,
            "readings_url": "",
        }

    @cached_property
    def above(self) -> list[Step]:
        """The public pages on the way here, from the first page on."""
        return steps_to(self)

    @cached_property
    def twin(self) -> Twin | None:
        """The page in the other language, if everybody may read it."""
        return twin_of(self)

    def _public_twin(self) -> Twin | None:
        # Remembered for minutes, it may have come to its end in between.
        ends = self.twin and self.twin.ends_at
        return None if ends and ends <= timezone.now() else self.twin

    def _newer_japanese(self) -> Twin | None:
        """The Japanese original, where it was published after this English text."""
        twin = self._public_twin()
        if translation.get_language() != "en" or twin is None or not twin.published_at:
            return None
        mine = self.last_published_at
        return twin if mine is None or twin.published_at > mine else None

    def _trail(self) -> list[dict[str, str]]:
        way = [{"label": _("トップ") if step.is_first else step.title, "url": step.url} for step in self.above]
        return [*way, {"label": self.title}] if way else []


class HomePage(PublicPage):
    """The first page: what this is, for whom, what it costs, until when, how it goes."""

    kicker = models.CharField(_("見出しの上の一行"), max_length=80, blank=True)
    headline = models.CharField(_("見出し"), max_length=80)
    lead = models.TextField(_("導入"), max_length=300)
    facts = StreamField(
        [("fact", blocks.CharBlock(label=_("事実"), max_length=40))],
        blank=True,
        verbose_name=_("最初に伝える事実"),
    )
    steps = StreamField([("step", StepBlock())], blank=True, verbose_name=_("申込みから実施まで"))
    questions = StreamField([("question", QuestionBlock())], blank=True, verbose_name=_("よくある質問"))

    max_count_per_parent = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["pages.PlainPage", "pages.NewsIndexPage", "pages.EventIndexPage"]
    template = "pages/home_page.html"
    content_panels = [
        ChecksPanel(),
        *Page.content_panels,
        FieldPanel("kicker"),
        FieldPanel("headline"),
        FieldPanel("lead"),
        FieldPanel("facts"),
        FieldPanel("steps"),
        FieldPanel("questions"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("headline"), index.SearchField("lead")]

    class Meta:
        verbose_name = _("トップページ")
        verbose_name_plural = _("トップページ")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context(request, *args, **kwargs),
            "intake": kept_briefly("intake", places.home_intake.first),
            "usual_days": places.home_usual_days.first(),
            "reach": kept_briefly("home-reach", _drawn_reach),
            "ask_url": reverse("requests:new"),
            "signed_in": request.user.is_authenticated,
            "news": lists.newest_news(),
            "news_url": reverse("wagtail_serve", args=("news/",)),
        }


def _drawn_reach() -> SafeString:
    """The figures as the first page shows them, with the day of them."""
    reach = places.home_figures.first()
    words = {"reach": reach.headline, "reach_as_of": reach.as_of_day_words} if reach else {}
    return render_to_string("pages/parts/home_reach.html", words | {"reach_url": reverse("reach")})


class ProsePage(PublicPage):
    """A page of blocks."""

    lead = models.TextField(_("導入"), max_length=300, blank=True)
    body = StreamField(PartsOfAPage(), blank=True, verbose_name=_("本文"))
    has_readings = models.BooleanField(
        _("ふりがなのボタンを出す"),
        default=False,
        help_text=_("本文の漢字に 漢字《かんじ》 と書くと、ボタンを押した人にだけふりがなが出ます。"),
    )

    promote_panels = [*PublicPage.promote_panels, FieldPanel("has_readings")]
    search_fields = [*Page.search_fields, index.SearchField("lead"), index.SearchField("body")]

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        wanted = self.has_readings and readings.are_wanted(request)
        return {
            **super().get_context(request, *args, **kwargs),
            "readings_shown": wanted,
            "readings_url": readings.switch_url(request, not wanted) if self.has_readings else "",
        }


class AttachedForm(models.TextChoices):
    NONE = "", _("なし")
    CONCERN = "concern", _("心配なことを伝える")
    QUESTION = "question", _("問い合わせ")


class PlainPage(ProsePage):
    """A page of words: help, policies, whatever editors want to say."""

    form = models.CharField(
        _("ページの終わりに置く入力欄"),
        max_length=12,
        choices=AttachedForm.choices,
        default=AttachedForm.NONE,
        blank=True,
    )

    template = "pages/plain_page.html"
    parent_page_types = ["pages.HomePage", "pages.PlainPage"]
    subpage_types = ["pages.PlainPage"]
    content_panels = [ChecksPanel(), *Page.content_panels, FieldPanel("lead"), FieldPanel("body"), FieldPanel("form")]

    class Meta:
        verbose_name = _("文章のページ")
        verbose_name_plural = _("文章のページ")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context(request, *args, **kwargs),
            "page_form": places.page_form.first(request, self.form) if self.form else None,
        }


class NewsKind(models.TextChoices):
    NOTICE = "notice", pgettext_lazy("one piece of news", "お知らせ")
    ACTIVITY = "activity", _("活動の報告")
    CALL = "call", _("募集")


class NewsIndexPage(PublicPage):
    """お知らせ: all news, the newest first."""

    lead = models.TextField(_("導入"), max_length=300, blank=True)

    max_count_per_parent = 1
    parent_page_types = ["pages.HomePage"]
    subpage_types = ["pages.NewsPage"]
    template = "pages/news_index_page.html"
    content_panels = [*Page.content_panels, FieldPanel("lead")]

    class Meta:
        verbose_name = _("お知らせの一覧")
        verbose_name_plural = _("お知らせの一覧")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        kind = request.GET.get("kind", "")
        chosen = kind if kind in NewsKind.values else ""
        one_page = lists.page_of_news(chosen, request.GET.get("page"))
        return {
            **super().get_context(request, *args, **kwargs),
            "news": lists.not_ended(one_page),
            "news_page": one_page,
            "query": urlencode({"kind": chosen}) if chosen else "",
            "kinds": [
                {
                    "label": label,
                    "url": f"?{urlencode({'kind': value})}" if value else "?",
                    "is_current": value == chosen,
                }
                for value, label in [("", _("すべて")), *NewsKind.choices]
            ],
            "feed_url": reverse("news_feed"),
        }


class NewsPage(ProsePage):
    """One piece of news."""

    kind = models.CharField(_("種類"), max_length=12, choices=NewsKind.choices, default=NewsKind.NOTICE)
    released_on = models.DateField(
        _("公開日"), default=dates.today, help_text=_("解禁日時を決めたときは、その日になります。")
    )

    template = "pages/news_page.html"
    parent_page_types = ["pages.NewsIndexPage"]
    subpage_types = []
    content_panels = [
        ChecksPanel(),
        *Page.content_panels,
        FieldPanel("kind"),
        FieldPanel("released_on"),
        FieldPanel("lead"),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = _("お知らせ")
        verbose_name_plural = _("お知らせ")
        indexes = [models.Index(fields=["-released_on"], name="news_by_day")]


class EventIndexPage(PublicPage):
    """イベント: what is to come, then what was."""

    lead = models.TextField(_("導入"), max_length=300, blank=True)

    max_count_per_parent = 1
    parent_page_types = ["pages.HomePage"]
    subpage_types = ["pages.EventPage"]
    template = "pages/event_index_page.html"
    content_panels = [*Page.content_panels, FieldPanel("lead")]

    class Meta:
        verbose_name = _("イベントの一覧")
        verbose_name_plural = _("イベントの一覧")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        coming, past = lists.coming_and_past_events()
        return {
            **super().get_context(request, *args, **kwargs),
            "coming": coming,
            "past": Paginator(past, lists.A_PAGE).get_page(request.GET.get("page")),
            "feed_url": reverse("events_ics"),
        }

    def news_address(self) -> str:
        """Where to go on while there is no event."""
        news = NewsIndexPage.objects.sibling_of(self).live().first()
        return news.get_url() if news else ""


class EventPage(ProsePage):
    """Something people come to: a contest, a training day, a meeting."""

    starts_at = models.DateTimeField(_("始まり"))
    ends_at = models.DateTimeField(_("終わり"))
    place = models.CharField(_("場所"), max_length=120, blank=True)
    is_online = models.BooleanField(_("オンラインでも参加できる"), default=False)
    audience = models.CharField(_("対象"), max_length=120, blank=True)
    organiser = models.CharField(_("主催"), max_length=120, blank=True)
    cost = models.CharField(_("費用"), max_length=80, blank=True)
    apply_by = models.DateField(_("申込みの締切り"), null=True, blank=True)
    apply_url = models.CharField(
        _("申込み先のアドレス"), max_length=300, blank=True, validators=[refuse_what_cannot_be_opened]
    )
    apply_mail = models.EmailField(_("申込み先のメール"), blank=True)

    template = "pages/event_page.html"
    parent_page_types = ["pages.EventIndexPage"]
    subpage_types = []
    content_panels = [
        ChecksPanel(),
        *Page.content_panels,
        FieldPanel("lead"),
        MultiFieldPanel(
            [FieldPanel("starts_at"), FieldPanel("ends_at"), FieldPanel("place"), FieldPanel("is_online")],
            _("日時と場所"),
        ),
        MultiFieldPanel([FieldPanel("audience"), FieldPanel("organiser"), FieldPanel("cost")], _("対象と主催")),
        MultiFieldPanel([FieldPanel("apply_by"), FieldPanel("apply_url"), FieldPanel("apply_mail")], _("申込み")),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = _("イベント")
        verbose_name_plural = _("イベント")
        indexes = [models.Index(fields=["starts_at"], name="events_by_time")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="event_ends_after_it_begins")
        ]

    def clean(self) -> None:
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("終わりは、始まりより後にしてください。")})
        if self.apply_by and self.starts_at and self.apply_by > dates.in_tokyo(self.starts_at).date():
            raise ValidationError({"apply_by": _("締切りは、始まりの日までにしてください。")})
        if not self.place and not self.is_online:
            raise ValidationError({"place": _("場所を書くか、「オンラインでも参加できる」に印を付けてください。")})

    @property
    def apply_way(self) -> str:
        return in_language_of_reader(self.apply_url)

    @property
    def is_past(self) -> bool:
        return self.ends_at < timezone.now()

    @property
    def may_be_applied_for(self) -> bool:
        """Whether the way to apply is still open; without a last day it is until the beginning."""
        if not (self.apply_url or self.apply_mail) or self.starts_at <= timezone.now():
            return False
        return self.apply_by is None or self.apply_by >= dates.today()

    @property
    def is_within_a_day(self) -> bool:
        return dates.in_tokyo(self.starts_at).date() == dates.in_tokyo(self.ends_at).date()


__all__ = [
    "Banner",
    "Drawing",
    "EventIndexPage",
    "EventPage",
    "HomePage",
    "NewsIndexPage",
    "NewsPage",
    "People",
    "Picture",
    "PlainPage",
    "PreviewLink",
    "Section",
    "Urgency",
]
