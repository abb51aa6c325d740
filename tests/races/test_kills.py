"""Workers are killed in the middle of their work: what was half done is not done, and what was done is done whole."""

import random
import time
from dataclasses import dataclass, field

import pytest

from outreach.models import Request
from tests.races.crowd import Answer, Crowd
from tests.races.house import House, cookies_of
from tests.races.people import FIRST_DAY, People, draft_of, past_visit_of
from tests.races.roads import AMBASSADOR, DESK, SCHOOL, Road, to_a_verified_report, to_an_answer

KILLS, KILLS_OF_LONG = 4, 100
WALKERS = 6
ROADS_PER_KILL = 3
# So long after it began an answer may be on its way when its worker dies.
SECONDS_INTO_THE_WORK = 0.08


@pytest.fixture
def kills(pytestconfig: pytest.Config) -> int:
    return KILLS_OF_LONG if pytestconfig.getoption("--long") else KILLS


@pytest.fixture
def seed() -> int:
    """Shown when the test fails; put the number here to walk the same roads again."""
    return random.SystemRandom().randrange(10**6)


@dataclass
class Killer:
    """Kills a busy worker whenever so many answers have come in, and looks at the rows each time."""

    house: House
    choice: random.Random
    after_answers: list[int]
    heard: int = 0
    killed: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def hears(self, answer: Answer) -> None:
        self.heard += 1
        while self.after_answers and self.heard >= self.after_answers[0]:
            self.after_answers.pop(0)
            self.kill()
            self.broken += self.house.broken()

    def kill(self) -> None:
        time.sleep(self.choice.uniform(0, SECONDS_INTO_THE_WORK))
        worker = self.choice.choice(self.house.busy_workers() or self.house.workers())
        self.house.kill(worker)
        self.killed.append(worker)


def make_roads(people: People, walker: int, count: int, choice: random.Random) -> list[Road]:
    """Of one school with one ambassador: half to an answer, half from a lesson that is over."""
    coming = [draft_of(people, walker, FIRST_DAY + number) for number in range(count - count // 2)]
    past = [past_visit_of(people, walker, 2 + number) for number in range(count // 2)]
    roads = [to_an_answer(people, draft, walker, choice) for draft in coming]
    roads += [to_a_verified_report(visit, choice) for visit in past]
    choice.shuffle(roads)
    return roads


def test_a_killed_worker_leaves_nothing_half_done(
    kills: int, seed: int, well_house: House, racing_people: People, fifty_clients: Crowd
):
    choice = random.Random(seed)
    walkers = list(range(WALKERS))
    with well_house.inside():
        desk = cookies_of(racing_people.coordinator)
        roads = {
            walker: make_roads(racing_people, walker, kills * ROADS_PER_KILL // WALKERS, choice) for walker in walkers
        }
        walks = [
            {
                "port": well_house.server.port,
                "people": {
                    DESK: desk,
                    SCHOOL: cookies_of(racing_people.contacts[walker]),
                    AMBASSADOR: cookies_of(racing_people.ambassadors[walker].user),
                },
                "roads": [road.steps for road in roads[walker]],
            }
            for walker in walkers
        ]
    steps = sum(len(road.steps) for of_one in roads.values() for road in of_one)
    killer = Killer(well_house, choice, sorted(choice.sample(range(1, steps * 9 // 10), kills)))

    answers = fifty_clients.set_out(walks, killer.hears)

    assert killer.broken == []
    assert len(killer.killed) == kills
    strange = [
        (answer.path, answer.status, answer.cuts, answer.missing, answer.words[:500])
        for answer in answers
        if not went_well(answer)
    ]
    assert strange == []
    assert sum(answer.cuts for answer in answers) > 0, "no worker died in the middle of its work"
    with well_house.inside():
        for of_one in roads.values():
            for road in of_one:
                assert Request.objects.get(pk=road.request).state == road.leads_to, road.steps


def went_well(answer: Answer) -> bool:
    """The page, or the page behind the form; after a cut it may be that the first try had done the work."""
    if answer.missing:
        return False
    expected = 200 if answer.path == "/my/" else 302
    return answer.status == expected or (answer.status == 409 and answer.cuts > 0)
