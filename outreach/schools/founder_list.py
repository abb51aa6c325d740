"""Who founds which school, from a CSV file: what was found out somewhere else, school by school.

A row goes before a guess and before an earlier file; what the desk has corrected on its screen stays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from outreach.schools.founders import kind_by_name
from outreach.schools.importing import choices, ignore, opened, school_code_of
from outreach.schools.models import Board, BoardKind, BoardSource, School
from outreach.schools.reading import BadRow, Columns, Listing, Refused, Row, UnusableFile, folded

FOUNDERS_HEADER = "school_code, board, and if need be kind and prefecture_code (or prefecture) of the board"
LONGEST_NAME = Board._meta.get_field("name_ja").max_length


@dataclass
class FounderTally:
    """What the file did, or would do: `new` is a body nobody knew, `kept` a school that the desk has set."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0
    kept: int = 0


LIST_OF_FOUNDERS = Columns(
    "list of founders",
    FOUNDERS_HEADER,
    {
        "学校コード": "school_code",
        "設置者": "board",
        "種類": "kind",
        "都道府県番号": "prefecture",
        "都道府県": "prefecture",
    },
    ("school_code", "board"),
    lambda names: [name for name in ("school_code", "board") if name not in names],
)


@transaction.atomic
def import_founders(
    path: Path,
    *,
    strict: bool = False,
    dry_run: bool = False,
    tell_bad: Callable[[BadRow], None] = ignore,
    tell_change: Callable[[str], None] = ignore,
) -> FounderTally:
    """Each school of the file is founded by the body named there; a body that is not known yet is made.

    Raises: UnusableFile when the file cannot be read as a list of founders at all.
    """
    tally = FounderTally()
    with opened(path) as file:
        for number, row in Listing(file, path, LIST_OF_FOUNDERS).rows():
            tally.read += 1
            try:
                if isinstance(row, Refused):
                    raise row
                _take_over(row, tally, tell_change)
            except Refused as refusal:
                tally.bad += 1
                tell_bad(BadRow(number, refusal.column, refusal.value, refusal.problem, refusal.remedy))
    if not tally.read:
        raise UnusableFile(f"{path} names its columns but holds no school. Choose another file.")
    if dry_run or (strict and tally.bad):
        transaction.set_rollback(True)
    return tally


def _take_over(row: Row, tally: FounderTally, tell_change: Callable[[str], None]) -> None:
    code = school_code_of(row)
    school = School.objects.select_for_update(of=("self",)).select_related("board").filter(school_code=code).first()
    if school is None:
        raise Refused("is in no list that was imported", "Import the ministry's list first", "school_code", code)
    board = _board(row, school, tally)
    if school.board_source == BoardSource.DESK:
        tally.kept += 1
        return
    if school.board_id == board.pk and school.board_source == BoardSource.FILE:
        tally.unchanged += 1
        return
    tally.changed += 1
    tell_change(f"changed: {code} board {school.board.name_ja if school.board else '(empty)'} → {board.name_ja}")
    school.board, school.board_source = board, BoardSource.FILE
    school.save(update_fields=["board", "board_source"])


def _board(row: Row, school: School, tally: FounderTally) -> Board:
    name = " ".join(folded(row["board"]).split())
    if not name or len(name) > LONGEST_NAME:
        problem = f"has {len(name)} characters, more than {LONGEST_NAME}" if name else "is empty"
        raise Refused(problem, "Write a name such as 横浜市教育委員会", "board", row["board"])
    _kind, prefecture, _founder = choices()
    is_told = any(row.get(column) for column in prefecture.columns)
    known = Board.objects.filter(
        name_ja=name, prefecture_code=prefecture.read(row) if is_told else school.prefecture_code
    )
    if not is_told and not known.exists():
        # A body of another prefecture, where there is only one of that name.
        elsewhere = list(Board.objects.filter(name_ja=name)[:2])
        if len(elsewhere) == 1:
            return elsewhere[0]
    if found := known.first():
        return found
    tally.new += 1
    return Board.objects.create(
        name_ja=name,
        kind=_kind_of(row, name),
        prefecture_code=prefecture.read(row) if is_told else school.prefecture_code,
    )


def _kind_of(row: Row, name: str) -> str:
    given: Any = folded(row.get("kind", ""))
    if not given:
        return kind_by_name(name)
    if given not in BoardKind.values:
        raise Refused("is unknown", f"Write one of {', '.join(BoardKind.values)}, or nothing", "kind", row["kind"])
    return given
