"""How a page is reached: its kind, the pages above it and its other language, found once until some page changes."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from wagtail.models import Page

from pages.public import address_in_language_of_reader, public_pages
from ui.caching import kept


@dataclass(frozen=True)
class Step:
    """A page above, on the way from the first page."""

    title: str
    own_url: str
    language: str
    is_first: bool = False

    @property
    def url(self) -> str:
        return address_in_language_of_reader(self.own_url, self.language)


@dataclass(frozen=True)
class Twin:
    """The same page in the other language."""

    title: str
    url: str
    published_at: dt.datetime | None
    ends_at: dt.datetime | None


@dataclass(frozen=True)
class Way:
    """What leads to a public page. Kept for minutes: whoever shows the page asks anew whether it is public."""

    kind: type[Page]
    above: list[Step]
    twin: Twin | None


def way_to(url_path: str) -> Way | None:
    """The way to the page at this place in the tree, or None where no public page is."""
    # An address may hold anything; a name in memory may not.
    name = hashlib.sha256(url_path.encode()).hexdigest()
    return kept(f"way:{name}", lambda: _read(url_path))


def _read(url_path: str) -> Way | None:
    parts = url_path.strip("/").split("/")
    paths = [f"/{'/'.join(parts[:count])}/" for count in range(1, len(parts) + 1)]
    found = list(public_pages().filter(url_path__in=paths).select_related("locale", "content_type").order_by("depth"))
    if not found or found[-1].url_path != url_path:
        return None
    kind = found[-1].content_type.model_class()
    return Way(kind, _steps(found[:-1]), twin_of(found[-1])) if kind else None


def steps_to(page: Page) -> list[Step]:
    """The public pages above this one, from the first page on."""
    return _steps(public_pages().ancestor_of(page).filter(depth__gt=1).select_related("locale").order_by("depth"))


def _steps(pages: Any) -> list[Step]:
    return [Step(page.title, page.get_url() or "/", page.locale.language_code, page.depth == 2) for page in pages]


def twin_of(page: Page) -> Twin | None:
    """The page in the other language, if everybody may read it at this moment."""
    others = public_pages().filter(translation_key=page.translation_key).exclude(pk=page.pk)
    twin = others.select_related("locale").first()
    return Twin(twin.title, twin.get_url() or "/", twin.last_published_at, twin.expire_at) if twin else None
