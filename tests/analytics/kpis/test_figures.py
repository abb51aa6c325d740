"""The road of one visit through the figures: exact numbers before and after every verb, and as of any moment."""

import datetime as dt
from collections import Counter
from dataclasses import astuple

import pytest
from django.db.models import Sum
from django.utils import timezone

from analytics.kpis import figures
from analytics.kpis.actions import set_target
from analytics.kpis.models import Target
from outreach import facts
from outreach.models import ReachEntry, Visit
from outreach.visits import actions, ledger
from tests.outreach.rows import rows
from ui import dates

pytestmark = pytest.mark.django_db

TICK = dt.timedelta(seconds=1)


def parts(as_of: dt.datetime | None = None) -> dict[str, tuple[int, ...]]:
    """(verified, reported, awaiting, planned) of each measure; those that are nothing are left out."""
    reach = figures.reach(as_of)
    shown = (reach.visits, reach.students, reach.strict_students, reach.present, reach.encounters)
    return {figure.key: astuple(figure.parts) for figure in shown if figure.parts.total}


def all_four(place: int, visits: int, distinct: int, present: int, encounters: int | None = None):
    """The parts when everything stands at one place."""
    amounts = {
        "visits": visits,
        "students": distinct,
        "strict_students": distinct,
        "present": present,
        "encounters": present if encounters is None else encounters,
    }
    return {key: tuple(amount if at == place else 0 for at in range(4)) for key, amount in amounts.items()}


VERIFIED, REPORTED, AWAITING, PLANNED = range(4)


def expected(visit: Visit) -> int:
    return visit.request.pupils_expected


def recount() -> Counter:
    """What the ledger must say, counted anew from the visits as they stand."""
    counts: Counter = Counter()
    standings = {
        "confirmed": "booked",
        "delivered": "booked",
        "returned": "returned",
        "reported": "reported",
        "verified": "verified",
    }
    for visit in Visit.objects.filter(state__in=standings):
        report = visit.latest_report() if visit.state in {"reported", "verified"} else None
        groups = list(report.groups.all() if report else visit.request.planned_groups.all())
        heads = report.ambassadors_present if report else len(visit.present_ambassadors)
        for measure, stage, amount in ledger.amounts(groups, heads):
            counts[visit.pk, standings[visit.state], measure, stage] += amount
    return counts


def ledger_sums() -> Counter:
    entries = ReachEntry.objects.order_by().values_list("visit_id", "standing", "measure", "stage")
    return Counter({tuple(key): total for *key, total in entries.annotate(total=Sum("amount")) if total})


def test_nothing_counts_before_a_visit_is_confirmed(waiting_offer):
    assert parts() == {}


def test_a_confirmed_visit_is_planned_until_its_lesson_is_over(confirmed_visit, time_machine):
    pupils = expected(confirmed_visit)
    time_machine.move_to(confirmed_visit.ends_at - TICK, tick=False)
    assert parts() == all_four(PLANNED, 1, pupils, pupils)
    time_machine.move_to(confirmed_visit.ends_at, tick=False)
    assert parts() == all_four(AWAITING, 1, pupils, pupils)


def test_saying_that_it_took_place_changes_no_figure(past_visit, ambassador):
    before = parts()
    actions.deliver(past_visit, by=ambassador.user)
    assert parts() == before == all_four(AWAITING, 1, expected(past_visit), expected(past_visit))


def test_the_figures_follow_report_hand_back_new_report_and_verification(past_visit, school_contact, coordinator):
    pupils = expected(past_visit)

    def report(present: int) -> None:
        groups = [actions.GroupCount("high", 2, present)]
        actions.report(past_visit, by=school_contact, groups=groups, format="in_person")

    report(72)
    assert parts() == all_four(REPORTED, 1, 72, 72)
    actions.hand_back(past_visit, by=coordinator, reason="人数を確かめてください。")
    assert parts() == all_four(AWAITING, 1, pupils, pupils)
    report(61)
    assert parts() == all_four(REPORTED, 1, 61, 61)
    actions.verify(past_visit, by=coordinator)
    assert parts() == all_four(VERIFIED, 1, 61, 61)


