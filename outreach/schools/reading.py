"""From the bytes of a CSV file to rows: encoding, title rows, headers with line breaks, broken lines.

Nothing here trusts the file: any line may be broken, endless or not text at all, and the lines after it still count.
"""

import codecs
import csv
import io
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

LONGEST_LINE = 10_000  # bytes; a line of a real list stays far below
ENOUGH_TO_TELL = 1_000  # lines that are not plain ASCII; after so many the encoding is known
LINES_OF_A_HEAD = 40  # among which the header is looked for: titles, notes, cells with line breaks
LINES_OF_A_ROW = 4  # a cell with line breaks; a quotation mark left open must not swallow more
BLANKS = b" \t\r\n,"
STRANGERS = (
    (b"PK\x03\x04", "is an Excel workbook or a zip file"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook"),
    (codecs.BOM_UTF16_LE, "is text in UTF-16"),
    (codecs.BOM_UTF16_BE, "is text in UTF-16"),
)

Row = Mapping[str, str]
# A line with its number; None instead of an endless one, which is never held in memory.
Line = tuple[int, bytes | None]


class UnusableFile(Exception):
    """The file as a whole is no list of this kind. The message says why and what to do."""


class Refused(Exception):
    """One row cannot be kept."""

    def __init__(self, problem: str, remedy: str, column: str = "", value: str = "") -> None:
        super().__init__(problem)
        self.column, self.value, self.problem, self.remedy = column, value, problem, remedy


@dataclass(frozen=True)
class BadRow:
    """A line that was left out: where, what stood there, what is wrong with it and what to do."""

    line: int
    column: str
    value: str
    problem: str
    remedy: str
    file: str = ""

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}" if self.file else f"line {self.line}"
        what = f"{self.column} {shown(self.value)} " if self.column else ""
        return f"{where}: {what}{self.problem}. {self.remedy}."


@dataclass(frozen=True)
class Columns:
    """What a list must name: `check` tells what is missing, `others` maps other spellings of a column to ours."""

    what: str
    header: str
    others: Mapping[str, str]
    known_by: tuple[str, ...]
    missing: Callable[[list[str]], list[str]]

    def named(self, cells: list[str]) -> list[str]:
        names = ["".join(folded(cell).split()).lower() for cell in cells]
        return [self.others.get(name, name) for name in names]


@dataclass(frozen=True)
class Header:
    """The columns of a file in order, and the line that names them."""

    names: list[str]
    line: int


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def shown(value: str) -> str:
    """The value as a message shows it: short, and with nothing in it that a terminal would obey."""
    return repr(value if len(value) <= 60 else value[:60] + "…")


class Listing:
    """One open file as rows; the header is read at once, and stands in `header`.

    Raises: UnusableFile when the file cannot be read as such a list at all.
    """

    def __init__(self, file: BinaryIO, path: Path, columns: Columns) -> None:
        self._encoding = _encoding_of(file, path)
        lines = _lines(file)
        head = list(islice(lines, LINES_OF_A_HEAD))
        self.header, used = _header(head, self._encoding, path, columns)
        self._lines = chain(head[used:], lines)

    def rows(self) -> Iterator[tuple[int, Row | Refused]]:
        """(line, row) for each row that is not blank; what cannot be read comes as Refused."""
        ahead: deque[Line] = deque()
        while (number_and_line := ahead.popleft() if ahead else next(self._lines, None)) is not None:
            number, line = number_and_line
            if line is not None and not line.strip(BLANKS):
                continue
            try:
                yield number, self._row(_cells(line, self._encoding))
            except Refused as refusal:
                yield number, self._spread_row(line, ahead) or refusal

    def _row(self, cells: list[str]) -> Row:
        names = self.header.names
        if len(cells) < len(names) or any(cells[len(names) :]):
            raise Refused(
                f"has {len(cells)} cells where line {self.header.line} names {len(names)} columns",
                "Check its commas; a cell that holds a comma needs quotation marks around it",
            )
        return dict(zip(names, cells, strict=False))

    def _spread_row(self, line: bytes | None, ahead: deque[Line]) -> Row | None:
        """The row that goes on in the next lines because a cell of it holds a line break; None where it does not."""
        if line is None or line.count(b'"') % 2 == 0:
            return None
        for count in range(1, LINES_OF_A_ROW):
            while len(ahead) < count and (more := next(self._lines, None)) is not None:
                ahead.append(more)
            rest = [one for _number, one in islice(ahead, count)]
            if len(rest) < count or None in rest:
                return None
            try:
                row = self._row(_cells(b"".join([line, *rest]), self._encoding))
            except Refused:
                continue
            for _line in range(count):
                ahead.popleft()
            return row
        return None


