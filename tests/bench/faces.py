"""The pages that strangers read: drawn anew, from memory, and beside the same HTML from a plain template.

The plain template of a page holds its elements; its words are values. It is what the page would cost if nobody had to find
out what stands on it. A browser's first visit is weighed with everything that comes along.
"""

import gzip
import json
import re
import shutil
from typing import TYPE_CHECKING

from tests import scratch
from tests.bench.rounds import Subject
from tests.bench.servers import CannotMeasure, Server
from tests.bench.visitors import Visitor

if TYPE_CHECKING:
    from tests.bench.pages import Row

FACES = {
    "home": "/",
    "home in English": "/en/",
    "help": "/help/",
    "guide for schools": "/help/school/",
    "news": "/news/",
    "one piece of news": "/news/news-1/",
    "events": "/events/",
    "one event": "/events/event-1/",
    "for parents": "/parents/",
    "concerns, with their form": "/safety/",
    "contact, with its form": "/contact/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "terms": "/terms/",
    "chances": "/chances/",
    "directory": "/ambassadors/",
    "figures": "/reach/",
}
# A form has a token of its own and figures are read as they stand: these are made for each reader.
NEVER_KEPT = ("concerns, with their form", "contact, with its form", "directory", "figures")
# Lists are held against a list; the directory has its own goal in `pages.py`.
LISTS = {
    "news": ("floor_db50", "1", 2.5),
    "events": ("floor_db50", "1", 2.5),
    "directory": ("floor_db50", "", None),
    "figures": ("floor_db50", "", None),
}
PLAIN = scratch.folder() / "plain"
_WORDS = re.compile(r">([^<]+)<")
_PART = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def add_pages(news: int = 60, events: int = 30) -> None:
    """The texts of the house, and more news and events than one list shows."""
    import datetime as dt

    from django.utils import timezone
    from wagtail.rich_text import RichText

    from pages.loading import join, load_pages
    from pages.models import EventIndexPage, EventPage, NewsIndexPage, NewsPage
    from ui import dates

    load_pages()
    body = [("text", RichText("<p>教室で起きたことをお伝えします。</p>" * 5))]
    index = NewsIndexPage.objects.get(locale__language_code="ja")
    for number in range(1, news + 1):
        page = NewsPage(slug=f"news-{number}", title=f"お知らせ {number}", lead="短い導入です。", body=body)
        page.released_on = dates.today() - dt.timedelta(days=number)
        join(page, index, None)
    index = EventIndexPage.objects.get(locale__language_code="ja")
    for number in range(1, events + 1):
        start = timezone.now() + dt.timedelta(days=number - events // 2)
        page = EventPage(slug=f"event-{number}", title=f"催し {number}", starts_at=start, body=body, place="星見市")
        page.ends_at = start + dt.timedelta(hours=2)
        join(page, index, None)


def write_plain_templates(house: Server) -> None:
    """For each page a template with its elements, and the words it is filled with."""
    shutil.rmtree(PLAIN, ignore_errors=True)
    PLAIN.mkdir(parents=True)
    visitor = Visitor(house)
    for name, address in FACES.items():
        answer = visitor.ask(address)
        if answer.status != 200:
            raise CannotMeasure(f"{address} answered {answer.status}")
        words: list[str] = []

        def value(found: re.Match[str], words: list[str] = words) -> str:
            words.append(found[1])
            return f">{{{{ words.{len(words) - 1}|safe }}}}<"

        html = answer.body.decode().replace("{%", "").replace("{{", "")
        template = _WORDS.sub(value, html)
        (PLAIN / f"{_file(name)}.html").write_text(template, encoding="utf-8")
        (PLAIN / f"{_file(name)}.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")


def _file(name: str) -> str:
    return re.sub(r"\W+", "_", name)


def subjects(house: Server, floors: Server) -> list[Subject]:
    """Each page three times: made anew (a query it does not know keeps it out of memory), kept, and plain."""
    nobody, beside = Visitor(house), Visitor(floors)
    found = []
    for name, address in FACES.items():
        found.append(Subject(f"new {name}", nobody, {f"{address}?fresh=1": ""}))
        if name not in NEVER_KEPT:
            found.append(Subject(f"kept {name}", nobody, {address: ""}))
        found.append(Subject(f"plain {name}", beside, {f"/default/plain/{_file(name)}/": ""}))
    return found


def rows() -> "list[Row]":
    from tests.bench.pages import Row

    found = []
    for name in FACES:
        label = f"public: {name}"
        floor, goal, most = LISTS.get(name, ("floor_wagtail5", "3", 1.5))
        found.append(Row(f"{label}, made anew", f"new {name}", floor, goal, cpu=most, queries=8, kilobytes=60))
        found.append(Row(f"{label}, ÷ the same HTML, plain", f"new {name}", f"plain {name}", tail=None))
        if name not in NEVER_KEPT:
            found.append(Row(f"{label}, from memory", f"kept {name}", "floor_mw", "2", cpu=2, queries=0))
    return found


def weights(house: Server) -> list[list[str]]:
    """What a first visit brings along, compressed as it is sent, pictures left out; and whether anything is foreign."""
    visitor = Visitor(house)
    lines = [["page", "HTML kB", "with styles and scripts kB", "other hosts"]]
    for name, address in FACES.items():
        answer = visitor.ask(address)
        html = answer.body.decode()
        page = len(gzip.compress(answer.body))
        parts = [part for part in sorted(set(_PART.findall(html))) if part.endswith((".css", ".js"))]
        rest = sum(len(visitor.ask(part, headers={"Accept-Encoding": "gzip"}).body) for part in parts)
        foreign = sorted(
            {host for host in re.findall(r'<(?:link|script|img|iframe)[^>]+(?:src|href)="https?://([^/"]+)', html)}
            - {"localhost", "127.0.0.1", f"127.0.0.1:{house.port}"}
        )
        told = " ".join(foreign) or "none"
        lines.append([name, f"{page / 1000:.1f}", f"{(page + rest) / 1000:.1f}", told])
    return lines


def largest_paint(house: Server, address: str = "/", rounds: int = 5) -> list[list[str]]:
    """Milliseconds until the largest part of the page is painted, on a phone of a few years ago with slow 4G.

    The profile is that of Lighthouse's mobile runs: 150 ms, 1.6 Mbit/s, a processor four times slower.
    """
    from playwright.sync_api import sync_playwright

    place = shutil.which("chromium") or shutil.which("chromium-browser")
    if place is None:
        raise CannotMeasure("No Chromium: the largest paint was not measured.")
    seen = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=["--no-sandbox", "--disable-gpu"])
        for _round in range(rounds):
            context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2)
            page = context.new_page()
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            slow = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
            session.send("Network.emulateNetworkConditions", slow)
            session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
            page.goto(f"http://127.0.0.1:{house.port}{address}", wait_until="load")
            seen.append(
                page.evaluate(
                    """() => new Promise((done) => {
                        new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
                            .observe({ type: "largest-contentful-paint", buffered: true });
                    })"""
                )
            )
            context.close()
        browser.close()
    seen.sort()
    median = seen[len(seen) // 2]
    return [
        ["page", "largest paint, median ms", "best", "worst"],
        [address, f"{median:.0f}", f"{seen[0]:.0f}", f"{seen[-1]:.0f}"],
    ]


__all__ = ["FACES", "add_pages", "largest_paint", "rows", "subjects", "weights", "write_plain_templates"]
