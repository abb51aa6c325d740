"""Mail workers as real processes: together, asleep, and killed around the send. On both databases."""

import asyncio
import datetime as dt
import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress

import pytest
from django.db.models import F

from outbox.models import Letter, LetterState
from tests.outbox.conftest import until

pytestmark = pytest.mark.django_db(transaction=True)

# Workers live by the real clock, the test by that of its world.
LONG_AGO = dt.datetime(2020, 4, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
BEFORE_IT_IS_TAKEN = ("ehlo", "mail", "rcpt", "data")
ACCEPTED_BUT_NOT_RECORDED = ("taken", "answered", "anytime")


def time_passes() -> None:
    """Every lease has ended and every pause is over; who waits longer stays ahead."""
    Letter.objects.filter(state=LetterState.SENDING).update(leased_until=LONG_AGO)
    Letter.objects.filter(state=LetterState.WAITING).update(next_try_at=F("next_try_at") - DAY)


def test_workers_at_the_same_time_never_take_one_letter(nursery, postbox, write_letters):
    write_letters(60, next_try_at=LONG_AGO)

    async def a_little_slow(stage, server):
        await asyncio.sleep(0.002)

    postbox.at = a_little_slow
    workers = [nursery.start() for _ in range(3)]
    assert [worker.wait() for worker in workers] == [0, 0, 0], [worker.said() for worker in workers]
    assert Counter(postbox.named) == Counter(f"reader{number}@example.jp" for number in range(60))
    assert Counter(letter["Subject"] for letter in postbox.letters) == Counter(str(number) for number in range(60))
    sent = [int(worker.said().split()[1]) for worker in workers]
    assert sum(sent) == 60
    assert sum(1 for number in sent if number) > 1, "they were not at work together"
    assert set(Letter.objects.values_list("state", "tries", "leased_to")) == {(LetterState.SENT, 1, None)}


def test_a_worker_that_slept_past_its_lease_sends_nothing(nursery, postbox, write_letters):
    (letter,) = write_letters(1, next_try_at=LONG_AGO)
    sleeper = []

    async def falls_asleep(stage, server):
        if stage == "rcpt" and not sleeper:
            sleeper.append(nursery.workers[0])
            os.kill(sleeper[0].pid, signal.SIGSTOP)

    postbox.at = falls_asleep
    first = nursery.start()
    until(lambda: bool(sleeper) and sleeper[0].sleeps())
    time_passes()
    assert nursery.start().wait() == 0, "it frees the letter, which has a pause before it"
    time_passes()
    second = nursery.start()
    assert second.wait() == 0, second.said()
    os.kill(first.pid, signal.SIGCONT)
    assert first.wait() == 0, first.said()
    assert [arrived["Message-ID"] for arrived in postbox.letters] == [letter.message_id]
    assert first.said().startswith("letters: 0 sent, 0 failed")


class Killer:
    """Kills the worker of the round at one stage of its conversation with the server."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.kills: Counter[str] = Counter()
        self.victim = None

    def aim(self, stage: str) -> None:
        self.victim, self.stage, self.passing = None, stage, self.chance.randint(0, 2)

    async def __call__(self, stage: str, server) -> None:
        wanted = "taken" if self.stage == "answered" else self.stage
        if stage != wanted:
            return
        # There is one greeting a round, and many letters.
        if stage != "ehlo" and self.passing > 0:
            self.passing -= 1
            return
        while self.victim is None:
            await asyncio.sleep(0.001)
        if self.stage == "answered":
            asyncio.get_running_loop().call_later(self.chance.uniform(0, 0.01), self.strike)
        else:
            self.strike()

    def strike(self) -> None:
        # It may have ended by itself a moment ago.
        with suppress(ProcessLookupError):
            if self.victim.exit_code is None:
                self.victim.kill()


@pytest.mark.parametrize("kills", [10, pytest.param(50, marks=pytest.mark.long)])
def test_killing_the_worker_around_the_send_loses_nothing(kills, nursery, postbox, write_letters):
    letters = []
    stages = [*BEFORE_IT_IS_TAKEN, *ACCEPTED_BUT_NOT_RECORDED, *ACCEPTED_BUT_NOT_RECORDED]
    chance = random.Random(kills)
    postbox.at = killer = Killer(chance)
    while killer.kills.total() < kills:
        if Letter.objects.filter(state=LetterState.WAITING).count() < 20:
            letters += write_letters(30, first=len(letters), next_try_at=LONG_AGO)
        killer.aim(stages[killer.kills.total() % len(stages)])
        worker = nursery.start()
        killer.victim = worker
        if killer.stage == "anytime":
            time.sleep(chance.uniform(0, 0.06))
            killer.strike()
        code = worker.wait()
        if code == -signal.SIGKILL:
            killer.kills[killer.stage] += 1
        else:
            assert killer.stage in ACCEPTED_BUT_NOT_RECORDED, f"{killer.stage}: {worker.said()}"
        time_passes()
    killer.aim("never")
    for _round in range(3):
        assert nursery.start().wait() == 0
        time_passes()
    arrived = postbox.ids_by_subject()
    assert arrived.keys() == {letter.subject for letter in letters}, "nothing is lost"
    assert {subject: set(ids) for subject, ids in arrived.items()} == {
        letter.subject: {letter.message_id} for letter in letters
    }, "a double has the Message-ID of the first"
    doubles = sum(ids.total() - 1 for ids in arrived.values())
    in_the_window = sum(killer.kills[stage] for stage in ACCEPTED_BUT_NOT_RECORDED)
    assert killer.kills["taken"] <= doubles <= in_the_window <= kills
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SENT}
