"""Rows in two languages: `_ja` is always there, `_en` may be empty."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language


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
