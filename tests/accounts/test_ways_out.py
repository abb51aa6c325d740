"""No page of sign-in leads out of the house, and no letter carries what strangers wrote into its headers."""

import re

import pytest
from django.test import Client

from demo.people import PASSWORD
from outbox.actions import _mail
from outbox.models import Letter
from tests.accounts.codes import app_code, proved, signed_in, with_app

pytestmark = pytest.mark.django_db

HOSTILE = (
    "//evil.example",
    "//evil.example/",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "https://evil.example",
    "http://evil.example/my/",
    "HTTPS://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "//testserver@evil.example",
    "http://testserver:80@evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "\tjavascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "%2F%2Fevil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "\x00//evil.example",
    "/\r\nLocation: https://evil.example",
    "/my/%0d%0aSet-Cookie:x=1",
    " //evil.example",
    "//evil。example",
    "ftp://evil.example",
    "https://[::1",
)
SAFE = re.compile(r"^/(?![/\\])[^\\\r\n\t\x00]*$")


def leads_home(answer) -> bool:
    location = answer.headers.get("Location", "/")
    return bool(SAFE.match(location)) and "x" not in answer.cookies


def ways(person) -> dict:
    """Every page that takes `next`, sent to the end."""

    def login(target):
        return Client().post("/accounts/login/", {"login": person.email, "password": PASSWORD, "next": target})

    def login_by_query(target):
        client = Client()
        told = {"login": person.email, "password": PASSWORD}
        return client.post("/accounts/login/", told, query_params={"next": target})

    def already_in(target):
        return proved(Client(), person).get("/accounts/login/", {"next": target})

    def logout(target):
        return proved(Client(), person).post("/accounts/logout/", {"next": target})

    def signup(target):
        told = {"name": "山", "name_kana": "やま", "email": "new@example.jp", "password1": "tanbo-to-ine-2026"}
        client = Client()
        answer = client.post("/accounts/signup/", told | {"next": target})
        code = re.findall(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", Letter.objects.latest("pk").body, re.MULTILINE)
        return client.post("/accounts/confirm-email/", {"code": code[0], "next": target}) if code else answer

    def by_code(target):
        client = Client()
        client.post("/accounts/login/code/", {"email": person.email, "next": target})
        (code,) = re.findall(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", Letter.objects.latest("pk").body, re.MULTILINE)
        return client.post("/accounts/login/code/confirm/", {"code": code, "next": target})

    def reauthenticate(target):
        return proved(Client(), person).post("/accounts/reauthenticate/", {"password": PASSWORD, "next": target})

    return {
        "login": login,
        "login-by-query": login_by_query,
        "already-in": already_in,
        "logout": logout,
        "signup": signup,
        "by-code": by_code,
        "reauthenticate": reauthenticate,
    }


@pytest.mark.parametrize(
    "way", ["login", "login-by-query", "already-in", "logout", "signup", "by-code", "reauthenticate"]
)
def test_no_next_leads_out_of_the_house(way, school_contact, settings, some_of):
    settings.ACCOUNT_RATE_LIMITS = False
    roads = ways(school_contact)
    go = roads[way]
    out = []
    for target in some_of(list(roads).index(way), HOSTILE, every=3):
        Letter.objects.all().delete()
        type(school_contact).objects.filter(email="new@example.jp").delete()
        answer = go(target)
        if not leads_home(answer) or answer.status_code >= 500:
            out.append((target, answer.status_code, answer.headers.get("Location")))
    assert out == []


def test_a_next_of_our_own_is_followed(school_contact):
    for way, go in ways(school_contact).items():
        if way not in {"signup", "already-in"}:
            assert go("/requests/").headers["Location"] == "/requests/", way


def test_the_second_step_leads_nowhere_else_either(coordinator, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    with_app(coordinator)
    client = signed_in(coordinator)
    for target in HOSTILE:
        answer = client.post("/accounts/2fa/reauthenticate/", {"code": app_code(), "next": target})
        assert leads_home(answer), target


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:443@evil.example"])
def test_a_forged_host_gets_no_letter_written(host, school_contact):
    answer = Client(HTTP_HOST=host).post("/accounts/password/reset/", {"email": school_contact.email})
    assert answer.status_code == 400
    assert not Letter.objects.exists()


def test_forged_forwarding_headers_do_not_reach_a_letter(school_contact):
    forged = {
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_FORWARDED": "host=evil.example",
        "HTTP_REFERER": "//evil.example",
    }
    Client().post("/accounts/password/reset/", {"email": school_contact.email}, **forged)
    letter = Letter.objects.get()
    assert "evil.example" not in letter.body
    assert "http://testserver/accounts/password/reset/key/" in letter.body


@pytest.mark.parametrize(
    "name",
    ["山田\r\nBcc: all@example.jp", "<a href=https://evil.example>x</a>", "{{7*7}}", "{0.__class__}", "%(email)s"],
)
def test_a_name_stays_a_name_in_every_letter(name, superuser, coordinator):
    from accounts.staff import actions

    type(coordinator).objects.filter(pk=coordinator.pk).update(name=name)
    coordinator.refresh_from_db()
    actions.deactivate(coordinator, by=superuser, reason="x")
    Client().post(
        "/accounts/signup/",
        {"name": name, "name_kana": "やま", "email": "new@example.jp", "password1": "tanbo-to-ine-2026"},
    )
    letters = list(Letter.objects.all())
    assert len(letters) == 2
    for letter in letters:
        message = _mail(letter).message()
        assert message["Bcc"] is None
        assert message["To"] == letter.to_address
        assert "\n" not in letter.subject
    assert " ".join(name.split()) in " ".join(letters[-1].body.split() + letters[0].body.split())


@pytest.mark.parametrize(
    "address",
    ["a@example.jp\r\nBcc: b@example.jp", "a@example.jp,b@example.jp", "a@example.jp\nb@example.jp", "<a@example.jp>"],
)
@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/password/reset/", "/accounts/login/code/"])
def test_an_address_is_one_address(path, address):
    told = {"name": "山", "name_kana": "やま", "email": address, "password1": "tanbo-to-ine-2026"}
    assert Client().post(path, told).status_code == 200
    assert not Letter.objects.exists()
