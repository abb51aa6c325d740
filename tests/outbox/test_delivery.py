"""Letters leave for a real mail server: once, and patiently."""

import datetime as dt
import smtplib
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from demo import models as demo
from outbox import actions
from outbox.actions import Round
from outbox.models import Letter, LetterState
from tests.outbox.conftest import cut, free_port, slow

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


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


def tries() -> list[int]:
    return list(Letter.objects.order_by("pk").values_list("tries", flat=True))


def test_a_letter_arrives_as_it_was_written(letter, postbox):
    assert actions.deliver() == Round(sent=1)
    (arrived,) = postbox.letters
    assert (arrived["To"], arrived["Subject"]) == (letter.to_address, letter.subject)
    assert arrived["From"] == "Kakehashi <desk@testserver>"
    assert (arrived["Reply-To"], arrived["Content-Language"]) == ("desk@testserver", "ja")
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Message-ID"] == letter.message_id
    assert arrived.get_content_type() == "text/plain"
    assert arrived.get_content().splitlines() == letter.body.splitlines()
    letter.refresh_from_db()
    assert (letter.state, letter.tries, letter.leased_until) == (LetterState.SENT, 1, None)


def test_a_letter_that_has_left_is_not_sent_again(letter, postbox):
    assert [actions.deliver(), actions.deliver()] == [Round(sent=1), Round()]
    assert len(postbox.letters) == 1


def test_many_letters_share_one_line_and_leave_in_their_order(write_letters, postbox):
    greetings = []

    async def at(stage, server):
        greetings.extend(stage for _ in range(stage == "ehlo"))

    postbox.at = at
    write_letters(5)
    assert actions.deliver(limit=4) == Round(sent=4)
    assert [arrived["Subject"] for arrived in postbox.letters] == ["0", "1", "2", "3"]
    assert greetings == ["ehlo"]


# ── the server says no ────────────────────────────────────────────────────────
def test_after_a_refusal_the_letter_keeps_its_message_id(letter, postbox, clock):
    postbox.refusal = "451 try later"
    assert actions.deliver() == Round(failed=1)
    letter.refresh_from_db()
    assert (letter.state, letter.tries, letter.last_error) == (LetterState.WAITING, 1, "451 try later")
    postbox.refusal = ""
    assert actions.deliver() == Round(), "the pause is not over"
    clock.move_to(letter.next_try_at)
    assert actions.deliver() == Round(sent=1)
    assert [arrived["Message-ID"] for arrived in postbox.letters] == [letter.message_id]


@pytest.mark.parametrize("answer", ["451 try later", "421 closing", "452 mailbox is full", "550 no such person"])
@pytest.mark.parametrize("of", ["person", "text"])
def test_refused_the_pauses_grow_until_the_letter_is_given_up(answer, of, letter, postbox, clock):
    if of == "person":
        postbox.refused_people[letter.to_address] = answer
    else:
        postbox.refusal = answer
    pauses = []
    while not actions.deliver().given_up:
        letter.refresh_from_db()
        pauses.append(round((letter.next_try_at - timezone.now()) / MINUTE))
        clock.move_to(letter.next_try_at)
    assert pauses == list(actions.PAUSES) == [1, 5, 15, 60, 240]
    letter.refresh_from_db()
    assert (letter.state, letter.tries, letter.last_error) == (LetterState.GIVEN_UP, 6, answer)
    assert (letter.leased_to, letter.leased_until) == (None, None)
    assert Letter.objects.not_yet_left().exclude(key__contains=":letter_given_up:").count() == 0


def test_one_refused_letter_does_not_keep_the_others_back(postbox, write_letters):
    write_letters(4)
    Letter.objects.filter(subject="1").update(to_address="a@b@c")
    postbox.refused_people["reader2@example.jp"] = "550 no such person"
    assert actions.deliver() == Round(sent=2, failed=2)
    assert postbox.recipients == [["reader0@example.jp"], ["reader3@example.jp"]]


def test_what_the_server_says_is_kept_in_one_printable_line(letter, postbox):
    postbox.refusal = "550-no \x00such\r\n550 person " + "x" * 400
    assert actions.deliver() == Round(failed=1)
    letter.refresh_from_db()
    assert letter.last_error.startswith("550 no such person xxx")
    assert len(letter.last_error) == 300


# ── an outage ─────────────────────────────────────────────────────────────────
def test_a_server_that_is_not_there_costs_no_letter_a_try_for_days(write_letters, settings, postbox, clock):
    write_letters(3)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    for _hour in range(60):
        done = actions.deliver()
        assert (done.sent, done.failed, done.given_up) == (0, 0, 0)
        assert "ConnectionRefusedError" in done.trouble
        clock.shift(HOUR)
    assert tries() == [0, 0, 0]
    settings.EMAIL_PORT = port
    assert actions.deliver() == Round(sent=3)


