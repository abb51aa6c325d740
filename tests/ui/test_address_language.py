"""The address decides the language; nothing is guessed."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("page", "language"), [("/reach/", "ja"), ("/en/reach/", "en"), ("/", "ja"), ("/en/", "en")])
@pytest.mark.parametrize("wished", ["ja", "en", "fr"])
def test_an_address_always_says_the_same(page, language, wished):
    client = Client(HTTP_ACCEPT_LANGUAGE=wished)
    client.cookies["django_language"] = wished
    answer = client.get(page)
    assert f'<html lang="{language}">' in answer.content.decode()
    assert answer.headers["Content-Language"] == language


def test_every_page_leads_to_itself_in_the_other_language():
    assert 'href="/en/reach/?x=1"' in Client().get("/reach/?x=1").content.decode()
    assert 'href="/reach/?x=1"' in Client().get("/en/reach/?x=1").content.decode()


def test_a_missing_page_speaks_the_language_of_its_address():
    assert "ページが見つかりません" in Client().get("/nowhere/").content.decode()
    assert "ページが見つかりません" not in Client().get("/en/nowhere/").content.decode()