def test_a_cancelled_visit_counts_nowhere(confirmed_visit, coordinator):
    actions.cancel(confirmed_visit, by=coordinator, reason="台風です。")
    assert parts() == {}
    assert ledger_sums() == Counter()


def test_pupils_met_before_are_present_but_not_counted_again(past_visit, school_contact):
    groups = [actions.GroupCount("high", 2, 70, already_met=25), actions.GroupCount("high", 3, 10)]
    actions.report(past_visit, by=school_contact, groups=groups, format="in_person", ambassadors_present=2)
    assert parts() == all_four(REPORTED, 1, 55, 80, 160)


def test_pupils_of_stages_that_do_not_count_are_present_only(past_visit, school_contact):
    groups = [actions.GroupCount("high", 2, 30), actions.GroupCount("junior_high", 3, 12)]
    actions.report(past_visit, by=school_contact, groups=groups, format="in_person")
    assert parts() == all_four(REPORTED, 1, 30, 42)


def test_the_ledger_is_only_appended_to(past_visit, school_contact, coordinator):
    groups = [actions.GroupCount("high", 2, 72)]
    for verb in (
        lambda: actions.report(past_visit, by=school_contact, groups=groups, format="in_person"),
        lambda: actions.hand_back(past_visit, by=coordinator, reason="もう一度お願いします。"),
        lambda: actions.report(past_visit, by=school_contact, groups=groups, format="online"),
        lambda: actions.verify(past_visit, by=coordinator),
    ):
        before = rows(ReachEntry)["ReachEntry"]
        verb()
        after = rows(ReachEntry)["ReachEntry"]
        assert after[: len(before)] == before
        assert len(after) > len(before)


def test_the_ledger_sums_to_a_recount_after_every_verb(
    past_visit, school_contact, coordinator, asked_at, ambassador, other_ambassador
):
    second = asked_at(timezone.now() + dt.timedelta(days=20), "online")
    offer = actions.send_offer(second, by=coordinator, ambassador=other_ambassador, slots=second.open_slots())
    other = actions.accept(offer, by=other_ambassador.user, slot=offer.slots.get())
    assert ledger_sums() == recount() != Counter()
    groups = [actions.GroupCount("high", 1, 33, already_met=3), actions.GroupCount("junior_high", 1, 5)]
    for verb in (
        lambda: actions.deliver(past_visit, by=ambassador.user),
        lambda: actions.report(past_visit, by=school_contact, groups=groups, format="online", ambassadors_present=3),
        lambda: actions.hand_back(past_visit, by=coordinator, reason="もう一度お願いします。"),
        lambda: actions.report(past_visit, by=school_contact, groups=groups[:1], format="in_person"),
        lambda: actions.verify(past_visit, by=coordinator),
        lambda: actions.cancel(other, by=coordinator, reason="台風です。"),
    ):
        verb()
        assert ledger_sums() == recount()


def test_a_figure_as_of_a_moment_says_what_was_known_then(confirmed_visit, school_contact, coordinator, time_machine):
    pupils = expected(confirmed_visit)
    booked, over = timezone.now(), confirmed_visit.ends_at + TICK
    time_machine.move_to(over + dt.timedelta(days=1))
    groups = [actions.GroupCount("high", 2, 72)]
    actions.report(confirmed_visit, by=school_contact, groups=groups, format="in_person")
    reported = timezone.now()
    time_machine.move_to(over + dt.timedelta(days=2))
    actions.hand_back(confirmed_visit, by=coordinator, reason="人数を確かめてください。")
    returned = timezone.now()
    groups = [actions.GroupCount("high", 2, 61)]
    time_machine.move_to(over + dt.timedelta(days=3))
    actions.report(confirmed_visit, by=school_contact, groups=groups, format="in_person")
    time_machine.move_to(over + dt.timedelta(days=4))
    actions.verify(confirmed_visit, by=coordinator)
    assert parts(booked - dt.timedelta(days=1)) == {}
    assert parts(booked) == all_four(PLANNED, 1, pupils, pupils)
    assert parts(over) == all_four(AWAITING, 1, pupils, pupils)
    assert parts(reported) == all_four(REPORTED, 1, 72, 72)
    assert parts(returned) == all_four(AWAITING, 1, pupils, pupils)
    assert parts() == all_four(VERIFIED, 1, 61, 61)


