"""How often requests end in a visit, and how long an answer takes: from what became of those of the last two years.

Everybody may read this, so no figure may tell what became of one school's request. The rule is decision 22: exact counts
stand only at the margins (a prefecture over all months, a month over all prefectures), each with enough schools and
requests; where both meet there is a word at most; and everything is as of the first day of the month.
"""

import datetime as dt
import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from outreach.requests.models import Entry, Format, Kind, Request, Slot, Step
from outreach.requests.states import RequestState
from outreach.schools.places import prefecture_name
from ui import dates

LEAST_SCHOOLS, LEAST_REQUESTS = 3, 10
# A difference between two ways to ask is told when both are this many and lie this far apart (in points of a hundred).
LEAST_TO_COMPARE, LEAST_DIFFERENCE = 30, 5
YEARS = 2
# A first date this many days after the request was sent is far ahead.
FAR_AHEAD = 60
MONTHS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)
KEPT_SECONDS = 24 * 3600

Key = TypeVar("Key", str, int, bool)

CAME_TRUE = (RequestState.BOOKED, RequestState.COMPLETED)
CAME_TO_NOTHING = (RequestState.DECLINED, RequestState.UNMATCHED, RequestState.EXPIRED)


@dataclass(frozen=True)
class Ended:
    """One request that came to an end: where, when, whose, whether a visit came of it, after how many days it was told."""

    prefecture: str
    month: int
    school: int
    is_booked: bool
    days: int | None = None
    wishes: int = 1
    is_online: bool = False
    days_ahead: int = 0


# From this share on, in hundredths, the words; printed on the page.
BANDS = ((80, "most"), (60, "many"), (40, "half"), (0, "few"))


def band_words(band: str) -> str:
    return {
        "most": _("ほとんど決まっています"),
        "many": _("多くが決まっています"),
        "half": _("半分ほど決まっています"),
        "few": _("決まることは少なめです"),
    }[band]


@dataclass(frozen=True)
class Share:
    """How many of the requests that ended became a visit."""

    ended: int
    booked: int

    @property
    def percent(self) -> float:
        return 100 * self.booked / self.ended

    @property
    def band(self) -> str:
        return next(band for least, band in BANDS if self.percent >= least)

    @property
    def band_words(self) -> str:
        return band_words(self.band)

    @property
    def words(self) -> str:
        return _("%(ended)s件のうち%(booked)s件") % {"ended": f"{self.ended:,}", "booked": f"{self.booked:,}"}


@dataclass(frozen=True)
class UsualDays:
    """Days from sending a request until its answer: a quarter, half and three quarters had theirs by then."""

    quarter: int
    median: int
    three_quarters: int
    # Where, when not in the whole country.
    prefecture: str = ""

    @property
    def sentence(self) -> str:
        if self.prefecture:
            return _(
                "%(prefecture)sの学校では、申込みからお返事までは、ふつう%(median)s日ほど、4件に3件は%(most)s日以内でした（この2年）。"
            ) % {
                "prefecture": prefecture_name(self.prefecture),
                "median": self.median,
                "most": self.three_quarters,
            }
        return _("申込みからお返事までは、ふつう%(median)s日ほど、4件に3件は%(most)s日以内でした（この2年）。") % {
            "median": self.median,
            "most": self.three_quarters,
        }


@dataclass(frozen=True)
class Contrast:
    """Two ways to ask, side by side."""

    what: str
    first: Share
    second: Share

    @property
    def helps(self) -> bool:
        """Whether requests of the second way became a visit clearly more often."""
        return self.second.percent - self.first.percent >= LEAST_DIFFERENCE


