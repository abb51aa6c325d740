"""Rows in two languages: `_ja` is always there, `_en` may be empty."""

import re
from collections.abc import Iterable
from typing import Any

from django.template.defaultfilters import linebreaksbr
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

# Kana, and the common and rare kanji: what only Japanese (here) is written with.
JAPANESE_LETTERS = re.compile(r"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def in_reader_language(row: Any, field: str) -> str:
    """The field in the reader's language; Japanese where no English was written."""
    if (get_language() or "ja").startswith("en"):
        english = getattr(row, f"{field}_en")
        if english:
            return english
    return getattr(row, f"{field}_ja")


def is_untranslated(row: Any, field: str) -> bool:
    """Whether a reader of English is shown the Japanese words of this field."""
    return (get_language() or "ja").startswith("en") and not getattr(row, f"{field}_en")


def as_said(words: Any) -> SafeString:
    """What a person wrote, with its language said where the page is English and these words are not.

    A screen reader then reads them with a Japanese voice; nobody who writes is asked for a language.
    """
    shown = conditional_escape("" if words is None else words)
    if (get_language() or "ja").startswith("en") and JAPANESE_LETTERS.search(shown):
        return format_html('<span lang="ja">{}</span>', shown)
    return shown


def as_written(words: Any) -> SafeString:
    """The same for several lines, broken where the writer broke them."""
    return as_said(linebreaksbr(conditional_escape("" if words is None else words)))


def in_language_of_reader(url: str) -> str:
    """An address of this house, such as /safety/, under /en/ for readers of English; others as they are."""
    return f"/en{url}" if url.startswith("/") and (get_language() or "ja").startswith("en") else url


def listed(words: Iterable[Any]) -> str:
    """A、B、C in Japanese; A, B, C in English."""
    return (", " if (get_language() or "ja").startswith("en") else "、").join(str(word) for word in words)


def joined(*sentences: str) -> str:
    """Sentences one after the other: with a blank between them in English, with none in Japanese."""
    return (" " if (get_language() or "ja").startswith("en") else "").join(sentences)


def bracketed(words: Any) -> str:
    """（ことば） in Japanese; (words) after a space in English; nothing around nothing."""
    if not words:
        return ""
    return f" ({words})" if (get_language() or "ja").startswith("en") else f"（{words}）"


class TwoLanguages:
    """`row.name` for rows with `name_ja` and `name_en`."""

    @property
    def name(self) -> str:
        return in_reader_language(self, "name")
