"""ふりがな: off until asked for, above the word, and nothing for a screen reader to say twice."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from pages import readings
from tests.pages.conftest import prose


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("推進大使《すいしんたいし》が来ます。", "推進大使が来ます。"),
        ("｜お子さん《おこさん》の学校《がっこう》", "お子さんの学校"),
        ("𠮷田《よしだ》さん", "𠮷田さん"),
        ("読みの無い字", "読みの無い字"),
        ("《かっこだけ》", "《かっこだけ》"),
        ("学校《school》", "学校《school》"),
    ],
)
def test_without_readings_the_words_are_whole(written, bare):
    assert readings.without(written) == bare


def test_a_reading_stands_above_its_word_and_is_silent():
    assert readings.with_ruby("次の学校《がっこう》へ") == (
        '次の<ruby>学校<rp aria-hidden="true">（</rp><rt aria-hidden="true">がっこう</rt>'
        '<rp aria-hidden="true">）</rp></ruby>へ'
    )


@given(st.text(alphabet="学校《》｜がっこう<>&\"' a", max_size=40))
def test_words_never_become_elements(text):
    shown = readings.shown_words(text, True)
    for mark in ("<ruby>", "</ruby>", "</rt>", "</rp>", '<rt aria-hidden="true">', '<rp aria-hidden="true">'):
        shown = shown.replace(mark, "")
    assert "<" not in shown and ">" not in shown


@pytest.mark.django_db
def test_the_button_shows_and_hides_them(plain):
    plain("parents", "保護者の方へ", body=prose("<p>推進大使《すいしんたいし》が来ます。</p>"), has_readings=True)
    without, shown = (Client().get(f"/parents/{query}").content.decode() for query in ("", "?furigana=on"))
    assert "推進大使が来ます。" in without and "すいしんたいし" not in without
    assert 'href="/parents/?furigana=on"' in without
    assert ">すいしんたいし</rt>" in shown and 'href="/parents/"' in shown


@pytest.mark.django_db
def test_a_page_without_the_button_never_shows_them(plain):
    plain("plain", "文", body=prose("<p>推進大使《すいしんたいし》</p>"))
    body = Client().get("/plain/?furigana=on").content.decode()
    assert "すいしんたいし" not in body and "ふりがな" not in body
