"""文章の点検: what an editor may want to look at again before a page goes out. It never stops anybody.

Follows what public offices ask of their own pages: no half-width kana, no blanks inside words, days with their right
weekday, links that say where they lead, short sentences.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.panels import Panel
from wagtail.blocks import ListBlock, RichTextBlock, StreamBlock, StructBlock
from wagtail.models import Page
from wagtail.rich_text import RichText

from pages import readings
from ui import dates

LONG_SENTENCE = 80  # characters; public offices aim at 50
SHOWN = 24  # characters of the place, so that it is found again
WEEKDAYS = "月火水木金土日"
VAGUE = ("こちら", "ここ", "詳細", "詳しくはこちら", "リンク", "クリック", "here", "click here", "read more", "more")

_HALF_KANA = re.compile("[\uff61-\uff9f]+")
_WIDE_LATIN = re.compile("[Ａ-Ｚａ-ｚ０-９]+")
_SPACED_WORD = re.compile(r"(?<![一-鿿ぁ-ゖァ-ヺ])([一-鿿][ 　]+[一-鿿])(?![一-鿿ぁ-ゖァ-ヺ])")
_DAY = re.compile(
    r"(?:(?P<year>\d{4})年|(?P<era>令和)(?P<era_year>元|\d{1,2})年(?:（\d{4}）)?)?"
    r"(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?P<weekday>[（(][月火水木金土日](?:曜日?)?[・、祝休）)])?"
)
_COMPATIBILITY = re.compile("[㈰-㉃㊀-㊰㌀-㏿㈱㈲㈹№℡]")
_GAIJI = re.compile("[\ue000-\uf8ff]")
_BARE_ADDRESS = re.compile(r"https?://[\w./%?=&#~+-]{8,}")
_SENTENCE_END = re.compile(r"(?<=[。！？])|\n")
_MARKS = re.compile("[!！]")


@dataclass(frozen=True)
class Finding:
    """What was found, the words it was found in, and what to do."""

    place: str
    advice: str


@dataclass(frozen=True)
class Part:
    """A stretch of text of a page: running text has its links and headings, a line has only itself."""

    text: str
    links: tuple[tuple[str, str], ...] = ()
    headings: tuple[int, ...] = ()


def _of_html(html: str) -> Part:
    soup = BeautifulSoup(html, "html.parser")
    links = tuple((link.get_text(strip=True), link.get("href", "")) for link in soup.find_all("a"))
    headings = tuple(int(found.name[1]) for found in soup.find_all(["h2", "h3", "h4"]))
    for block in soup.find_all(["p", "li", "h2", "h3", "h4", "br"]):
        block.append("\n")
    return Part(readings.without(soup.get_text()), links, headings)


def _of_block(block: Any, value: Any) -> Iterator[Part]:
    if value is None:
        return
    if isinstance(block, RichTextBlock):
        yield _of_html(value.source if isinstance(value, RichText) else str(value))
    elif isinstance(block, StreamBlock):
        for child in value:
            yield from _of_block(child.block, child.value)
    elif isinstance(block, ListBlock):
        for child in value:
            yield from _of_block(block.child_block, child)
    elif isinstance(block, StructBlock):
        for name, child in block.child_blocks.items():
            yield from _of_block(child, value.get(name))
    elif isinstance(value, str) and "choices" not in getattr(block, "_constructor_kwargs", {}):
        yield Part(readings.without(value))


def parts_of(page: Page) -> list[Part]:
    """Every stretch of text of a page, in the order of its fields."""
    parts = [Part(page.title)]
    for name in ("kicker", "headline", "lead", "place", "audience", "organiser", "cost"):
        if text := getattr(page, name, ""):
            parts.append(Part(readings.without(text)))
    for name in ("facts", "steps", "questions", "body"):
        if (stream := getattr(page, name, None)) is not None:
            parts.extend(_of_block(stream.stream_block, stream))
    return parts


def findings(page: Page) -> list[Finding]:
    """What to look at again, in the order of the page; the same finding is told once."""
    japanese = page.locale.language_code == "ja"
    found: dict[Finding, None] = {}
    for part in parts_of(page):
        for finding in _in_part(part, japanese):
            found.setdefault(finding)
    for finding in _in_headings([level for part in parts_of(page) for level in part.headings]):
        found.setdefault(finding)
    return list(found)


def _in_part(part: Part, japanese: bool) -> Iterator[Finding]:
    text = part.text
    if japanese:
        yield from _in_japanese(text)
    for match in _GAIJI.finditer(text):
        yield Finding(
            _around(text, match), _("外字は、ほかのパソコンでは表示されません。別の字か、かなにしてください。")
        )
    for match in _BARE_ADDRESS.finditer(text):
        yield Finding(match[0][:SHOWN], _("アドレスをそのまま書かず、行き先の名前をリンクにしてください。"))
    for words, _href in part.links:
        if words.strip("。.　 ").casefold() in VAGUE:
            yield Finding(words, _("リンクの言葉だけで行き先が分かるように書いてください。"))


def _in_japanese(text: str) -> Iterator[Finding]:
    for match in _HALF_KANA.finditer(text):
        whole = unicodedata.normalize("NFKC", match[0])
        yield Finding(match[0], _("半角カナは「%(whole)s」と書いてください。") % {"whole": whole})
    for match in _WIDE_LATIN.finditer(text):
        whole = unicodedata.normalize("NFKC", match[0])
        yield Finding(match[0], _("英数字は半角で「%(whole)s」と書いてください。") % {"whole": whole})
    for match in _SPACED_WORD.finditer(text):
        joined = re.sub(r"[ 　]", "", match[1])
        yield Finding(
            match[1],
            _("言葉の中に空白があると、読み上げと検索で別の言葉になります。「%(joined)s」と書いてください。")
            % {"joined": joined},
        )
    for match in _COMPATIBILITY.finditer(text):
        whole = unicodedata.normalize("NFKC", match[0])
        yield Finding(
            _around(text, match),
            _("「%(mark)s」は読み上げられないことがあります。「%(whole)s」と書いてください。")
            % {"mark": match[0], "whole": whole},
        )
    for match in _MARKS.finditer(text):
        yield Finding(_around(text, match), _("感嘆符は使いません。"))
    for match in _DAY.finditer(text):
        yield from _in_day(match)
    for sentence in _SENTENCE_END.split(text):
        count = len(sentence.strip())
        if count > LONG_SENTENCE:
            yield Finding(
                f"{sentence.strip()[:SHOWN]}…",
                ngettext(
                    "この文は%(count)s字あります。二つに分けられないか見てください。",
                    "この文は%(count)s字あります。二つに分けられないか見てください。",
                    count,
                )
                % {"count": count},
            )


def _in_day(match: re.Match[str]) -> Iterator[Finding]:
    """A day without its weekday, or with a wrong one; a wrong one sends a class to the wrong day."""
    said = match["weekday"]
    if said is None:
        yield Finding(match[0], _("日付には曜日を付けてください。例：12月15日（火）"))
        return
    year = int(match["year"]) if match["year"] else None
    if match["era"]:
        year = 2018 + (1 if match["era_year"] == "元" else int(match["era_year"]))
    if year is None:
        return
    try:
        day = dt.date(year, int(match["month"]), int(match["day"]))
    except ValueError:
        yield Finding(match[0], _("この日はありません。"))
        return
    right = WEEKDAYS[day.weekday()]
    if said[1] != right:
        yield Finding(
            match[0].rstrip("・、祝休"), _("曜日がちがいます。%(day)sです。") % {"day": dates.day_words(day, year=True)}
        )


def _in_headings(levels: list[int]) -> Iterator[Finding]:
    above = 1
    for level in levels:
        if level > above + 1:
            yield Finding(
                _("見出し%(level)s") % {"level": level},
                _("見出しの段が飛んでいます。見出し%(wanted)sを使ってください。") % {"wanted": above + 1},
            )
        above = level


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - SHOWN // 2) : match.end() + SHOWN // 2].strip()


class ChecksPanel(Panel):
    """The findings above the fields of a page, as it was saved last."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("heading", gettext_lazy("文章の点検"))
        super().__init__(**kwargs)

    class BoundPanel(Panel.BoundPanel):
        template_name = "pages/cms/checks_panel.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk) and super().is_shown()

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), "findings": findings(self.instance)}
