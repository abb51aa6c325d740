"""The texts of the public site: both languages say the same, in few kinds of words, and no link leads nowhere."""

import re
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.urls import resolve

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "site" / "pages" / "texts", ROOT / "site" / "demo" / "texts"]
JAPANESE = sorted(file for folder in FOLDERS for file in (folder / "ja").rglob("*.toml"))
ENGLISH = sorted(file for folder in FOLDERS for file in (folder / "en").rglob("*.toml"))
FILES = [*JAPANESE, *ENGLISH]
PAGES = {"/"} | {
    f"/{file.relative_to(FOLDERS[0] / 'ja').with_suffix('')}/" for file in JAPANESE if FOLDERS[0] in file.parents
}

TAGS = {"h2", "h3", "p", "b", "ol", "ul", "li", "a", "br"}
OF_AN_EVENT = ("place", "audience", "organiser")
KINDS = {"text", "note", "steps", "questions", "facts", "links", "contact"}
# Words of a link that do not say where it leads.
SAYS_NOTHING = {"こちら", "ここ", "詳細", "詳しく", "here", "click here", "more", "this page"}
# 漢字《かんじ》 or ｜base《reading》: the reading is kana, the base is right before it.
FURIGANA = re.compile(r"(?:｜[^｜《》\s]+|[一-鿿々〆ヶ]+)《[ぁ-ゖァ-ヺー]+》")
SENTENCE = re.compile(r"[^。？]+[。？]?")


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT / "site"))


