"""What boards and their schools are told: whole plain text, in the language of the reader."""

from pathlib import Path

import pytest

from outbox.models import Letter
from outreach.boards import actions
from outreach.models import PlannedGroup, Request, School, Visit
from outreach.requests import letters as of_requests
from outreach.visits import letters as of_visits
from tests import factories
from tests.outreach.test_new_letters import FOLDER, empty_lines_said, everything_in_plain_words, faults_of, post_all
from ui import dates

pytestmark = pytest.mark.django_db

NEWS = {path.name.split(".")[0] for path in FOLDER.glob("board_*.ja.txt")}


def all_letters(board, board_member, coordinator, language: str) -> list[Letter]:
    visit = factories.confirmed_visit()
    type(board).objects.filter(pk=board.pk).update(route="copy")
    words = dict.fromkeys(("aims", "place", "equipment", "wishes"), "Cnry words")
    Request.objects.update(**words)
    PlannedGroup.objects.update(label="2-3")
    everything_in_plain_words(language)
    Letter.objects.all().delete()
    visit = Visit.objects.get(pk=visit.pk)
    request, day = visit.request, visit.day
    drafts = [
        *of_requests.copies_for_board(request, "board_copy_submitted"),
        *of_requests.withdrawn(request, "Cnry reason"),
        *of_requests.board_reminder(request, day),
        *of_requests.passed_on(request, by_desk=True),
        *of_requests.board_is_silent(request, has_people=True),
        *of_visits.copies_for_board(visit, "board_copy_booked"),
        *of_visits.moved(visit, request.open_slots()[-1], "Cnry reason"),
        *of_visits.cancelled(visit, "Cnry reason", "Cnry party"),
    ]
    told = post_all(drafts)
    member = type(board_member).objects.get(pk=board_member.pk)
    fresh = type(board).objects.get(pk=board.pk)
    for route in ("via", "direct"):
        actions.set_route(fresh, route, by=coordinator, reason="Cnry reason")
    actions.begin_for_schools(
        fresh, [School.objects.get(pk=request.school_id)], by=member, theme="story", format="online", aims="Cnry aims"
    )
    others = Letter.objects.exclude(pk__in=[letter.pk for letter in told]).select_related("person")
    return told + list(others)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_letter_of_a_board_is_whole_plain_text(language, board, board_member, coordinator):
    told = all_letters(board, board_member, coordinator, language)
    said = {letter.key.split(":")[-2]: faults_of(letter) for letter in told}
    assert {news: faults for news, faults in said.items() if faults} == {}
    assert set(said) >= NEWS
    assert [letter.key for letter in told if empty_lines_said(letter.body)] == []


def test_a_reminder_names_the_last_day(with_board, board_member):
    last = factories.school_day(5)
    (letter,) = post_all(of_requests.board_reminder(with_board, last))
    assert f"{dates.day_words(last)}までに" in letter.body


def test_letters_to_a_board_carry_no_contact_data(draft_request, copied, board_member):
    request = factories.open_request(request=factories.submitted_request(request=draft_request))
    factories.confirmed_visit(offer=factories.offer_for(request))
    told = Letter.objects.filter(person=board_member)
    assert told.count() == 2
    for letter in told:
        for private in (request.contact.name, request.contact.email, request.contact_phone, "ambassador@demo.example"):
            assert private not in letter.body


def test_each_letter_of_a_board_exists_in_both_languages():
    for path in FOLDER.glob("board_*.ja.txt"):
        assert Path(str(path).replace(".ja.", ".en.")).exists(), path.name
