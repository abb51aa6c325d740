"""When somebody is free by their own words: clocks that change, midnight, the edges of the year, and where they are."""

import datetime as dt
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from outreach.availability.hours import Whereabouts, blocked_spans, free_spans, stretches, whereabouts
from outreach.availability.models import DayException, Stay, WeeklyRule
from ui import dates

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
UTC = dt.UTC


def rule(weekday, since, until, zone="Asia/Tokyo", **more):
    return WeeklyRule(
        weekday=weekday,
        from_time=dt.time.fromisoformat(since),
        until_time=dt.time.fromisoformat(until),
        zone=zone,
        **more,
    )


def exception(kind, first, last=None, since=None, until=None, zone="Asia/Tokyo"):
    return DayException(
        kind=kind,
        first_day=first,
        last_day=last or first,
        from_time=since and dt.time.fromisoformat(since),
        until_time=until and dt.time.fromisoformat(until),
        zone=zone,
    )


def on(day, spans):
    """The clocks of Japan of the spans that begin on that day there."""
    return [
        (f"{dates.in_tokyo(since):%H:%M}", f"{dates.in_tokyo(until):%H:%M}")
        for since, until in spans
        if dates.in_tokyo(since).date() == day
    ]


@pytest.mark.parametrize(
    ("monday", "in_japan"),
    [
        # Nine in the morning in New York is eleven at night in Japan, and ten while its clocks are forward.
        (dt.date(2027, 3, 8), "23:00"),
        (dt.date(2027, 3, 15), "22:00"),
        (dt.date(2027, 11, 1), "22:00"),
        (dt.date(2027, 11, 8), "23:00"),
    ],
)
def test_a_weekly_hour_keeps_its_own_clock_when_clocks_change(monday, in_japan):
    spans = free_spans([rule(0, "09:00", "10:00", NEW_YORK)], [], monday, monday)
    assert (
        f"{dates.in_tokyo(next(s for s in spans if s[0].astimezone(ZoneInfo(NEW_YORK)).date() == monday)[0]):%H:%M}"
        == (in_japan)
    )


def test_an_hour_that_does_not_exist_is_read_with_the_clock_of_before():
    day = dt.date(2027, 3, 14)  # a Sunday: 2:00 to 3:00 is left out in New York
    (span,) = free_spans([rule(6, "02:30", "04:00", NEW_YORK)], [], day, day)
    assert span == (dt.datetime(2027, 3, 14, 7, 30, tzinfo=UTC), dt.datetime(2027, 3, 14, 8, tzinfo=UTC))


def test_an_hour_that_comes_twice_is_its_first():
    day = dt.date(2027, 11, 7)
    (span,) = free_spans([rule(6, "01:30", "03:00", NEW_YORK)], [], day, day)
    assert span == (dt.datetime(2027, 11, 7, 5, 30, tzinfo=UTC), dt.datetime(2027, 11, 7, 8, tzinfo=UTC))


def test_hours_may_pass_midnight_and_end_at_it():
    friday = dt.date(2027, 1, 15)
    spans = free_spans([rule(4, "20:00", "02:00"), rule(5, "22:00", "00:00")], [], friday, friday + dt.timedelta(1))
    assert on(friday, spans) == [("20:00", "02:00")]
    assert on(friday + dt.timedelta(1), spans) == [("22:00", "00:00")]


def test_a_rule_holds_from_a_day_until_a_day():
    hours = [rule(0, "09:00", "17:00", valid_from=dt.date(2027, 1, 11), valid_until=dt.date(2027, 1, 18))]
    spans = free_spans(hours, [], dt.date(2027, 1, 1), dt.date(2027, 1, 31))
    assert [dates.in_tokyo(since).date().day for since, _until in spans] == [11, 18]


def test_a_blocked_day_takes_the_weekly_hours_and_an_extra_day_counts_also_there():
    """As in the matching problem: an extra day counts also on a blackout day."""
    first, last = dt.date(2027, 1, 4), dt.date(2027, 1, 8)
    hours = [rule(weekday, "09:00", "17:00") for weekday in range(5)]
    told = [exception("blocked", first, last), exception("free", dt.date(2027, 1, 6), since="13:00", until="15:00")]
    spans = free_spans(hours, told, first, last)
    assert on(dt.date(2027, 1, 5), spans) == []
    assert on(dt.date(2027, 1, 6), spans) == [("13:00", "15:00")]


