"""Walk through a served demo: every role signs in by the real form and opens its own page.

Needs the standard library alone, so that it can look at any house: `walk_demo.py http://localhost:8000`.
"""

import argparse
import http.cookiejar
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

PASSWORD = "kakehashi-demo"
PAGES = {
    "teacher": "/my/",
    "teacher2": "/my/",
    "board": "/my/",
    "ambassador": "/my/",
    "ambassador2": "/my/",
    "member": "/my/",
    "orgadmin": "/my/",
    "orgadmin2": "/my/",
    "viewer": "/dashboard/",
    "coordinator": "/desk/",
    "editor": "/cms/",
    "admin": "/cms/",
}


class Page(HTMLParser):
    """What the walk needs of a page: its first heading and the fields a form sends unasked."""

    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self.url = url
        self.heading = ""
        self.hidden: dict[str, str] = {}
        self._in_heading = False
        self.feed(text)

    @property
    def path(self) -> str:
        return urllib.parse.urlsplit(self.url).path

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "h1" and not self.heading.strip():
            self._in_heading = True
        if tag == "input" and given.get("type") == "hidden" and given.get("name"):
            self.hidden[given["name"]] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "h1":
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self.heading += data


class Visitor:
    """One person with one browser: keeps cookies, sends forms, follows redirects."""

    def __init__(self, house: str) -> None:
        self.house = house
        self._browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
            # Only this house is visited; a proxy of the machine knows nothing of it.
            urllib.request.ProxyHandler({}),
        )

    def open(self, path: str, fields: dict[str, str] | None = None) -> Page:
        form = urllib.parse.urlencode(fields).encode() if fields is not None else None
        request = urllib.request.Request(self.house + path, data=form, headers={"Referer": self.house + path})
        with self._browser.open(request, timeout=60) as answer:
            return Page(answer.url, answer.read().decode())

    def sign_in(self, mail: str) -> None:
        door = self.open("/accounts/login/")
        self.open("/accounts/login/", door.hidden | {"login": mail, "password": PASSWORD})


def problem_of(visitor: Visitor, who: str, path: str) -> str:
    """Sign in, open the page, print a line; return what was wrong, or nothing."""
    mail = f"{who}@demo.example"
    try:
        visitor.sign_in(mail)
        page = visitor.open(path)
    except urllib.error.HTTPError as answer:
        return f"{mail}: {answer.url} answered {answer.code}"
    except (OSError, UnicodeDecodeError) as trouble:
        return f"{mail}: {path}: {trouble}"
    if page.path != path:
        return f"{mail}: was led from {path} to {page.path}"
    heading = " ".join(page.heading.split())
    if not heading:
        return f"{mail}: {path} has no heading"
    print(f"  {mail:28} {path:12} 200  {heading}", flush=True)
    return ""


def wait_until_well(house: str, seconds: int, alive: int | None) -> str:
    """Return nothing as soon as /healthz says that all is well, else why it never did."""
    end = time.monotonic() + seconds
    trouble = "it was never asked"
    while time.monotonic() < end:
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                house + "/healthz", timeout=10
            ) as answer:
                json.load(answer)
                return ""
        except (OSError, ValueError) as latest:
            trouble = str(latest)
        if alive is not None:
            try:
                os.kill(alive, 0)
            except ProcessLookupError:
                return "its process has ended"
        time.sleep(0.5)
    return f"after {seconds} s: {trouble}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("house", help="address of the served demo")
    parser.add_argument("--wait", type=int, default=10, metavar="SECONDS", help="how long the house may take to open")
    parser.add_argument("--while-alive", type=int, metavar="PID", help="stop waiting when this process has ended")
    options = parser.parse_args()
    house = options.house.rstrip("/")

    if trouble := wait_until_well(house, options.wait, options.while_alive):
        print(f"{house}/healthz does not answer: {trouble}", file=sys.stderr)
        return 1
    print(f"{house} is open.")
    problems = [problem for who, path in PAGES.items() if (problem := problem_of(Visitor(house), who, path))]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(PAGES) - len(problems)} of {len(PAGES)} people found their page.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
