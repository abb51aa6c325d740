"""How many ambassadors could likely come at a wished time, and a time nearby at which more could: numbers, never names."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outreach.availability.free import Time, Wanted, who_is_free
from outreach.requests.models import Format, Kind, Request, RulesOfYears
from ui import dates

# School days looked at before and after a wished day, and how far away they may lie.
NEIGHBOURS, FARTHEST = 3, dt.timedelta(days=12)
# With so many there is no need to look for a better time.
PLENTY = 5


@dataclass(frozen=True)
class Better:
    """A time near a wished one at which more could come."""

    time: Time
    period_words: str
    count: int

    @property
    def words(self) -> str:
        clock = f"{dates.clock_words(self.time.starts_at)}–{dates.clock_words(self.time.ends_at)}"
        return " ".join(part for part in (dates.day_words(self.time.day), self.period_words, clock) if part)


@dataclass(frozen=True)
class Odds:
    """What a school learns about one wished time before it asks."""

    count: int
    better: Better | None = None

    @property
    def verdict(self) -> str:
        if self.count >= PLENTY:
            return _("見つかりやすい")
        return _("やや見つかりにくい") if self.count else _("見つかりにくい")

    @property
    def sentence(self) -> str:
        if not self.count:
            return _("来られそうな推進大使は、いまのところいません。")
        return ngettext(
            "来られそうな推進大使が%(count)s人います。", "来られそうな推進大使が%(count)s人います。", self.count
        ) % {"count": self.count}

    @property
    def hint(self) -> str:
        if self.better is None:
            return ""
        return ngettext("%(when)sなら%(count)s人です。", "%(when)sなら%(count)s人です。", self.better.count) % {
            "when": self.better.words,
            "count": self.better.count,
        }

    @property
    def dots(self) -> list[bool]:
        """Five dots, as many of them full as people could come."""
        return [number < self.count for number in range(PLENTY)]


def wanted_by(request: Request, rules: RulesOfYears | None = None) -> Wanted:
    """What of a request decides who suits; a draft says only part of it yet."""
    of_year = (rules or RulesOfYears()).of(request.fiscal_year)
    more = {"usual_in_person": of_year.travel_buffer, "usual_online": of_year.online_buffer} if of_year else {}
    return Wanted(
        format=request.format,
        prefecture_code=request.school.prefecture_code if request.school else "",
        theme=request.theme,
        stages=frozenset(group.stage for group in request.planned_groups.all()),
        **more,
    )


def odds_of(request: Request, wishes: Iterable[Any], bells: list[Any], first_day: dt.date) -> list[Odds]:
    """For each wish (a `SlotWish` or a `Slot`) its odds, in the same order: one query for all of them.

    Looked at beside each are the same hours on school days near it, from `first_day` to the end of the fiscal year, and
    other periods of the same day that are as long. Nothing is told of kinds that hold nobody's time.
    """
    wishes = list(wishes)
    if request.kind == Kind.CONTENT or not wishes or request.format not in Format.values:
        return []
    last_day = dates.fiscal_year_bounds(dates.fiscal_year_of(wishes[0].day))[1]
    nearby = [list(_times_near(wish, bells, first_day, last_day)) for wish in wishes]
    own = [Time(wish.starts_at, wish.ends_at) for wish in wishes]
    rules = RulesOfYears()
    free = who_is_free(
        wanted_by(request, rules),
        [*own, *(time for times in nearby for time, _words in times)],
        request_id=request.pk,
    )
    return [_judged(time, times, free) for time, times in zip(own, nearby, strict=True)]


def _judged(own: Time, nearby: list[tuple[Time, str]], free: dict[Time, set[int]]) -> Odds:
    count = len(free[own])
    if count >= PLENTY:
        return Odds(count)
    # The most people, then the nearest.
    ranked = sorted(nearby, key=lambda pair: (-len(free[pair[0]]), abs(pair[0].starts_at - own.starts_at)))
    if not ranked or len(free[ranked[0][0]]) <= count:
        return Odds(count)
    time, words = ranked[0]
    return Odds(count, Better(time, words, len(free[time])))


def _times_near(wish: Any, bells: list[Any], first_day: dt.date, last_day: dt.date) -> Iterator[tuple[Time, str]]:
    """Times near a wish, each with its periods in words."""
    words = _period_words(wish.first_period, wish.last_period) if wish.first_period else ""
    for step in (-1, 1):
        found, day = 0, wish.day
        while found < NEIGHBOURS:
            day += dt.timedelta(days=step)
            if not first_day <= day <= last_day or abs(day - wish.day) > FARTHEST:
                break
            if dates.is_school_weekday(day):
                found += 1
                moved = dt.timedelta(days=(day - wish.day).days)
                # Japan's clock never changes: so many days later is the same hour.
                yield Time(wish.starts_at + moved, wish.ends_at + moved), words
    if not wish.first_period:
        return
    length = wish.last_period - wish.first_period
    by_period = {bell.period: bell for bell in bells}
    for first in sorted(by_period):
        last = first + length
        if first != wish.first_period and last in by_period:
            yield (
                Time(
                    dates.at_tokyo(wish.day, by_period[first].starts_at),
                    dates.at_tokyo(wish.day, by_period[last].ends_at),
                ),
                _period_words(first, last),
            )


def _period_words(first: int, last: int) -> str:
    if first == last:
        return _("%(period)s限") % {"period": first}
    return _("%(first)s・%(last)s限") % {"first": first, "last": last}