@pytest.mark.parametrize("answer", ["421 closing", "452 the disk is full", "553 this house may not send"])
def test_a_server_that_refuses_the_house_costs_no_letter_a_try(answer, write_letters, postbox, clock):
    write_letters(3)
    postbox.sender_refusal = answer
    for _hour in range(10):
        assert actions.deliver() == Round(trouble=answer)
        clock.shift(HOUR)
    assert tries() == [0, 0, 0]
    assert set(Letter.objects.values_list("last_error", flat=True)) == {answer}, "each comes first once"
    postbox.sender_refusal = ""
    assert actions.deliver() == Round(sent=3)


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_a_line_that_breaks_costs_one_letter_one_try(stage, write_letters, postbox, clock):
    write_letters(3)
    postbox.at = cut(stage)
    done = actions.deliver()
    assert (done.failed, done.trouble.partition(":")[0]) == (1, "SMTPServerDisconnected")
    assert tries() == [1, 0, 0]
    actions.deliver()
    assert tries() == [1, 1, 0], "the next round begins with another letter"
    postbox.at = cut("never")
    clock.shift(MINUTE)
    assert actions.deliver() == Round(sent=3)
    assert postbox.letters[0]["Subject"] == "2"


def test_a_line_that_breaks_before_anything_is_said_costs_nothing(write_letters, postbox):
    write_letters(2)
    postbox.at = cut("ehlo")
    assert actions.deliver().trouble
    assert tries() == [0, 0]


# ── a slow server ─────────────────────────────────────────────────────────────
def test_a_server_that_reads_the_text_for_long_is_waited_for(letter, postbox, settings):
    settings.EMAIL_TIMEOUT = 1
    postbox.at = slow("data", 1.6)
    assert actions.deliver() == Round(sent=1)


def test_a_server_that_does_not_answer_is_hung_up_on(write_letters, postbox, settings):
    settings.EMAIL_TIMEOUT = 1
    postbox.at = slow("rcpt", 1.6)
    write_letters(2)
    assert actions.deliver().failed == 1
    assert tries() == [1, 0]


def test_a_server_that_never_finishes_its_sentence_is_hung_up_on(letter, postbox, settings, monkeypatch):
    monkeypatch.setattr(actions, "LONGEST_TALK", 0.5)

    async def babble(stage, server):
        if stage == "data":
            for _ in range(60):
                await server.push("250-still reading")
                await slow("data", 0.05)("data", server)

    postbox.at = babble
    begun = time.monotonic()
    assert actions.deliver().failed == 1
    assert 0.4 < time.monotonic() - begun < 2.5


def test_no_conversation_outlives_the_lease(settings):
    assert settings.EMAIL_TIMEOUT < actions.LONGEST_TALK_AT_ONCE < actions.LONGEST_TALK
    assert actions.LONGEST_TALK * 2 < actions.LEASE.total_seconds()


def test_a_round_ends_although_more_is_due(write_letters, postbox, clock):
    async def takes_minutes(stage, server):
        if stage == "taken":
            clock.shift(3 * MINUTE)

    postbox.at = takes_minutes
    write_letters(4)
    assert actions.deliver() == Round(sent=2)


# ── the window in which a letter can arrive twice ─────────────────────────────
def test_cut_off_after_the_text_the_letter_may_arrive_twice_under_one_message_id(letter, postbox, clock):
    postbox.at = cut("taken")
    assert actions.deliver().failed == 1
    postbox.at = cut("never")
    clock.shift(MINUTE)
    assert actions.deliver() == Round(sent=1)
    assert [arrived["Message-ID"] for arrived in postbox.letters] == [letter.message_id] * 2


def test_a_goodbye_that_fails_takes_nothing_back(letter, postbox, monkeypatch):
    def refuse(self):
        raise OSError("no goodbye")

    monkeypatch.setattr(smtplib.SMTP, "quit", refuse)
    assert actions.deliver() == Round(sent=1)
    letter.refresh_from_db()
    assert letter.state == LetterState.SENT


def test_a_busy_database_is_asked_again_to_write_down_that_a_letter_left(letter, postbox, monkeypatch):
    monkeypatch.setattr(actions, "WRITING_WAITS", (0, 0, 0))
    write, refusals = actions._has_left, [OperationalError("database is locked")] * 2

    def busy(letter):
        if refusals:
            raise refusals.pop()
        write(letter)

    monkeypatch.setattr(actions, "_has_left", busy)
    assert actions.deliver() == Round(sent=1)
    assert actions.deliver() == Round()
    assert len(postbox.letters) == 1


