"""Pages as editors make them."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Locale, Page
from wagtail.rich_text import RichText

from pages.models import EventIndexPage, EventPage, HomePage, NewsIndexPage, NewsPage, PlainPage

WORDS = "だれでも読める言葉"


def home(language: str = "ja") -> HomePage:
    return HomePage.objects.get(locale__language_code=language)


def prose(html: str) -> list[tuple[str, Any]]:
    return [("text", RichText(html))]


def body(path: str) -> str:
    return Client().get(path).content.decode()


def english_of(page: PlainPage) -> PlainPage:
    english = page.copy_for_translation(Locale.objects.get(language_code="en"))
    english.title = english.draft_title = "About"
    english.save_revision().publish()
    return english


@pytest.fixture
def plain() -> Callable[..., PlainPage]:
    """A published page of prose; `under` another page than the Japanese home page where wanted."""

    def make(slug: str = "about", title: str = "このサイトについて", *, under: Page | None = None, **words: Any):
        publish = words.pop("publish", True)
        page = PlainPage(slug=slug, title=title, **{"body": prose(f"<p>{WORDS}</p>"), "live": False, **words})
        parent = under or home()
        page.locale = Locale.objects.get(pk=parent.locale_id)
        parent.add_child(instance=page)
        revision = page.save_revision()
        if publish:
            revision.publish()
        page.refresh_from_db()
        return page

    return make


@pytest.fixture
def news() -> Callable[..., NewsPage]:
    """A published piece of news, under the list of news, which is made with the first."""

    def make(slug: str = "news-1", title: str = "募集が始まりました", **words: Any):
        index = NewsIndexPage.objects.child_of(home()).first()
        if index is None:
            index = NewsIndexPage(slug="news", title="お知らせ")
            home().add_child(instance=index)
            index.save_revision().publish()
        publish = words.pop("publish", True)
        page = NewsPage(slug=slug, title=title, **{"body": prose(f"<p>{WORDS}</p>"), "live": False, **words})
        index.add_child(instance=page)
        revision = page.save_revision()
        if publish:
            revision.publish()
        page.refresh_from_db()
        return page

    return make


@pytest.fixture
def elsewhere(monkeypatch) -> None:
    """As in another process with a memory of its own: nobody tells it to forget."""
    monkeypatch.setattr("pages.freshness.forget_pages", lambda: None)


def hours(count: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(hours=count)


@pytest.fixture
def event() -> Callable[..., EventPage]:
    """A published event, under the list of events, which is made with the first."""

    def make(slug: str = "event-1", title: str = "教員研修会", *, begins: float = 48, **words: Any) -> EventPage:
        index = EventIndexPage.objects.child_of(home()).first()
        if index is None:
            index = EventIndexPage(slug="events", title="イベント")
            home().add_child(instance=index)
            index.save_revision().publish()
        times = {"starts_at": hours(begins), "ends_at": hours(begins + 2)}
        page = EventPage(slug=slug, title=title, is_online=True, live=False, **times, **words)
        index.add_child(instance=page)
        page.save_revision().publish()
        page.refresh_from_db()
        return page

    return make
