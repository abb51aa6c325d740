"""Rounds of short slices in a new order each time; ratios are formed inside a round, medians over the rounds."""

import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property

from tests.bench.databases import within
from tests.bench.servers import CannotMeasure
from tests.bench.visitors import Visitor

Form = dict[str, str | list[str]]
FEWEST_VISITS = 10
WARMING_VISITS, AT_ONCE = 8, 4


@dataclass(frozen=True)
class Subject:
    """One thing that every round visits: addresses, each with where it must redirect to ("" for a page, * for any part).

    A form is the same at each visit, or made for it from the address.
    """

    name: str
    visitor: Visitor
    addresses: dict[str, str]
    form: Form | Callable[[str], Form] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    # What a visit uses up is put back before each slice, and each address is then visited at most once.
    put_back: Callable[[], None] | None = None

    def visit(self, address: str) -> tuple[float, int]:
        """Seconds and bytes of one visit.

        Raises: CannotMeasure when the page answered something else than it does in life.
        """
        answer = self.visitor.ask(address, self.filled(address), self.headers)
        got, wanted = (answer.status, answer.headers.get("location", "")), (self.status, self.addresses[address])
        if got[0] != wanted[0] or not fnmatchcase(got[1], wanted[1]):
            said = self.visitor.server.log.read_text()[-2000:] if answer.status >= 500 else ""
            raise CannotMeasure(f"{self.name}: {address} answered {_words(got)}, not {_words(wanted)}\n{said}".strip())
        return answer.seconds, len(answer.body)

    def filled(self, address: str) -> Form | None:
        """The form as it is sent to this address."""
        return self.form(address) if callable(self.form) else self.form

    def refill(self) -> None:
        """What earlier visits have used up is there again."""
        if self.put_back:
            with within(self.visitor.server.database):
                self.put_back()

    def walk(self) -> Iterable[str]:
        return self.addresses if self.put_back else itertools.cycle(self.addresses)


def _words(answer: tuple[int, str]) -> str:
    return " to ".join(str(part) for part in answer if part)


@dataclass(frozen=True)
class Slice:
    """What the visits of one slice cost: milliseconds of processor a visit, milliseconds waited for each, bytes of a page."""

    cpu: float
    waits: list[float]
    size: int

    @cached_property
    def p50(self) -> float:
        return statistics.median(self.waits)


def warm(subject: Subject) -> None:
    """Several visitors at once, so that every worker has met the page before it counts."""
    subject.refill()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(subject.visit, itertools.islice(subject.walk(), WARMING_VISITS)))


def one_slice(subject: Subject, seconds: float) -> Slice:
    """Visit one after the other for so long, and a few times however long that takes."""
    subject.refill()
    server = subject.visitor.server
    waits, size = [], 0
    before, until = server.cpu_seconds(), time.monotonic() + seconds
    for address in subject.walk():
        waited, size = subject.visit(address)
        waits.append(waited)
        if len(waits) >= FEWEST_VISITS and time.monotonic() >= until:
            break
    used = server.cpu_seconds() - before
    return Slice(used / len(waits) * 1000, [wait * 1000 for wait in waits], size)


@dataclass(frozen=True)
class Rounds:
    """All slices: one dictionary by subject's name for each round."""

    slices: list[dict[str, Slice]]

    def median(self, name: str, of: Callable[[Slice], float]) -> float:
        return statistics.median(of(one[name]) for one in self.slices)

    def ratios(self, name: str, against: str, of: Callable[[Slice], float]) -> list[float]:
        """One ratio per round, in ascending order."""
        return sorted(of(one[name]) / of(one[against]) for one in self.slices)

    def tail(self, name: str) -> float:
        """p95 ÷ p50. A wait is first divided by the median of its own round: one slice is too short for a 95th percentile."""
        waits = sorted(wait / one[name].p50 for one in self.slices for wait in one[name].waits)
        return waits[-(-len(waits) * 95 // 100) - 1]


def walk_rounds(subjects: list[Subject], *, rounds: int, seconds: float, seed: int) -> Rounds:
    order, dice, slices = list(subjects), random.Random(seed), []
    for _ in range(rounds):
        dice.shuffle(order)
        slices.append({subject.name: one_slice(subject, seconds) for subject in order})
    return Rounds(slices)
