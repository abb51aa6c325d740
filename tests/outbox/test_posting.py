"""A letter is stored with its news, once, for one reader."""

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction

from accounts.memberships import letters as belonging_letters
from outbox import actions
from outbox.actions import Correspondent, Draft, Round, one_line, post, post_all
from outbox.models import Letter

pytestmark = pytest.mark.django_db

INJECTIONS = (
    "佐倉\r\nBcc: thief@example.com",
    "佐倉\nBcc: thief@example.com\n\nBuy now",
    "佐倉\r\n\r\n<script>alert(1)</script>",
    "佐倉\x0b\x0c\x1c\x85\u2028Bcc: thief@example.com",
    "佐倉, thief@example.com",
    "{{ settings.SECRET_KEY }} {0.__class__} <a href=https://evil.example>",
)


def draft(person, **more) -> Draft:
    return Draft(key="test:1", to=person, template="accounts/letters/membership_vouched", context=more)


@pytest.fixture
def membership(school_contact):
    return school_contact.memberships.get()


def test_the_same_news_told_twice_is_one_letter(school_contact, membership):
    post(draft(school_contact, membership=membership, page="/my/"))
    first = Letter.objects.values().get()
    post(draft(school_contact, membership=membership, page="/my/"))
    assert Letter.objects.values().get() == first


def test_a_letter_goes_with_the_news_that_did_not_happen(school_contact, membership):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        post(draft(school_contact, membership=membership, page="/my/"))
        raise ZeroDivisionError
    assert not Letter.objects.exists()


def test_nothing_leaves_by_being_posted(school_contact, membership):
    post(draft(school_contact, membership=membership, page="/my/"))
    assert mail.outbox == []


def test_a_letter_is_in_the_language_of_its_reader(school_contact, membership):
    school_contact.language = "en"
    post(draft(school_contact, membership=membership, page="/en/my/"))
    letter = Letter.objects.get()
    assert letter.language == "en"
    assert letter.subject.startswith("[Kakehashi]")


@pytest.mark.parametrize("name", INJECTIONS)
def test_a_name_adds_no_header_and_no_recipient(name, unverified_contact, coordinator, postbox):
    unverified_contact.name = name
    unverified_contact.save()
    membership = unverified_contact.memberships.get()
    membership.person = unverified_contact
    for letter in (*belonging_letters.arrived(membership), *belonging_letters.vouched(membership)):
        post(letter)
    assert actions.deliver() == Round(sent=2)
    assert sorted(postbox.recipients) == sorted([[coordinator.email], [unverified_contact.email]])
    for arrived in postbox.letters:
        assert (arrived["Bcc"], arrived["Cc"], arrived.is_multipart()) == (None, None, False)
        assert arrived.get_content_type() == "text/plain"
        assert settings.SECRET_KEY not in arrived.get_content()


@pytest.mark.parametrize("subject", INJECTIONS)
def test_a_subject_is_one_line(subject, postbox, school_contact):
    actions.post_secret(to_address=school_contact.email, subject=subject, body="x\n")
    assert actions.deliver() == Round(sent=1)
    (arrived,) = postbox.letters
    assert postbox.recipients == [[school_contact.email]]
    assert arrived["Bcc"] is None
    assert arrived["Subject"] == one_line(subject)
    assert len(one_line(subject).splitlines()) == 1


# ── to addresses, at once, and forgotten ──────────────────────────────────────
GUEST = Correspondent("guest@example.jp", name="お客", language="en")


def letter_to(guest, about: str = "test", **more) -> Draft:
    return Draft(f"{about}:1", guest, "outreach/letters/profile_declined", {"proposal": None, "page": "/"}, **more)


def test_somebody_without_an_account_is_written_to_in_their_language(db):
    post(letter_to(GUEST))
    letter = Letter.objects.get()
    assert (letter.to_address, letter.person, letter.language) == ("guest@example.jp", None, "en")


def test_what_must_leave_at_once_leaves_with_its_news_and_the_rest_waits(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post_all([letter_to(GUEST, "now", at_once=True), letter_to(GUEST, "later")])
        assert mail.outbox == []
    assert [letter.to for letter in mail.outbox] == [["guest@example.jp"]]
    assert dict(Letter.objects.values_list("key", "state")) == {"now:1": "sent", "later:1": "waiting"}


def test_the_same_urgent_news_told_twice_leaves_once(django_capture_on_commit_callbacks):
    for _again in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            post(letter_to(GUEST, at_once=True))
    assert len(mail.outbox) == 1


def test_letters_about_what_is_forgotten_are_gone_and_no_others(db):
    post_all([letter_to(GUEST, "thing:1"), letter_to(GUEST, "thing:10")])
    assert actions.forget("thing:1") == 1
    assert Letter.objects.get().key == "thing:10:1"
