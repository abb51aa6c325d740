"""Several people at once, each on their own: how many visits a second the whole house answers."""

import itertools
import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.bench import booking
from tests.bench.databases import within
from tests.bench.rounds import Subject
from tests.bench.servers import CannotMeasure

FLOORS = ("floor_db50", "floor_db")
FLOOR_VISITS = 100
LABEL = "accept an offer: a visit is booked"
Line = tuple[str, ...]


@dataclass(frozen=True)
class Rush:
    """How fast a crowd was: visits answered a second, and how long each person waited, in milliseconds."""

    rate: float
    waits: list[float]


def rush(crowd: list[Subject], visits: int) -> Rush:
    """Everybody begins at the same moment and visits one address after the other.

    Raises: CannotMeasure when one answer was another than in life: an error, a refusal, "busy".
    """
    with ThreadPoolExecutor(len(crowd)) as pool:
        began = time.perf_counter()
        each = pool.map(lambda one: [one.visit(address)[0] for address in itertools.islice(one.walk(), visits)], crowd)
        waits = [wait * 1000 for one in each for wait in one]
        took = time.perf_counter() - began
    return Rush(len(waits) / took, waits)


def accept_at_once(crowd: list[Subject]) -> Rush:
    """All offers of all these ambassadors are accepted; afterwards as many visits exist."""
    crowd[0].refill()
    found = rush(crowd, booking.OFFERS)
    with within(crowd[0].visitor.server.database):
        booked = booking.booked_visits()
    if booked != len(found.waits):
        raise CannotMeasure(f"{len(found.waits)} offers were accepted at once, but {booked} visits are booked")
    return found


def measure(crowd: list[Subject], floors: dict[str, Subject], *, rounds: int, seed: int) -> list[Line]:
    """The table: the crowd that books beside equal crowds at the floors, in a new order each round."""
    dice = random.Random(seed)
    each: dict[str, list[Rush]] = {}
    runs = {"accept": lambda: accept_at_once(crowd)} | {
        name: lambda floor=floors[name]: rush([floor] * len(crowd), FLOOR_VISITS) for name in FLOORS
    }
    for _ in range(rounds):
        for name in dice.sample(sorted(runs), len(runs)):
            each.setdefault(name, []).append(runs[name]())
    labels = {"accept": LABEL} | {name: name for name in FLOORS}
    head = (f"{len(crowd)} clients at once", *(f"rate ÷ {name}" for name in FLOORS), "from – to", "p50 ms", "p95 ms")
    return [(*head, "visits a second"), *(_line(label, name, each) for name, label in labels.items())]


def _line(label: str, name: str, each: dict[str, list[Rush]]) -> Line:
    ratios = {
        floor: sorted(one.rate / bare.rate for one, bare in zip(each[name], each[floor], strict=True))
        for floor in FLOORS
    }
    waits = sorted(wait for one in each[name] for wait in one.waits)
    return (
        label,
        *(f"{statistics.median(ratios[floor]):.3f}" for floor in FLOORS),
        f"{ratios[FLOORS[0]][0]:.3f} – {ratios[FLOORS[0]][-1]:.3f}",
        f"{statistics.median(waits):.1f}",
        f"{waits[-(-len(waits) * 95 // 100) - 1]:.1f}",
        f"{statistics.median(one.rate for one in each[name]):.1f}",
    )
