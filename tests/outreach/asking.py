"""Requests beside the ones in `tests.fixtures`: at a chosen moment, so that two visits can come near each other."""

import datetime as dt

import pytest

from outreach.requests import actions
from ui import dates


@pytest.fixture
def asked_at(stranger_contact, coordinator):
    """An open request of the other school for one lesson of fifty minutes that begins at this moment."""

    def asked_at(starts_at: dt.datetime, format: str = "in_person"):
        person = stranger_contact
        school = person.memberships.get().school
        request = actions.start_draft(school, by=person)
        actions.describe(request, by=person, contact_phone="03-0000-0000", format=format, theme="story", aims="挑む")
        wish = actions.SlotWish(dates.in_tokyo(starts_at).date(), starts_at, starts_at + dt.timedelta(minutes=50))
        actions.wish_for(request, [wish], by=person, answer_by=dates.today() + dt.timedelta(days=7))
        actions.expect(request, [actions.GroupWish("high", 1, 40)], by=person)
        return actions.take_up(actions.submit(request, by=person), by=coordinator)

    return asked_at
