"""One house, one set of people and one crowd for all races of this process."""

from collections.abc import Generator

import pytest

from tests.outreach.asking import asked_at
from tests.races.crowd import Crowd, crowd
from tests.races.house import House, house
from tests.races.people import MANY, People, move_in

__all__ = ["asked_at"]


@pytest.fixture(scope="session")
def racing_house(django_db_modify_db_settings: None, django_db_blocker) -> Generator[House]:
    with house(django_db_blocker) as found:
        yield found


@pytest.fixture(scope="session")
def racing_people(racing_house: House) -> People:
    with racing_house.inside():
        return move_in()


@pytest.fixture(scope="session")
def fifty_clients() -> Generator[Crowd]:
    with crowd(MANY) as found:
        yield found


@pytest.fixture
def well_house(racing_house: House, racing_people: People) -> Generator[House]:
    """Before and after: all workers there, nothing bad in the log, no invariant broken."""
    racing_house.wait_for_all_workers()
    racing_house.forget_log()
    yield racing_house
    assert racing_house.bad_lines() == []
    assert racing_house.broken() == []
    assert racing_house.answers()
