"""Signing in: many from one staff room, few guesses at one account, always home in one's own language."""

import re

import pytest
from django.test import Client

from accounts.models import Membership, Role, User
from demo.people import PASSWORD
from outbox.models import Letter
from ui import dates

pytestmark = pytest.mark.django_db


def sign_in(address: str, password: str = PASSWORD, client: Client | None = None, **more: str):
    return (client or Client()).post("/accounts/login/", {"login": address, "password": password}, **more)


@pytest.mark.parametrize(("language", "home"), [("ja", "/my/"), ("en", "/en/my/")])
def test_a_person_lands_on_their_page_in_their_language(language, home, school_contact):
    User.objects.filter(pk=school_contact.pk).update(language=language)
    assert sign_in(school_contact.email).headers["Location"] == home


def test_the_address_is_read_whatever_its_case(school_contact):
    assert sign_in(school_contact.email.upper()).status_code == 302


def test_forty_good_logins_from_one_address_within_a_minute_all_pass(school_contact, colleague):
    answers = [sign_in((school_contact, colleague)[number % 2].email).status_code for number in range(40)]
    assert answers == [302] * 40


@pytest.mark.parametrize("spread", [False, True], ids=["one-address", "changing-forwarded-address"])
def test_the_eleventh_bad_login_for_one_account_is_refused_unread(spread, school_contact, colleague):
    def bad(number: int):
        more = {"HTTP_X_FORWARDED_FOR": f"203.0.113.{number}"} if spread else {}
        return sign_in(school_contact.email, "wrong-password", **more)

    for number in range(10):
        assert bad(number).status_code == 200
    assert sign_in(school_contact.email).status_code != 302, "even the right password must wait"
    assert sign_in(colleague.email).status_code == 302, "others are not kept out"


def test_good_logins_between_do_not_make_more_guesses_possible(school_contact, colleague):
    for _number in range(10):
        sign_in(school_contact.email, "wrong-password")
        sign_in(colleague.email)
    assert sign_in(school_contact.email).status_code != 302


def test_a_wrong_password_and_an_unknown_address_read_alike(school_contact):
    pages = [
        re.sub(r'csrfmiddlewaretoken" value="\w+"', "", sign_in(address, "wrong-password").content.decode()).replace(
            address, "ADDRESS"
        )
        for address in (school_contact.email, "nobody@demo.example")
    ]
    assert pages[0] == pages[1]


def test_a_deactivated_person_is_out_at_once(school_contact):
    client = Client()
    sign_in(school_contact.email, client=client)
    assert client.get("/my/").status_code == 200
    User.objects.filter(pk=school_contact.pk).update(is_active=False)
    assert client.get("/my/").status_code == 302
    assert sign_in(school_contact.email).headers.get("Location", "") != "/my/"


def test_a_role_that_ended_opens_nothing_on_the_next_page(coordinator, client):
    client.force_login(coordinator)
    assert client.get("/desk/").status_code == 200
    Membership.objects.filter(person=coordinator).update(until=dates.today().replace(day=1))
    assert client.get("/desk/").status_code == 403


def test_what_a_person_may_do_ends_with_the_last_day_of_the_role(coordinator, clock):
    assert coordinator.has_role(Role.COORDINATOR)
    until = coordinator.memberships.get().until
    clock.move_to(dates.at_tokyo(until, dates.dt.time(23, 59)))
    assert User.objects.get(pk=coordinator.pk).is_coordinator
    clock.move_to(dates.at_tokyo(until + dates.dt.timedelta(days=1), dates.dt.time(0, 1)))
    assert not User.objects.get(pk=coordinator.pk).is_coordinator


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_out_of_the_house(target, school_contact):
    answer = Client().post("/accounts/login/", {"login": school_contact.email, "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/my/"


def test_after_signing_in_a_person_goes_on_where_they_were_stopped(school_contact):
    answer = Client().get("/requests/new/")
    assert answer.headers["Location"] == "/accounts/login/?next=/requests/new/"
    answer = Client().post(answer.headers["Location"], {"login": school_contact.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/requests/new/"


def test_a_code_by_mail_signs_in_without_a_password(school_contact):
    client = Client()
    client.post("/accounts/login/code/", {"email": school_contact.email})
    (code,) = re.findall(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", Letter.objects.get().body, re.MULTILINE)
    assert client.post("/accounts/login/code/confirm/", {"code": code}).headers["Location"] == "/my/"


def test_a_link_in_a_letter_of_a_reset_names_our_own_house(school_contact):
    Client(HTTP_HOST="localhost").post("/accounts/password/reset/", {"email": school_contact.email})
    assert "http://testserver/accounts/password/reset/key/" in Letter.objects.get().body


def test_pages_of_a_person_are_kept_nowhere(school_contact, client):
    client.force_login(school_contact)
    for page in ("/my/", "/", "/reach/", "/requests/"):
        answer = client.get(page)
        assert {"private", "no-store"} <= {part.strip() for part in answer.headers["Cache-Control"].split(",")}
        assert "Cookie" in answer.headers["Vary"]


def test_the_chosen_language_is_that_of_the_next_letter_and_page(school_contact, client):
    client.force_login(school_contact)
    assert client.post("/my/language/", {"language": "en"}).headers["Location"] == "/en/my/"
    assert User.objects.get(pk=school_contact.pk).language == "en"
    for nonsense in ("fr", "", "en\x00", "ja" * 50_000):
        assert client.post("/my/language/", {"language": nonsense}).headers["Location"] == "/my/"
    assert User.objects.get(pk=school_contact.pk).language == "en"
