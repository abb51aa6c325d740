"""Reading the ministry's list of schools from CSV files, line by line, and keeping what is right in it.

The list may come as the ministry publishes it (学校コード一覧: a title above the header, 12 columns, values such as 01(北海道), several
files) or as a plain CSV with the columns named in `HEADER`. A column that a file lacks changes nothing.
"""

import datetime as dt
import functools
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import translation

from outreach.schools.founders import Guess, guess_founder
from outreach.schools.models import Board, BoardSource, School, keys_of
from outreach.schools.places import PREFECTURES, Founder, SchoolType, check_digit_is_usual
from outreach.schools.reading import BadRow, Columns, Listing, Refused, Row, UnusableFile, folded, shown

BATCH = 1_000
PROGRESS_EVERY = 5_000
LONGEST_NAME = School._meta.get_field("name_ja").max_length
LONGEST_ADDRESS = School._meta.get_field("address").max_length

FORM_OF_A_CODE = re.compile(r"[A-Z][0-9]{12}")
# A value and what it means, as in 01(北海道) and 2(公).
COMPOUND = re.compile(r"([0-9A-Za-z]{1,3})\s*\((.*)\)")
DAY = re.compile(r"(\d{4})[/.\-年](\d{1,2})[/.\-月](\d{1,2})日?(?: 0{1,2}:00(?::00)?)?|(\d{4})(\d{2})(\d{2})")
HEADER = (
    "school_code, school_type_code (or school_type), prefecture_code (or prefecture), founder_code (or founder), name"
)
# The columns of the ministry's own file.
PUBLISHED = {
    "学校コード": "school_code",
    "学校種": "school_type",
    "都道府県番号": "prefecture",
    "設置区分": "founder",
    "本分校": "branch",
    "学校名": "name",
    "学校所在地": "address",
    "郵便番号": "postal_code",
    "属性情報設定年月日": "opened_on",
    "属性情報廃止年月日": "closed_on",
    "移行後の学校コード": "successor_code",
}
ALWAYS = ("type_code", "prefecture_code", "founder_code", "name_ja")
WHERE_NAMED = ("address", "postal_code", "opened_on", "closed_on", "successor_code", "is_branch")
# Controls, invisible marks, line and paragraph ends.
NOT_FOR_NAMES = ("Cc", "Cf", "Zl", "Zp")
CLOSED = "9"


@dataclass(frozen=True)
class Listed:
    """A school as the list names it: `facts` by the names of its fields, those that the file tells."""

    school_code: str
    facts: Mapping[str, Any]


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
    no_founders: int = 0
    lost_successors: int = 0


@dataclass(frozen=True)
class Choice:
    """A column that is given as a code, as a name, or as both."""

    column: str
    labels: dict[str, str]
    remedy: str
    short: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, str]:
        return f"{self.column}_code", self.column

    @functools.cached_property
    def codes(self) -> dict[str, str]:
        return {label: code for code, label in self.labels.items()} | {name: code for name, code in self.short.items()}

    @functools.cached_property
    def width(self) -> int:
        return max(len(code) for code in self.labels)

    def read(self, row: Row) -> str:
        """The code; a name beside it may be missing or spelled in another way, but must not say something else."""
        code_column, name_column = self.columns
        given, name = row.get(code_column, ""), row.get(name_column, "")
        if not given and (both := COMPOUND.fullmatch(folded(name))):
            # The code says it; what stands behind it may be shortened: E1(特支盲), 06(山形).
            return self._known(both[1], name_column, name)
        named = self.codes.get(folded(name), "")
        if not given and not named:
            column = name_column if name or name_column in row else code_column
            raise Refused("is unknown" if name else "is empty", self.remedy, column, name)
        if not given:
            return named
        both = COMPOUND.fullmatch(folded(given))
        code = self._known(both[1] if both else folded(given), code_column, given)
        if named and named != code:
            raise Refused(
                f"contradicts {code_column} {shown(given)}, which is {self.labels[code]}",
                "Correct the one that is wrong",
                name_column,
                name,
            )
        return code

    def _known(self, given: str, column: str, value: str) -> str:
        # Spreadsheets turn 01 into 1.
        code = given.upper().zfill(self.width)
        if code not in self.labels:
            raise Refused("is unknown", self.remedy, column, value)
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
                {"国": "1", "公": "2", "私": "3"},
            ),
        )


