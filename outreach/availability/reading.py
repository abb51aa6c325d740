"""Having a calendar read by a child of its own: neither its bytes nor its network ever enter this process."""

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from outreach.availability.worker import ARRIVED

logger = logging.getLogger(__name__)

WORKER = (sys.executable, "-B", "-m", "outreach.availability.worker")
# What a child may know of the house it runs in.
KNOWN_TO_CHILD = ("PATH", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
FETCH_SECONDS = 10
WORK_SECONDS = 45  # by the clock, for what may take 20 seconds of work


@dataclass(frozen=True)
class Limits:
    """Seconds for fetching, and for everything together."""

    fetch: float = FETCH_SECONDS
    all: float = FETCH_SECONDS + WORK_SECONDS

    @classmethod
    def within(cls, seconds: float) -> "Limits":
        """For somebody who waits for a page."""
        return cls(fetch=max(0.5, seconds - 1), all=seconds)


def read_in_child(task: dict[str, Any], limits: Limits | None = None) -> dict[str, Any]:
    """The child's answer; when it dies or does not answer in time, that is the answer."""
    limits = limits or Limits()
    child = subprocess.Popen(
        WORKER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
        env={name: os.environ[name] for name in KNOWN_TO_CHILD if name in os.environ},
        start_new_session=True,
    )
    told = json.dumps(task | {"seconds": limits.fetch}).encode()
    try:
        out, _none = child.communicate(told, timeout=limits.all)
        is_late = False
    except subprocess.TimeoutExpired:
        child.kill()
        out, _none = child.communicate()
        is_late = True
    *before, last = out.decode(errors="replace").splitlines() or [""]
    try:
        return json.loads(last)
    except ValueError:
        # It ended in the middle: of its work, when the calendar had arrived, or else of waiting for it.
        if ARRIVED in {last, *before}:
            code = "too_heavy"
        else:
            code = "slow" if is_late else "no_answer"
            logger.warning("a child that reads calendars ended before anything arrived: %s", child.returncode)
        return {"answer": "failed", "code": code, "about": "", "wait": None}
