"""A real mail server on this machine that can be told to misbehave, and mail workers that are real processes."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection

from outbox.actions import new_message_id
from outbox.models import Letter
from tests import scratch

ROOT = Path(__file__).resolve().parents[2]


class Postbox:
    """What arrived: envelopes as the server saw them; `refusal` is its answer to the next letters, `named` for whom it
    was asked, whether or not a letter followed.

    `at` is called at each stage of a conversation (ehlo, mail, rcpt, data, taken) and may be slow, or cut the line.
    """

    def __init__(self) -> None:
        self.refusal = ""
        self.sender_refusal = ""
        self.refused_people: dict[str, str] = {}
        self.named: list[str] = []
        self.recipients: list[list[str]] = []
        self.letters: list[EmailMessage] = []
        self.at: Callable[[str, Any], Awaitable[None]] = nothing_happens

    def ids_by_subject(self) -> dict[str, Counter[str]]:
        """How often each letter arrived under which Message-ID."""
        found: dict[str, Counter[str]] = {}
        for letter in self.letters:
            found.setdefault(letter["Subject"], Counter())[letter["Message-ID"]] += 1
        return found

    async def handle_EHLO(self, server, session, envelope, hostname, answers):
        session.host_name = hostname
        await self.at("ehlo", server)
        return answers

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:
        await self.at("mail", server)
        if self.sender_refusal:
            return self.sender_refusal
        envelope.mail_from = address
        return "250 go on"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        self.named.append(address)
        await self.at("rcpt", server)
        if address in self.refused_people:
            return self.refused_people[address]
        envelope.rcpt_tos.append(address)
        return "250 go on"

    async def handle_DATA(self, server, session, envelope) -> str:
        await self.at("data", server)
        if self.refusal:
            return self.refusal
        self.recipients.append(list(envelope.rcpt_tos))
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        await self.at("taken", server)
        return "250 taken"


async def nothing_happens(stage: str, server: Any) -> None:
    pass


def cut(when: str) -> Callable[[str, Any], Awaitable[None]]:
    """The server hangs up at this stage without a word."""

    async def at(stage: str, server: Any) -> None:
        if stage == when:
            server.transport.abort()
            await asyncio.sleep(0)

    return at


def slow(when: str, seconds: float) -> Callable[[str, Any], Awaitable[None]]:
    async def at(stage: str, server: Any) -> None:
        if stage == when:
            await asyncio.sleep(seconds)

    return at


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


@pytest.fixture
def postbox(settings) -> Iterator[Postbox]:
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield box
    controller.stop()


@pytest.fixture
def write_letters(db) -> Callable[..., list[Letter]]:
    """Letters that wait, each with a number for its subject."""

    def write(count: int, first: int = 0, **more: Any) -> list[Letter]:
        return Letter.objects.bulk_create(
            Letter(
                key=f"test:{number}",
                to_address=f"reader{number}@example.jp",
                subject=str(number),
                body="x\n",
                message_id=new_message_id(),
                **more,
            )
            for number in range(first, first + count)
        )

    return write


# ── workers ───────────────────────────────────────────────────────────────────
@dataclass
class Worker:
    """One `deliver_letters`, running."""

    pid: int
    nursery: "Nursery"
    exit_code: int | None = None

    def wait(self) -> int:
        """Its exit code; minus the signal that killed it."""
        if self.exit_code is None:
            self.exit_code = int(self.nursery.say(f"wait {self.pid}"))
        return self.exit_code

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def said(self) -> str:
        return (scratch.folder() / f"worker-{self.pid}").read_text()

    def sleeps(self) -> bool:
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


class Nursery:
    """Starts workers as forks of a process that has loaded Django: many, without seconds of loading for each."""

    def __init__(self) -> None:
        self.port = 0
        name = connection.settings_dict["NAME"]
        server = os.environ["DATABASE_URL"].rpartition("/")[0]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.outbox.nursery", str(scratch.folder())],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
                "DATABASE_URL": f"sqlite:///{name}" if connection.vendor == "sqlite" else f"{server}/{name}",
                "EMAIL_URL": "smtp://127.0.0.1:1",
            },
        )
        self.workers: list[Worker] = []
        assert self.process.stdout.readline() == "ready\n"

    def say(self, order: str) -> str:
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def start(self) -> Worker:
        self.workers.append(Worker(int(self.say(f"start {self.port}")), self))
        return self.workers[-1]

    def end_workers(self) -> None:
        for worker in self.workers:
            if worker.exit_code is None:
                worker.kill()
                worker.wait()
        self.workers.clear()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def loaded_nursery(django_db_setup) -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def nursery(loaded_nursery, transactional_db, postbox, settings) -> Iterator[Nursery]:
    """Its workers send to the postbox of this test."""
    loaded_nursery.port = settings.EMAIL_PORT
    yield loaded_nursery
    loaded_nursery.end_workers()


def until(what: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for it, in small steps."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
