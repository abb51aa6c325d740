"""Reading the ministry's list of schools from a CSV file, line by line, and keeping what is right in it.

Nothing here trusts the file: any line may be broken, endless or not text at all, and the lines after it still count.
"""

import codecs
import csv
import functools
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.utils import translation

from outreach.schools.models import School, search_key
from outreach.schools.places import PREFECTURES, Founder, SchoolType, check_digit_is_usual

BATCH = 1_000
PROGRESS_EVERY = 5_000
LONGEST_LINE = 10_000  # bytes; a line of a real list stays far below
LONGEST_NAME = School._meta.get_field("name_ja").max_length
ENOUGH_TO_TELL = 1_000  # lines that are not plain ASCII; after so many the encoding is known

FORM_OF_A_CODE = re.compile(r"[A-Z][0-9]{12}")
HEADER = (
    "school_code, school_type_code (or school_type), prefecture_code (or prefecture), founder_code (or founder), name"
)
KEPT_FIELDS = ("type_code", "prefecture_code", "founder_code", "name_ja")  # in the order of Listed
UPDATED = [*KEPT_FIELDS, "search_text", "updated_at"]
BLANKS = b" \t\r\n,"
# Controls, invisible marks, line and paragraph ends.
NOT_FOR_NAMES = ("Cc", "Cf", "Zl", "Zp")
STRANGERS = (
    (b"PK\x03\x04", "is an Excel workbook or a zip file"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook"),
    (codecs.BOM_UTF16_LE, "is text in UTF-16"),
    (codecs.BOM_UTF16_BE, "is text in UTF-16"),
)

Row = Mapping[str, str]


class UnusableFile(Exception):
    """The file as a whole is no list of schools. The message says why and what to do."""


@dataclass(frozen=True)
class BadRow:
    """A line that was left out: where, what stood there, what is wrong with it and what to do."""

    line: int
    column: str
    value: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        what = f"{self.column} {shown(self.value)} " if self.column else ""
        return f"line {self.line}: {what}{self.problem}. {self.remedy}."


class _Refused(Exception):
    """One line cannot be kept."""

    def __init__(self, problem: str, remedy: str, column: str = "", value: str = "") -> None:
        super().__init__(problem)
        self.column, self.value, self.problem, self.remedy = column, value, problem, remedy


@dataclass(frozen=True)
class Listed:
    """A school as the list names it."""

    school_code: str
    type_code: str
    prefecture_code: str
    founder_code: str
    name_ja: str


@dataclass
class Tally:
    """What an import did, or would do."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0
    unusual_check_digits: int = 0
    other_founders: int = 0


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def shown(value: str) -> str:
    """The value as a message shows it: short, and with nothing in it that a terminal would obey."""
    return repr(value if len(value) <= 60 else value[:60] + "…")


@dataclass(frozen=True)
class Choice:
    """A column that is given as a code, as a name, or as both."""

    column: str
    labels: dict[str, str]
    remedy: str

    @property
    def columns(self) -> tuple[str, str]:
        return f"{self.column}_code", self.column

    @functools.cached_property
    def codes(self) -> dict[str, str]:
        return {label: code for code, label in self.labels.items()}

    @functools.cached_property
    def width(self) -> int:
        return max(len(code) for code in self.labels)

    def read(self, row: Row) -> str:
        """The code; a name beside it may be missing or spelled in another way, but must not say something else."""
        code_column, name_column = self.columns
        given, name = row.get(code_column, ""), row.get(name_column, "")
        named = self.codes.get(folded(name), "")
        if not given and not named:
            column = name_column if name or name_column in row else code_column
            raise _Refused("is unknown" if name else "is empty", self.remedy, column, name)
        if not given:
            return named
        # Spreadsheets turn 01 into 1.
        code = folded(given).upper().zfill(self.width)
        if code not in self.labels:
            raise _Refused("is unknown", self.remedy, code_column, given)
        if named and named != code:
            raise _Refused(
                f"contradicts {code_column} {shown(given)}, which is {self.labels[code]}",
                "Correct the one that is wrong",
                name_column,
                name,
            )
        return code


@functools.cache
def choices() -> tuple[Choice, Choice, Choice]:
    """School type, prefecture, founder: always by their Japanese names, whatever language is on."""
    with translation.override("ja"):
        return (
            Choice(
                "school_type",
                {kind.value: str(kind.label) for kind in SchoolType},
                "Write a code such as D1, or a name such as 高等学校",
            ),
            Choice(
                "prefecture",
                {code: names[0] for code, names in PREFECTURES.items()},
                "Write a code from 01 to 47, or a name such as 北海道",
            ),
            Choice(
                "founder",
                {founder.value: str(founder.label) for founder in Founder},
                "Write 1, 2 or 3, or 国立, 公立 or 私立",
            ),
        )


def ignore(_news: Any) -> None:
    """Nobody listens."""


def import_schools(
    path: Path,
    *,
    strict: bool = False,
    dry_run: bool = False,
    tell_bad: Callable[[BadRow], None] = ignore,
    tell_change: Callable[[str], None] = ignore,
    tell_progress: Callable[[int], None] = ignore,
) -> Tally:
    """Every school of the list is there under the name of the list; schools that it does not name stay as they are.

    Bad lines are told and left out; with `strict` one of them is enough to keep nothing.

    Raises: UnusableFile when the file cannot be read as a list at all.
    """
    tally = Tally()
    try:
        file = path.open("rb")
    except OSError as failure:
        raise UnusableFile(f"{path} cannot be read: {failure.strerror}. Check its name and its rights.") from failure
    with file, transaction.atomic():
        for batch in _batches(_schools(file, path, tally, tell_bad, tell_progress)):
            _keep(batch, tally, tell_change, write=not dry_run and not (strict and tally.bad))
        if not tally.read:
            raise UnusableFile(f"{path} names its columns but holds no school. Choose another file.")
        if strict and tally.bad:
            transaction.set_rollback(True)
    return tally


# ── from bytes to rows ────────────────────────────────────────────────────────
def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """(number, line) from here on; None instead of an endless line, which is never held in memory."""
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
            raise UnusableFile(f"{path} {what}, not a CSV file. Save it as CSV in UTF-8 and import that.")
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
    """The cells of one line, each stripped."""
    if line is None:
        raise _Refused(f"is longer than {LONGEST_LINE:,} bytes", "Check its line end and quotation marks")
    if b"\0" in line:
        raise _Refused("holds a NUL byte", "Remove it, or save the list as CSV again")
    try:
        text = line.decode(encoding).rstrip("\r\n")
    except UnicodeDecodeError as failure:
        raise _Refused(
            f"is not text in {encoding.upper()} at byte {failure.start + 1}", "Save the list as CSV in UTF-8 again"
        ) from failure
    try:
        # One line at a time: a quotation mark left open must not swallow the lines after it.
        return [cell.strip() for cell in next(csv.reader([text], strict=True))]
    except csv.Error as failure:
        raise _Refused(f"cannot be read as CSV ({failure})", "Check its quotation marks and its line end") from failure


def _header(line: bytes | None, encoding: str, path: Path) -> list[str]:
    try:
        found = [folded(cell).lower() for cell in _cells(line, encoding)]
        while found and not found[-1]:  # spreadsheets end lines with commas
            found.pop()
    except _Refused as refusal:
        raise UnusableFile(
            f"{path} is no list of schools: line 1 {refusal.problem}. It must name the columns {HEADER}, "
            "separated by commas."
        ) from refusal
    missing = [name for name in ("school_code", "name") if name not in found]
    missing += [" or ".join(choice.columns) for choice in choices() if not set(choice.columns) & set(found)]
    if missing:
        raise UnusableFile(
            f"{path} is no list of schools: line 1 lacks {', '.join(missing)}; it reads "
            f"{shown(','.join(found))}. It must name the columns {HEADER}, separated by commas."
        )
    if twice := sorted({name for name in found if name and found.count(name) > 1}):
        raise UnusableFile(f"{path} names {', '.join(twice)} twice in line 1. Remove one of the columns.")
    return found


def _schools(
    file: BinaryIO, path: Path, tally: Tally, tell_bad: Callable[[BadRow], None], tell_progress: Callable[[int], None]
) -> Iterator[Listed]:
    """The good rows of the file; the bad ones are told and counted on the way."""
    encoding = _encoding_of(file, path)
    lines = _lines(file)
    _number, first = next(lines, (1, b""))
    if first is not None and not first.strip(BLANKS):
        raise UnusableFile(f"{path} is empty, or its line 1 is. Line 1 must name the columns {HEADER}.")
    header = _header(first, encoding, path)
    seen: dict[str, int] = {}
    for number, line in lines:
        if line is not None and not line.strip(BLANKS):
            continue
        tally.read += 1
        if tally.read % PROGRESS_EVERY == 0:
            tell_progress(tally.read)
        try:
            school = _school(_row(_cells(line, encoding), header), seen)
        except _Refused as refusal:
            tally.bad += 1
            tell_bad(BadRow(number, refusal.column, refusal.value, refusal.problem, refusal.remedy))
            continue
        seen[school.school_code] = number
        tally.unusual_check_digits += not check_digit_is_usual(school.school_code)
        tally.other_founders += school.school_code[4] != school.founder_code
        yield school


# ── from rows to schools ──────────────────────────────────────────────────────
def _row(cells: list[str], header: list[str]) -> Row:
    if len(cells) < len(header) or any(cells[len(header) :]):
        raise _Refused(
            f"has {len(cells)} cells where line 1 names {len(header)} columns",
            "Check its commas; a cell that holds a comma needs quotation marks around it",
        )
    return dict(zip(header, cells, strict=False))


def _school(row: Row, seen: Mapping[str, int]) -> Listed:
    """The school of this row. Raises: _Refused with what is wrong."""
    given = row["school_code"]
    code = folded(given).upper()
    if not FORM_OF_A_CODE.fullmatch(code):
        raise _Refused(
            "is no 学校コード (a letter and 12 digits)" if code else "is empty",
            "Copy it from the ministry's list",
            "school_code",
            given,
        )
    if code in seen:
        raise _Refused(
            f"stands in line {seen[code]} already",
            "Remove one of the two lines; the first is kept",
            "school_code",
            given,
        )
    kind, prefecture, founder = choices()
    type_code, prefecture_code = kind.read(row), prefecture.read(row)
    for part, said, choice in ((code[:2], type_code, kind), (code[2:4], prefecture_code, prefecture)):
        if part != said:
            raise _Refused(
                f"says {part} ({choice.labels.get(part, 'unknown')}) for {choice.column}, "
                f"but the row says {said} ({choice.labels[said]})",
                "Correct the one that is wrong",
                "school_code",
                given,
            )
    return Listed(code, type_code, prefecture_code, founder.read(row), _name(row["name"]))


def _name(name: str) -> str:
    """The ministry's own spelling: `search_key` folds it for looking up, nothing else does."""
    if not name:
        raise _Refused("is empty", "Write the school's name", "name", name)
    if len(name) > LONGEST_NAME:
        raise _Refused(f"has {len(name)} characters, more than {LONGEST_NAME}", "Shorten it", "name", name)
    if strange := next((mark for mark in name if mark == "\ufffd" or unicodedata.category(mark) in NOT_FOR_NAMES), ""):
        raise _Refused(
            f"holds a character that no name has (U+{ord(strange):04X})", "Write the name again", "name", name
        )
    return name


# ── from schools to the database ──────────────────────────────────────────────
def _batches(schools: Iterator[Listed]) -> Iterator[list[Listed]]:
    while batch := list(islice(schools, BATCH)):
        yield batch


def _keep(batch: list[Listed], tally: Tally, tell_change: Callable[[str], None], *, write: bool) -> None:
    rows = School.objects.filter(school_code__in=[listed.school_code for listed in batch])
    known = {
        row[0]: (Listed(*row[:-2]), row[-2:])
        for row in rows.values_list("school_code", *KEPT_FIELDS, "name_kana", "name_en")
    }
    to_write: dict[Listed, str] = {}
    for listed in batch:
        before, (kana, english) = known.get(listed.school_code, (None, ("", "")))
        if before == listed:
            tally.unchanged += 1
            continue
        if before is None:
            tally.new += 1
            tell_change(f"new: {listed.school_code} {listed.name_ja}")
        else:
            tally.changed += 1
            tell_change(f"changed: {listed.school_code} {differences(before, listed)}")
        to_write[listed] = search_key(listed.name_ja, " ", kana, english)[:300]  # as School.save() does
    if write and to_write:
        _write(to_write)


def differences(before: Listed, after: Listed) -> str:
    return ", ".join(
        f"{name} {getattr(before, name)} → {getattr(after, name)}"
        for name in KEPT_FIELDS
        if getattr(before, name) != getattr(after, name)
    )


def _write(search_texts: Mapping[Listed, str]) -> None:
    """Each school is there: a known code turns the insert into an update, also when another import was faster."""
    fields = {field.name: field for field in School._meta.concrete_fields if not field.primary_key}
    usual, quote = School(), connection.ops.quote_name
    values = {
        name: field.get_db_prep_save(field.pre_save(usual, add=True), connection) for name, field in fields.items()
    }
    columns = {name: quote(field.column) for name, field in fields.items()}
    statement = (
        f"INSERT INTO {quote(School._meta.db_table)} ({', '.join(columns.values())}) "
        f"VALUES ({', '.join(['%s'] * len(columns))}) ON CONFLICT ({columns['school_code']}) DO UPDATE SET "
        + ", ".join(f"{columns[name]} = EXCLUDED.{columns[name]}" for name in UPDATED)
    )
    # Not bulk_create: it prepares all columns of every row, which for a whole country takes three times as long.
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            (
                tuple(
                    (
                        values
                        | {
                            "public_id": fields["public_id"].get_db_prep_save(uuid.uuid4(), connection),
                            "search_text": text,
                            "school_code": school.school_code,
                            "type_code": school.type_code,
                            "name_ja": school.name_ja,
                            "prefecture_code": school.prefecture_code,
                            "founder_code": school.founder_code,
                        }
                    ).values()
                )
                for school, text in search_texts.items()
            ),
        )
