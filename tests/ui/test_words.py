"""Words that people wrote say which language they are in where the page is in another."""

import pytest
from django.utils import translation
from django.utils.safestring import SafeString

from ui.templatetags import kakehashi as tags
from ui.words import as_said, as_written


@pytest.mark.parametrize("words", ["さくら高校", "ラーメン", "髙﨑", "𠮷野", "Room 3（体育館）"])
def test_japanese_words_on_an_english_page_say_so(words):
    with translation.override("en"):
        assert as_said(words) == f'<span lang="ja">{words}</span>'


@pytest.mark.parametrize("words", ["Sakura High School", "3-2", "Café", "Ελλάδα", ""])
def test_other_words_are_shown_as_they_are(words):
    with translation.override("en"):
        assert as_said(words) == words


def test_on_a_japanese_page_nothing_is_added():
    assert as_said("さくら高校") == "さくら高校"


def test_nothing_is_shown_as_nothing():
    assert as_said(None) == as_written(None) == ""


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("show", [as_said, as_written])
def test_what_a_person_typed_is_never_markup(show, language):
    with translation.override(language):
        shown = show("<b>太字</b>")
    assert isinstance(shown, SafeString)
    assert "&lt;b&gt;太字&lt;/b&gt;" in shown


def test_lines_break_where_the_writer_broke_them():
    with translation.override("en"):
        assert as_written("一行目\r\n二行目") == '<span lang="ja">一行目<br>二行目</span>'


@pytest.mark.parametrize(
    ("count", "in_english"),
    [(1, ("1 pupil", "1 person", "1 ambassador")), (2, ("2 pupils", "2 people", "2 ambassadors"))],
)
def test_in_english_those_who_are_counted_have_their_name(count, in_english):
    with translation.override("en"):
        assert (tags.people(count), tags.persons(count), tags.ambassadors(count)) == in_english
    assert tags.people(count) == tags.persons(count) == tags.ambassadors(count) == f"{count}人"
