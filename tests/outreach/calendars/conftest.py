"""A feed and its reader: a program that knows nothing but the address."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar, Event

from outreach.calendars import actions
from outreach.models import Feed


class Subscription:
    """One feed as a program reads it."""

    def __init__(self, feed: Feed, token: str) -> None:
        self.feed, self.token = feed, token
        self.address = f"/feeds/{token}.ics"
        self.freebusy_address = f"/feeds/{token}/freebusy.ics"

    def answer(self, address: str = "", **headers: str) -> Any:
        return Client(headers=headers).get(address or self.address)

    def read(self) -> bytes:
        answer = self.answer()
        assert answer.status_code == 200, answer.status_code
        return answer.content

    def events(self) -> list[Event]:
        return list(Calendar.from_ical(self.read()).events)

    def event(self) -> Event:
        (event,) = self.events()
        return event


@pytest.fixture
def subscribe(db) -> Callable[..., Subscription]:
    def subscribe(person: Any, scope: str = "full", name: str = "スマートフォン") -> Subscription:
        return Subscription(*actions.make(by=getattr(person, "user", person), name=name, scope=scope))

    return subscribe
