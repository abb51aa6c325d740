"""Template words of the pages: readings above kanji, and where a link leads."""

from collections.abc import Callable
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from wagtail.models import Page

from pages import readings
from pages.public import address_of
from ui.caching import kept

register = template.Library()


@register.simple_tag(takes_context=True)
def body_of(context: Any, page: Any, wanted: bool = False) -> SafeString:
    """The blocks of a page, with 漢字《かんじ》 as ruby when the reader asked for it, as 漢字 otherwise.

    Drawn once until some page changes: the links in it ask the database for every page they lead to.
    """

    def draw() -> SafeString:
        words = {"page": page, "request": context["request"], "desk_contact": context.get("desk_contact")}
        return readings.shown(render_to_string("pages/parts/body.html", words), bool(wanted))

    return _drawn(context, page, f"body-{bool(wanted)}", draw)


@register.simple_tag(takes_context=True)
def part_of(context: Any, page: Any, name: str) -> SafeString:
    """A part that says nothing but what is written in the page itself, from `pages/parts/`."""
    return _drawn(context, page, name, lambda: render_to_string(f"pages/parts/{name}.html", {"page": page}))


def _drawn(context: Any, page: Any, name: str, draw: Callable[[], SafeString]) -> SafeString:
    """Drawn once until some page changes; a preview is drawn anew."""
    if getattr(context["request"], "is_preview", False):
        return draw()
    published = page.last_published_at.timestamp() if page.last_published_at else 0
    return kept(f"{name}-{page.pk}-{published}", draw)


@register.filter
def words_with_readings(text: str, wanted: bool = False) -> SafeString:
    return readings.shown_words(text or "", bool(wanted))


@register.filter
def here(page: Page) -> str:
    """The address of a page in the reader's language; /en/ also where only the Japanese text exists."""
    return address_of(page)
