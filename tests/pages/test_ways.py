"""What is remembered of the way to a page never shows a page that is not public any more."""

import datetime as dt

import pytest
from django.db.models import F
from django.test import Client
from wagtail.models import Page, PageViewRestriction

from tests.pages.conftest import body, english_of, hours

pytestmark = pytest.mark.django_db


def take_off(page: Page) -> None:
    page.unpublish()


def restrict(page: Page) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


def end(page: Page) -> None:
    Page.objects.filter(pk=page.pk).update(expire_at=F("first_published_at") - dt.timedelta(hours=1))


@pytest.mark.parametrize("change", [take_off, restrict, end])
def test_a_page_that_is_public_no_more_is_hidden_where_the_way_is_still_remembered(plain, elsewhere, change):
    page = plain("about")
    assert Client().get("/about/?x=1").status_code == 200
    change(page)
    assert Client().get("/about/?x=1").status_code != 200


@pytest.mark.parametrize("change", [take_off, restrict, end])
def test_a_page_below_one_that_became_private_is_hidden_too(plain, elsewhere, change):
    below = plain("below", under=plain("about"))
    assert Client().get("/about/below/?x=1").status_code == 200
    change(below.get_parent())
    assert Client().get("/about/below/?x=1").status_code == (200 if change is not restrict else 302)


def test_a_translation_that_has_come_to_its_end_is_not_named(plain, clock):
    english = english_of(plain("about"))
    english.expire_at = hours(1)
    english.save_revision().publish()
    assert 'hreflang="en"' in body("/about/?x=1").partition("<header")[0]
    clock.shift(3601)
    assert 'hreflang="en"' not in body("/about/?x=1").partition("<header")[0]


def test_news_that_has_come_to_its_end_leaves_the_first_page(news, clock):
    news(title="短い募集", expire_at=hours(1))
    assert "短い募集" in body("/?x=1")
    clock.shift(3601)
    assert "短い募集" not in body("/?x=1")


def test_the_way_and_the_words_are_read_once_and_whether_the_page_is_public_each_time(plain, django_assert_num_queries):
    plain("below", under=plain("about"))
    Client().get("/about/below/?x=1")
    with django_assert_num_queries(1) as asked:
        Client().get("/about/below/?x=1")
    assert "pageviewrestriction" in asked.captured_queries[0]["sql"]


def test_what_was_published_elsewhere_is_read_at_once(plain, elsewhere):
    page = plain("about", lead="古い言葉")
    assert "古い言葉" in body("/about/?x=1")
    page.lead = "新しい言葉"
    page.save_revision().publish()
    assert "新しい言葉" in body("/about/?x=1")


def test_addresses_that_nobody_knows_fill_no_memory(plain, monkeypatch):
    kept = []
    monkeypatch.setattr("ui.caching.cache.set", lambda name, *_rest: kept.append(name))
    for number in range(3):
        assert Client().get(f"/nothing-{number}/?x=1").status_code == 404
    assert not [name for name in kept if ":way:" in name]
