"""Tries are counted by account first: nobody guesses for long, and no staff room is locked out for it."""

import pytest
from allauth.account.adapter import get_adapter
from django.test import Client, RequestFactory

from accounts.models import User
from demo.people import PASSWORD
from outbox.models import Letter
from tests.accounts.codes import app_code, with_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff_room(school_contact) -> list[User]:
    """Forty people behind one address."""
    people = [
        User(email=f"room{number}@example.jp", name=f"教員 {number}", password=school_contact.password)
        for number in range(40)
    ]
    return User.objects.bulk_create(people)


@pytest.fixture
def checked(monkeypatch) -> list[str]:
    """Whose password was looked at."""
    seen = []
    check = User.check_password
    monkeypatch.setattr(User, "check_password", lambda self, raw: seen.append(self.email) or check(self, raw))
    return seen


def sign_in(person: User, password: str = PASSWORD, **more: str):
    return Client().post("/accounts/login/", {"login": person.email, "password": password}, **more)


def test_forty_people_of_one_staff_room_sign_in_within_a_minute(staff_room):
    answers = [sign_in(person) for person in staff_room]
    assert [answer.status_code for answer in answers] == [302] * 40


def test_forty_people_of_one_staff_room_ask_for_a_code_or_a_new_password(staff_room):
    for path in ("/accounts/login/code/", "/accounts/password/reset/"):
        answers = [Client().post(path, {"email": person.email}).status_code for person in staff_room]
        assert answers == [302] * 40


@pytest.mark.parametrize("proxies", [0, 2])
def test_of_two_hundred_guesses_at_most_ten_reach_the_password(proxies, school_contact, checked, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for number in range(200):
        told = f"203.0.113.{number}, 198.51.100.{number}, 192.0.2.{number}"
        sign_in(school_contact, f"guess-{number}", HTTP_X_FORWARDED_FOR=told)
    assert checked.count(school_contact.email) <= 10


@pytest.mark.parametrize(
    "spelling", [str.upper, str.title, lambda text: f" {text} ", lambda text: text.replace("@", "＠")]
)
def test_another_spelling_of_the_address_is_the_same_account(spelling, school_contact, checked):
    for number in range(30):
        login = spelling(school_contact.email) if number % 2 else school_contact.email
        Client().post("/accounts/login/", {"login": login, "password": f"guess-{number}"})
    assert checked.count(school_contact.email) <= 10


def test_ones_own_code_does_not_clear_the_count_of_another(school_contact, colleague, checked):
    with_app(colleague)
    for number in range(30):
        sign_in(school_contact, f"guess-{number}")
        if number % 5 == 0:
            mine = Client()
            mine.post("/accounts/login/", {"login": colleague.email, "password": PASSWORD})
            mine.post("/accounts/2fa/authenticate/", {"code": app_code()})
    assert checked.count(school_contact.email) <= 10


def test_one_address_never_sends_more_than_a_few_letters_to_one_person(school_contact):
    for _number in range(20):
        Client().post("/accounts/password/reset/", {"email": school_contact.email})
        Client().post("/accounts/login/code/", {"email": school_contact.email})
    assert Letter.objects.filter(to_address=school_contact.email).count() <= 10


@pytest.mark.parametrize(
    ("proxies", "told", "counted"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(proxies, told, counted, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    more = {"HTTP_X_FORWARDED_FOR": told} if told else {}
    assert get_adapter().get_client_ip(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", **more)) == counted


def test_the_number_of_proxies_is_that_of_the_house(settings):
    assert settings.ALLAUTH_TRUSTED_PROXY_COUNT == settings.TRUSTED_PROXIES
