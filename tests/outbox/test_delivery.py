"""Letters leave for a real mail server: once, patiently, and loudly when they cannot."""

import datetime as dt
import logging

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from demo import models as demo
from outbox import actions
from outbox.models import Letter, LetterState

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def letter(school_contact) -> Letter:
    return Letter.objects.create(
        key="test:1",
        person=school_contact,
        to_address=school_contact.email,
        subject="訪問授業が決まりました",
        body="佐倉様\n\n決まりました。\n",
        message_id=actions.new_message_id(),
    )


def test_a_letter_arrives_as_it_was_written(letter, postbox):
    assert actions.deliver() == (1, 0)
    (arrived,) = postbox.letters
    assert (arrived["To"], arrived["Subject"]) == (letter.to_address, letter.subject)
    assert arrived["From"] == "Kakehashi <desk@testserver>"
    assert (arrived["Reply-To"], arrived["Content-Language"]) == ("desk@testserver", "ja")
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Message-ID"] == letter.message_id
    assert arrived.get_content_type() == "text/plain"
    assert arrived.get_content().splitlines() == letter.body.splitlines()
    letter.refresh_from_db()
    assert (letter.state, letter.tries) == (LetterState.SENT, 1)


def test_a_letter_that_has_left_is_not_sent_again(letter, postbox):
    assert [actions.deliver(), actions.deliver()] == [(1, 0), (0, 0)]
    assert len(postbox.letters) == 1


def test_after_a_refusal_the_letter_keeps_its_message_id(letter, postbox, clock):
    postbox.refusal = "451 try later"
    assert actions.deliver() == (0, 1)
    letter.refresh_from_db()
    assert (letter.state, letter.tries) == (LetterState.WAITING, 1)
    assert "451" in letter.last_error
    postbox.refusal = ""
    assert actions.deliver() == (0, 0), "the pause is not over"
    clock.move_to(letter.next_try_at)
    assert actions.deliver() == (1, 0)
    assert [arrived["Message-ID"] for arrived in postbox.letters] == [letter.message_id]


def test_pauses_grow_and_at_the_end_the_letter_is_given_up_loudly(letter, postbox, clock, caplog):
    postbox.refusal = "550 no such person"
    pauses = []
    for _try in range(20):
        before = timezone.now()
        if actions.deliver() == (0, 0):
            break
        letter.refresh_from_db()
        if letter.state == LetterState.WAITING:
            pauses.append(round((letter.next_try_at - before) / MINUTE))
            clock.move_to(letter.next_try_at + dt.timedelta(seconds=1))
    assert pauses == sorted(set(pauses)) == [1, 5, 15, 60, 240, 720]
    assert (letter.state, letter.tries) == (LetterState.GIVEN_UP, 7)
    (said,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert str(letter.public_id) in said.getMessage()
    assert letter.to_address not in said.getMessage()


def test_one_refused_letter_does_not_keep_the_others_back(letter, postbox, coordinator):
    Letter.objects.create(key="test:2", to_address="a@b@c", subject="x", body="x", message_id="<1@testserver>")
    Letter.objects.create(
        key="test:3", to_address=coordinator.email, subject="x", body="x", message_id=actions.new_message_id()
    )
    assert actions.deliver() == (2, 1)
    assert sorted(postbox.recipients) == sorted([[letter.to_address], [coordinator.email]])


def test_a_server_that_is_not_there_loses_nothing(letter, settings, postbox):
    settings.EMAIL_PORT = 1
    assert actions.deliver() == (0, 1)
    letter.refresh_from_db()
    assert (letter.state, letter.sent_at) == (LetterState.WAITING, None)


def test_a_letter_somebody_else_is_sending_is_left_alone_until_they_are_stuck(letter, postbox, clock):
    assert actions.claim(10, timezone.now()) == [letter]
    assert actions.deliver() == (0, 0)
    assert actions.let_go_of_stuck_letters() == "0 stuck letters freed"
    clock.shift(11 * MINUTE)
    assert actions.let_go_of_stuck_letters() == "1 stuck letters freed"
    assert actions.deliver() == (1, 0)
    assert postbox.letters[0]["Message-ID"] == letter.message_id


@pytest.mark.parametrize(("is_demo", "is_kept"), [(False, False), (True, True)])
def test_a_secret_is_wiped_when_it_has_left_and_kept_only_in_the_invented_world(
    is_demo, is_kept, postbox, school_contact, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setitem(demo._known, "is_demo", is_demo)
    with django_capture_on_commit_callbacks(execute=True):
        actions.post_secret(
            to_address=school_contact.email, subject="コード", body="コード：CNRY42", person=school_contact
        )
    assert "CNRY42" in postbox.letters[0].get_content()
    letter = Letter.objects.get()
    assert letter.state == LetterState.SENT
    assert ("CNRY42" in letter.body) is is_kept


def test_a_secret_leaves_at_once_or_waits_with_the_others(
    postbox, school_contact, django_capture_on_commit_callbacks, clock
):
    postbox.refusal = "451 try later"
    with django_capture_on_commit_callbacks(execute=True):
        letter = actions.post_secret(to_address=school_contact.email, subject="コード", body="コード：CNRY42")
        assert postbox.letters == []
    letter.refresh_from_db()
    assert (letter.state, letter.tries) == (LetterState.WAITING, 1)
    assert "CNRY42" in letter.body
    postbox.refusal = ""
    clock.move_to(letter.next_try_at)
    assert actions.deliver() == (1, 0)
    letter.refresh_from_db()
    assert letter.body == actions.WIPED


def test_a_secret_that_is_given_up_is_wiped_as_well(postbox, school_contact, clock):
    letter = actions.post_secret(to_address=school_contact.email, subject="コード", body="コード：CNRY42")
    Letter.objects.update(tries=len(actions.PAUSES))
    postbox.refusal = "550 no such person"
    assert actions.deliver() == (0, 1)
    letter.refresh_from_db()
    assert letter.state == LetterState.GIVEN_UP
    assert "CNRY42" not in letter.body


def test_the_command_says_in_one_line_what_it_did(letter, postbox, capsys):
    call_command("deliver_letters")
    assert capsys.readouterr().out == "letters: 1 sent, 0 failed\n"


def test_the_command_fails_when_a_letter_failed(letter, postbox):
    postbox.refusal = "451 try later"
    with pytest.raises(CommandError, match="0 sent, 1 failed"):
        call_command("deliver_letters")


def test_health_tells_of_a_letter_that_waits_too_long(letter, client, clock):
    assert client.get("/healthz").json()["well"] is True
    clock.shift(61 * MINUTE)
    assert client.get("/healthz").json()["well"] is False
