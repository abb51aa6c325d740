"""The ledger of what counts (活動実績): appended by every verb that changes a figure, never changed.

The rules are design section 6: a school visit is one school on one day under one request; 実人数 counts a pupil once a
fiscal year, 延べ人数 sums those present, 出会いの数 is present × ambassadors.
"""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Sum

from outreach.requests.models import Kind, PlannedGroup, Step
from outreach.schools.models import School
from outreach.visits.models import Group, Measure, ReachEntry, Report, Visit

_DIMENSIONS = (
    "standing",
    "measure",
    "stage",
    "format",
    "day",
    "ends_at",
    "fiscal_year",
    "kind",
    "school_id",
    "school_type",
    "board_id",
    "founder_code",
    "prefecture_code",
)


def amounts(groups: list[Group] | list[PlannedGroup], ambassadors: int) -> Iterator[tuple[str, str, int]]:
    """(measure, stage, amount) of one visit with these groups; zero amounts are left out."""
    distinct: Counter[str] = Counter()
    present: Counter[str] = Counter()
    for group in groups:
        planned = isinstance(group, PlannedGroup)
        distinct[group.stage] += group.expected if planned else group.distinct
        present[group.stage] += group.expected if planned else group.present
    yield Measure.VISITS, "", 1
    for stage in sorted(present):
        for measure, amount in (
            (Measure.DISTINCT, distinct[stage]),
            (Measure.PRESENT, present[stage]),
            (Measure.ENCOUNTERS, present[stage] * ambassadors),
        ):
            if amount:
                yield measure, stage, amount


def entries(visit: Visit, step: Step, standing: str, report: Report | None, groups: list) -> list[ReachEntry]:
    """Unsaved lines that say this visit now counts with this standing.

    A joint lesson is one visit, of the school that asked; its pupils are counted at their own schools.
    """
    if visit.request.kind != Kind.SCHOOL_VISIT:
        return []
    ambassadors = report.ambassadors_present if report else len(visit.present_ambassadors)
    by_school: dict[int, list] = {visit.school_id: []}
    for group in groups:
        by_school.setdefault(group.school_id, []).append(group)
    schools = {visit.school_id: visit.school}
    if others := by_school.keys() - schools.keys():
        schools |= School.objects.in_bulk(list(others))
    return [
        ReachEntry(
            visit=visit,
            step=step,
            known_at=step.at,
            day=visit.day,
            ends_at=visit.ends_at,
            fiscal_year=visit.fiscal_year,
            kind=visit.request.kind,
            standing=standing,
            measure=measure,
            amount=amount,
            stage=stage,
            format=report.format if report else visit.format,
            school=schools[school_id],
            school_type=schools[school_id].type_code,
            board_id=schools[school_id].board_id,
            founder_code=schools[school_id].founder_code,
            prefecture_code=schools[school_id].prefecture_code,
        )
        for school_id, there in by_school.items()
        for measure, stage, amount in amounts(there, ambassadors)
        if measure != Measure.VISITS or school_id == visit.school_id
    ]


def take_back(visit: Visit, step: Step) -> None:
    """Reverse whatever the ledger says of this visit, line by line."""
    standing_sums = (
        ReachEntry.objects.filter(visit=visit)
        .order_by()
        .values(*_DIMENSIONS)
        .annotate(total=Sum("amount"))
        .exclude(total=0)
    )
    ReachEntry.objects.bulk_create(
        [
            ReachEntry(visit=visit, step=step, known_at=step.at, amount=-row.pop("total"), **row)
            for row in list(standing_sums)
        ]
    )


def write(visit: Visit, step: Step, standing: str | None, report: Report | None = None) -> None:
    """From this step on the visit counts with `standing` (None: not at all)."""
    take_back(visit, step)
    if standing is not None:
        groups = list(report.groups.all()) if report else list(visit.request.planned_groups.all())
        ReachEntry.objects.bulk_create(entries(visit, step, standing, report, groups))
