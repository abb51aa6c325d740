"""A letter that cannot be sent is given up loudly, and the desk can send it again."""

import logging

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from demo import models as demo
from outbox import actions
from outbox.actions import Round
from outbox.models import Letter, LetterState
from ui import places

pytestmark = pytest.mark.django_db

NOTE = ":letter_given_up:"


@pytest.fixture
def letter(school_contact) -> Letter:
    return Letter.objects.create(
        key="test:1",
        person=school_contact,
        to_address=school_contact.email,
        subject="訪問授業が決まりました",
        body="CNRY42\n",
        message_id=actions.new_message_id(),
        tries=len(actions.PAUSES),
    )


@pytest.fixture
def given_up(letter, postbox) -> Letter:
    postbox.refused_people[letter.to_address] = "550 no such person"
    assert actions.deliver(limit=1) == Round(given_up=1)
    letter.refresh_from_db()
    return letter


def notes() -> list[Letter]:
    return list(Letter.objects.filter(key__contains=NOTE).order_by("pk"))


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def again(letter, person) -> str:
    """What the page says after the button was pressed."""
    page = signed_in(person).post(reverse("desk:send_again", args=[letter.public_id]), follow=True)
    return page.content.decode()


def test_the_log_names_the_letter_and_nobody(letter, postbox, caplog):
    postbox.refusal = "550 no such person"
    actions.deliver()
    (said,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert str(letter.public_id) in said.getMessage()
    assert letter.to_address not in said.getMessage()


def test_the_desk_learns_what_to_whom_and_why_but_not_what_it_said(given_up, coordinator):
    (note,) = notes()
    assert note.person == coordinator
    for word in (given_up.subject, given_up.to_address, "550 no such person", "6回"):
        assert word in note.body
    assert reverse("desk:letter", args=[given_up.public_id]) in note.body
    assert "CNRY42" not in note.body


def test_a_secret_that_is_given_up_is_wiped_and_the_note_offers_no_way_to_send_it(postbox, school_contact):
    letter = actions.post_secret(
        to_address=school_contact.email, subject="コード", body="コード：CNRY42", person=school_contact
    )
    Letter.objects.update(tries=len(actions.PAUSES))
    postbox.refusal = "550 no such person"
    assert actions.deliver(limit=1) == Round(given_up=1)
    letter.refresh_from_db()
    assert (letter.state, letter.body) == (LetterState.GIVEN_UP, actions.WIPED)
    (note,) = notes()
    assert "CNRY42" not in note.body
    assert "送り直せません" in note.body
    assert str(letter.public_id) not in note.body


def test_there_is_no_note_about_a_note(given_up, postbox):
    Letter.objects.filter(key__contains=NOTE).update(tries=len(actions.PAUSES))
    postbox.refusal = "550 no such person"
    assert actions.deliver() == Round(given_up=1)
    assert [note.state for note in notes()] == [LetterState.GIVEN_UP]


def test_a_note_that_cannot_be_written_keeps_no_letter_alive(letter, postbox, monkeypatch, caplog):
    def fail(letter):
        Letter.objects.create(key=letter.key)

    monkeypatch.setattr(places.letter_given_up, "_entries", [(50, fail)])
    postbox.refusal = "550 no such person"
    assert actions.deliver() == Round(given_up=1)
    letter.refresh_from_db()
    assert letter.state == LetterState.GIVEN_UP
    assert "nobody could be told" in caplog.text


# ── at the desk ───────────────────────────────────────────────────────────────
def test_the_list_says_that_letters_were_given_up(given_up, coordinator):
    client = signed_in(coordinator)
    page = client.get(reverse("desk:letters")).content.decode()
    assert "送信できなかったお知らせメールがあります（1件）" in page
    assert page.count(reverse("desk:send_again", args=[given_up.public_id])) == 1
    Letter.objects.filter(pk=given_up.pk).update(state=LetterState.SENT)
    page = client.get(reverse("desk:letters")).content.decode()
    assert "送信できなかったお知らせメールがあります" not in page
    assert "send-again" not in page


def test_sent_again_the_letter_has_all_its_tries_and_its_message_id(given_up, coordinator, postbox, clock):
    clock.shift(3600)
    assert "もう一度送ります" in again(given_up, coordinator)
    given_up.refresh_from_db()
    assert (given_up.state, given_up.tries) == (LetterState.WAITING, 0)
    assert actions.oldest_waiting_letter() == ("oldest_waiting_letter_seconds", "3600", False), "the note waits"
    Letter.objects.filter(key__contains=NOTE).delete()
    assert actions.oldest_waiting_letter()[2] is True
    postbox.refused_people.clear()
    assert actions.deliver() == Round(sent=1)
    assert postbox.letters[0]["Message-ID"] == given_up.message_id
    acts = ModelLogEntry.objects.filter(action="kakehashi.send_again")
    assert [(act.user, act.object_id) for act in acts] == [(coordinator, str(given_up.pk))]


def test_given_up_once_more_it_is_told_once_more(given_up, coordinator, clock):
    clock.shift(3600)
    again(given_up, coordinator)
    Letter.objects.filter(pk=given_up.pk).update(tries=len(actions.PAUSES), next_try_at=timezone.now())
    actions.deliver()
    assert len(notes()) == 2


def test_pressing_the_button_twice_sends_once(given_up, coordinator, postbox):
    postbox.refused_people.clear()
    again(given_up, coordinator)
    assert actions.deliver().sent
    assert "すでに送信済み" in again(given_up, coordinator)
    assert actions.deliver() == Round()


def test_a_secret_is_never_sent_again(school_contact, coordinator, monkeypatch):
    monkeypatch.setitem(demo._known, "is_demo", True)
    letter = actions.post_secret(to_address=school_contact.email, subject="コード", body="コード：CNRY42")
    Letter.objects.update(state=LetterState.GIVEN_UP)
    assert "送り直せません" in again(letter, coordinator)
    letter.refresh_from_db()
    assert letter.state == LetterState.GIVEN_UP
    page = signed_in(coordinator).get(reverse("desk:letter", args=[letter.public_id])).content.decode()
    assert "send-again" not in page
