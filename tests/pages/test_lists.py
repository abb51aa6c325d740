"""The lists of news and events: asked of the database once in a while, and never showing what has gone."""

import pytest
from django.test import Client

from tests.pages.conftest import body, hours

pytestmark = pytest.mark.django_db


def test_the_next_event_comes_first_and_of_the_past_the_last(event):
    for number, begins in enumerate((72, 24, -72, -24)):
        event(f"event-{number}", f"第{number}回", begins=begins)
    coming, _, past = body("/events/?x=1").partition("終わったイベント")
    assert 0 < coming.index("第1回") < coming.index("第0回")
    assert 0 < past.index("第3回") < past.index("第2回")


def test_an_event_moves_to_the_past_when_it_ends(event, clock):
    event(begins=1)
    assert "終わったイベント" not in body("/events/?x=1")
    clock.shift(3 * 3600)
    assert "教員研修会" in body("/events/?x=1").partition("終わったイベント")[2]


def test_an_event_is_listed_in_the_words_of_the_page_around_it(event):
    event()
    page = body("/en/events/?x=1")
    assert '<li class="card" lang="ja">' in page
    assert "Online</span>" in page


@pytest.mark.parametrize("path", ["/news/", "/news/?kind=notice", "/events/"])
def test_a_list_read_again_asks_only_for_its_own_page(news, event, path, django_assert_num_queries):
    news(), event()
    address = path + ("&" if "?" in path else "?") + "x=1"
    body(address)
    with django_assert_num_queries(1):
        body(address)


def test_what_comes_to_its_end_leaves_its_list_at_once(news, event, clock):
    news(title="短い募集", expire_at=hours(1)), event(title="短い研修", expire_at=hours(1))
    assert "短い募集" in body("/news/?x=1")
    assert "短い研修" in body("/events/?x=1")
    clock.shift(3601)
    assert "短い募集" not in body("/news/?x=1")
    assert "短い研修" not in body("/events/?x=1")


def test_what_is_taken_off_leaves_every_list_at_once(news, event):
    pages = news(title="まちがい"), event(title="まちがいの会")
    assert "まちがい" in body("/news/?x=1")
    assert "まちがい" in body("/events/?x=1")
    for page in pages:
        page.unpublish()
    assert "まちがい" not in body("/news/?x=1") + body("/events/?x=1") + body("/?x=1")


def test_where_nobody_says_so_it_leaves_after_half_a_minute(news, event, elsewhere, clock):
    pages = news(title="まちがい"), event(title="まちがいの会")
    body("/news/?x=1"), body("/events/?x=1"), body("/?x=1")
    for page in pages:
        page.unpublish()
    clock.shift(31)
    assert "まちがい" not in body("/news/?x=1") + body("/events/?x=1") + body("/?x=1")


def test_news_beyond_the_first_page_is_on_the_next(news):
    for number in range(21):
        news(f"news-{number}", f"第{number}号")
    newest, older = body("/news/?x=1"), body("/news/?page=2")
    assert "第20号" in newest and "第0号" not in newest
    assert "第0号" in older and "第20号" not in older
    # Pages that are not there lead to the last; so does a word.
    assert "第0号" in body("/news/?page=99")
    assert "第20号" in body("/news/?page=x")


def test_a_page_that_nobody_has_fills_no_memory(news, monkeypatch):
    news()
    names = []
    monkeypatch.setattr("ui.caching.cache.set", lambda name, *_rest, **_more: names.append(name))
    for number in (2, 77, -1, "x", "1" * 4000):
        assert Client().get(f"/news/?page={number}").status_code == 200
    assert {name.split(":")[2] for name in names if ":news-" in name} == {"news--count", "news--1"}
