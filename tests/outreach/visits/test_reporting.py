"""After the lesson: reminders, the report, the ambassador's word, and the check by the desk."""

import datetime as dt

import pytest

from outbox.models import Letter
from outreach.lives import NotAllowed
from outreach.models import Group, Report, Visit
from outreach.visits import actions
from outreach.visits.forms import earlier_meetings
from tests.outreach.rows import rows
from ui import dates

pytestmark = pytest.mark.django_db


def noon(day: dt.date) -> dt.datetime:
    return dates.at_tokyo(day, dt.time(12))


def test_a_report_of_nobody_is_refused(past_visit, school_contact):
    before = rows()
    for groups in ([], [actions.GroupCount("high", 2, 0)]):
        with pytest.raises(NotAllowed, match="1つは"):
            actions.report(past_visit, by=school_contact, groups=groups, format="in_person")
    assert rows() == before


def test_a_report_handed_back_is_written_again_as_a_new_version(reported_visit, coordinator, colleague):
    actions.hand_back(reported_visit, by=coordinator, reason="人数を確かめてください。")
    counts = [actions.GroupCount("high", 2, 61), actions.GroupCount("high", 3, 4)]
    again = actions.report(reported_visit, by=colleague, groups=counts, format="online")
    assert (again.version, again.present, again.reported_by) == (2, 65, colleague)
    assert Report.objects.filter(visit=reported_visit).count() == 2
    assert actions.verify(reported_visit, by=coordinator).request.state == "completed"


def test_the_ambassadors_word_outlives_a_new_version(reported_visit, ambassador, coordinator, school_contact):
    actions.add_comment(reported_visit, by=ambassador.user, comment="よい問いが出ました。")
    actions.hand_back(reported_visit, by=coordinator, reason="人数を確かめてください。")
    again = actions.report(
        reported_visit, by=school_contact, groups=[actions.GroupCount("high", 2, 61)], format="online"
    )
    assert again.ambassador_comment == "よい問いが出ました。"


def test_only_the_ambassador_of_the_visit_adds_a_word_and_only_until_it_is_verified(
    reported_visit, ambassador, other_ambassador, school_contact, coordinator
):
    for person in (other_ambassador.user, school_contact, coordinator):
        with pytest.raises(NotAllowed):
            actions.add_comment(reported_visit, by=person, comment="x")
    actions.verify(reported_visit, by=coordinator)
    with pytest.raises(NotAllowed):
        actions.add_comment(reported_visit, by=ambassador.user, comment="x")
    assert Report.objects.get().ambassador_comment == ""


def test_a_school_is_reminded_after_1_7_and_14_days_and_each_time_once(confirmed_visit, time_machine):
    reminded = []
    for days in range(18):
        time_machine.move_to(noon(confirmed_visit.day + dt.timedelta(days=days)))
        before = Letter.objects.count()
        actions.remind_of_reports()
        actions.remind_of_reports()
        if Letter.objects.count() > before:
            reminded.append((days, Letter.objects.count() - before))
    assert reminded == [(1, 1), (7, 1), (14, 1)]


def test_reminders_that_were_missed_are_not_sent_in_a_row(confirmed_visit, time_machine):
    time_machine.move_to(noon(confirmed_visit.day + dt.timedelta(days=8)))
    before = Letter.objects.count()
    assert actions.remind_of_reports() == "1 schools reminded of their report"
    assert actions.remind_of_reports() == "0 schools reminded of their report"
    assert Letter.objects.count() == before + 1


def test_nobody_is_reminded_of_a_report_that_is_there(reported_visit, time_machine):
    time_machine.move_to(noon(reported_visit.day + dt.timedelta(days=8)))
    assert actions.remind_of_reports() == "0 schools reminded of their report"


def test_an_earlier_visit_to_the_same_grade_is_known_by_day_and_number(reported_visit):
    later = Visit(
        pk=0,
        school=reported_visit.school,
        fiscal_year=reported_visit.fiscal_year,
        starts_at=reported_visit.starts_at + dt.timedelta(days=1),
    )
    present = Group.objects.get().present
    assert earlier_meetings(later) == {(reported_visit.school_id, "high", 2): (reported_visit.day, present)}
    later.fiscal_year += 1
    assert earlier_meetings(later) == {}
    assert earlier_meetings(reported_visit) == {}
