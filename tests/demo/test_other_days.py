"""The invented world can be made on any day of the year."""

import datetime as dt

import pytest

from demo import recount, world
from demo.history import every_state
from outreach.models import Offer
from outreach.requests.intake import intake_now
from outreach.visits.states import OfferState, VisitState
from ui import dates

pytestmark = pytest.mark.django_db


# In the first weeks of April no lesson was held for a month.
WAIT_FOR_THEIR_REPORT = {
    ("visit", VisitState.DELIVERED),
    ("visit", VisitState.REPORTED),
    ("visit", VisitState.RETURNED),
}


# Around the end of a fiscal year, in summer, and in a year for which nobody has written rules.
@pytest.mark.parametrize(
    "day",
    [
        pytest.param(dt.date(2027, 4, 1), marks=pytest.mark.long),
        pytest.param(dt.date(2027, 3, 30), marks=pytest.mark.long),
        pytest.param(dt.date(2027, 1, 1), marks=pytest.mark.long),
        pytest.param(dt.date(2027, 3, 31), marks=pytest.mark.long),
        pytest.param(dt.date(2027, 4, 2), marks=pytest.mark.long),
        pytest.param(dt.date(2027, 5, 6), marks=pytest.mark.long),
        pytest.param(dt.date(2026, 8, 12), marks=pytest.mark.long),
        pytest.param(dt.date(2027, 1, 4), marks=pytest.mark.long),
        pytest.param(dt.date(2027, 2, 28), marks=pytest.mark.long),
        pytest.param(dt.date(2027, 3, 10), marks=pytest.mark.long),
        pytest.param(dt.date(2027, 4, 27), marks=pytest.mark.long),
        pytest.param(dt.date(2029, 6, 15), marks=pytest.mark.long),
    ],
)
def test_on_other_days_it_holds_as_well(day, empty_house, clock):
    clock.move_to(dates.at_tokyo(day, dt.time(18, 30)))
    world.build()
    assert world.check() == []
    assert intake_now().is_open
    assert Offer.objects.filter(state=OfferState.SENT).count() == 5
    assert every_state() - recount.states() <= WAIT_FOR_THEIR_REPORT