def missing_columns(names: list[str]) -> list[str]:
    missing = [name for name in ("school_code", "name") if name not in names]
    return missing + [" or ".join(choice.columns) for choice in choices() if not set(choice.columns) & set(names)]


LIST_OF_SCHOOLS = Columns("list of schools", HEADER, PUBLISHED, ("school_code", "name"), missing_columns)


def ignore(_news: Any) -> None:
    """Nobody listens."""


def import_schools(
    *paths: Path,
    strict: bool = False,
    dry_run: bool = False,
    tell_bad: Callable[[BadRow], None] = ignore,
    tell_change: Callable[[str], None] = ignore,
    tell_progress: Callable[[int], None] = ignore,
) -> Tally:
    """Every school of the list is there under the name of the list; schools that it does not name stay as they are.

    Several files are parts of one list. Bad lines are told and left out; with `strict` one of them is enough to keep
    nothing. Who founds a school is guessed where nobody has said it.

    Raises: UnusableFile when a file cannot be read as a list at all; then nothing is kept.
    """
    tally = Tally()
    with transaction.atomic():
        founders = Founders()
        for batch in _batches(_schools(paths, tally, tell_bad, tell_progress)):
            _keep(batch, tally, founders, tell_change, write=not dry_run and not (strict and tally.bad))
        if strict and tally.bad:
            transaction.set_rollback(True)
        elif not dry_run:
            tally.lost_successors = _join_successors()
    return tally


# ── from rows to schools ──────────────────────────────────────────────────────
def _schools(
    paths: Iterable[Path], tally: Tally, tell_bad: Callable[[BadRow], None], tell_progress: Callable[[int], None]
) -> Iterator[Listed]:
    """The good rows of the files; the bad ones are told and counted on the way."""
    paths = list(paths)
    seen: dict[str, str] = {}
    for path in paths:
        file_name = path.name if len(paths) > 1 else ""
        read_before = tally.read
        with opened(path) as file:
            for number, row in Listing(file, path, LIST_OF_SCHOOLS).rows():
                tally.read += 1
                if tally.read % PROGRESS_EVERY == 0:
                    tell_progress(tally.read)
                try:
                    if isinstance(row, Refused):
                        raise row
                    school = _school(row, seen)
                except Refused as refusal:
                    tally.bad += 1
                    tell_bad(BadRow(number, refusal.column, refusal.value, refusal.problem, refusal.remedy, file_name))
                    continue
                seen[school.school_code] = f"{file_name} line {number}".strip()
                tally.unusual_check_digits += not check_digit_is_usual(school.school_code)
                tally.other_founders += school.school_code[4] != school.facts["founder_code"]
                yield school
        if tally.read == read_before:
            raise UnusableFile(f"{path} names its columns but holds no school. Choose another file.")