@dataclass(frozen=True)
class Chances:
    """What may be told, as of the first day of a month."""

    as_of: dt.date
    total: Share | None = None
    prefectures: dict[str, Share] = field(default_factory=dict)
    months: dict[int, Share] = field(default_factory=dict)
    # Where both meet: a word, never a count.
    bands: dict[tuple[str, int], str] = field(default_factory=dict)
    usual: UsualDays | None = None
    usual_in: dict[str, UsualDays] = field(default_factory=dict)
    contrasts: dict[str, Contrast] = field(default_factory=dict)

    @property
    def since(self) -> dt.date:
        return self.as_of.replace(year=self.as_of.year - YEARS)

    @property
    def last_day(self) -> dt.date:
        return self.as_of - dt.timedelta(days=1)

    def helps(self, what: str) -> Contrast | None:
        """A way to ask that measurably helped, or None."""
        found = self.contrasts.get(what)
        return found if found and found.helps else None

    def sentences(self, prefecture: str, days: Iterable[dt.date]) -> list[str]:
        """For a school in this prefecture that wishes for these days: one sentence a month, then the prefecture."""
        name, told = prefecture_name(prefecture), []
        for month in dict.fromkeys(day.month for day in days):
            words = {"month": dates.month_name(month), "prefecture": name}
            if band := self.bands.get((prefecture, month)):
                words["band"] = band_words(band)
                told.append(_("%(month)sの%(prefecture)s：%(band)s。") % words)
            if share := self.months.get(month):
                words |= {"ended": share.ended, "booked": share.booked}
                told.append(_("%(month)sは、全国で%(ended)s件のうち%(booked)s件が決まりました。") % words)
        if share := self.prefectures.get(prefecture):
            words = {"prefecture": name, "ended": share.ended, "booked": share.booked}
            told.append(_("%(prefecture)sでは、1年を通して%(ended)s件のうち%(booked)s件が決まりました。") % words)
        return told


def chances() -> Chances:
    """As of the first day of this month; one query, then a day from memory."""
    as_of = dates.today().replace(day=1)
    key = f"chances:{as_of}"
    found = cache.get(key)
    if found is None:
        found = told(ended_requests(as_of), as_of)
        cache.set(key, found, KEPT_SECONDS)
    return found


def usual_days() -> UsualDays | None:
    return chances().usual


def ended_requests(as_of: dt.date) -> list[Ended]:
    """School visits asked for whose first wished day lay in the two years before, as they stood on that day.

    A request that was withdrawn, or is not at its end, is none of them; neither is what was agreed or held beforehand.
    """
    cut = dates.at_tokyo(as_of, dt.time())
    steps = Step.objects.filter(request=OuterRef("pk"), at__lt=cut)
    moves = steps.filter(subject=Step.Subject.REQUEST)
    answers = steps.filter(
        Q(subject=Step.Subject.REQUEST, to_state__in=(RequestState.BOOKED, *CAME_TO_NOTHING[:2]))
        | Q(subject=Step.Subject.VISIT, verb="confirm")
    )
    sent = moves.filter(to_state__in=(RequestState.WITH_BOARD, RequestState.SUBMITTED))
    stood = Q(dropped_at__isnull=True) | Q(dropped_at__gte=cut)
    wishes = Slot.objects.filter(stood, request=OuterRef("pk"), origin=Slot.Origin.WISH)
    rows = (
        Request.objects.filter(kind=Kind.SCHOOL_VISIT, entry=Entry.ASKED, school__isnull=False)
        .exclude(state=RequestState.DRAFT)
        .order_by()
        .annotate(
            stands=Subquery(moves.order_by("-at", "-pk").values("to_state")[:1]),
            sent=Subquery(sent.order_by("at").values("at")[:1]),
            answered=Subquery(answers.order_by("at").values("at")[:1]),
            day=Subquery(wishes.order_by("rank", "pk").values("day")[:1]),
            wishes_count=Subquery(wishes.order_by().values("request").annotate(count=Count("pk")).values("count")[:1]),
        )
        .filter(
            stands__in=(*CAME_TRUE, *CAME_TO_NOTHING),
            day__gte=as_of.replace(year=as_of.year - YEARS),
            day__lt=as_of,
            sent__isnull=False,
        )
        .values_list("school__prefecture_code", "day", "school", "stands", "sent", "answered", "wishes_count", "format")
    )
    return [
        Ended(
            prefecture=prefecture,
            month=day.month,
            school=school,
            is_booked=stands in CAME_TRUE,
            days=(_day_of(answered) - _day_of(sent)).days if answered else None,
            wishes=count,
            is_online=format != Format.IN_PERSON,
            days_ahead=(day - _day_of(sent)).days,
        )
        for prefecture, day, school, stands, sent, answered, count, format in rows
    ]


