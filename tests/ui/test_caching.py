"""Public pages are kept for strangers a short while, and never for anybody else."""

import datetime as dt

from django.test import Client
from django.utils import timezone

from pages.models import HomePage


def test_a_strangers_second_visit_asks_the_database_nothing(client, people, django_assert_num_queries):
    first = client.get("/")
    with django_assert_num_queries(0):
        second = client.get("/")
    assert second.content == first.content
    assert second.headers["ETag"] == first.headers["ETag"]


def test_a_browser_that_has_the_page_is_told_so(client, people):
    etag = client.get("/").headers["ETag"]
    for asked in (etag, f"W/{etag}", f'"other", {etag}'):
        assert client.get("/", headers={"if-none-match": asked}).status_code == 304
    assert client.get("/", headers={"if-none-match": '"other"'}).status_code == 200


def test_each_language_keeps_its_own_page(client, people):
    assert client.get("/").content != client.get("/en/").content
    assert 'lang="en"' in client.get("/en/").content.decode()


def test_a_signed_in_person_gets_a_page_of_their_own(client, people, school_contact):
    client.get("/")
    client.force_login(school_contact)
    answer = client.get("/")
    assert school_contact.name in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert school_contact.name not in Client().get("/").content.decode()


def test_after_half_a_minute_the_page_is_made_anew(client, people, clock):
    client.get("/")
    # As published by another server, with which this one shares no memory.
    words = {"headline": "新しい見出し", "last_published_at": timezone.now()}
    HomePage.objects.filter(locale__language_code="ja").update(**words)
    assert "新しい見出し" not in client.get("/").content.decode()
    clock.shift(dt.timedelta(seconds=31))
    assert "新しい見出し" in client.get("/").content.decode()
