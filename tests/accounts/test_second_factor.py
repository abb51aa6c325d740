"""The second factor: setting it up, signing in with it, and what staff see before they have one."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client

from accounts.models import Membership, Role, User
from demo.people import PASSWORD
from outbox.models import Letter
from tests.accounts.codes import app_code, secret_on, signed_in, with_app
from tests.architecture.test_access import FOLDERS, WALKS
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
STAFF = ("viewer", "coordinator", "editor", "org_admin", "superuser")
OTHERS = ("school_contact", "ambassador", "board_member", "org_member")


@pytest.fixture
def required(settings) -> None:
    settings.REQUIRE_MFA = True


def person_of(people, role: str) -> User:
    person = getattr(people, role)
    return getattr(person, "user", person)


def set_up_app(client: Client, prefix: str = "") -> str:
    page = client.get(f"{prefix}/accounts/2fa/totp/activate/")
    secret = secret_on(page.content.decode())
    answer = client.post(f"{prefix}/accounts/2fa/totp/activate/", {"code": app_code(secret)})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{prefix}/accounts/2fa/recovery-codes/")
    return secret


# ── setting up and signing in ─────────────────────────────────────────────────
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_app_is_set_up_with_its_picture_and_a_code(prefix, school_contact, django_capture_on_commit_callbacks):
    User.objects.filter(pk=school_contact.pk).update(language="en" if prefix else "ja")
    client = signed_in(school_contact)
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up_app(client, prefix)
    codes = client.get(f"{prefix}/accounts/2fa/recovery-codes/").content.decode()
    assert len(set(re.findall(r"<li>(\d{8})</li>", codes))) == 10
    assert secret not in json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    letter = Letter.objects.get(person=school_contact)
    assert letter.language == ("en" if prefix else "ja")
    assert ("authenticator app" in letter.subject.lower()) is bool(prefix)


def test_the_picture_needs_nothing_that_the_policy_forbids(school_contact):
    page = signed_in(school_contact).get("/accounts/2fa/totp/activate/")
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    assert " style=" not in page.content.decode()
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]


def test_a_password_alone_no_longer_signs_in(school_contact):
    with_app(school_contact)
    client = Client()
    answer = client.post("/accounts/login/", {"login": school_contact.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/my/").headers["Location"].startswith("/accounts/login/")
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.get("/my/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": app_code()}).headers["Location"] == "/my/"
    assert client.get("/my/").status_code == 200


def test_a_code_by_mail_does_not_pass_by_the_second_factor(school_contact):
    with_app(school_contact)
    client = Client()
    client.post("/accounts/login/code/", {"email": school_contact.email})
    (code,) = re.findall(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", Letter.objects.get().body, re.MULTILINE)
    answer = client.post("/accounts/login/code/confirm/", {"code": code})
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_code_of_a_clock_that_is_a_little_off_signs_in_once(seconds, school_contact, clock):
    with_app(school_contact)
    code = app_code(at=time.time() + seconds)
    answers = []
    for _time in range(2):
        client = Client()
        client.post("/accounts/login/", {"login": school_contact.email, "password": PASSWORD})
        answers.append(client.post("/accounts/2fa/authenticate/", {"code": code}).status_code)
        clock.shift(31 if seconds > 0 else 0)
    assert answers == [302, 200]


def test_a_code_of_long_ago_signs_nobody_in(school_contact):
    with_app(school_contact)
    client = Client()
    client.post("/accounts/login/", {"login": school_contact.email, "password": PASSWORD})
    assert client.post("/accounts/2fa/authenticate/", {"code": app_code(at=time.time() - 90)}).status_code == 200


def test_full_width_digits_are_read(school_contact):
    with_app(school_contact)
    client = Client()
    client.post("/accounts/login/", {"login": school_contact.email, "password": PASSWORD})
    code = app_code().translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302


def test_a_recovery_code_opens_once(school_contact):
    client = signed_in(school_contact)
    set_up_app(client)
    code = re.findall(r"<li>(\d{8})</li>", client.get("/accounts/2fa/recovery-codes/").content.decode())[0]
    answers = []
    for _time in range(2):
        later = Client()
        later.post("/accounts/login/", {"login": school_contact.email, "password": PASSWORD})
        answers.append(later.post("/accounts/2fa/authenticate/", {"code": code}).status_code)
    assert answers == [302, 200]


def test_codes_cannot_be_guessed(school_contact):
    with_app(school_contact)
    client = Client()
    client.post("/accounts/login/", {"login": school_contact.email, "password": PASSWORD})
    for number in range(10):
        client.post("/accounts/2fa/authenticate/", {"code": f"{number:06}"})
    assert client.post("/accounts/2fa/authenticate/", {"code": app_code()}).status_code == 200, "even the right one"


def test_under_another_key_of_the_house_a_code_is_wrong_and_nothing_breaks(school_contact, settings):
    with_app(school_contact)
    settings.SECRET_KEY = "another key of fifty characters, random, and private"
    client = Client()
    client.post("/accounts/login/", {"login": school_contact.email, "password": PASSWORD})
    assert client.post("/accounts/2fa/authenticate/", {"code": app_code()}).status_code == 200


def test_an_earlier_key_of_the_house_still_opens(school_contact, settings):
    with_app(school_contact)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of fifty characters, random, and private"
    assert signed_in(school_contact).get("/my/").status_code == 200


def test_passkeys_belong_to_the_public_name_of_the_house(school_contact, settings):
    settings.SITE_URL = "https://kakehashi.example"
    page = signed_in(school_contact).get("/accounts/2fa/webauthn/add/").content.decode()
    assert '"rp": {"name": "Kakehashi", "id": "kakehashi.example"}' in page


@pytest.mark.parametrize("credential", ["", "{}", "[]", "1", '{"id": "x"}', "not json", '{"response": null}', "\x00"])
@pytest.mark.parametrize("page", ["/accounts/2fa/webauthn/login/", "/accounts/2fa/webauthn/add/"])
def test_a_passkey_that_is_none_opens_nothing(page, credential, school_contact):
    client = signed_in(school_contact) if page.endswith("add/") else Client(raise_request_exception=False)
    client.get(page, headers={"accept": "application/json"})
    answer = client.post(page, {"credential": credential, "name": "x"})
    assert answer.status_code in {200, 302}
    assert not Authenticator.objects.exists()
    assert page.endswith("add/") or client.get("/my/").status_code == 302


def test_the_page_of_devices_names_them_and_signs_the_others_out(school_contact):
    phone, desk = (
        signed_in(school_contact, HTTP_USER_AGENT=name)
        for name in ("Mozilla/5.0 (iPhone; CPU iPhone OS 19) Safari/604.1", "Mozilla/5.0 (Windows NT 10.0) Chrome/156")
    )
    page = desk.get("/accounts/sessions/").content.decode()
    assert "iPhone・Safari" in page and "Windows・Chrome" in page
    assert "2台でログインしています" in desk.get("/my/security/").content.decode()
    desk.post("/accounts/sessions/")
    assert (phone.get("/my/").status_code, desk.get("/my/").status_code) == (302, 200)


@pytest.mark.parametrize(
    "typed", ["", " ", "abcdef", "12345678901234567890", "١٢٣٤٥٦", "\x00", "あ" * 5000, "<script>"]
)
def test_whatever_is_typed_for_a_code_is_sent_back_with_a_sentence(typed, school_contact):
    client = signed_in(school_contact)
    secret = secret_on(client.get("/accounts/2fa/totp/activate/").content.decode())
    page = client.post("/accounts/2fa/totp/activate/", {"code": typed}).content.decode()
    assert "data-error-summary" in page and "field__error" in page
    assert secret_on(page) == secret, "the picture that was read stays good"


# ── staff ─────────────────────────────────────────────────────────────────────
def every_address() -> list[str]:
    """One address for each name of the house, and what others have built."""
    own = [walk.address(walk.anything) for walk in WALKS if walk.name not in FOLDERS]
    # What programs read knows nobody's session.
    own = [address for address in own if not address.startswith(settings.WITHOUT_COOKIES)]
    foreign = ["/cms/", "/cms/pages/", "/cms/images/", "/cms/login/", "/documents/1/x.pdf", "/accounts/email/"]
    foreign += ["/accounts/password/change/", "/accounts/sessions/", "/accounts/2fa/recovery-codes/", "/nowhere/"]
    return sorted({*own, *foreign, "/", "/en/my/", "/media/images/x.jpg", "/dashboard/", "/accounts/2fa/webauthn/"})


@pytest.mark.parametrize("role", STAFF)
def test_staff_without_a_second_factor_see_only_the_way_to_one(role, people, required, some_of):
    person = person_of(people, role)
    client = signed_in(person)
    before = rows()
    opened = [
        (method, address, answer.status_code, answer.headers.get("Location"))
        for place, address in enumerate(every_address())
        for method in some_of(place + STAFF.index(role), ("get", "post", "put", "delete"), every=2)
        if (answer := getattr(client, method)(address)).headers.get("Location") != "/accounts/2fa/" or answer.content
    ]
    assert opened == []
    assert rows() == before
    assert client.get("/accounts/2fa/").status_code == 200
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200
    assert client.get("/accounts/logout/").status_code == 200


@pytest.mark.parametrize("role", STAFF)
def test_staff_who_set_one_up_go_on_at_once(role, people, required):
    client = signed_in(person_of(people, role))
    set_up_app(client)
    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200
    assert client.get("/my/").status_code == 200


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_else_is_asked_for_one(role, people, required):
    assert signed_in(person_of(people, role)).get("/my/").status_code == 200


def test_where_it_is_not_required_staff_go_on(coordinator):
    assert signed_in(coordinator).get("/desk/").status_code == 200


def test_strangers_are_let_through_to_the_public_pages(client, required):
    assert client.get("/").status_code == 200


def test_the_way_is_in_the_language_of_the_person(coordinator, required):
    User.objects.filter(pk=coordinator.pk).update(language="en")
    assert signed_in(coordinator).get("/desk/").headers["Location"] == "/en/accounts/2fa/"


def test_who_becomes_staff_while_signed_in_is_asked_on_the_next_page(school_contact, required):
    client = signed_in(school_contact)
    assert client.get("/my/").status_code == 200
    Membership.objects.create(person=school_contact, role=Role.VIEWER, body_name="文部科学省")
    assert client.get("/my/").headers["Location"] == "/accounts/2fa/"


def test_a_sign_in_without_the_factor_one_has_must_be_proved(coordinator, required):
    client = signed_in(coordinator)
    with_app(coordinator)
    answer = client.get("/desk/?list=booked")
    assert answer.headers["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fdesk%2F%3Flist%3Dbooked"
    assert client.get("/accounts/2fa/totp/deactivate/").status_code == 302
    answer = client.post(answer.headers["Location"], {"code": app_code()})
    assert answer.headers["Location"] == "/desk/?list=booked"
    assert client.get("/desk/").status_code == 200


def test_staff_cannot_give_up_the_last_one(coordinator, required):
    with_app(coordinator)
    client = signed_in(coordinator)
    page = client.get("/accounts/2fa/totp/deactivate/").content.decode()
    assert "最後の1つは止められません" in page
    client.post("/accounts/2fa/totp/deactivate/")
    assert coordinator.authenticator_set.filter(type="totp").exists()


def test_others_may_give_theirs_up(school_contact):
    with_app(school_contact)
    signed_in(school_contact).post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(("said", "holds"), [(None, "True"), ("false", "False")])
def test_the_house_requires_it_unless_told_otherwise(said, holds):
    env = {name: value for name, value in os.environ.items() if name not in {"REQUIRE_MFA", "DJANGO_SETTINGS_MODULE"}}
    told = {"PYTHONPATH": "site", "SECRET_KEY": "x"} | ({"REQUIRE_MFA": said} if said else {})
    command = [sys.executable, "-c", "from config import settings; print(settings.REQUIRE_MFA)"]
    done = subprocess.run(command, env=env | told, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == holds
