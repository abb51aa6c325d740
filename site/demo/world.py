"""The invented world: `build` makes all of it, `people_only` the part that most tests need, `check` recounts it.

The same seed and the same day make the same world. Nobody in it exists.
"""

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Role, User
from analytics.kpis.models import Key, Target
from curriculum.competences import entrecomp
from curriculum.competences.models import Competence
from demo import people, places
from demo.calendars import tell_calendars
from demo.history import Historian
from demo.hours import tell_hours
from demo.living import Present
from demo.people import ACCOUNTS, PASSWORD, Register
from demo.recount import problems as check
from demo.site_pages import tell_pages
from outreach.models import Ambassador, Appointment, BellTime, Board, IntakeRules, Organisation, School, Visit
from outreach.requests.models import current_rules
from ui import dates

# The intake stays open in the invented world until here, so that a request can always be tried.
DEMO_CLOSES = (3, 25)
DAYS_BEFORE = 60  # so long before today the intake has opened at the latest
ROOM_WANTED = 12  # school days until 31 March; with fewer the next fiscal year is opened
VISITS_A_YEAR, STUDENTS = 500, 10_000


@dataclass
class World:
    """What was made, by the names that accounts, tests and the command use."""

    today: dt.date
    now: dt.datetime
    is_small: bool
    accounts: dict[str, User] = field(default_factory=dict)
    boards: list[Board] = field(default_factory=list)
    schools: dict[tuple[str, int], School] = field(default_factory=dict)
    contacts: dict[int, User] = field(default_factory=dict)
    strangers: list[User] = field(default_factory=list)
    ambassadors: list[Ambassador] = field(default_factory=list)
    new_ambassadors: set[int] = field(default_factory=set)
    organisations: list[Organisation] = field(default_factory=list)
    competences: dict[str, Any] = field(default_factory=dict)
    # Visits of the history whose lesson fell out; by the verbs of today somebody says so.
    missed: list[Visit] = field(default_factory=list)
    # The last day that requests may name, and when each fiscal year's intake opened, where not on 1 April.
    horizon: dt.date = dt.date.max
    opens: dict[int, dt.date] = field(default_factory=dict)

    @property
    def fiscal_year(self) -> int:
        return dates.fiscal_year_of(self.today)

    @property
    def first_day(self) -> dt.date:
        return dates.fiscal_year_bounds(self.fiscal_year)[0]

    @property
    def begins(self) -> dt.datetime:
        """The first morning of the history."""
        return dates.at_tokyo(dates.fiscal_year_bounds(self.fiscal_year - 1)[0], dt.time(9))

    @property
    def teachers_school(self) -> School:
        return self.schools[places.SCHOOL_OF_THE_TEACHER]

    @property
    def other_teachers_school(self) -> School:
        return self.schools[places.SCHOOL_OF_THE_OTHER_TEACHER]

    @property
    def passing_boards(self) -> list[Board]:
        """Boards that pass requests on: the one for which board@ speaks, then the one for which nobody does."""
        by_kind = {(board.prefecture_code, board.kind): board for board in self.boards}
        return [by_kind[places.PASSED_ON_BY_BOARD], by_kind[places.PASSED_ON_IN_SILENCE]]

    @property
    def newcomers_school(self) -> School:
        """Where newcomer@ says to belong: the second school of Tokyo."""
        return self.schools["13", 1]


@transaction.atomic
def build(seed: int = 1, size: str = "whole") -> World:
    """Everybody, their schools and, in the whole world, a year and a half of history and what is going on today."""
    world = World(today=dates.today(), now=timezone.now(), is_small=size != "whole")
    _date_what_migrations_wrote(world)
    _make_people(world, seed)
    if not world.is_small:
        _open_the_intake(world)
        _set_targets(world)
        Historian(world, random.Random(f"history {seed}")).tell()
        Present(world, random.Random(f"present {seed}")).tell()
        tell_pages(world)
        tell_hours(world, random.Random(f"hours {seed}"))
        tell_calendars(world, random.Random(f"calendars {seed}"))
    return world


def people_only(seed: int = 1) -> World:
    """Boards, a dozen schools, four ambassadors and all accounts; nothing has happened yet."""
    return build(seed, size="people")


