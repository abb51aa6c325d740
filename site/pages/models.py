"""HomePage and PlainPage. Standard Wagtail pages; only pages are translated as copies."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index

from ui import places


class StepBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("見出し"), max_length=40)
    time = blocks.CharBlock(label=_("かかる時間"), max_length=60, required=False)
    text = blocks.TextBlock(label=_("説明"), max_length=200)

    class Meta:
        label = _("手順")
        icon = "list-ol"


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("質問"), max_length=120)
    answer = blocks.TextBlock(label=_("答え"), max_length=600)

    class Meta:
        label = _("よくある質問")
        icon = "help"


class HomePage(Page):
    """The first page: what this is, for whom, what it costs, until when, how it goes."""

    kicker = models.CharField(_("見出しの上の一行"), max_length=80, blank=True)
    headline = models.CharField(_("見出し"), max_length=80)
    lead = models.TextField(_("導入"), max_length=300)
    facts = StreamField(
        [("fact", blocks.CharBlock(label=_("事実"), max_length=40))], blank=True, verbose_name=_("最初に伝える事実")
    )
    steps = StreamField([("step", StepBlock())], blank=True, verbose_name=_("申込みから実施まで"))
    questions = StreamField([("question", QuestionBlock())], blank=True, verbose_name=_("よくある質問"))

    max_count_per_parent = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["pages.PlainPage"]
    template = "pages/home_page.html"
    content_panels = [
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
        reach = places.home_figures.first()
        return {
            **super().get_context(request, *args, **kwargs),
            "intake": places.home_intake.first(),
            "reach": reach.headline if reach else [],
            "reach_as_of": reach.as_of_day_words if reach else "",
            "ask_url": reverse("requests:new"),
            "reach_url": reverse("reach"),
            "signed_in": request.user.is_authenticated,
        }


class PlainPage(Page):
    """A page of prose."""

    body = RichTextField(_("本文"), features=["h2", "h3", "bold", "ol", "ul", "link", "document-link"])

    template = "pages/plain_page.html"
    parent_page_types = ["pages.HomePage", "pages.PlainPage"]
    content_panels = [*Page.content_panels, FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = _("文章のページ")
        verbose_name_plural = _("文章のページ")
