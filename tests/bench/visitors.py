"""Somebody who visits pages, one at a time, with cookies and nothing else of a browser."""

import http.client
import re
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.bench.servers import CannotMeasure, Server

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


@dataclass
class Visitor:
    """One person, or nobody, before one server.

    Each request is a connection of its own: gunicorn's sync workers keep none open, neither for the house nor for floors.
    """

    server: Server
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def ask(
        self, path: str, form: dict[str, str | list[str]] | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """GET, or POST where there is a form; redirects are not followed."""
        sent = {"Connection": "close", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode({**form, "csrfmiddlewaretoken": self.token}, doseq=True)
        door = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        began = time.perf_counter()
        door.request("GET" if form is None else "POST", path, body=body, headers=sent)
        response = door.getresponse()
        content = response.read()
        seconds = time.perf_counter() - began
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        found = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, found, content, seconds)

    def sign_in(self, email: str, password: str) -> None:
        """Through the form on the screen, as people do."""
        path = "/accounts/login/"
        self.read_token(path)
        answer = self.ask(path, {"login": email, "password": password})
        if answer.status != 302 or "sessionid" not in self.cookies:
            raise CannotMeasure(f"{email} could not sign in: {answer.status}\n{answer.body.decode()[:2000]}")

    def read_token(self, path: str) -> None:
        """Take the token of the form at this address; it serves until the next sign-in."""
        answer = self.ask(path)
        token = _TOKEN.search(answer.body.decode())
        if answer.status != 200 or token is None:
            raise CannotMeasure(f"{path} answered {answer.status}, without a form to fill in")
        self.token = token[1]