def _lines(file: BinaryIO) -> Iterator[Line]:
    """The lines from here on."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        is_endless = len(line) == LONGEST_LINE and not line.endswith(b"\n")
        if is_endless:
            while (rest := file.readline(1_000_000)) and not rest.endswith(b"\n"):
                pass
        yield number, None if is_endless else line


def _is_text_in(encoding: str, line: bytes) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _encoding_of(file: BinaryIO, path: Path) -> str:
    """UTF-8 or cp932, whichever more lines are in, so that one broken line does not garble all others.

    Leaves the file at its first character.
    """
    head = file.read(4)
    for mark, what in STRANGERS:
        if head.startswith(mark):
            raise UnusableFile(
                f"{path} {what}, not a CSV file. Open it in a spreadsheet, save it as CSV in UTF-8 and import that."
            )
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    votes = {"utf-8": 0, "cp932": 0}
    file.seek(start)
    for _number, line in _lines(file):
        if line is not None and not line.isascii():
            votes["utf-8" if _is_text_in("utf-8", line) else "cp932"] += 1
            if sum(votes.values()) == ENOUGH_TO_TELL:
                break
    file.seek(start)
    return "cp932" if not start and votes["cp932"] > votes["utf-8"] else "utf-8"


def _cells(line: bytes | None, encoding: str) -> list[str]:
    """The cells of one row, each stripped."""
    if line is None:
        raise Refused(f"is longer than {LONGEST_LINE:,} bytes", "Check its line end and quotation marks")
    if b"\0" in line:
        raise Refused("holds a NUL byte", "Remove it, or save the list as CSV again")
    try:
        text = line.decode(encoding).rstrip("\r\n")
    except UnicodeDecodeError as failure:
        raise Refused(
            f"is not text in {encoding.upper()} at byte {failure.start + 1}", "Save the list as CSV in UTF-8 again"
        ) from failure
    try:
        # One row at a time: a quotation mark left open must not swallow the lines after it.
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as failure:
        raise Refused(f"cannot be read as CSV ({failure})", "Check its quotation marks and its line end") from failure
    if len(rows) > 1:
        raise Refused("holds several rows", "Check its quotation marks and its line end")
    return [cell.strip() for cell in rows[0]] if rows else []


def _header(head: list[Line], encoding: str, path: Path, columns: Columns) -> tuple[Header, int]:
    """The columns, and how many lines the file has used to name them; titles and notes above are passed over."""
    found = next(_headers(head, encoding, columns), None)
    if found is None:
        first = head[0][1] if head else b""
        if first is not None and not first.strip(BLANKS):
            raise UnusableFile(f"{path} is empty, or its line 1 is. Line 1 must name the columns {columns.header}.")
        found = _first_line(first, encoding, path, columns), 1, 1
    names, line, used = found
    while names and not names[-1]:  # spreadsheets end lines with commas
        names.pop()
    if missing := columns.missing(names):
        raise UnusableFile(
            f"{path} is no {columns.what}: line {line} lacks {', '.join(missing)}; it reads "
            f"{shown(','.join(names))}. It must name the columns {columns.header}, separated by commas."
        )
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise UnusableFile(f"{path} names {', '.join(twice)} twice in line {line}. Remove one of the columns.")
    return Header(names, line), used


def _headers(head: list[Line], encoding: str, columns: Columns) -> Iterator[tuple[list[str], int, int]]:
    """(names, first line, last line) wherever a row of the head names what such a list is known by."""
    for start in range(len(head)):
        joined = b""
        for end in range(start, min(start + 2 * len(columns.others) + 1, len(head))):
            line = head[end][1]
            if line is None or (end == start and not line.strip(BLANKS)):
                break
            joined += line
            try:
                names = columns.named(_cells(joined, encoding))
            except Refused:
                continue
            if all(name in names for name in columns.known_by):
                yield names, start + 1, end + 1
            break


def _first_line(first: bytes | None, encoding: str, path: Path, columns: Columns) -> list[str]:
    try:
        return columns.named(_cells(first, encoding))
    except Refused as refusal:
        raise UnusableFile(
            f"{path} is no {columns.what}: line 1 {refusal.problem}. It must name the columns {columns.header}, "
            "separated by commas."
        ) from refusal