def page_of(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def twin_of(file: Path) -> Path:
    language = "en" if "ja" in file.parts else "ja"
    return Path(*[language if part in ("ja", "en") else part for part in file.parts])


class Markup(HTMLParser):
    """What a piece of HTML uses, and what is wrong with it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.pieces: list[str] = [""]
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(f"<{tag}> is not among the tags")
        names = [name for name, _value in attrs]
        if names != (["href"] if tag == "a" else []):
            self.wrong.append(f"<{tag}> carries {names}")
        if tag == "a":
            self.links.append((str(dict(attrs).get("href")), ""))
        if tag in TAGS - {"a", "b"}:
            self.pieces.append("")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")
        if tag in TAGS - {"a", "b"}:
            self.pieces.append("")

    def handle_data(self, data: str) -> None:
        self.pieces[-1] += data
        if "a" in self.open:
            address, words = self.links[-1]
            self.links[-1] = (address, words + data)
        elif data.strip() and not self.open:
            self.wrong.append(f"{data.strip()!r} stands in no tag")


def kind_of(block: dict[str, Any]) -> str:
    (kind,) = block
    return kind


def html_of(page: dict[str, Any]) -> Iterator[str]:
    for block in page["body"]:
        yield from [block["text"]] if "text" in block else []
        yield from [block["note"]["text"]] if "note" in block else []
        yield from [row["answer"] for row in block.get("questions", [])]


def plain_of(page: dict[str, Any]) -> Iterator[str]:
    yield from [page[key] for key in ("title", "lead", "description", *OF_AN_EVENT) if key in page]
    for block in page["body"]:
        yield from [block["note"]["title"]] if "note" in block else []
        yield from [row["question"] for row in block.get("questions", [])]
        for kind in ("steps", "facts", "links"):
            for row in block.get(kind, []):
                yield from [words for key, words in row.items() if key != "path"]


def paths_of(page: dict[str, Any]) -> Iterator[str]:
    for text in html_of(page):
        yield from [address for address, _words in Markup(text).links]
    for block in page["body"]:
        yield from [row["path"] for row in block.get("links", [])]
    yield from [page["apply_path"]] if "apply_path" in page else []


def shape_of(page: dict[str, Any]) -> list[Any]:
    """Keys of the page, kinds of its blocks, and how many rows each has, with the keys of each row."""
    blocks = [
        (kind, [sorted(row) for row in content] if isinstance(content, list) else None)
        for block in page["body"]
        for kind, content in block.items()
    ]
    return [sorted(page), *blocks]


def leads_somewhere(address: str) -> bool:
    if address.startswith("tel:"):
        return re.fullmatch(r"tel:\d+", address) is not None
    path = address.partition("?")[0].partition("#")[0]
    # Wagtail's own pattern takes every address: only pages that these files make count there.
    return path in PAGES or (path.startswith("/") and resolve(path).view_name != "wagtail_serve")


def test_there_are_texts():
    assert len(JAPANESE) == len(ENGLISH) == 23
    assert "/help/school/" in PAGES


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_both_languages_have_the_same_shape(file):
    assert twin_of(file).exists()
    page, twin = page_of(file), page_of(twin_of(file))
    assert shape_of(page) == shape_of(twin)
    assert {kind_of(block) for block in page["body"]} <= KINDS
    assert list(paths_of(page)) == list(paths_of(twin))
    same = (
        "section",
        "form",
        "in_menu",
        "in_footer",
        "kind",
        "days_ago",
        "expired_days_ago",
        "in_days",
        "start",
        "end",
    )
    assert [page.get(key) for key in same] == [twin.get(key) for key in same]


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_the_markup_is_whole_and_plain(file):
    assert [wrong for text in html_of(page_of(file)) for wrong in Markup(text).wrong] == []
    assert [text for text in plain_of(page_of(file)) if re.search(r"[<>&]", text)] == []


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_every_link_leads_somewhere_and_says_where(file):
    page = page_of(file)
    assert [path for path in paths_of(page) if not leads_somewhere(path)] == []
    words = [said.strip().lower() for text in html_of(page) for _path, said in Markup(text).links]
    assert [said for said in words if not said or said in SAYS_NOTHING] == []


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_what_stands_in_lists_is_short(file):
    page = page_of(file)
    assert 0 < len(page["lead"]) <= 200
    assert len(page.get("description", "")) <= 120
    steps = [row for block in page["body"] for row in block.get("steps", [])]
    questions = [row for block in page["body"] for row in block.get("questions", [])]
    assert [row for row in steps if len(row["heading"]) > 40 or len(row["time"]) > 60 or len(row["text"]) > 200] == []
    facts = [row for block in page["body"] for row in block.get("facts", [])]
    links = [row for block in page["body"] for row in block.get("links", [])]
    assert [row for row in facts if len(row["label"]) > 40 or len(row["text"]) > 400] == []
    assert [row for row in links if len(row["heading"]) > 60 or len(row["text"]) > 200] == []
    assert [page[key] for key in OF_AN_EVENT if len(page.get(key, "")) > 120] == []
    assert [row["question"] for row in questions if len(row["question"]) > 120 or len(row["answer"]) > 600] == []


@pytest.mark.parametrize("file", JAPANESE, ids=name_of)
def test_japanese_sentences_are_short(file):
    page = page_of(file)
    pieces = [*plain_of(page), *(piece for text in html_of(page) for piece in Markup(text).pieces)]
    readable = [re.sub(r"《[^》]*》|｜|\s", "", piece) for piece in pieces]
    sentences = [said for piece in readable for said in SENTENCE.findall(piece)]
    assert [said for said in sentences if len(said) > 60] == []
    assert sum(map(len, sentences)) / len(sentences) <= 30
    assert [said for said in sentences if "！" in said or "!" in said] == []


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_furigana_stands_where_it_is_shown_and_is_whole(file):
    page = page_of(file)
    marked = [text for text in html_of(page) if re.search("[《》｜]", text)]
    assert [text for text in plain_of(page) if re.search("[《》｜]", text)] == []
    assert [text for text in marked if re.search("[《》｜]", FURIGANA.sub("", text))] == []
    assert bool(marked) == page.get("furigana", False)


def test_terms_are_text_alone():
    """They are kept as versions, which no later page may change."""
    for language in ("ja", "en"):
        page = page_of(FOLDERS[0] / language / "terms.toml")
        assert sorted(page) == ["body", "lead", "title"]
        assert {kind_of(block) for block in page["body"]} == {"text"}


def test_the_news_of_the_demo_show_every_moment():
    """One waits for its day, one is over, and nobody can apply to an event when it has begun."""
    ours = [file for file in JAPANESE if FOLDERS[1] in file.parents]
    news = [page_of(file) for file in ours if file.parent.name == "news"]
    events = [page_of(file) for file in ours if file.parent.name == "events"]
    assert {page["kind"] for page in news} == {"notice", "activity", "call"}
    assert [page["days_ago"] for page in news if page["days_ago"] < 0] == [-5]
    assert [page["expired_days_ago"] for page in news if "expired_days_ago" in page] == [10]
    assert len([page for page in events if page["in_days"] < 0]) == 1
    assert all(page.get("apply_by_days", -99) < page["in_days"] for page in events)