# ── the lease ─────────────────────────────────────────────────────────────────
def test_a_letter_somebody_else_is_sending_is_left_alone_until_their_lease_ends(letter, postbox, clock):
    assert actions.take() == letter
    assert (actions.take(), actions.deliver()) == (None, Round())
    clock.shift(actions.LEASE - MINUTE)
    assert actions.let_go_of_stuck_letters() == "0 stuck letters freed"
    clock.shift(MINUTE)
    assert actions.deliver() == Round(), "its worker died: that was a try, and a pause comes first"
    letter.refresh_from_db()
    assert (letter.tries, letter.last_error) == (1, actions.DIED)
    clock.move_to(letter.next_try_at)
    assert actions.deliver() == Round(sent=1)
    assert postbox.letters[0]["Message-ID"] == letter.message_id


def test_a_letter_that_kills_its_worker_each_time_is_given_up_as_well(letter, clock):
    for _try in range(len(actions.PAUSES) + 1):
        assert actions.take() == letter
        clock.shift(actions.LEASE)
        assert actions.let_go_of_stuck_letters() == "1 stuck letters freed"
        clock.shift(5 * HOUR)
    letter.refresh_from_db()
    assert letter.state == LetterState.GIVEN_UP


def test_a_worker_whose_lease_has_ended_writes_no_failure(letter, postbox, clock):
    postbox.refusal = "451 try later"
    slept = actions.take()
    clock.shift(actions.LEASE)
    actions.let_go_of_stuck_letters()
    before = Letter.objects.values().get()
    assert actions._failed(slept, "451 try later") is actions.Outcome.NO_TRY
    assert Letter.objects.values().get() == before


def test_that_a_letter_has_left_is_true_whoever_has_it_now(letter, postbox, clock):
    """The first worker's answer came late; the second has not sent yet and stops."""
    slow_one = actions.take()
    clock.shift(actions.LEASE)
    actions.let_go_of_stuck_letters()
    clock.shift(MINUTE)
    second = actions.take()
    actions._has_left(slow_one)
    line = actions.Line(longest=5)
    assert line.open()
    assert actions._send(second, line) is actions.Outcome.NO_TRY
    line.close()
    letter.refresh_from_db()
    assert (letter.state, letter.leased_to, postbox.letters) == (LetterState.SENT, None, [])


# ── secrets ───────────────────────────────────────────────────────────────────
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
    assert actions.deliver() == Round(sent=1)
    letter.refresh_from_db()
    assert letter.body == actions.WIPED


def test_a_secret_waits_untouched_while_the_server_is_away(
    postbox, school_contact, settings, django_capture_on_commit_callbacks
):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    with django_capture_on_commit_callbacks(execute=True):
        actions.post_secret(to_address=school_contact.email, subject="コード", body="コード：CNRY42")
    assert tries() == [0]
    settings.EMAIL_PORT = port
    assert actions.deliver() == Round(sent=1)


# ── what it says ──────────────────────────────────────────────────────────────
def test_the_command_says_in_one_line_what_it_did(letter, postbox, capsys):
    call_command("deliver_letters")
    assert capsys.readouterr().out == "letters: 1 sent, 0 failed, 0 given up, 0 waiting\n"


def test_the_command_fails_when_a_letter_failed(letter, postbox):
    postbox.refusal = "451 try later"
    with pytest.raises(CommandError, match="^letters: 0 sent, 1 failed, 0 given up, 1 waiting$"):
        call_command("deliver_letters")


def test_the_command_fails_and_says_why_when_the_server_is_away(letter, postbox):
    postbox.sender_refusal = "421 closing"
    with pytest.raises(CommandError, match="0 sent, 0 failed, 0 given up, 1 waiting; the mail server: 421 closing"):
        call_command("deliver_letters")


def test_health_turns_red_when_a_letter_waits_for_more_than_a_quarter_of_an_hour(letter, client, clock):
    assert client.get("/healthz").json()["well"] is True
    clock.shift(14 * MINUTE)
    actions.take()
    found = client.get("/healthz").json()
    assert (found["well"], int(found["oldest_waiting_letter_seconds"]) // 60) == (True, 14)
    clock.shift(2 * MINUTE)
    assert client.get("/healthz").json()["well"] is False, "in a worker's hands it waits as well"
    actions._has_left(letter)
    found = client.get("/healthz").json()
    assert (found["well"], found["oldest_waiting_letter_seconds"]) == (True, "0")
