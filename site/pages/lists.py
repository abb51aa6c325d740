"""Lists of news and events as strangers read them: asked of the database once in half a minute, not by every reader."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.paginator import Page as PageOfList
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from pages.public import address_in_language_of_reader, in_language, public_pages
from ui.caching import SECONDS, kept

A_PAGE = 20


@dataclass(frozen=True)
class NewsLine:
    """One piece of news in a list."""

    title: str
    own_url: str
    language: str
    kind: str
    released_on: dt.date
    leaves_at: dt.datetime | None

    @property
    def url(self) -> str:
        return address_in_language_of_reader(self.own_url, self.language)


@dataclass(frozen=True)
class EventCard:
    """One event in a list, drawn already."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    leaves_at: dt.datetime | None
    drawn: SafeString


def all_news() -> Any:
    """News that everybody may read, the newest first, each once in the reader's language."""
    news = in_language(public_pages(apps.get_model("pages.NewsPage")))
    return news.select_related("locale").defer_streamfields().order_by("-released_on", "-pk")


def newest_news(count: int = 4) -> list[NewsLine]:
    """For the first page."""
    return not_ended(kept("newest-news", lambda: _lines_of(all_news()[:count]), SECONDS))


def page_of_news(kind: str, number: str | None) -> PageOfList:
    """One page of NewsLines of this kind, or of every kind; the first or last where there is no such page."""
    news = all_news().filter(kind=kind) if kind else all_news()
    return KeptPages(news, A_PAGE, name=f"news-{kind}").get_page(number)


def coming_and_past_events() -> tuple[list[EventCard], list[EventCard]]:
    """The next first; of those that were, the last first."""
    now = timezone.now()
    cards = not_ended(kept("events", _read_events, SECONDS))
    coming = [card for card in cards if card.ends_at >= now]
    past = [card for card in cards if card.ends_at < now]
    return sorted(coming, key=lambda card: card.starts_at), sorted(past, key=lambda card: card.starts_at, reverse=True)


def not_ended(lines: Any) -> list[Any]:
    """Without the pages whose time has run out since the list was read."""
    now = timezone.now()
    return [line for line in lines if line.leaves_at is None or line.leaves_at > now]


class KeptPages(Paginator):
    """Pages of NewsLines that are remembered, and how many there are."""

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name

    @cached_property
    def count(self) -> int:
        return kept(f"{self.name}-count", self.object_list.count, SECONDS)

    def page(self, number: Any) -> PageOfList:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows = self.object_list[first : first + self.per_page]
        return self._get_page(kept(f"{self.name}-{number}", lambda: _lines_of(rows), SECONDS), number, self)


def _lines_of(news: Any) -> list[NewsLine]:
    return [
        NewsLine(
            page.title,
            page.get_url() or "/",
            page.locale.language_code,
            page.get_kind_display(),
            page.released_on,
            page.expire_at,
        )
        for page in news
    ]


def _read_events() -> list[EventCard]:
    events = in_language(public_pages(apps.get_model("pages.EventPage"))).select_related("locale")
    return [
        EventCard(
            event.starts_at,
            event.ends_at,
            event.expire_at,
            render_to_string("pages/parts/event_card.html", {"event": event}),
        )
        for event in events.defer_streamfields()
    ]
