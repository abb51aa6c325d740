"""What other parts may read of outreach: querysets and plain values."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, QuerySet, Sum, Value, When

from outreach.lives import NotAllowed
from outreach.requests.models import IntakeMode, IntakeRules, current_rules
from outreach.schools.places import Stage, prefecture_name
from outreach.visits.models import Measure, ReachEntry, Standing, Visit

# 高校生: those of 中等教育学校後期課程, 特別支援学校高等部 and 通信制 carry the stage HIGH (design section 6).
HIGH_SCHOOL_STAGES = (Stage.HIGH, Stage.TECHNICAL_COLLEGE, Stage.VOCATIONAL_UPPER)

__all__ = [
    "HIGH_SCHOOL_STAGES",
    "IntakeMode",
    "IntakeRules",
    "Measure",
    "NotAllowed",
    "ReachRow",
    "Stage",
    "Standing",
    "current_rules",
    "prefecture_name",
    "reach_entries",
    "reach_rows",
    "visits",
    "visits_behind",
]


@dataclass(frozen=True)
class ReachRow:
    """One cell of the ledger: how much of `measure` counts with `standing`; `is_over` when the lesson has ended."""

    fiscal_year: int
    measure: str
    standing: str
    stage: str
    is_over: bool
    total: int


def reach_entries(as_of: dt.datetime, fiscal_years: Iterable[int]) -> QuerySet[ReachEntry]:
    """The ledger's lines known at a moment, for visits of these fiscal years."""
    return ReachEntry.objects.filter(known_at__lte=as_of, fiscal_year__in=list(fiscal_years))


def reach_rows(as_of: dt.datetime, fiscal_years: Iterable[int]) -> list[ReachRow]:
    """The ledger summed as of a moment: at most a few dozen rows, one query."""
    rows = (
        reach_entries(as_of, fiscal_years)
        .order_by()
        .annotate(
            is_over=Case(When(ends_at__lte=as_of, then=Value(True)), default=Value(False), output_field=BooleanField())
        )
        .values("fiscal_year", "measure", "standing", "stage", "is_over")
        .annotate(total=Sum("amount"))
    )
    return [ReachRow(**row) for row in rows if row["total"]]


def visits_behind(
    as_of: dt.datetime,
    fiscal_years: Iterable[int],
    *,
    measure: str,
    standings: Iterable[str],
    stages: Iterable[str] | None = None,
    is_over: bool | None = None,
) -> QuerySet[Any]:
    """The visits a figure consists of: rows of (visit_id, total) whose totals add up to the figure."""
    entries = reach_entries(as_of, fiscal_years).filter(measure=measure, standing__in=list(standings))
    if stages is not None:
        entries = entries.filter(stage__in=list(stages))
    if is_over is not None:
        entries = entries.filter(ends_at__lte=as_of) if is_over else entries.filter(ends_at__gt=as_of)
    return entries.order_by().values("visit_id").annotate(total=Sum("amount")).exclude(total=0)


def visits() -> QuerySet[Visit]:
    return Visit.objects.all()