def test_the_visits_behind_a_figure_add_up_to_it(verified_visit, coordinator, asked_at, other_ambassador):
    request = asked_at(timezone.now() + dt.timedelta(days=20))
    offer = actions.send_offer(request, by=coordinator, ambassador=other_ambassador, slots=request.open_slots())
    actions.accept(offer, by=other_ambassador.user, slot=offer.slots.get())
    now = timezone.now()
    reach = figures.reach(now)
    for key in ("visits", "students", "strict_students", "present", "encounters"):
        for standing in figures.STANDINGS:
            years, measure, stages = figures.behind(key, now, 2026)
            standings, is_over = figures.standing_filter(standing)
            found = facts.visits_behind(
                now, years, measure=measure, standings=standings, stages=stages, is_over=is_over
            )
            assert sum(row["total"] for row in found) == getattr(getattr(reach, key).parts, standing)
    assert (reach.visits.parts.verified, reach.visits.parts.planned) == (1, 1)


def test_last_years_visit_counts_for_last_year_and_its_pupils_for_the_whole_plan(verified_visit):
    amounts = [entry.amount for entry in ReachEntry.objects.filter(measure="distinct", standing="verified")]
    ReachEntry.objects.update(fiscal_year=2025)
    reach = figures.reach()
    assert reach.visits.parts.total == reach.present.parts.total == 0
    assert reach.students.parts.verified == sum(amounts) > 0
    assert figures.reach(fiscal_year=2025).visits.parts.verified == 1


def test_a_year_to_come_is_not_part_of_a_figure_that_looks_at_this_year(verified_visit):
    ReachEntry.objects.update(fiscal_year=2027)
    assert parts() == {}


def test_the_target_compares_with_verified_alone(reported_visit, coordinator):
    assert (figures.reach().visits.verified, figures.reach().visits.target) == ("0", "500")
    actions.verify(reported_visit, by=coordinator)
    assert figures.reach().visits.verified == "1"
    assert figures.reach().students.target == "10,000"


def the_target(kpi: str) -> Target:
    return Target.objects.for_year(kpi, dates.fiscal_year_of(dates.today()))


def test_a_new_version_of_a_target_holds_from_now_on(coordinator):
    made = set_target(the_target("visits"), by=coordinator, amount=600, stages=[], note="計画の見直し")
    assert (made.version, the_target("visits")) == (2, made)
    assert figures.reach().visits.target == "600"


def test_only_the_desk_sets_a_target(viewer, school_contact):
    before = rows(Target)
    for person in (viewer, school_contact):
        with pytest.raises(facts.NotAllowed):
            set_target(the_target("visits"), by=person, amount=1, stages=[], note="x")
    assert rows(Target) == before


def test_a_figure_of_the_past_keeps_the_definition_of_its_day(verified_visit, coordinator, time_machine):
    then, past = timezone.now(), parts()
    time_machine.move_to(then + dt.timedelta(days=10))
    set_target(the_target("students"), by=coordinator, amount=9_000, stages=["elementary"], note="対象の見直し")
    assert parts()["visits"] == past["visits"]
    assert "students" not in parts()
    assert parts(then) == past
    assert figures.reach(then).students.target == "10,000"
