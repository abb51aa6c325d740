"""Sitemap and news feed: what search engines and feed readers are told, of what everybody may read and nothing else."""

import datetime as dt
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pages.lists import all_news
from pages.models import NewsPage
from pages.public import public_pages
from ui import dates, places

IN_THE_FEED = 30


class PagesInMap(Sitemap):
    """Pages of the CMS. A page that nobody has translated is named under its Japanese address only."""

    limit = 5000

    def items(self) -> Any:
        return (
            public_pages()
            .filter(depth__gt=1)
            .only("url_path", "last_published_at", "locale", "path", "depth", "translation_key")
            .order_by("path")
        )

    def location(self, page: Any) -> str:
        return page.get_url()

    def lastmod(self, page: Any) -> dt.datetime | None:
        return page.last_published_at


class OthersInMap(Sitemap):
    """Public pages of upper parts, in both languages: who registers says how to list them."""

    def items(self) -> list[tuple[str, str, dt.datetime | None]]:
        found = []
        for address, changed in (row for rows in places.in_sitemap.ask() for row in rows):
            for language in ("ja", "en"):
                with translation.override(language):
                    found.append((address(), language, changed))
        return found

    def location(self, item: tuple[str, str, dt.datetime | None]) -> str:
        return item[0]

    def lastmod(self, item: tuple[str, str, dt.datetime | None]) -> dt.datetime | None:
        return item[2]


SITEMAPS = {"pages": PagesInMap, "others": OthersInMap}


class NewsFeed(Feed):
    """The newest news, in the language of the address."""

    feed_type = Rss201rev2Feed

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any):
        response = super().__call__(request, *args, **kwargs)
        response.may_be_kept = True
        return response

    def title(self) -> str:
        return _("Kakehashi（架け橋）のお知らせ")

    def description(self) -> str:
        return _("アントレプレナーシップ推進大使の学校への派遣についてのお知らせ")

    def link(self) -> str:
        return reverse("wagtail_serve", args=("news/",))

    def items(self) -> list[NewsPage]:
        return list(all_news()[:IN_THE_FEED])

    def item_title(self, news: NewsPage) -> str:
        return news.title

    def item_description(self, news: NewsPage) -> str:
        return news.description

    def item_link(self, news: NewsPage) -> str:
        return news.get_url()

    def item_guid(self, news: NewsPage) -> str:
        return f"urn:uuid:{news.translation_key}"

    item_guid_is_permalink = False

    def item_pubdate(self, news: NewsPage) -> dt.datetime:
        return dates.at_tokyo(news.released_on, dt.time(0))

    def item_updateddate(self, news: NewsPage) -> dt.datetime | None:
        return news.last_published_at
