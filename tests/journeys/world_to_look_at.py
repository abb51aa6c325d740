"""The whole invented world behind a server, built once for all tests of a process, and people who are signed in already."""

import functools
import time
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from demo import world
from tests import fixtures
from tests.accounts.codes import proved, with_app
from tests.journeys.conftest import DESKTOP, PHONE, RULES
from tests.journeys.every_page import CAREFUL, NEW, NOBODY
from tests.journeys.laid_out import MISPLACED

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
# The width of a desktop page that somebody has zoomed to 400 %.
REFLOW = {"width": 320, "height": 780}
OPTIONS = {"runOnly": RULES, "preload": False, "iframes": False, "resultTypes": ["violations", "incomplete"]}
# Weighing every colour takes longer than all other rules together.
WITHOUT_COLOURS = OPTIONS | {"rules": {"color-contrast": {"enabled": False}}}
# What sticks out of the page, what the rules say, and where they leave the judgement to a person.
LOOK = """async (options) => {
  const complaints = [], doubts = [], width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1) {
    const out = [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > width + 1);
    complaints.push("scrolls sideways: " + out.slice(0, 3).map((node) => node.outerHTML.slice(0, 120)).join("; "));
  }
  const found = options ? await axe.run(document, options) : {};
  for (const [said, rules] of [[complaints, found.violations ?? []], [doubts, found.incomplete ?? []]]) {
    for (const rule of rules) {
      const why = (node) => said === doubts ? ` (${[...node.any, ...node.all, ...node.none].map((one) => one.message).join(" ")})` : "";
      const nodes = rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + why(node)).join("; ");
      said.push(`${rule.id} ${rule.help}: ${nodes}`);
    }
  }
  return [complaints, doubts];
}"""
FACTS = """() => ({
  language: document.documentElement.lang,
  title: document.title,
  headings: document.querySelectorAll("h1").length,
})"""
KEPT = "whole_"


@functools.cache
def build_once() -> None:
    """The whole world in place of the small one, kept for the next test of this process."""
    fixtures.leave_only_what_migrations_brought()
    world.build()
    newcomers()
    fixtures.keep_world(KEPT)


@pytest.fixture
def house(live_server: LiveServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a server in front of the whole world, the same for every test."""
    settings.SITE_URL = live_server.url
    # Styles and scripts are fetched once, as from a real house.
    serve = StaticFilesHandlerMixin.serve

    def serve_to_keep(handler: Any, request: Any) -> Any:
        answer = serve(handler, request)
        answer["Cache-Control"] = "max-age=3600"
        return answer

    monkeypatch.setattr(StaticFilesHandlerMixin, "serve", serve_to_keep)
    build_once()
    fixtures.put_world_back(KEPT)
    cache.clear()
    return live_server.url


def newcomers() -> None:
    """Somebody who has only signed up, and somebody with an app and codes on paper."""
    for who, name in ((NEW, "新井 みどり"), (CAREFUL, "用心 深子")):
        person = User.objects.create_user(f"{who}@demo.example", name=name)
        EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)
    careful = User.objects.get(email=f"{CAREFUL}@demo.example")
    with_app(careful)
    RecoveryCodes.activate(careful)


class Looker:
    """One person at one browser, signed in without the form, who says what is wrong with a page."""

    def __init__(self, browser: Browser, base: str, who: str, **more: Any) -> None:
        self.base = base
        self.person = User.objects.get(email=f"{who}@demo.example") if who != NOBODY else None
        self.context: BrowserContext = browser.new_context(
            viewport=PHONE, locale="ja-JP", timezone_id="Asia/Tokyo", **more
        )
        self.context.set_default_timeout(15_000)
        self.context.add_init_script(AXE)
        if self.person is not None:
            cookie = proved(Client(), self.person).cookies["sessionid"]
            self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base}])
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        # What the rules cannot judge: printed by the long walk, for a person to look at.
        self.doubts: list[str] = []
        self.page.on("console", lambda said: self.complain(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda said: self.complain(str(said)))
        # What the server, the page and the rules took, in seconds.
        self.took = {"page": 0.0, "rules": 0.0}

    def complain(self, what: str) -> None:
        self.complaints.append(f"{self.page.url.removeprefix(self.base)}: {what}")

    def open(self, path: str, status: int | None = 200) -> None:
        """Goes there; what answers with another status than the wanted one, if one is wanted, is complained about."""
        begun = time.perf_counter()
        self.page.set_viewport_size(PHONE)
        before = len(self.complaints)
        answer = self.page.goto(self.base + path)
        if status is None or status >= 400:
            # The browser says of such a page that it could not be loaded; that is what was wanted.
            del self.complaints[before:]
        if answer is None or answer.status != (status or answer.status):
            self.complain(f"answered {answer and answer.status}, not {status}")
        self.took["page"] += time.perf_counter() - begun

    def facts(self) -> dict[str, Any]:
        return self.page.evaluate(FACTS)

    def look(
        self,
        colours: tuple[dict[str, int], ...] = (PHONE, DESKTOP),
        rules: tuple[dict[str, int], ...] = (PHONE, DESKTOP),
        *,
        words: bool = True,
    ) -> None:
        """Never sideways, on a phone, on a desktop, on a zoomed page; by the rules, and with colours, at these widths.

        `words`: whether each keeps to its place as well.
        """
        begun = time.perf_counter()
        for size in (PHONE, REFLOW, DESKTOP):
            self.page.set_viewport_size(size)
            options = OPTIONS if size in colours else WITHOUT_COLOURS if size in rules else None
            complaints, doubts = self.page.evaluate(LOOK, options)
            for found in [*complaints, *(self.page.evaluate(MISPLACED) if words else ())]:
                self.complain(f"at {size['width']}: {found}")
            path = self.page.url.removeprefix(self.base)
            self.doubts += [f"{path} at {size['width']}: {found}" for found in doubts]
        self.took["rules"] += time.perf_counter() - begun

    def close(self) -> None:
        self.context.close()
