"""A letter is stored with its news, once, for one reader."""

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction

from accounts.memberships import letters as belonging_letters
from outbox import actions
from outbox.actions import Draft, Round, one_line, post
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
