"""How often requests become a visit: what is counted, and that no figure tells of one school."""

import datetime as dt
import itertools
import re

import numpy as np
import pytest
from django.test import Client
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from outreach.models import Request, School, Slot, Step
from outreach.requests.chances import (
    LEAST_REQUESTS,
    LEAST_SCHOOLS,
    LEAST_TO_COMPARE,
    Ended,
    Share,
    UsualDays,
    chances,
    ended_requests,
    told,
)
from outreach.visits import actions
from tests import factories
from ui import dates

FIRST = dt.date(2026, 11, 1)
PREFECTURES, MONTHS = ("13", "14", "31"), (6, 9, 12)


def rows(count: int, schools: int, *, prefecture: str = "13", month: int = 12, booked: int | None = None, **more):
    """So many requests of so many schools, the first ones booked."""
    booked = count if booked is None else booked
    return [
        Ended(prefecture, month, int(prefecture) * 100 + number % schools, number < booked, **{"days": 9, **more})
        for number in range(count)
    ]


@st.composite
def countries(draw):
    """Requests of three prefectures in three months: in each of the nine cells none, few or many."""
    found = []
    for prefecture, month, wishes in itertools.product(PREFECTURES, MONTHS, (1, 2)):
        count = draw(st.sampled_from((0, 0, 1, 2, 9, 10, 14, 31)))
        schools = draw(st.integers(1, 6))
        found += rows(count, schools, prefecture=prefecture, month=month, wishes=wishes)
    return found


def told_sets(found):
    """What each exact figure counts: the cells of the country it is the sum of."""
    if found.total:
        yield found.total, lambda row: True
    for key, share in found.prefectures.items():
        yield share, lambda row, key=key: row.prefecture == key
    for key, share in found.months.items():
        yield share, lambda row, key=key: row.month == key
    if contrast := found.contrasts.get("wishes"):
        yield contrast.first, lambda row: row.wishes == 1
        yield contrast.second, lambda row: row.wishes > 1


@given(countries())
def test_no_sum_or_difference_of_told_figures_is_about_few_schools(country):
    found = told(country, FIRST)
    # Somebody who knows in which prefectures, months and ways there were any requests at all, but in no cell how many.
    grid = list(
        itertools.product(
            *(sorted({getattr(row, name) for row in country}) for name in ("prefecture", "month", "wishes"))
        )
    )
    figures = list(told_sets(found))
    for share, is_in in figures:
        inside = [row for row in country if is_in(row)]
        assert share == Share(len(inside), sum(row.is_booked for row in inside))
    cells = [Ended(prefecture, month, 0, True, wishes=wishes) for prefecture, month, wishes in grid]
    table = np.array([[is_in(cell) for cell in cells] for _share, is_in in figures], dtype=np.int8)
    if not len(table):
        return
    ways = np.array(list(itertools.product((-1, 0, 1), repeat=len(table))), dtype=np.int8)
    sums = ways @ table
    sets = sums[((sums == 0) | (sums == 1)).all(axis=1)]
    for chosen in np.unique(sets, axis=0):
        inside = {cell for cell, is_in in zip(grid, chosen, strict=True) if is_in}
        held = [row for row in country if (row.prefecture, row.month, row.wishes) in inside]
        assert not held or (len(held) >= LEAST_REQUESTS and len({row.school for row in held}) >= LEAST_SCHOOLS)


@given(countries())
def test_a_word_where_both_meet_is_about_enough_and_leaves_enough(country):
    for (prefecture, month), band in told(country, FIRST).bands.items():
        here = [row for row in country if (row.prefecture, row.month) == (prefecture, month)]
        beside = [row for row in country if row.prefecture == prefecture and row.month != month]
        above = [row for row in country if row.prefecture != prefecture and row.month == month]
        assert band == Share(len(here), sum(row.is_booked for row in here)).band
        for group in (here, beside, above):
            assert len(group) >= LEAST_REQUESTS
            assert len({row.school for row in group}) >= LEAST_SCHOOLS


def test_the_test_above_would_find_a_prefecture_hidden_alone():
    country = rows(40, 5) + rows(40, 5, prefecture="14") + rows(10, 2, prefecture="31")
    # Of two schools: it hides behind the smallest other one, so the sum less Tokyo is about seven schools.
    assert set(told(country, FIRST).prefectures) == {"14"}
    assert told(country, FIRST).total == Share(90, 90)


