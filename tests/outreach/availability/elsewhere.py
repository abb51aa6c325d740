"""A server that plays calendars elsewhere, honest and hostile, and the child that finds it under every name.

Names become a number of the open net, which passes the same guard as always; only the connection then leads to this
server. Nothing of this can be switched on in the house itself.
"""

import gzip
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from outreach.availability import worker
from outreach.availability.fetching import Way

OPEN_NUMBER = "93.184.215.14"
INNER = {"inner.example.com": ["10.0.0.7"], "both.example.com": [OPEN_NUMBER, "127.0.0.1"]}


class LocalWay(Way):
    def __init__(self, port: int) -> None:
        super().__init__(seconds=5)
        self.port = port

    def look_up(self, host: str) -> list[str]:
        if host == "nowhere.example.com":
            raise socket.gaierror("Name or service not known")
        return INNER.get(host, [OPEN_NUMBER])

    def connect(self, number: str, host: str) -> socket.socket:
        assert number == OPEN_NUMBER, f"{number} was not to be asked"
        return socket.create_connection(("127.0.0.1", self.port), timeout=self.seconds)


Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Elsewhere:
    """What is answered at each path, and what was asked."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def says(self, path: str, content: bytes = b"", *, status: int = 200, **headers: str) -> None:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | _named(headers)).items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(content)

        self.answers[path] = answer

    def drips(self, path: str) -> None:
        """A byte now and then, for ever; no single pause is long."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.end_headers()
            while True:
                handler.wfile.write(b"B")
                handler.wfile.flush()
                time.sleep(0.05)

        self.answers[path] = answer

    def bomb(self, path: str, size: int) -> None:
        packed = gzip.compress(b"\0" * size)
        self.says(path, packed, content_encoding="gzip")


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-").title(): value for name, value in headers.items()}


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    told = Elsewhere()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.close_connection = True
            try:
                told.answers[self.path](self)
            except OSError:
                pass  # whoever asked has gone

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    worker.main(LocalWay(int(sys.argv[1])))
