"""Fifty people want what only one can have, at the same moment: one gets it, the others are told."""

import itertools
import uuid
from collections import Counter

import pytest

from outreach.models import Hold, Offer, Request, Step, Visit
from outreach.visits.states import OfferState
from tests.races.crowd import Answer, Crowd
from tests.races.house import House, cookies_of
from tests.races.people import (
    FIRST_DAY,
    MANY,
    People,
    offers_to_everybody,
    open_request_of,
    wish_also,
    wish_no_more,
)

ROUNDS, ROUNDS_OF_LONG = 1, 20
MESSAGE = "どうぞよろしくお願いします"
# Every round has a day and an ambassador of its own, on days that nobody else asks for.
days = itertools.count(100)
turns = itertools.count()


@pytest.fixture
def rounds(pytestconfig: pytest.Config) -> range:
    return range(ROUNDS_OF_LONG if pytestconfig.getoption("--long") else ROUNDS)


@pytest.fixture(scope="session")
def fifty_open_requests(racing_house: House, racing_people: People) -> list[Request]:
    with racing_house.inside():
        return [open_request_of(racing_people, number, FIRST_DAY) for number in range(MANY)]


@pytest.fixture(scope="session")
def fifty_coordinators(racing_house: House, racing_people: People) -> list[dict[str, str]]:
    """Fifty signed-in browsers at the desk."""
    with racing_house.inside():
        return [cookies_of(racing_people.coordinator) for _number in range(MANY)]


def walk(house: House, cookies: dict[str, str], path: str, form: dict) -> dict:
    step = {"who": "me", "path": path, "form": {name: str(value) for name, value in form.items()}}
    step["form"]["form_key"] = str(uuid.uuid4())
    return {"port": house.server.port, "people": {"me": cookies}, "roads": [[step]]}


def one_won_and_all_others_were_told(answers: list[Answer]) -> list[Answer]:
    """The answers of those who lost: 409 each, perhaps after a 503 that said when to come again."""
    statuses = Counter(answer.status for answer in answers)
    strange = [answer.words[:1500] for answer in answers if answer.status not in (302, 409)]
    assert statuses == {302: 1, 409: len(answers) - 1}, strange[:1]
    assert [earlier for answer in answers for earlier in answer.before if not earlier["retry_after"].isdigit()] == []
    return [answer for answer in answers if answer.status == 409]


@pytest.mark.parametrize("minutes_apart", [0, pytest.param(2, marks=pytest.mark.long)], ids=["equal", "overlapping"])
def test_of_fifty_offers_for_one_persons_time_one_is_sent(
    minutes_apart: int,
    rounds: range,
    well_house: House,
    racing_people: People,
    fifty_open_requests: list[Request],
    fifty_coordinators: list[dict[str, str]],
    fifty_clients: Crowd,
):
    for _round in rounds:
        wanted = racing_people.ambassadors[next(turns) % MANY]
        with well_house.inside():
            slots = wish_also(fifty_open_requests, next(days), minutes_apart)
        answers = fifty_clients.set_out(
            [
                walk(
                    well_house,
                    cookies,
                    f"/desk/requests/{request.public_id}/offer/",
                    {"ambassador": wanted.public_id, "slots": slot.public_id, "message": MESSAGE},
                )
                for cookies, request, slot in zip(fifty_coordinators, fifty_open_requests, slots, strict=True)
            ]
        )
        told = one_won_and_all_others_were_told(answers)
        with well_house.inside():
            offers = Offer.objects.filter(slots__in=slots)
            assert [offer.state for offer in offers] == [OfferState.SENT]
            assert Hold.objects.filter(slot__in=slots).count() == 1
            assert Step.objects.filter(offer__in=offers).count() == 1
        # What happened, what was typed, and who is still free.
        others = [person.name_ja for person in racing_people.ambassadors if person != wanted]
        for answer in told:
            assert wanted.name_ja in answer.words
            assert "ほかの予定" in answer.words
            assert MESSAGE in answer.body
            assert any(name in answer.words for name in others)
        assert well_house.broken() == []
        with well_house.inside():
            wish_no_more(slots)


def test_of_fifty_yeses_to_one_request_one_is_the_visit(
    rounds: range, well_house: House, racing_people: People, fifty_clients: Crowd
):
    with well_house.inside():
        browsers = [cookies_of(ambassador.user) for ambassador in racing_people.ambassadors]
    for number in rounds:
        with well_house.inside():
            request = open_request_of(racing_people, number, next(days))
            offers = offers_to_everybody(racing_people, request, racing_people.ambassadors)
            slot = request.slots.get()
        answers = fifty_clients.set_out(
            [
                walk(well_house, cookies, f"/offers/{offer.public_id}/accept/", {"slot": slot.public_id})
                for cookies, offer in zip(browsers, offers, strict=True)
            ]
        )
        told = one_won_and_all_others_were_told(answers)
        (won,) = (answer for answer in answers if answer not in told)
        with well_house.inside():
            visit = Visit.objects.get(request=request)
            assert won.location == visit.get_absolute_url()
            states = Counter(Offer.objects.filter(request=request).values_list("state", flat=True))
            assert states == {OfferState.ACCEPTED: 1, OfferState.RETRACTED: MANY - 1}
            assert [hold.visit_id for hold in Hold.objects.filter(request=request, is_holding=True)] == [visit.pk]
        for answer in told:
            assert 'lang="ja"' in answer.body
            assert "決まりました" in answer.words
        assert well_house.broken() == []
