"""Signing up by a code that comes by mail; nobody learns which addresses are known."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from accounts.models import User
from outbox.models import Letter

pytestmark = pytest.mark.django_db

PASSWORD = "tanbo-to-ine-2026"
WANTED = {
    "name": "山田　花子",
    "name_kana": "ヤマダ ハナコ",
    "email": "Hanako.Yamada@Example.JP",
    "password1": PASSWORD,
}


def code_sent_to(address: str) -> str:
    letter = Letter.objects.filter(to_address__iexact=address).latest("pk")
    (code,) = re.findall(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", letter.body, re.MULTILINE)
    return code


@pytest.mark.parametrize(("prefix", "language"), [("", "ja"), ("/en", "en")])
def test_somebody_signs_up_with_a_code_and_is_led_to_the_choice_of_their_school(prefix, language):
    client = Client()
    answer = client.post(f"{prefix}/accounts/signup/", WANTED)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{prefix}/accounts/confirm-email/")
    assert client.get(f"{prefix}/my/").status_code == 302, "nobody is signed in before the code"
    letter = Letter.objects.get()
    assert (letter.language, letter.is_secret) == (language, True)
    answer = client.post(f"{prefix}/accounts/confirm-email/", {"code": code_sent_to(WANTED["email"])})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{prefix}/my/school/")
    assert client.get(f"{prefix}/my/").status_code == 200


def test_the_person_is_stored_in_one_spelling():
    Client().post("/accounts/signup/", WANTED)
    person = User.objects.get(email="hanako.yamada@example.jp")
    assert (person.name, person.name_kana, person.language) == ("山田 花子", "やまだ はなこ", "ja")
    assert person.check_password(PASSWORD)
    assert (person.is_staff, person.is_superuser, person.memberships.count()) == (False, False, 0)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ヤマダ　ハナコ", "やまだ はなこ"),
        ("ﾔﾏﾀﾞ ﾊﾅｺ", "やまだ はなこ"),
        ("ヴァレリー・ヶ", "ゔぁれりー・ゖ"),
        ("John O'Neil-Smith", "John O'Neil-Smith"),
    ],
)
def test_furigana_is_kept_in_hiragana(typed, stored):
    Client().post("/accounts/signup/", WANTED | {"name_kana": typed})
    assert User.objects.get(email="hanako.yamada@example.jp").name_kana == stored


@pytest.mark.parametrize("typed", ["山田花子", "やまだ3", "<b>やまだ</b>", "😀"])
def test_what_is_no_furigana_is_sent_back_with_what_was_typed(typed):
    answer = Client().post("/accounts/signup/", WANTED | {"name_kana": typed})
    assert answer.status_code == 200
    assert "ふりがなとして読めません" in answer.content.decode()
    assert answer.context["form"]["name_kana"].value() == typed
    assert not User.objects.filter(email="hanako.yamada@example.jp").exists()


def test_a_wrong_code_signs_nobody_in_and_a_few_of_them_end_the_try():
    client = Client()
    client.post("/accounts/signup/", WANTED)
    for _try in range(5):
        client.post("/accounts/confirm-email/", {"code": "WRONG1"})
    client.post("/accounts/confirm-email/", {"code": code_sent_to(WANTED["email"])})
    assert client.get("/my/").status_code == 302


def seen(prefix: str, path: str, data: dict[str, str]) -> tuple[int, str, bytes]:
    """What somebody sees who sends this and follows: the answer, where it leads, and the page there."""
    client = Client()
    answer = client.post(f"{prefix}{path}", data)
    page = client.get(answer.headers["Location"]) if answer.status_code == 302 else answer
    text = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page.content)
    return answer.status_code, answer.headers.get("Location", ""), text.replace(data["email"].encode(), b"ADDRESS")


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/password/reset/", "/accounts/login/code/"])
def test_a_known_and_an_unknown_address_get_the_same_answer(path, prefix, school_contact):
    unknown = seen(prefix, path, WANTED | {"email": "nobody@example.jp"})
    known = seen(prefix, path, WANTED | {"email": school_contact.email})
    assert unknown[0] == 302
    assert known == unknown
    assert {letter.to_address for letter in Letter.objects.all()} == {"nobody@example.jp", school_contact.email}


def test_the_slow_work_of_signing_up_is_done_for_a_known_address_too(school_contact, monkeypatch):
    """Hashing a password takes most of the time of an answer: left out, the time would tell who has an account."""
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *told: hashed.append(1) or encode(self, *told))
    counts = []
    for email in (WANTED["email"], school_contact.email):
        hashed.clear()
        Client().post("/accounts/signup/", WANTED | {"email": email})
        counts.append(len(hashed))
    assert counts[0] == counts[1] == 1


def test_a_known_address_keeps_its_name_and_password(school_contact):
    before = User.objects.values().get(pk=school_contact.pk)
    Client().post("/accounts/signup/", WANTED | {"email": school_contact.email.upper()})
    assert User.objects.values().get(pk=school_contact.pk) == before
    assert User.objects.filter(email__iexact=school_contact.email).count() == 1


def test_somebody_is_told_that_their_address_is_known_by_mail_only(school_contact):
    Client().post("/accounts/signup/", WANTED | {"email": school_contact.email})
    assert "すでに登録されています" in Letter.objects.get().body
