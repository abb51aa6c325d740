"""How much a board's schools have asked for and reached; and a prefecture's municipalities as counts.

A board reads the exact figures of its own schools. Of a municipality's schools a prefecture reads counts alone, and of
pupils only what cannot be traced to a school: from three schools and ten pupils on, none of the others to be found by
subtraction, and as of the first day of the month, so that two looks on two days do not tell one visit.
"""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from outreach.requests.models import Request
from outreach.requests.states import RequestState
from outreach.schools.models import Board, BoardKind, School
from outreach.visits.models import Measure, ReachEntry, Standing
from ui import dates

LEAST_SCHOOLS, LEAST_PUPILS = 3, 10


@dataclass(frozen=True)
class OwnCounts:
    """Of a board's own schools in one fiscal year: visits by how sure they are, pupils as verified and as reported."""

    schools: int
    requests: int
    planned: int = 0
    awaiting: int = 0
    reported: int = 0
    verified: int = 0
    distinct: int = 0
    present: int = 0
    encounters: int = 0
    reported_distinct: int = 0


def own_counts(board: Board, year: int) -> OwnCounts:
    """Three queries. A school counts with the board that founds it now, also for visits of before."""
    sums: Counter[tuple[str, str]] = Counter()
    for row in _ledger(year, "measure", school__board=board):
        sums[row["measure"], _shown(row["standing"], row["is_over"])] += row["total"]
    return OwnCounts(
        schools=School.objects.open().filter(board=board).count(),
        requests=_sent(year).filter(Q(school__board=board) | Q(board=board)).count(),
        planned=sums[Measure.VISITS, "planned"],
        awaiting=sums[Measure.VISITS, "awaiting"],
        reported=sums[Measure.VISITS, "reported"],
        verified=sums[Measure.VISITS, "verified"],
        distinct=sums[Measure.DISTINCT, "verified"],
        present=sums[Measure.PRESENT, "verified"],
        encounters=sums[Measure.ENCOUNTERS, "verified"],
        reported_distinct=sums[Measure.DISTINCT, "reported"],
    )


def _sent(year: int) -> QuerySet[Request]:
    return Request.objects.filter(fiscal_year=year).exclude(state=RequestState.DRAFT)


def _ledger(year: int, *by: str, **where: Any) -> QuerySet[Any]:
    """The year's ledger summed by standing, whether the lesson is over, and further words."""
    over = Case(When(ends_at__lte=timezone.now(), then=Value(True)), default=Value(False), output_field=BooleanField())
    rows = ReachEntry.objects.filter(fiscal_year=year, **where).order_by().annotate(is_over=over)
    return rows.values("standing", "is_over", *by).annotate(total=Sum("amount"))


def _shown(standing: str, is_over: bool) -> str:
    """What came back for mending, and what is over without a report, is awaited; the four never overlap."""
    if standing == Standing.RETURNED or (standing == Standing.BOOKED and is_over):
        return "awaiting"
    return "planned" if standing == Standing.BOOKED else standing


# ── a prefecture's municipalities ─────────────────────────────────────────────
@dataclass(frozen=True)
class Cell:
    """Pupils of one municipality and from how many schools they come."""

    schools: int = 0
    pupils: int = 0

    @property
    def is_small(self) -> bool:
        return self.schools > 0 and (self.schools < LEAST_SCHOOLS or self.pupils < LEAST_PUPILS)


@dataclass(frozen=True)
class Municipality:
    """One row: counts, and pupils where they may be told (None where they are too few)."""

    name: str
    schools: int
    requests: int
    planned: int
    verified: int
    pupils: int | None


@dataclass(frozen=True)
class Municipalities:
    rows: list[Municipality]
    schools: int
    requests: int
    planned: int
    verified: int
    pupils: int | None
    as_of: dt.date

    @property
    def hides_some(self) -> bool:
        return self.pupils is None or any(row.pupils is None for row in self.rows)


def tellable(cells: dict[int, Cell]) -> tuple[dict[int, int | None], int | None]:
    """The pupils of each cell and their sum, None where telling would give a small cell away.

    What is hidden must also hide in the sum: at least two cells, three schools and ten pupils together. Where that is
    not so the smallest told cell is hidden too, and when nothing is left to hide, the sum.
    """
    hidden = {key for key, cell in cells.items() if cell.is_small}
    told = sorted((cell.pupils, key) for key, cell in cells.items() if cell.schools and key not in hidden)
    while hidden and not _hides_well([cells[key] for key in hidden]):
        if not told:
            return {key: None if key in hidden else cell.pupils for key, cell in cells.items()}, None
        hidden.add(told.pop(0)[1])
    shown = {key: None if key in hidden else cell.pupils for key, cell in cells.items()}
    return shown, sum(cell.pupils for cell in cells.values())


def _hides_well(cells: list[Cell]) -> bool:
    schools, pupils = sum(cell.schools for cell in cells), sum(cell.pupils for cell in cells)
    return len(cells) >= 2 and schools >= LEAST_SCHOOLS and pupils >= LEAST_PUPILS


def first_of_month() -> dt.datetime:
    return dates.at_tokyo(dates.today().replace(day=1), dt.time())


def _pupils(boards: list[int], year: int) -> dict[int, Cell]:
    """Verified distinct pupils per board, as the ledger knew them when the month began."""
    rows = (
        ReachEntry.objects.filter(
            school__board__in=boards,
            fiscal_year=year,
            known_at__lt=first_of_month(),
            standing=Standing.VERIFIED,
            measure__in=(Measure.DISTINCT, Measure.VISITS),
        )
        .order_by()
        .values_list("school__board", "school", "measure")
        .annotate(total=Sum("amount"))
    )
    pupils: Counter[int] = Counter()
    schools: dict[int, set[int]] = defaultdict(set)
    for board, school, measure, total in rows:
        if total:
            schools[board].add(school)
        if measure == Measure.DISTINCT:
            pupils[board] += total
    return {board: Cell(len(schools[board]), pupils[board]) for board in boards}


def municipalities(board: Board, year: int) -> Municipalities:
    """Counts of each municipal board in the prefecture, by name. Five queries, however many boards."""
    boards = list(
        Board.objects.filter(kind=BoardKind.MUNICIPALITY, prefecture_code=board.prefecture_code)
        .annotate(count=Count("schools", filter=Q(schools__closed_on__isnull=True)))
        .order_by("name_ja")
    )
    ids = [one.pk for one in boards]
    asked = dict(
        _sent(year).filter(school__board__in=ids).order_by().values_list("school__board").annotate(count=Count("pk"))
    )
    visits: Counter[tuple[int, str]] = Counter()
    for row in _ledger(year, "school__board", school__board__in=ids, measure=Measure.VISITS):
        visits[row["school__board"], _shown(row["standing"], row["is_over"])] += row["total"]
    shown, total = tellable(_pupils(ids, year))
    rows = [
        Municipality(
            one.name, one.count, asked.get(one.pk, 0), visits[one.pk, "planned"], visits[one.pk, "verified"],
            shown[one.pk],
        )
        for one in boards
    ]  # fmt: skip
    return Municipalities(
        rows,
        sum(row.schools for row in rows),
        sum(row.requests for row in rows),
        sum(row.planned for row in rows),
        sum(row.verified for row in rows),
        total,
        first_of_month().date(),
    )
