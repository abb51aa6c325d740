"""Rows in two languages: `_ja` is always there, `_en` may be empty."""

from typing import Any

from django.utils.translation import get_language


def in_reader_language(row: Any, field: str) -> str:
    """The field in the reader's language; Japanese where no English was written."""
    if (get_language() or "ja").startswith("en"):
        english = getattr(row, f"{field}_en")
        if english:
            return english
    return getattr(row, f"{field}_ja")


class TwoLanguages:
    """`row.name` for rows with `name_ja` and `name_en`."""

    @property
    def name(self) -> str:
        return in_reader_language(self, "name")