def test_some_hours_of_a_day_can_be_blocked():
    day = dt.date(2027, 1, 6)
    told = [exception("blocked", day, since="12:00", until="13:30")]
    assert on(day, free_spans([rule(2, "09:00", "17:00")], told, day, day)) == [("09:00", "12:00"), ("13:30", "17:00")]


def test_a_whole_day_blocked_in_new_york_is_a_day_there():
    (span,) = blocked_spans(
        [exception("blocked", dt.date(2027, 3, 14), zone=NEW_YORK)], dt.date(2027, 3, 14), dt.date(2027, 3, 14)
    )
    assert span == (dt.datetime(2027, 3, 14, 5, tzinfo=UTC), dt.datetime(2027, 3, 15, 4, tzinfo=UTC))


def somebody(**more):
    return SimpleNamespace(**{"country_code": "JP", "prefecture_code": "27", "visits_in_person": True} | more)


def stay(pk, place="13", **more):
    more.setdefault("in_person", bool(place))
    return Stay(pk=pk, prefecture_code=place, **more)


def test_a_stay_between_two_days_goes_before_a_weekly_one():
    told = [stay(2, weekday=1), stay(1, "01", first_day=dt.date(2027, 2, 2), last_day=dt.date(2027, 2, 9))]
    assert whereabouts(somebody(), told, dt.date(2027, 2, 2)) == Whereabouts("01", in_person=True)
    assert whereabouts(somebody(), told, dt.date(2027, 2, 16)) == Whereabouts("13", in_person=True)
    assert whereabouts(somebody(), told, dt.date(2027, 2, 17)) == Whereabouts("27", in_person=True)


def test_abroad_means_online():
    at_home, away = somebody(), [stay(1, "", first_day=dt.date(2027, 2, 2), last_day=dt.date(2027, 2, 2))]
    assert whereabouts(at_home, away, dt.date(2027, 2, 2)) == Whereabouts("", in_person=False)
    abroad = somebody(country_code="DE", prefecture_code="")
    assert whereabouts(abroad, [], dt.date(2027, 2, 2)) == Whereabouts("", in_person=False)
    here = [stay(1, "13", first_day=dt.date(2027, 2, 2), last_day=dt.date(2027, 2, 14))]
    assert whereabouts(abroad, here, dt.date(2027, 2, 3)) == Whereabouts("13", in_person=True)


def test_whoever_never_comes_in_person_does_not_on_a_stay():
    here = [stay(1, "13", first_day=dt.date(2027, 2, 2), last_day=dt.date(2027, 2, 2))]
    assert not whereabouts(somebody(visits_in_person=False), here, dt.date(2027, 2, 2)).in_person


def test_free_time_is_cut_at_midnight_in_japan_with_the_place_of_each_day():
    """The evening in Berlin lies on two days of Japan."""
    person = somebody(country_code="DE", prefecture_code="")
    friday = dt.date(2027, 1, 15)
    told = [stay(1, "13", first_day=dt.date(2027, 1, 16), last_day=dt.date(2027, 1, 16))]
    found = stretches(person, [rule(4, "12:00", "20:00", BERLIN)], [], told, friday, dt.date(2027, 1, 16))
    assert [(f"{dates.in_tokyo(one.starts_at):%d %H:%M}", one.where.prefecture_code) for one in found] == [
        ("15 20:00", ""),
        ("16 00:00", "13"),
    ]


def test_the_new_year_is_a_day_like_any_other():
    told = [exception("free", dt.date(2026, 12, 31), dt.date(2027, 1, 1))]
    found = stretches(somebody(), [], told, [], dt.date(2026, 12, 31), dt.date(2027, 1, 1))
    assert [(one.ends_at - one.starts_at, dates.in_tokyo(one.starts_at).day) for one in found] == [
        (dt.timedelta(days=1), 31),
        (dt.timedelta(days=1), 1),
    ]
