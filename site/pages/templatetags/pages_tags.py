"""Template words of the pages: readings above kanji, and where a link leads."""

from typing import Any

from django import template
from django.template.base import NodeList, Parser, Token
from django.utils import translation
from django.utils.safestring import SafeString
from wagtail.models import Page

from pages import readings
from pages.public import address_of

register = template.Library()


class WithReadings(template.Node):
    def __init__(self, nodelist: NodeList, wanted: Any) -> None:
        self.nodelist, self.wanted = nodelist, wanted

    def render(self, context: Any) -> SafeString:
        return readings.shown(self.nodelist.render(context), bool(self.wanted.resolve(context)))


@register.tag
def with_readings(parser: Parser, token: Token) -> WithReadings:
    """What stands between shows 漢字《かんじ》 as ruby when the reader asked for it, as 漢字 otherwise."""
    _name, wanted = token.split_contents()
    nodelist = parser.parse(("end_readings",))
    parser.delete_first_token()
    return WithReadings(nodelist, parser.compile_filter(wanted))


@register.filter
def words_with_readings(text: str, wanted: bool = False) -> SafeString:
    return readings.shown_words(text or "", bool(wanted))


@register.filter
def here(page: Page) -> str:
    """The address of a page in the reader's language; /en/ also where only the Japanese text exists."""
    return address_of(page)


@register.simple_tag
def way_to(item: Any) -> str:
    """Where a card leads: to its page as it is now, or to its address."""
    page = item["page"]
    if page is not None:
        return address_of(page)
    url = item["url"]
    return f"/en{url}" if url.startswith("/") and translation.get_language() == "en" else url
