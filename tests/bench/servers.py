"""A gunicorn of this run alone, and how much processor time its processes have used."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import scratch

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 90
# A production house on plain HTTP, nothing of the developer's own; letters go nowhere, the bench delivers none.
PRODUCTION = {
    "SECRET_KEY": "only-for-the-bench-only-for-the-bench-only-for-the-bench",
    "SITE_URL": "http://127.0.0.1",
    "ALLOWED_HOSTS": "127.0.0.1",
    "EMAIL_URL": "dummy:",
    "CACHE_URL": "locmem://",
    "MEDIA_URL": "/media/",
    "TRUSTED_PROXIES": "0",
    "DEBUG": "false",
    "REQUIRE_MFA": "false",
}


class CannotMeasure(Exception):
    """A server did not start or a page answered something else: the message says which and what."""


@dataclass(frozen=True)
class Server:
    """A running gunicorn, reached on this machine alone."""

    name: str
    database: str
    port: int
    master: int
    workers: int
    log: Path

    def cpu_seconds(self) -> float:
        """Processor time of the master and its workers so far, all threads, in nanosecond steps."""
        return sum(_cpu_seconds(pid) for pid in (self.master, *self._workers()))

    def wait(self) -> None:
        """Until every worker has loaded the application and rests.

        Raises: CannotMeasure, with what the server said.
        """
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until:
            try:
                # Whatever it answers, it answers.
                door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS_TO_START)
                door.request("GET", "/healthz", headers={"Connection": "close"})
                door.getresponse().read()
                if self._rests():
                    return
            except OSError:
                time.sleep(0.2)
        raise CannotMeasure(f"The server of {self.name} did not start:\n{self.log.read_text()[-3000:]}")

    def _rests(self) -> bool:
        before = self.cpu_seconds()
        time.sleep(0.3)
        return len(self._workers()) == self.workers and self.cpu_seconds() - before < 0.03

    def _workers(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()]


def _cpu_seconds(pid: int) -> float:
    # The clock of clock_getcpuclockid(3). /proc/<pid>/stat counts in steps of 10 ms, longer than most requests.
    return time.clock_gettime((~pid << 3) | 2)


@contextmanager
def serve(application: str, *, name: str, settings: str, env: dict[str, str], workers: int) -> Generator[Server]:
    """The application behind as many sync workers, still loading; ended with the block."""
    said = (scratch.folder() / f"{name}.log").open("w+")
    # The socket is opened here and handed over, so that nobody else takes the port in between.
    with socket.create_server(("127.0.0.1", 0), backlog=64) as door:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", application, "--bind", f"fd://{door.fileno()}", "--worker-class", "sync"]
            + ["--workers", str(workers), "--log-level", "warning", "--no-control-socket", "--timeout", "120"],
            env=env | {"DJANGO_SETTINGS_MODULE": settings},
            cwd=ROOT,
            pass_fds=[door.fileno()],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        server = Server(name, env["DATABASE_URL"], door.getsockname()[1], process.pid, workers, Path(said.name))
    try:
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        said.close()


def environment(database_url: str, *folders: Path) -> dict[str, str]:
    """What a server and the steps that prepare it see; modules are looked for in these folders too."""
    return os.environ | {
        **PRODUCTION,
        "DATABASE_URL": database_url,
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in (ROOT, ROOT / "site", *folders)),
        "BENCH_FOLDER": str(scratch.folder()),
    }
