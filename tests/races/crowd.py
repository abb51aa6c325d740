"""Many clients, each a process of its own, that set out at the same moment."""

import json
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.bench.servers import ROOT

CUT = 0
SILENCE_AT_MOST = 600  # seconds without a word from anybody


@dataclass(frozen=True)
class Answer:
    """What one client was told in the end for one step, and what came before it."""

    client: int
    road: int
    step: int
    path: str
    status: int
    location: str
    retry_after: str
    body: str
    before: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What a person reads on the page."""
        _head, _tag, main = self.body.partition("<main")
        return " ".join(re.sub(r"<[^>]*>", " ", "<main" + main if main else self.body).split())

    @property
    def cuts(self) -> int:
        return sum(earlier["status"] == CUT for earlier in self.before) + (self.status == CUT)

    @property
    def came_again(self) -> int:
        """How often the house was too busy and said when to come again."""
        return sum(earlier["status"] == 503 for earlier in self.before)


@dataclass
class Crowd:
    clients: list[subprocess.Popen]
    said: "queue.Queue[tuple[int, str]]"

    def set_out(self, walks: list[dict], notice: Callable[[Answer], None] = lambda answer: None) -> list[Answer]:
        """Everybody learns their walk, waits for all others, and sets out; `notice` hears of each answer as it comes."""
        walking = self.clients[: len(walks)]
        for client, walk in zip(walking, walks, strict=True):
            self._tell(client, json.dumps(walk))
        for _client in walking:
            self._hear()
        for client in walking:
            self._tell(client, "go")
        answers, still_walking = [], len(walking)
        while still_walking:
            number, words = self._hear()
            if words.pop("done", False):
                still_walking -= 1
                continue
            answers.append(Answer(client=number, **words))
            notice(answers[-1])
        return answers

    def _tell(self, client: subprocess.Popen, line: str) -> None:
        client.stdin.write(line + "\n")
        client.stdin.flush()

    def _hear(self) -> tuple[int, dict]:
        number, line = self.said.get(timeout=SILENCE_AT_MOST)
        if not line:
            raise AssertionError(f"Client {number} has ended: {self.clients[number].wait()}")
        return number, json.loads(line)


def _listen(number: int, client: subprocess.Popen, said: "queue.Queue[tuple[int, str]]") -> None:
    for line in client.stdout:
        said.put((number, line))
    said.put((number, ""))


@contextmanager
def crowd(size: int) -> Generator[Crowd]:
    """So many clients, ended with the block. Without the packages of the house they start in no time."""
    clients = [
        subprocess.Popen(
            [sys.executable, "-S", "-m", "tests.races.client"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for _number in range(size)
    ]
    said: queue.Queue[tuple[int, str]] = queue.Queue()
    listeners = [
        threading.Thread(target=_listen, args=(number, client, said), daemon=True)
        for number, client in enumerate(clients)
    ]
    for listener in listeners:
        listener.start()
    try:
        yield Crowd(clients, said)
    finally:
        for client in clients:
            client.kill()
            client.wait()
        for listener in listeners:
            listener.join()
        for client in clients:
            client.stdin.close()
            client.stdout.close()
