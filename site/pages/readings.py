"""ふりがな in the texts of editors: 漢字《かんじ》, with ｜ before the word where it is not simply the kanji before 《.

The notation is that of Aozora Bunko. Readings are off until a reader asks for them, and are hidden from screen readers,
which would read the word twice.
"""

import re
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe

KANJI = "々〆〇ヶ㐀-䶿一-鿿豈-﫿\U00020000-\U000323af"
_READING = re.compile(f"(?:｜(?P<marked>[^《》｜<>]+)|(?P<word>[{KANJI}]+))《(?P<kana>[ぁ-ゖァ-ヺー・　 ]+)》")
SWITCH = "furigana"


def without(text: str) -> str:
    """The text without its readings."""
    return _READING.sub(lambda found: found["marked"] or found["word"], text)


def with_ruby(html: str) -> str:
    """The readings above their words."""

    def ruby(found: re.Match[str]) -> str:
        word = found["marked"] or found["word"]
        return (
            f'<ruby>{word}<rp aria-hidden="true">（</rp><rt aria-hidden="true">{found["kana"]}</rt>'
            f'<rp aria-hidden="true">）</rp></ruby>'
        )

    return _READING.sub(ruby, html)


def shown(html: str, wanted: bool) -> SafeString:
    """Text of a page that is HTML already, with readings or without."""
    # Kana and kanji only come in: nothing that was not in the text before becomes an element but ruby.
    return mark_safe(with_ruby(html) if wanted else without(html))


def shown_words(text: str, wanted: bool) -> SafeString:
    """Words that are not HTML yet."""
    return shown(escape(text), wanted)


def of_prose(html: str) -> str:
    """The bare words of rich text."""
    return without(strip_tags(html))


def are_wanted(request: HttpRequest) -> bool:
    return request.GET.get(SWITCH) == "on"


def switch_url(request: HttpRequest, wanted: bool) -> str:
    """The same page with readings, or without."""
    return f"{request.path}?{urlencode({SWITCH: 'on'})}" if wanted else request.path
