"""Fifty schools, fifty ambassadors and a coordinator, on the real calendar: every day near today may be wished for."""

import datetime as dt
from dataclasses import dataclass

import time_machine
from django.utils import timezone

from accounts.models import Membership, Role, User, Vouching
from demo.asking import wish, write_request
from outreach.models import (
    Acceptance,
    Ambassador,
    Appointment,
    CodeOfConduct,
    IntakeRules,
    Offer,
    Request,
    School,
    Slot,
    Visit,
)
from outreach.requests import actions as request_actions
from outreach.requests.models import current_rules
from outreach.visits import actions as visit_actions
from ui import dates

MANY = 50
A_YEAR, DAY, MINUTE = dt.timedelta(days=366), dt.timedelta(days=1), dt.timedelta(minutes=1)
LESSON = 50 * MINUTE
FIRST_DAY = 20  # days from today
GROUPS = (("high", 2, "2年3組", 38),)


@dataclass(frozen=True)
class People:
    coordinator: User
    contacts: list[User]
    schools: list[School]
    ambassadors: list[Ambassador]


def move_in() -> People:
    """The rows of everybody, and intake rules under which no day of the year is closed."""
    today, now = dates.today(), timezone.now()
    for year in range(dates.fiscal_year_of(today) - 1, dates.fiscal_year_of(today) + 2):
        newest = current_rules(year)
        IntakeRules.objects.create(
            fiscal_year=year,
            version=newest.version + 1 if newest else 1,
            opens_on=today - A_YEAR,
            closes_on=today + A_YEAR,
            days_ahead=0,
            answer_days=0,
        )
    schools = School.objects.bulk_create(
        School(
            school_code=f"D113{number:09}",
            type_code="D1",
            founder_code="2",
            prefecture_code="13",
            name_ja=f"都立第{number}架橋高等学校",
            main_phone="03-0000-0000",
        )
        for number in range(MANY)
    )
    (coordinator,) = User.objects.bulk_create([_person("coordinator", "事務 太郎")])
    contacts = User.objects.bulk_create(_person(f"contact{number}", f"担当 {number}") for number in range(MANY))
    vouched = {"verified_at": now, "verified_how": Vouching.DESK, "from_day": today - A_YEAR}
    Membership.objects.bulk_create(
        [
            Membership(person=coordinator, role=Role.COORDINATOR, body_name="事務局", **vouched),
            *(
                Membership(person=person, role=Role.CONTACT, school=school, **vouched)
                for person, school in zip(contacts, schools, strict=True)
            ),
        ]
    )
    users = User.objects.bulk_create(_person(f"ambassador{number}", f"大使 {number}") for number in range(MANY))
    ambassadors = Ambassador.objects.bulk_create(
        Ambassador(
            user=user,
            slug=f"ambassador-{number}",
            name_ja=f"架橋 大使{number:02}",
            name_kana=f"かきょう たいし{number:02}",
            prefecture_code="13",
        )
        for number, user in enumerate(users)
    )
    Appointment.objects.bulk_create(
        Appointment(ambassador=person, from_day=today - A_YEAR, until=today + A_YEAR) for person in ambassadors
    )
    code, year = CodeOfConduct.objects.in_force(dates.fiscal_year_of(today)), dates.fiscal_year_of(today)
    Acceptance.objects.bulk_create(Acceptance(ambassador=who, code=code, fiscal_year=year) for who in ambassadors)
    return People(coordinator, contacts, schools, ambassadors)


def _person(who: str, name: str) -> User:
    return User(email=f"{who}@races.example", name=name, name_kana="かきょう", password="!")


# ── what they have done before the race ───────────────────────────────────────
def draft_of(people: People, number: int, days_ahead: int) -> Request:
    """A complete draft of one school for one lesson on a day."""
    school, contact = people.schools[number], people.contacts[number]
    return write_request(
        school,
        by=contact,
        wishes=[wish(school, dates.today() + DAY * days_ahead, 3)],
        groups=GROUPS,
        answer_by=dates.today() + DAY * min(7, days_ahead - 1),
    )


def open_request_of(people: People, number: int, days_ahead: int) -> Request:
    request = request_actions.submit(draft_of(people, number, days_ahead), by=people.contacts[number])
    return request_actions.take_up(request, by=people.coordinator)


def wish_also(requests: list[Request], days_ahead: int, minutes_apart: int) -> list[Slot]:
    """One more slot each, on the same day at ten in the morning, every next one so many minutes later."""
    day = dates.today() + DAY * days_ahead
    begins = dates.at_tokyo(day, dt.time(10))
    ranks = {request.pk: request.slots.count() + 1 for request in requests}
    return Slot.objects.bulk_create(
        Slot(
            request=request,
            rank=ranks[request.pk],
            day=day,
            starts_at=begins + MINUTE * minutes_apart * number,
            ends_at=begins + MINUTE * minutes_apart * number + LESSON,
        )
        for number, request in enumerate(requests)
    )


def wish_no_more(slots: list[Slot]) -> None:
    """Days that nobody was asked about are wished for no longer."""
    left = Slot.objects.filter(pk__in=[slot.pk for slot in slots], offers__isnull=True)
    left.update(dropped_at=timezone.now())


def offers_to_everybody(people: People, request: Request, ambassadors: list[Ambassador]) -> list[Offer]:
    slots = list(request.slots.all())
    return [
        visit_actions.send_offer(request, by=people.coordinator, ambassador=ambassador, slots=slots)
        for ambassador in ambassadors
    ]


def past_visit_of(people: People, number: int, days_ago: int) -> Visit:
    """A visit that took place so many days ago; it was asked for and confirmed ten days before, step by step."""
    ambassador = people.ambassadors[number]
    with time_machine.travel(timezone.now() - DAY * (days_ago + 10), tick=True):
        request = open_request_of(people, number, 10)
        slot = request.slots.get()
        visit_actions.send_offer(request, by=people.coordinator, ambassador=ambassador, slots=[slot])
        offer = Offer.objects.get(request=request)
        return visit_actions.accept(offer, by=ambassador.user, slot=slot)
