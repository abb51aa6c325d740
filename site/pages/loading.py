"""The texts of the house as files, and how they become pages that editors own.

A file under `texts/ja/` is one page, its twin under `texts/en/` the English one. The first loading makes what is missing;
what an editor has touched is never written over.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from wagtail.models import Locale, Page
from wagtail.rich_text import RichText

from accounts.terms.models import TermsVersion
from pages.models import EventIndexPage, HomePage, NewsIndexPage, PlainPage
from pages.notices import Section

TEXTS = Path(__file__).resolve().parent / "texts"
LANGUAGES = ("ja", "en")
TERMS = "terms"
SECTIONS = (
    ("desk", "事務局", "The desk"),
    ("public_relations", "事務局 広報担当", "The desk, public relations"),
    ("it", "事務局 システム担当", "The desk, systems"),
)
INDEXES: tuple[tuple[type[Page], str, dict[str, str], dict[str, str]], ...] = (
    (
        NewsIndexPage,
        "news",
        {"title": "お知らせ", "lead": "募集の始まり、制度の変更、活動の報告をお伝えします。"},
        {"title": "News", "lead": "Calls, changes to the programme and reports of what took place."},
    ),
    (
        EventIndexPage,
        "events",
        {"title": "イベント", "lead": "コンテスト、研修、公開授業など、だれでも知ってよい催しの一覧です。"},
        {"title": "Events", "lead": "Contests, training days, open lessons and meetings that anybody may know of."},
    ),
)
# As the links below every page stand: who needs help first, policies last.
ORDER = (
    "help",
    "parents",
    "safety",
    "contact",
    "privacy",
    "accessibility",
    "school",
    "board",
    "ambassador",
    "organisation",
)
_LINK = re.compile(r'<a href="(?P<path>/[^"]*)">')


@dataclass
class Loaded:
    """What a loading did."""

    made: int = 0
    renewed: int = 0
    kept: int = 0
    pages: list[Page] = field(default_factory=list)
    # By path and language, for links from further texts.
    places: dict[tuple[str, str], Page] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.made} pages made, {self.renewed} renewed, {self.kept} left as they are"


@dataclass(frozen=True)
class Text:
    """One file: where its page stands, and what it says."""

    path: str
    said: dict[str, Any]

    @property
    def slug(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> str:
        return self.path.rpartition("/")[0]


def texts(folder: Path, language: str) -> Iterator[Text]:
    """The files of one language, parents before their children."""
    root = folder / language
    found = sorted(root.rglob("*.toml"), key=lambda file: (len(file.relative_to(root).parts), _place(file), str(file)))
    for file in found:
        path = file.relative_to(root).with_suffix("").as_posix()
        yield Text(path, tomllib.loads(file.read_text(encoding="utf-8")))


def _place(file: Path) -> int:
    return ORDER.index(file.stem) if file.stem in ORDER else len(ORDER)


@transaction.atomic
def load_pages(folder: Path = TEXTS, *, renew: bool = False) -> Loaded:
    """Make the pages of these files in both languages, and publish them.

    A page that exists stays. With `renew` its text is written again, unless a person has ever saved it.
    """
    done = Loaded()
    _make_sections()
    homes = {language: home_in(language) for language in LANGUAGES}
    indexes = _make_indexes(homes, done)
    pages: dict[tuple[str, str], Page] = {("", language): homes[language] for language in LANGUAGES}
    pages |= {(slug, language): page for (slug, language), page in indexes.items()}
    fresh: list[tuple[Page, dict[str, Any], str]] = []
    for language in LANGUAGES:
        for text in texts(folder, language):
            if text.path == TERMS:
                continue
            page, is_new = _page_for(text, language, pages, homes)
            pages[text.path, language] = page
            if is_new or (renew and not _is_touched(page)):
                fresh.append((page, text.said, language))
                done.made += is_new
                done.renewed += not is_new
            else:
                done.kept += 1
    # Links may lead to pages further on: write when all of them are there.
    for page, said, language in fresh:
        write(page, said, language, pages)
        page.save_revision().publish()
        done.pages.append(page)
    load_terms(folder)
    done.places = pages
    return done


def load_terms(folder: Path = TEXTS) -> TermsVersion | None:
    """The first version of the terms, in a house that has none."""
    if TermsVersion.objects.exists():
        return None
    bodies = {text.path: text.said for text in texts(folder, "ja") if text.path == TERMS}
    if not bodies:
        return None
    (english,) = [text.said for text in texts(folder, "en") if text.path == TERMS]
    return TermsVersion.objects.create(
        number=1, body_ja=_whole_text(bodies[TERMS], "ja"), body_en=_whole_text(english, "en")
    )


def home_in(language: str) -> HomePage:
    return HomePage.objects.get(locale__language_code=language)


def _make_sections() -> None:
    for key, japanese, english in SECTIONS:
        Section.objects.get_or_create(key=key, defaults={"name_ja": japanese, "name_en": english})


def _make_indexes(homes: dict[str, HomePage], done: Loaded) -> dict[tuple[str, str], Page]:
    section = Section.objects.get(key="public_relations")
    found: dict[tuple[str, str], Page] = {}
    for kind, slug, *words in INDEXES:
        twin = None
        for language, said in zip(LANGUAGES, words, strict=True):
            page = kind.objects.child_of(homes[language]).filter(slug=slug).first()
            if page is None:
                page = kind(slug=slug, section=section, show_in_menus=slug == "news", in_footer=True, **said)
                join(page, homes[language], twin)
                page.save_revision().publish()
                done.made += 1
            else:
                done.kept += 1
            twin = page if language == "ja" else None
            found[slug, language] = page
    return found


def _page_for(
    text: Text, language: str, pages: dict[tuple[str, str], Page], homes: dict[str, HomePage]
) -> tuple[Page, bool]:
    parent = pages[text.parent, language]
    found = Page.objects.child_of(parent).filter(slug=text.slug).first()
    if found is not None:
        return found.specific, False
    page = PlainPage(slug=text.slug, title=text.said["title"], live=False)
    join(page, parent, pages.get((text.path, "ja")) if language != "ja" else None)
    return page, True


def join(page: Page, parent: Page, original: Page | None) -> None:
    """Under its parent, in the parent's language, as the translation of its original."""
    page.locale = Locale.objects.get(pk=parent.locale_id)
    if original is not None:
        page.translation_key = original.translation_key
    parent.add_child(instance=page)
    # treebeard has counted the child in the row, not in the object at hand.
    parent.refresh_from_db(fields=["numchild"])