def _day_of(moment: dt.datetime) -> dt.date:
    return dates.in_tokyo(moment).date()


# ── what may be told of them ──────────────────────────────────────────────────
def told(rows: Collection[Ended], as_of: dt.date) -> Chances:
    """Only what leaves nobody to be found, neither in a figure nor by subtracting figures (decision 22)."""
    if _are_few(rows):
        return Chances(as_of)
    prefectures = _told_groups(rows, lambda row: row.prefecture)
    months = _told_groups(rows, lambda row: row.month)
    return Chances(
        as_of,
        total=_share(rows),
        prefectures={key: _share(group) for key, group in prefectures.items()},
        months={key: _share(group) for key, group in months.items()},
        bands=_bands(prefectures, months),
        usual=_usual(rows),
        usual_in={
            key: replace(found, prefecture=key) for key, group in prefectures.items() if (found := _usual(group))
        },
        contrasts={
            contrast.what: contrast
            for what, is_second in (
                ("wishes", lambda row: row.wishes > 1),
                ("online", lambda row: row.is_online),
                ("ahead", lambda row: row.days_ahead >= FAR_AHEAD),
            )
            if (contrast := _contrast(what, rows, is_second))
        },
    )


def _are_few(rows: Collection[Ended]) -> bool:
    return len(rows) < LEAST_REQUESTS or len({row.school for row in rows}) < LEAST_SCHOOLS


def _share(rows: Collection[Ended]) -> Share:
    return Share(len(rows), sum(row.is_booked for row in rows))


def _grouped(rows: Iterable[Ended], by: Callable[[Ended], Key]) -> dict[Key, list[Ended]]:
    groups = defaultdict(list)
    for row in rows:
        groups[by(row)].append(row)
    return dict(groups)


def _told_groups(rows: Iterable[Ended], by: Callable[[Ended], Key]) -> dict[Key, list[Ended]]:
    """The groups that may be told. Those that are few stay untold together with as many others as hide them in the sum."""
    groups = _grouped(rows, by)
    untold = {key for key, group in groups.items() if _are_few(group)}
    by_size = sorted(groups.keys() - untold, key=lambda key: (len(groups[key]), key))
    while untold and by_size and _are_few([row for key in untold for row in groups[key]]):
        untold.add(by_size.pop(0))
    return {key: group for key, group in groups.items() if key not in untold}


def _bands(prefectures: dict[str, list[Ended]], months: dict[int, list[Ended]]) -> dict[tuple[str, int], str]:
    """A word for a month of a prefecture, where it and what is left of its prefecture and of its month are not few."""
    found = {}
    for prefecture, of_prefecture in prefectures.items():
        for month, group in _grouped(of_prefecture, lambda row: row.month).items():
            rests = (
                [row for row in of_prefecture if row.month != month],
                [row for row in months.get(month, ()) if row.prefecture != prefecture],
            )
            if not any(_are_few(rows) for rows in (group, *rests)):
                found[prefecture, month] = _share(group).band
    return found


def _usual(rows: Iterable[Ended]) -> UsualDays | None:
    answered = [row for row in rows if row.days is not None]
    if _are_few(answered):
        return None
    quarter, median, three_quarters = statistics.quantiles((row.days for row in answered), n=4, method="inclusive")
    return UsualDays(math.ceil(quarter), math.floor(median + 0.5), math.ceil(three_quarters))


def _contrast(what: str, rows: Iterable[Ended], is_second: Callable[[Ended], bool]) -> Contrast | None:
    halves = _grouped(rows, is_second)
    if len(halves) < 2 or any(len(half) < LEAST_TO_COMPARE or _are_few(half) for half in halves.values()):
        return None
    return Contrast(what, _share(halves[False]), _share(halves[True]))
