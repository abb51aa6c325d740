"""A real Chromium for the stories, and the accessibility rules that every page they pass must meet."""

import os
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

# Playwright's synchronous interface runs an event loop in this thread; Django would refuse its own database in it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PHONE, DESKTOP = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
HALF_WRITTEN = re.compile(r"/cms/pages/(add/[\w/]+|\d+/edit)/$")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What the policy stopped, in every frame and from the first line of a page on.
LISTEN = """
document.addEventListener("securitypolicyviolation", (event) => window.tellWhatWasStopped(
  `${event.effectiveDirective} stopped ${event.blockedURI} ${event.sourceFile ?? ""}:${event.lineNumber} ${event.sample}`
));
"""
# A machine that does other work as well may take longer than the five seconds that Playwright waits.
expect.set_options(timeout=20_000)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without one the browser tests fail and say what to install."""
    place = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if place is None:
        pytest.fail("No Chromium found. Install it (Debian: apt-get install chromium) or pass --no-browser.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=QUIET)
        yield browser
        browser.close()


class Visitor:
    """One person at one browser. Every page is looked at on a phone and on a desktop before it is left."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base = base
        self.complaints: list[str] = []
        context.expose_binding("tellWhatWasStopped", self._was_stopped)
        context.add_init_script(LISTEN)
        self.page: Page = context.new_page()
        self.seen: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", self._broke)
        self.page.on("response", self._count)

    def _was_stopped(self, source, words: str) -> None:
        self.complaints.append(f"{source['frame'].url}: {words}")

    def _broke(self, error) -> None:
        self.complaints.append(f"{self.page.url}: {error}")

    def _hear(self, message) -> None:
        # Wagtail saves while somebody writes; what is half written is answered 400, and the page says what is missing.
        is_half_written = "400" in message.text and HALF_WRITTEN.search(message.location["url"])
        if message.type == "error" and not is_half_written:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _count(self, response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.url}: {response.status}")

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=False).first.fill(text)

    def tick(self, words: str) -> None:
        self.page.get_by_label(words, exact=False).first.check()

    def press(self, words: str) -> None:
        """Press the button or follow the link that says this."""
        target = self.page.get_by_role("button", name=words).or_(self.page.get_by_role("link", name=words)).first
        target.click()
        self.page.wait_for_load_state()

    def reads(self, words: str) -> bool:
        return words in self.page.locator("main").inner_text()

    def look(self) -> None:
        """The page meets the rules at both widths, never scrolls sideways, and has one main heading."""
        for size in (PHONE, DESKTOP):
            self.page.set_viewport_size(size)
            # The rules must not fetch style sheets themselves: the policy forbids it and the console would say so.
            found = Axe().run(self.page, options={"runOnly": RULES, "preload": False})
            for rule in found.response["violations"]:
                nodes = "; ".join(node["html"][:120] for node in rule["nodes"][:3])
                self.complaints.append(f"{self.page.url} at {size['width']}: {rule['id']} {rule['help']}: {nodes}")
            if self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
                self.complaints.append(f"{self.page.url} at {size['width']}: scrolls sideways")
        if self.page.locator("h1").count() != 1:
            self.complaints.append(f"{self.page.url}: {self.page.locator('h1').count()} main headings")
        self.seen.append(self.page.url.removeprefix(self.base))

    def sign_in(self, email: str, password: str = "kakehashi-demo") -> None:
        self.open("/accounts/login/")
        self.page.locator("input[name=login]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("main form button[type=submit]").first.click()
        self.page.wait_for_load_state()


@pytest.fixture
def visitor(browser: Browser, live_server) -> Iterator[Callable[[], Visitor]]:
    """Makes people with a browser of their own; what their pages complained about fails the story at its end."""
    made: list[tuple[BrowserContext, Visitor]] = []

    def make() -> Visitor:
        context = browser.new_context(viewport=DESKTOP, locale="ja-JP", timezone_id="Asia/Tokyo")
        context.set_default_timeout(15_000)
        person = Visitor(context, live_server.url)
        made.append((context, person))
        return person

    yield make
    complaints = [complaint for _context, person in made for complaint in person.complaints]
    for context, _person in made:
        context.close()
    assert complaints == []
