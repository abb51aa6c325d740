"""Calendars with bytes and lines changed at random: each is read or refused, none brings the reader down or keeps it."""

import json
import multiprocessing
import random
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.outreach.availability.icalendars import calendar, event

SINCE = datetime(2026, 10, 20, tzinfo=UTC)
SLOW = 2.0
A_FEW, MANY = 50, 10_000
SEEDS = (
    calendar(event(":20261130T010000Z", ":20261130T020000Z", "RRULE:FREQ=WEEKLY;COUNT=20;BYDAY=MO,WE")),
    calendar(
        event(";TZID=Asia/Tokyo:20261130T100000", ";TZID=Asia/Tokyo:20261130T113000", "SUMMARY:会議", "TRANSP:OPAQUE"),
        event(";VALUE=DATE:20261205", ";VALUE=DATE:20261207", "STATUS:CONFIRMED"),
        head="X-WR-TIMEZONE:Asia/Tokyo\r\n",
    ),
    calendar(
        event(
            ";TZID=Our Office:20261101T090000",
            "",
            "DURATION:PT1H",
            "RRULE:FREQ=DAILY;UNTIL=20270101T000000Z",
            "EXDATE;TZID=Our Office:20261105T090000",
            uid="a",
        ),
        event(
            ";TZID=Our Office:20261106T150000",
            "",
            "DURATION:PT30M",
            "RECURRENCE-ID;TZID=Our Office:20261106T090000",
            "ATTENDEE;PARTSTAT=DECLINED:mailto:me@example.jp",
            uid="a",
        ),
        head=(
            "BEGIN:VTIMEZONE\r\nTZID:Our Office\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0900\r\n"
            "TZOFFSETTO:+0900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
        ),
    ),
    calendar(
        "BEGIN:VFREEBUSY\r\nUID:t\r\nFREEBUSY:20261130T010000Z/PT1H,20261201T010000Z/20261201T030000Z\r\nEND:VFREEBUSY\r\n"
    ),
)
WORDS = (
    b"SECONDLY", b"MINUTELY", b"YEARLY", b"99991231", b"00010101T000000Z", b"P9999999D", b"-P1D", b"COUNT=0", b"INTERVAL=0",
    b"BYHOUR=0,1,2", b"BYSETPOS=-1", b"UNTIL=0", b"TZID=America", b"TZID=" + b"x" * 300, b"VALUE=PERIOD", b"VALUE=TEXT",
    b"BEGIN:VEVENT", b"END:VCALENDAR", b"\r\n ", b"\x00", b"\xff\xfe", b";", b":", b",", b'"', b"RDATE:", b"EXRULE:FREQ=DAILY",
    b"RECURRENCE-ID;RANGE=THISANDFUTURE:20261106T000000Z", b"DTSTART:", b"BEGIN:VALARM\r\nREPEAT:999999999\r\nEND:VALARM",
)  # fmt: skip


def mutated(rng: random.Random) -> bytes:
    content = bytearray(rng.choice(SEEDS))
    for _number in range(rng.randint(1, 6)):
        place = rng.randrange(len(content) + 1)
        what = rng.randrange(6)
        if what == 0:
            content[place:place] = rng.choice(WORDS)
        elif what == 1:
            content[place : place + rng.randint(1, 30)] = b""
        elif what == 2 and place < len(content):
            content[place] = rng.randrange(256)
        elif what == 3:
            lines = bytes(content).split(b"\r\n")
            lines[rng.randrange(len(lines))] = rng.choice(lines)
            content = bytearray(b"\r\n".join(lines))
        elif what == 4:
            content = content[:place] + content[place:] * 2
        else:
            digits = [n for n, byte in enumerate(content) if 48 <= byte <= 57]
            if digits:
                content[rng.choice(digits)] = rng.randrange(48, 58)
    return bytes(content)


class TooSlow(BaseException):
    pass


def read_many(seed: int, count: int, answers: Any) -> None:
    """In a process of its own, with the limits of the child; one after the other, each by the clock."""
    from outreach.availability.expanding import Unusable, Wishes, busy_times
    from outreach.availability.worker import MEMORY, resource

    def ring(*_args: Any) -> None:
        raise TooSlow

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, ring)
    rng, wishes = random.Random(seed), Wishes(SINCE, SINCE + timedelta(days=397))
    told: dict[str, Any] = {"read": 0, "refused": 0, "wrong": [], "slow": 0}
    for number in range(count):
        content, began = mutated(rng), time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 20)
        try:
            busy = busy_times(content, wishes).busy
            told["read"] += 1
            if any(start >= end for start, end in busy) or busy != sorted(busy):
                told["wrong"].append([number, "spans"])
        except Unusable:
            told["refused"] += 1
        except TooSlow:
            told["wrong"].append([number, "20 seconds"])
        except BaseException as failure:  # noqa: BLE001  whatever else comes out is what this looks for
            told["wrong"].append([number, repr(failure)])
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        told["slow"] += time.monotonic() - began > SLOW
    answers.put(json.dumps(told))


def what_became(seed: int, count: int) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    child = context.Process(target=read_many, args=(seed, count, answers))
    child.start()
    told = json.loads(answers.get(timeout=1200))
    child.join(timeout=30)
    assert child.exitcode == 0
    return told


def test_a_few_mutated_calendars_every_day():
    """Others each day; the day is the seed by which they come again."""
    seed = datetime.now(UTC).toordinal()
    told = what_became(seed, A_FEW)
    assert (told["wrong"], told["read"] + told["refused"]) == ([], A_FEW), seed
    assert told["read"] and told["refused"]


@pytest.mark.long
def test_ten_thousand_mutated_calendars():
    told = what_became(seed=26, count=MANY)
    assert (told["wrong"], told["read"] + told["refused"]) == ([], MANY)
    assert told["slow"] < MANY / 1000