def _date_what_migrations_wrote(world: World) -> None:
    """Rules and targets of the first day were decided before the story begins, not when the tables were made."""
    for model in (IntakeRules, Target):
        model.objects.filter(version=1).update(made_at=world.begins)


def _make_people(world: World, seed: int) -> None:
    rng = random.Random(f"people {seed}")
    world.competences = {
        row.code: row for row in Competence.objects.filter(framework__key=entrecomp.KEY).select_related("framework")
    }
    world.boards = Board.objects.bulk_create(places.made_boards(rng, few=world.is_small))
    world.schools = places.made_schools(rng, world.boards, few=world.is_small)
    School.objects.bulk_create(world.schools.values())
    BellTime.objects.bulk_create(places.made_bell_times(world.schools))
    register = Register(rng, world)
    people.staff(register)
    people.contacts(register)
    people.board_people(register)
    people.organisations(register)
    ambassadors = people.ambassadors(register)
    register.belongs(register.account("newcomer"), Role.CONTACT, school=world.newcomers_school, position="教諭",
                     from_day=world.today, verified=False)  # fmt: skip
    if not world.is_small:
        world.strangers = [register.somebody()[0] for _number in range(2)]
        people.second_board(register)
        people.at_the_doors(register)
        register.account("assistant")
    register.save()
    if not world.is_small:
        people.open_doors(register)
        people.calendar_feeds(world)
    people.save_ambassadors(world, ambassadors)


def _open_the_intake(world: World) -> None:
    """A newer version of the rules where the calendar would leave the demo without requests.

    After the intake has closed it stays open; around April the new fiscal year was opened some weeks before.
    """
    year, last = world.fiscal_year, dates.fiscal_year_bounds(world.fiscal_year)[1]
    early = world.today - dt.timedelta(days=DAYS_BEFORE)
    rules = current_rules(year)
    opens_on = min(rules.opens_on if rules else world.first_day, world.first_day, early)
    closes_on = rules.closes_on if rules else dt.date(year + 1, *DEMO_CLOSES)
    if closes_on < world.today:
        closes_on = max(dt.date(year + 1, *DEMO_CLOSES), world.today)
    if rules is None or (rules.opens_on, rules.closes_on) != (opens_on, closes_on):
        _new_version(rules, year, opens_on=opens_on, closes_on=closes_on)
    world.opens, world.horizon = {year: opens_on}, last
    days = [world.today + dt.timedelta(days=n) for n in range(1, (last - world.today).days + 1)]
    if sum(dates.is_school_weekday(day) for day in days) < ROOM_WANTED:
        world.opens[year + 1], world.horizon = early, dates.fiscal_year_bounds(year + 1)[1]
        rules = current_rules(year + 1)
        closes_on = rules.closes_on if rules else dt.date(year + 2, *DEMO_CLOSES)
        _new_version(rules, year + 1, opens_on=early, closes_on=closes_on)
        Appointment.objects.bulk_create(
            Appointment(ambassador=person, from_day=last + dt.timedelta(days=1), until=world.horizon)
            for person in world.ambassadors
        )


def _new_version(rules: IntakeRules | None, year: int, **days: dt.date) -> None:
    kept = (
        "mode",
        "slots_wanted",
        "days_ahead",
        "answer_days",
        "offer_days",
        "board_days",
        "travel_buffer",
        "online_buffer",
    )
    IntakeRules.objects.create(
        fiscal_year=year,
        version=rules.version + 1 if rules else 1,
        note="デモのために受付を開けておく",
        **{name: getattr(rules, name) for name in kept if rules},
        **days,
    )


def _set_targets(world: World) -> None:
    year = world.fiscal_year
    if Target.objects.for_year(Key.VISITS, year) is None:
        Target.objects.create(
            kpi=Key.VISITS, from_year=year, until_year=year, amount=VISITS_A_YEAR, stages=[], made_at=world.begins
        )
    if Target.objects.for_year(Key.STUDENTS, year) is None:
        Target.objects.create(
            kpi=Key.STUDENTS, from_year=year - 1, until_year=year + 1, amount=STUDENTS, made_at=world.begins
        )


__all__ = ["ACCOUNTS", "PASSWORD", "World", "build", "check", "people_only"]
