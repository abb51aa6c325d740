"""Lists as CSV files that a spreadsheet opens rightly and never runs."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse

# With a mark at its start Excel reads UTF-8 as UTF-8.
BYTE_ORDER_MARK = "\ufeff"
# A cell that begins with one of these is run as a formula by some spreadsheet; full-width ones by Japanese Excel.
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(value: Any) -> str:
    """The cell as text; what a spreadsheet would take for a formula begins with an apostrophe. Numbers stay numbers."""
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(BEGINS_A_FORMULA) else text


class _Line:
    """A file of one line: what the writer writes is what it gives back."""

    def write(self, text: str) -> str:
        return text


def csv_text(heading: Iterable[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow([harmless(cell) for cell in heading])
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def csv_file(name: str, heading: Iterable[Any], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """The answer that hands out a list as a file; it leaves line by line, however long the list is."""
    answer = StreamingHttpResponse(csv_text(heading, rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