@pytest.mark.parametrize(("count", "schools"), [(9, 9), (40, 2), (0, 1)])
def test_few_requests_or_few_schools_are_not_told_at_all(count, schools):
    found = told(rows(count, schools), FIRST)
    assert (found.total, found.prefectures, found.months, found.bands, found.usual, found.contrasts) == (
        *(None, {}, {}, {}, None),
        {},
    )


@pytest.mark.parametrize(
    ("booked", "band"), [(10, "most"), (8, "most"), (7, "many"), (6, "many"), (5, "half"), (4, "half"), (3, "few")]
)
def test_words_begin_at_the_shares_that_the_page_prints(booked, band):
    assert Share(10, booked).band == band
    assert Share(10, 0).band == "few"


def test_usual_days_are_those_of_the_answered_alone():
    country = [row for days in range(1, 21) for row in rows(3, 3, days=days)] + rows(30, 3, booked=0, days=None)
    assert told(country, FIRST).usual == UsualDays(6, 11, 16)
    assert told(rows(30, 3, days=None), FIRST).usual is None


def test_a_way_to_ask_helps_only_where_many_show_it():
    few, many = LEAST_TO_COMPARE - 1, LEAST_TO_COMPARE
    one = rows(many, 5, booked=many // 2, wishes=1)
    assert told(one + rows(many, 5, wishes=3), FIRST).helps("wishes").second == Share(many, many)
    assert told(one + rows(few, 5, wishes=3), FIRST).contrasts == {}
    same = told(one + rows(many, 5, booked=many // 2, wishes=3), FIRST)
    assert same.contrasts["wishes"].helps is False
    assert same.helps("wishes") is None


def test_sentences_name_each_month_once_and_then_the_prefecture():
    country = rows(24, 4, booked=18) + rows(20, 4, month=6, booked=9) + rows(20, 4, prefecture="14", booked=20)
    days = [dt.date(2026, 12, 8), dt.date(2026, 12, 9), dt.date(2027, 2, 3)]
    with translation.override("ja"):
        assert told(country, FIRST).sentences("13", days) == [
            "12月の東京都：多くが決まっています。",
            "12月は、全国で44件のうち38件が決まりました。",
            "東京都では、1年を通して44件のうち27件が決まりました。",
        ]
        assert told(country, FIRST).sentences("31", [dt.date(2027, 2, 3)]) == []


# ── of the requests in the database ───────────────────────────────────────────
def on(clock, day: dt.date):
    clock.move_to(dates.at_tokyo(day, dt.time(10)))


def as_of(day: dt.date):
    return [(row.is_booked, row.days, row.month, row.wishes) for row in ended_requests(day)]


def test_a_booked_request_counts_with_the_days_until_its_booking(clock, confirmed_visit):
    day = confirmed_visit.request.slots.get(rank=1).day
    sent = dates.in_tokyo(confirmed_visit.request.submitted_at).date()
    booked = dates.in_tokyo(confirmed_visit.confirmed_at).date()
    assert as_of(dt.date(2027, 2, 1)) == [(True, (booked - sent).days, day.month, 3)]
    # Before its first wished day lies in the past it is in no figure, nor two years later.
    assert as_of(day) == []
    assert as_of(day + dt.timedelta(days=1)) != []
    assert as_of(dt.date(2029, 2, 1)) == []


def test_how_a_request_stood_on_the_day_is_what_counts(clock, coordinator, db):
    request = factories.open_request()
    on(clock, dt.date(2026, 12, 3))
    actions.decline_request(request, by=coordinator, reason="予算")
    assert as_of(dt.date(2026, 12, 1)) == []
    assert as_of(dt.date(2027, 1, 1)) == [(False, 13, request.slots.get(rank=1).day.month, 3)]


@pytest.mark.parametrize("ending", ["withdraw", "nothing"])
def test_what_was_withdrawn_or_is_still_open_is_not_counted(clock, school_contact, ending, db):
    request = factories.open_request()
    if ending == "withdraw":
        actions.withdraw(request, by=school_contact, reason="行事")
    assert as_of(dt.date(2027, 2, 1)) == []


def test_what_was_agreed_beforehand_is_not_counted(confirmed_visit):
    Request.objects.update(entry="arranged")
    assert as_of(dt.date(2027, 2, 1)) == []


def test_the_figures_are_read_once_a_day_with_one_query(django_assert_num_queries, confirmed_visit):
    with django_assert_num_queries(1):
        first = chances()
    with django_assert_num_queries(0):
        assert chances() == first


# ── pages ─────────────────────────────────────────────────────────────────────
@pytest.fixture
def two_years(confirmed_visit):
    """Many requests of several schools of Tokyo and one other prefecture, in the year before, three of four booked."""
    schools = list(School.objects.filter(prefecture_code="13")[:1]) + list(
        School.objects.exclude(prefecture_code="13").order_by("pk")[:5]
    )
    School.objects.filter(pk__in=[school.pk for school in schools[:3]]).update(prefecture_code="13")
    School.objects.filter(pk__in=[school.pk for school in schools[3:]]).update(prefecture_code="27")
    pattern, slots = confirmed_visit.request, list(confirmed_visit.request.slots.all())
    steps = list(pattern.steps.filter(subject="request"))
    made = Request.objects.bulk_create(
        Request(
            number=f"Z-{number}",
            fiscal_year=2025,
            school=schools[number % 6],
            entered_by=pattern.entered_by,
            contact=pattern.contact,
            state="booked" if number % 4 else "declined",
        )
        for number in range(120)
    )
    year = dt.timedelta(days=364)
    for number, request in enumerate(made):
        away = year - dt.timedelta(days=100 * (number % 2))
        wished = slots[: 1 if number % 8 == 0 else 3]
        Slot.objects.bulk_create(
            Slot(
                request=request,
                rank=slot.rank,
                day=slot.day - away,
                starts_at=slot.starts_at - away,
                ends_at=slot.ends_at - away,
            )
            for slot in wished
        )
        Step.objects.bulk_create(
            Step(
                subject="request",
                request=request,
                verb=step.verb,
                from_state=step.from_state,
                to_state="declined" if step.to_state == "booked" and request.state == "declined" else step.to_state,
                at=step.at - year - dt.timedelta(days=60) + dt.timedelta(days=11 if step.to_state == "booked" else 0),
                party=step.party,
                version=None,
            )
            for step in steps
        )


def words_of(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2]))


def test_everybody_reads_the_months_of_a_school_year_in_order(client, two_years):
    page = client.get("/chances/?prefecture=13").content.decode()
    assert re.findall(r'scope="row">(\d+月|1年を通して)<', page) == [
        *(f"{month}月" for month in (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)),
        "1年を通して",
    ]
    words = words_of(client, "/chances/?prefecture=13")
    assert "1年を通して、60件のうち" in words
    assert "少ないため出しません" in words
    assert "ふつう11日ほど、4件に3件は11日以内でした" in words
    assert "2026年11月1日（日）の時点の数です" in words


@pytest.mark.parametrize("page", ["/chances/", "/en/chances/", "/chances/?prefecture=31", "/chances/?prefecture=%00'"])
def test_the_page_opens_when_nothing_can_be_told(client, people, page):
    words = words_of(client, page)
    assert "件のうち" not in words
    assert ("まだ申込みが少ないため" in words) or ("too few" in words)


def test_strangers_get_the_page_from_memory(client, two_years, django_assert_num_queries):
    client.get("/chances/")
    with django_assert_num_queries(0):
        client.get("/chances/")


def test_a_teacher_sees_their_own_prefecture_first(client, school_contact, two_years):
    client.force_login(school_contact)
    assert '<option value="13" selected>' in client.get("/chances/").content.decode()
    assert '<option value="" selected>' not in client.get("/chances/?prefecture=").content.decode()


def test_the_form_says_what_became_of_such_days(client, school_contact, two_years):
    draft = factories.make_request()
    client.force_login(school_contact)
    for page in ("dates", "confirm"):
        words = words_of(client, f"/requests/{draft.public_id}/edit/{page}/")
        assert "決まる見込み" in words
        assert "12月は、全国で60件のうち" in words
        assert "東京都では、1年を通して60件のうち" in words


def test_the_home_page_says_how_long_an_answer_takes(client, two_years):
    sentence = "申込みからお返事までは、ふつう11日ほど、4件に3件は11日以内でした（この2年）。"
    assert sentence in client.get("/").content.decode()


def test_the_home_page_is_silent_while_too_few_are_known(client, people):
    assert "/chances/" not in client.get("/").content.decode()