def opened(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as failure:
        raise UnusableFile(f"{path} cannot be read: {failure.strerror}. Check its name and its rights.") from failure


def school_code_of(row: Row) -> str:
    given = row["school_code"]
    code = folded(given).upper()
    if not FORM_OF_A_CODE.fullmatch(code):
        raise Refused(
            "is no 学校コード (a letter and 12 digits)" if code else "is empty",
            "Copy it from the ministry's list",
            "school_code",
            given,
        )
    return code


def _school(row: Row, seen: Mapping[str, str]) -> Listed:
    """The school of this row. Raises: Refused with what is wrong."""
    given, code = row["school_code"], school_code_of(row)
    if code in seen:
        raise Refused(
            f"stands in {seen[code]} already",
            "Remove one of the two lines; the first is kept",
            "school_code",
            given,
        )
    kind, prefecture, founder = choices()
    type_code, prefecture_code = kind.read(row), prefecture.read(row)
    for part, said, choice in ((code[:2], type_code, kind), (code[2:4], prefecture_code, prefecture)):
        if part != said:
            raise Refused(
                f"says {part} ({choice.labels.get(part, 'unknown')}) for {choice.column}, "
                f"but the row says {said} ({choice.labels[said]})",
                "Correct the one that is wrong",
                "school_code",
                given,
            )
    facts = {
        "type_code": type_code,
        "prefecture_code": prefecture_code,
        "founder_code": founder.read(row),
        "name_ja": _name(row["name"]),
    }
    for column, read in (("address", _address), ("postal_code", _postal_code), ("opened_on", _day)):
        if column in row:
            facts[column] = read(column, row[column])
    if "successor_code" in row:
        facts["successor_code"] = _successor(row["successor_code"], code)
    return Listed(code, facts | _standing(row))


def _standing(row: Row) -> dict[str, Any]:
    """Whether it is a branch, and since when it is closed."""
    facts: dict[str, Any] = {}
    if "closed_on" in row:
        facts["closed_on"] = _day("closed_on", row["closed_on"])
    if "branch" in row:
        given = folded(row["branch"])
        mark = given[:1]
        if mark not in {"1", "2", CLOSED, "本", "分", "廃"}:
            raise Refused(
                "is unknown" if given else "is empty", "Write 1 (本), 2 (分) or 9 (廃)", "branch", row["branch"]
            )
        facts["is_branch"] = mark in {"2", "分"}
        if mark in {CLOSED, "廃"} and not facts.get("closed_on"):
            # The row says that the school is closed, and when it was told so: that is the nearest day there is.
            facts["closed_on"] = _day("opened_on", row.get("opened_on", ""))
            if not facts["closed_on"]:
                raise Refused(
                    "says that the school is closed, but no day stands there",
                    "Write the day into 属性情報廃止年月日 (closed_on)",
                    "branch",
                    row["branch"],
                )
    return facts


def _day(column: str, given: str) -> dt.date | None:
    text = folded(given)
    if not text:
        return None
    found = DAY.fullmatch(text)
    try:
        return dt.date(*(int(part) for part in found.groups() if part)) if found else _no_day(column, given)
    except ValueError:
        return _no_day(column, given)


def _no_day(column: str, given: str) -> dt.date:
    raise Refused("is no day", "Write it as 2026/03/31, or leave it empty", column, given)


def _address(column: str, given: str) -> str:
    text = " ".join(given.split())
    if len(text) > LONGEST_ADDRESS:
        raise Refused(f"has {len(text)} characters, more than {LONGEST_ADDRESS}", "Shorten it", column, given)
    _refuse_strange(column, text)
    return text


def _postal_code(column: str, given: str) -> str:
    """〒160-0023, 1600023 and 160－0023 are one and the same; a lost zero in front comes back."""
    digits = "".join(mark for mark in folded(given) if mark not in "〒-‐−ー–— ")
    if not digits:
        return ""
    if not (digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 7):
        raise Refused("is no postal code", "Write seven digits such as 160-0023, or leave it empty", column, given)
    digits = digits.zfill(7)
    return f"{digits[:3]}-{digits[3:]}"


def _successor(given: str, code: str) -> str:
    """The first code in the cell: a school that was split goes on as the one named first."""
    text = folded(given).upper()
    if not text:
        return ""
    found = FORM_OF_A_CODE.search(text)
    if found is None:
        raise Refused(
            "is no 学校コード (a letter and 12 digits)", "Copy it from the ministry's list", "successor_code", given
        )
    if found[0] == code:
        raise Refused("is the school itself", "Write the code of another school", "successor_code", given)
    return found[0]


def _name(name: str) -> str:
    """The ministry's own spelling: `search_key` folds it for looking up, nothing else does."""
    name = " ".join(name.split()) if "\n" in name else name
    if not name:
        raise Refused("is empty", "Write the school's name", "name", name)
    if len(name) > LONGEST_NAME:
        raise Refused(f"has {len(name)} characters, more than {LONGEST_NAME}", "Shorten it", "name", name)
    _refuse_strange("name", name)
    return name


def _refuse_strange(column: str, text: str) -> None:
    if strange := next((mark for mark in text if mark == "\ufffd" or unicodedata.category(mark) in NOT_FOR_NAMES), ""):
        raise Refused(
            f"holds a character that no {column} has (U+{ord(strange):04X})", f"Write the {column} again", column, text
        )


# ── from schools to the database ──────────────────────────────────────────────
class Founders:
    """The bodies that found schools, by prefecture and name; new ones are made when a school first needs them."""

    def __init__(self) -> None:
        self._ids = {
            (prefecture, name): pk
            for pk, prefecture, name in Board.objects.values_list("pk", "prefecture_code", "name_ja")
        }
        self._names = {pk: name for (_prefecture, name), pk in self._ids.items()}
        self._wanted: dict[tuple[str, str], Guess] = {}

    def id_of(self, guess: Guess) -> int | None:
        """The body's key, or None where it does not exist yet; then it is made by `make_wanted`."""
        found = self._ids.get(guess.key)
        if found is None:
            self._wanted[guess.key] = guess
        return found

    def name_of(self, board_id: int | None) -> str:
        return self._names.get(board_id, "")

    def make_wanted(self) -> None:
        for board in Board.objects.bulk_create(guess.board() for guess in self._wanted.values()):
            self._ids[board.prefecture_code, board.name_ja], self._names[board.pk] = board.pk, board.name_ja
        self._wanted.clear()


@dataclass
class Line:
    """What is to be written about one school."""

    school_code: str
    facts: dict[str, Any]
    names: tuple[str, str]
    guess: Guess | None
    board_id: int | None
    board_source: str


def _batches(schools: Iterator[Listed]) -> Iterator[list[Listed]]:
    while batch := list(islice(schools, BATCH)):
        yield batch


def _keep(
    batch: list[Listed], tally: Tally, founders: Founders, tell_change: Callable[[str], None], *, write: bool
) -> None:
    # Whoever corrects a founder on a screen meanwhile waits, and finds the list in.
    rows = School.objects.select_for_update().filter(school_code__in=[listed.school_code for listed in batch])
    known = {
        row["school_code"]: row
        for row in rows.values(
            "school_code", *ALWAYS, *WHERE_NAMED, "name_kana", "name_en", "board_id", "board_source"
        ).order_by()
    }
    to_write = []
    for listed in batch:
        before = known.get(listed.school_code)
        line, is_other_board = _line(listed, before, founders)
        tally.no_founders += line.board_id is None and line.guess is None
        if (
            before is not None
            and not is_other_board
            and all(before[name] == value for name, value in listed.facts.items())
        ):
            tally.unchanged += 1
            continue
        if before is None:
            tally.new += 1
            tell_change(f"new: {listed.school_code} {listed.facts['name_ja']}")
        else:
            tally.changed += 1
            tell_change(f"changed: {listed.school_code} {_differences(before, line, founders)}")
        to_write.append(line)
    if write and to_write:
        founders.make_wanted()
        _write(to_write, founders)


def _line(listed: Listed, before: dict[str, Any] | None, founders: Founders) -> tuple[Line, bool]:
    """What the school becomes, and whether it gets another founder; what the desk or a file has said stays."""
    facts = dict(listed.facts)
    line = Line(listed.school_code, facts, ("", ""), None, None, BoardSource.UNKNOWN)
    if before is not None:
        line.names = (before["name_kana"], before["name_en"])
        line.board_id, line.board_source = before["board_id"], before["board_source"]
        if line.board_id is not None and line.board_source != BoardSource.GUESSED:
            return line, False
    guess = guess_founder(
        type_code=facts["type_code"],
        prefecture_code=facts["prefecture_code"],
        founder_code=facts["founder_code"],
        name=facts["name_ja"],
        address=facts["address"] if "address" in facts else (before["address"] if before else ""),
    )
    if guess is None:
        return line, False
    known = founders.id_of(guess)
    if known is not None and known == line.board_id:
        return line, False
    line.guess, line.board_id, line.board_source = guess, known, BoardSource.GUESSED
    return line, True


def _differences(before: Mapping[str, Any], line: Line, founders: Founders) -> str:
    told = [
        f"{name} {_told(before[name])} → {_told(value)}" for name, value in line.facts.items() if before[name] != value
    ]
    if line.guess is not None:
        told.append(f"board {_told(founders.name_of(before['board_id']))} → {line.guess.name_ja}")
    return ", ".join(told)


def _told(value: Any) -> str:
    return "(empty)" if value in (None, "") else str(value)


def _write(lines: list[Line], founders: Founders) -> None:
    """Each school is there: a known code turns the insert into an update, also when another import was faster."""
    fields = {field.name: field for field in School._meta.concrete_fields if not field.primary_key}
    usual, quote = School(), connection.ops.quote_name
    values = {
        name: field.get_db_prep_save(field.pre_save(usual, add=True), connection) for name, field in fields.items()
    }
    columns = {name: quote(field.column) for name, field in fields.items()}
    by_columns: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        by_columns.setdefault(tuple(line.facts), []).append(line)
    # Not bulk_create: it prepares all columns of every row, which for a whole country takes three times as long.
    for told, same in by_columns.items():
        updated = (*told, "search_text", "name_key", "board", "board_source", "updated_at")
        statement = (
            f"INSERT INTO {quote(School._meta.db_table)} ({', '.join(columns.values())}) "
            f"VALUES ({', '.join(['%s'] * len(columns))}) ON CONFLICT ({columns['school_code']}) DO UPDATE SET "
            + ", ".join(f"{columns[name]} = EXCLUDED.{columns[name]}" for name in updated)
        )
        with connection.cursor() as cursor:
            cursor.executemany(statement, (_values(line, values, fields, founders) for line in same))


def _values(line: Line, usual: Mapping[str, Any], fields: Mapping[str, Any], founders: Founders) -> tuple[Any, ...]:
    facts = line.facts
    search_text, name_key = keys_of(facts["name_ja"], *line.names, facts["prefecture_code"], facts["founder_code"])
    days = {
        name: fields[name].get_db_prep_save(value, connection)
        for name, value in facts.items()
        if isinstance(value, dt.date)
    }
    own = (
        facts
        | days
        | {
            "public_id": fields["public_id"].get_db_prep_save(uuid.uuid4(), connection),
            "school_code": line.school_code,
            "search_text": search_text,
            "name_key": name_key,
            "board": founders.id_of(line.guess) if line.guess else line.board_id,
            "board_source": line.board_source,
        }
    )
    return tuple((usual | own).values())


def _join_successors() -> int:
    """Each closed school leads to the one it has become, also when that came with another file; how many are missing."""
    School.objects.filter(successor_code="", successor__isnull=False).update(successor=None)
    waiting = School.objects.exclude(successor_code="").filter(
        Q(successor__isnull=True) | ~Q(successor__school_code=F("successor_code"))
    )
    waiting = list(waiting.order_by().values_list("pk", "successor_code"))
    missing = 0
    for start in range(0, len(waiting), BATCH):
        some = waiting[start : start + BATCH]
        found = dict(
            School.objects.filter(school_code__in={code for _pk, code in some}).values_list("school_code", "pk")
        )
        missing += sum(code not in found for _pk, code in some)
        School.objects.bulk_update(
            [School(pk=pk, successor_id=found[code]) for pk, code in some if code in found], ["successor"]
        )
    return missing
