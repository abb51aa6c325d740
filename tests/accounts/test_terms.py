"""利用規約: accepted at sign-up, asked again when a version says so, and never changed once in force."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from accounts.terms.actions import accept, must_accept
from accounts.terms.models import TermsAcceptance, TermsVersion
from ui import dates

pytestmark = pytest.mark.django_db
WANTED = {
    "door": "school",
    "name": "新井 一",
    "name_kana": "あらい はじめ",
    "email": "arai@example.jp",
    "password1": "harukaze-no-gakko-7",
}


def version(number: int, days: int = -10, **words) -> TermsVersion:
    return TermsVersion.objects.create(
        number=number,
        in_force_from=dates.today() + dt.timedelta(days=days),
        body_ja=f"<p>第{number}の約束</p>",
        **words,
    )


def sign_in(person: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": "kakehashi-demo"})
    return client


def test_nobody_signs_up_without_accepting(client):
    version(1)
    answer = client.post("/accounts/signup/", WANTED)
    assert not User.objects.filter(email="arai@example.jp").exists()
    assert 'name="terms"' in answer.content.decode()


def test_what_was_accepted_is_kept_with_the_account(client):
    version(1, days=-20)
    current = version(2)
    version(3, days=5)
    client.post("/accounts/signup/", WANTED | {"terms": "on"})
    kept = TermsAcceptance.objects.get()
    assert (kept.user.email, kept.version) == ("arai@example.jp", current)


def test_a_house_without_terms_asks_nobody(client, school_contact):
    assert must_accept(school_contact) is None
    client.post("/accounts/signup/", WANTED)
    assert User.objects.filter(email="arai@example.jp").exists()


def test_a_new_version_is_shown_at_the_next_sign_in_and_accepted_by_a_button(school_contact):
    accept(version(1, days=-20), by=school_contact)
    newest = version(2, changes_ja="写真の約束が増えました。")
    client = Client()
    answer = client.post("/accounts/login/", {"login": school_contact.email, "password": "kakehashi-demo"})
    assert answer["Location"] == "/terms/accept/"
    assert "写真の約束が増えました。" in client.get("/terms/accept/").content.decode()
    assert must_accept(school_contact) == newest
    assert client.post("/terms/accept/", {"version": "2"})["Location"] == "/my/"
    assert must_accept(school_contact) is None
    assert client.get("/terms/accept/")["Location"] == "/my/"


def test_a_version_that_does_not_ask_again_asks_nobody(school_contact):
    accept(version(1, days=-20), by=school_contact)
    version(2, asks_again=False)
    assert must_accept(school_contact) is None


def test_only_what_was_read_can_be_accepted(client, school_contact):
    version(1, days=-20)
    client.force_login(school_contact)
    client.get("/terms/accept/")
    version(2)
    answer = client.post("/terms/accept/", {"version": "1"})
    assert answer.status_code == 200 and TermsAcceptance.objects.count() == 0


def test_the_public_page_shows_what_is_in_force_and_the_others_by_number(client):
    version(1, days=-20)
    version(2)
    version(3, days=5)
    pages = {path: client.get(path).content.decode() for path in ("/terms/", "/terms/1/", "/terms/3/")}
    assert [f"第{number}の約束" in page for number, page in zip((2, 1, 3), pages.values(), strict=True)] == [True] * 3
    assert "これは前の版です。" in pages["/terms/1/"] and "これから施行される版" in pages["/terms/3/"]
    assert client.get("/terms/9/").status_code == 404


def test_a_version_in_force_stays_as_it_is_and_a_new_one_needs_a_day_ahead():
    old = version(1)
    old.body_ja = "<p>別の約束</p>"
    with pytest.raises(ValidationError, match="変えられません"):
        old.full_clean()
    with pytest.raises(ValidationError, match="あすより後"):
        TermsVersion(number=2, in_force_from=dates.today(), body_ja="<p>急な約束</p>").full_clean()
    ahead = version(2, days=3)
    ahead.body_ja = "<p>書き直した約束</p>"
    ahead.full_clean()


def test_nobody_deletes_a_version(client, superuser):
    row = version(1)
    client.force_login(superuser)
    answer = client.post(f"/cms/snippets/accounts/termsversion/delete/{row.pk}/")
    assert answer.status_code == 302 and TermsVersion.objects.exists()