def _is_touched(page: Page) -> bool:
    return page.revisions.filter(user__isnull=False).exists()


def write(page: Page, said: dict[str, Any], language: str, pages: dict[tuple[str, str], Page]) -> None:
    page.title = page.draft_title = said["title"]
    page.lead = said.get("lead", "")
    page.search_description = said.get("description", "")
    page.section = Section.objects.get(key=said.get("section", "desk"))
    page.show_in_menus = said.get("in_menu", False)
    page.in_footer = said.get("in_footer", False)
    page.has_readings = said.get("furigana", False) and language == "ja"
    if isinstance(page, PlainPage):
        page.form = said.get("form", "")
    page.body = stream_of(said.get("body", []), language, pages)


def stream_of(body: list[dict[str, Any]], language: str, pages: dict[tuple[str, str], Page]) -> list[Any]:
    """The blocks of a file as a stream takes them."""

    def rich(html: str) -> RichText:
        return RichText(_LINK.sub(lambda found: _link(found["path"], language, pages), html.strip()))

    blocks: list[Any] = []
    for block in body:
        ((kind, value),) = block.items()
        if kind == "text":
            blocks.append(("text", rich(value)))
        elif kind == "note":
            blocks.append(("note", {"kind": "plain", "title": "", **value, "text": rich(value["text"])}))
        elif kind == "questions":
            blocks.append(("questions", [{**row, "answer": rich(row["answer"])} for row in value]))
        elif kind == "steps":
            blocks.append(("steps", [{"time": "", **row} for row in value]))
        elif kind == "facts":
            blocks.append(("facts", value))
        elif kind == "links":
            blocks.append(("links", [_card(row, language, pages) for row in value]))
        elif kind == "contact":
            blocks.append(("contact", None))
        else:
            raise ValueError(f"No page can hold a block of the kind {kind!r}.")
    return blocks


def _card(row: dict[str, str], language: str, pages: dict[tuple[str, str], Page]) -> dict[str, Any]:
    page = pages.get((row["path"].strip("/"), language)) if row["path"] != "/" else None
    return {
        "heading": row["heading"],
        "text": row.get("text", ""),
        "page": page,
        "url": "" if page else row["path"],
    }


def _link(path: str, language: str, pages: dict[tuple[str, str], Page]) -> str:
    """Pages by their number, so that the link follows them; other addresses in the language of the text."""
    page = pages.get((path.strip("/"), language))
    if page is not None and path != "/":
        return f'<a linktype="page" id="{page.pk}">'
    return f'<a href="{path if language == "ja" else f"/en{path}"}">'


def _whole_text(said: dict[str, Any], language: str) -> str:
    return "".join(
        _LINK.sub(lambda found: _link(found["path"], language, {}), block["text"].strip())
        for block in said["body"]
        if "text" in block
    )


def date_page(page: Page, released: dt.datetime) -> None:
    """A page of the demo looks as old as it is meant to be."""
    Page.objects.filter(pk=page.pk).update(
        first_published_at=released, last_published_at=released, latest_revision_created_at=released
    )


__all__ = ["Loaded", "Text", "date_page", "join", "load_pages", "load_terms", "texts", "write"]
