"""The child that fetches and reads one calendar: `python -m outreach.availability.worker`.

It gets its task on standard input and answers on standard output, both as JSON; the address never stands on a command
line. It knows no database, no settings and no key, writes no file, and ends after 20 seconds of work, at 512 MB of memory
or when its time is up, whichever comes first; the parent ends it in any case.
"""

import json
import resource
import signal
import sys
from datetime import UTC, datetime
from typing import Any

from outreach.availability.addresses import BadAddress, read_address
from outreach.availability.fetching import Failed, Way, fetch

CPU_SECONDS = 20
MEMORY = 512 * 1024 * 1024
ARRIVED = "arrived"


class TimeIsUp(BaseException):
    """Raised out of whatever waits: a slow look-up, a slow handshake, one byte a second."""


def limit_oneself() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _ring(_signal: int, _frame: Any) -> None:
    raise TimeIsUp


def done(task: dict[str, Any], way: Way | None = None) -> dict[str, Any]:
    """The answer to one task. The time for fetching runs by the clock, not by the pauses between bytes."""
    seconds = float(task["seconds"])
    try:
        signal.signal(signal.SIGALRM, _ring)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        got = fetch(
            read_address(task["address"]),
            etag=task.get("etag", ""),
            last_modified=task.get("last_modified", ""),
            way=way or Way(seconds),
        )
    except TimeIsUp:
        return _failed("slow")
    except BadAddress as bad:
        return _failed(bad.code)
    except Failed as failed:
        return _failed(failed.code, failed.about, failed.wait)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if got.content is None:
        return {"answer": "unchanged"}
    print(ARRIVED, flush=True)
    return _read(got.content, task) | {"etag": got.etag, "last_modified": got.last_modified}


def _read(content: bytes, task: dict[str, Any]) -> dict[str, Any]:
    # Only now: most answers are that nothing has changed.
    from outreach.availability.expanding import Unusable, Wishes, busy_times

    wishes = Wishes(
        since=datetime.fromtimestamp(task["since"], UTC),
        until=datetime.fromtimestamp(task["until"], UTC),
        zone=task["zone"],
        counts_all_day=task["counts_all_day"],
        own_host=task["own_host"],
        own_addresses=frozenset(task["own_addresses"]),
    )
    try:
        told = busy_times(content, wishes)
    except Unusable as why:
        return _failed(why.code, why.about)
    except MemoryError:
        return _failed("too_heavy")
    return {"answer": "read", "busy": told.busy, "entries": told.entries, "warnings": sorted(told.warnings)}


def _failed(code: str, about: str = "", wait: int | None = None) -> dict[str, Any]:
    return {"answer": "failed", "code": code, "about": about, "wait": wait}


def main(way: Way | None = None) -> None:
    limit_oneself()
    task = json.load(sys.stdin)
    print(json.dumps(done(task, way)), flush=True)


if __name__ == "__main__":
    main()
