"""The figures of reach as of a moment: verified, reported, awaiting report and planned are disjoint.

A figure is a sum over the ledger in outreach (design section 6); the target is compared with `verified` only.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.kpis.models import Key, Target
from outreach.facts import HIGH_SCHOOL_STAGES, Measure, ReachRow, Standing, reach_rows
from ui import dates

STANDINGS = ("verified", "reported", "awaiting", "planned")


@dataclass(frozen=True)
class Parts:
    """One measure, split by how sure it is."""

    verified: int = 0
    reported: int = 0
    awaiting: int = 0
    planned: int = 0

    @property
    def total(self) -> int:
        return self.verified + self.reported + self.awaiting + self.planned


def standing_filter(standing: str) -> tuple[tuple[str, ...], bool | None]:
    """Which ledger standings a shown standing consists of, and whether the lesson must be over (None: either)."""
    return {
        "verified": ((Standing.VERIFIED,), None),
        "reported": ((Standing.REPORTED,), None),
        "awaiting": ((Standing.BOOKED, Standing.RETURNED), True),
        "planned": ((Standing.BOOKED,), False),
    }[standing]


def _shown_standing(row: ReachRow) -> str:
    if row.standing == Standing.RETURNED:
        return "awaiting"
    if row.standing == Standing.BOOKED:
        return "awaiting" if row.is_over else "planned"
    return row.standing


@dataclass(frozen=True)
class Figure:
    """One key figure, ready to be shown: the question, what counts, the parts and the target."""

    key: str
    label: str
    question: str
    counts: str
    unit: str
    parts: Parts
    period: str
    measure: str
    target_amount: int | None = None

    verified = property(lambda self: f"{self.parts.verified:,}")
    reported = property(lambda self: f"{self.parts.reported:,}")
    awaiting = property(lambda self: f"{self.parts.awaiting:,}")
    planned = property(lambda self: f"{self.parts.planned:,}")

    @property
    def target(self) -> str:
        return f"{self.target_amount:,}" if self.target_amount else ""

    @property
    def target_words(self) -> str:
        if not self.target:
            return ""
        return _("確定／目標 %(amount)s%(unit)s") % {"amount": self.target, "unit": self.unit}

    @property
    def words(self) -> str:
        """The bar in words, for those who do not see it."""
        values = {
            "target": self.target,
            "unit": self.unit,
            "verified": self.verified,
            "reported": self.reported,
            "awaiting": self.awaiting,
            "planned": self.planned,
        }
        if not self.target:
            return (
                _(
                    "確定%(verified)s%(unit)s、速報%(reported)s%(unit)s、報告待ち%(awaiting)s%(unit)s、"
                    "予定%(planned)s%(unit)s"
                )
                % values
            )
        return (
            _(
                "目標%(target)s%(unit)sのうち、確定%(verified)s%(unit)s、速報%(reported)s%(unit)s、"
                "報告待ち%(awaiting)s%(unit)s、予定%(planned)s%(unit)s"
            )
            % values
        )

    @cached_property
    def scale(self) -> float:
        """Bar units per counted thing: 100 is the target, or the total where that is larger."""
        return 100 / max(self.target_amount or 1, self.parts.total, 1)

    @property
    def bars(self) -> list[dict[str, str]]:
        """The stacked bar: x and width in hundredths of the drawing, as strings with a dot."""
        at, bars = 0.0, []
        for name in STANDINGS:
            width = getattr(self.parts, name) * self.scale
            if width:
                bars.append({"css": name, "x": f"{at:.2f}", "width": f"{width:.2f}"})
            at += width
        return bars

    @property
    def target_x(self) -> str:
        return f"{(self.target_amount or 0) * self.scale:.0f}"

    @property
    def arc_path(self) -> str:
        """The reached part of the arc that spans from nothing to the target: its curve cut at verified ÷ target."""
        if not self.target_amount:
            return ""
        t = min(self.parts.verified / self.target_amount, 1.0)
        end = self.target_amount * self.scale
        return f"M0 34 Q{t * end / 2:.2f} {34 - 60 * t:.2f} {t * end:.2f} {34 - 120 * t + 120 * t * t:.2f}"


@dataclass(frozen=True)
class Reach:
    """All figures of a fiscal year as of a moment."""

    as_of: dt.datetime
    fiscal_year: int
    visits: Figure
    students: Figure
    strict_students: Figure
    present: Figure
    encounters: Figure

    @property
    def headline(self) -> list[Figure]:
        return [self.visits, self.students]

    @property
    def beside(self) -> list[Figure]:
        return [self.strict_students, self.present, self.encounters]

    @property
    def as_of_day_words(self) -> str:
        """For pages that are kept a while: they say the same bytes all day."""
        return _("%(moment)s現在") % {"moment": dates.day_words(dates.in_tokyo(self.as_of).date(), year=True)}

    @property
    def as_of_words(self) -> str:
        return _("%(moment)s現在") % {"moment": dates.moment_words(self.as_of, year=True)}


def parts_of(rows: list[ReachRow], measure: str, years: range, stages: tuple[str, ...] | None) -> Parts:
    sums = dict.fromkeys(STANDINGS, 0)
    for row in rows:
        if row.measure == measure and row.fiscal_year in years and (stages is None or row.stage in stages):
            sums[_shown_standing(row)] += row.total
    return Parts(**sums)


def reach(as_of: dt.datetime | None = None, fiscal_year: int | None = None) -> Reach:
    """The figures of a fiscal year (the present one) as of a moment (now). Three queries."""
    as_of = as_of or timezone.now()
    year = fiscal_year if fiscal_year is not None else dates.fiscal_year_of(dates.in_tokyo(as_of).date())
    visit_target = Target.objects.for_year(Key.VISITS, year, as_of)
    student_target = Target.objects.for_year(Key.STUDENTS, year, as_of)
    visit_years = visit_target.years if visit_target else range(year, year + 1)
    # A later year of the period is not yet part of a figure that looks at this year.
    student_years = range(student_target.from_year, year + 1) if student_target else range(year, year + 1)
    rows = reach_rows(as_of, sorted({*visit_years, *student_years, year}))
    stages = tuple(student_target.stages) if student_target else tuple(HIGH_SCHOOL_STAGES)
    name = dates.fiscal_year_name(year)
    since = dates.fiscal_year_name(student_years.start)
    people = ngettext("人", "人", 2)
    one_year = range(year, year + 1)
    return Reach(
        as_of,
        year,
        visits=Figure(
            "visits",
            _("訪問授業　%(year)s") % {"year": name},
            _("推進大使は、学校を何回訪ねましたか。"),
            _("1つの申込みで、1つの学校を1日訪ねたら1件です。大使の人数や学級の数では増えません。"),
            _("件"),
            parts_of(rows, Measure.VISITS, visit_years, None),
            name,
            Measure.VISITS,
            visit_target.amount if visit_target else None,
        ),
        students=Figure(
            "students",
            _("高校生等の実人数　%(year)sから") % {"year": since},
            _("何人の高校生等が、推進大使に会いましたか。"),
            _("同じ人を年度内に二度数えません。年度ごとの数を足しています。ほかの場で会ったかどうかはわかりません。"),
            people,
            parts_of(rows, Measure.DISTINCT, student_years, stages),
            since,
            Measure.DISTINCT,
            student_target.amount if student_target else None,
        ),
        strict_students=Figure(
            "strict_students",
            _("うち高校生"),
            _("高校生だけでは何人ですか。"),
            _("高等学校、中等教育学校後期課程、特別支援学校高等部、高専1–3年、専修学校高等課程。通信制を含みます。")
            + (_("いまの目標が数える対象と同じです。") if set(stages) == set(HIGH_SCHOOL_STAGES) else ""),
            people,
            parts_of(rows, Measure.DISTINCT, student_years, tuple(HIGH_SCHOOL_STAGES)),
            since,
            Measure.DISTINCT,
        ),
        present=Figure(
            "present",
            _("延べ人数　%(year)s") % {"year": name},
            _("出席した人は、合わせて何人ですか。"),
            _("出席した人数の合計です。全校種。同じ人が2回出席すれば2人です。"),
            people,
            parts_of(rows, Measure.PRESENT, one_year, None),
            name,
            Measure.PRESENT,
        ),
        encounters=Figure(
            "encounters",
            _("出会いの数　%(year)s") % {"year": name},
            _("児童生徒と大使の出会いは、いくつありましたか。"),
            _("出席した人数に、来た大使の人数を掛けた数の合計です。実人数とは混ぜません。"),
            _("回"),
            parts_of(rows, Measure.ENCOUNTERS, one_year, None),
            name,
            Measure.ENCOUNTERS,
        ),
    )


def behind(key: str, as_of: dt.datetime, fiscal_year: int) -> tuple[range, str, tuple[str, ...] | None]:
    """(fiscal years, measure, stages) of a figure, for opening the visits behind it."""
    visit_target = Target.objects.for_year(Key.VISITS, fiscal_year, as_of)
    student_target = Target.objects.for_year(Key.STUDENTS, fiscal_year, as_of)
    one_year = range(fiscal_year, fiscal_year + 1)
    student_years = range(student_target.from_year if student_target else fiscal_year, fiscal_year + 1)
    return {
        "visits": (visit_target.years if visit_target else one_year, Measure.VISITS, None),
        "students": (
            student_years,
            Measure.DISTINCT,
            tuple(student_target.stages) if student_target else tuple(HIGH_SCHOOL_STAGES),
        ),
        "strict_students": (student_years, Measure.DISTINCT, tuple(HIGH_SCHOOL_STAGES)),
        "present": (one_year, Measure.PRESENT, None),
        "encounters": (one_year, Measure.ENCOUNTERS, None),
    }[key]
