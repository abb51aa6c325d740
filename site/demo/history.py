"""A year and a half of visits, written as the verbs would have written them, in few queries.

A Chronicle moves things in memory along the tables of their lives, each move with its moment, and saves all at the end.
"""

import datetime as dt
import functools
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import prefetch_related_objects

from accounts.models import User
from demo import names
from demo.places import seeded_uuid
from outreach.lives import Life, Party
from outreach.models import (
    Ambassador,
    BellTime,
    Group,
    Hold,
    NumberSeries,
    Offer,
    Participation,
    PlannedGroup,
    ReachEntry,
    Report,
    Request,
    School,
    Slot,
    Step,
    Visit,
)
from outreach.requests.models import Format
from outreach.requests.states import LIFE_OF_A_REQUEST, RequestState
from outreach.schools.places import Course, SchoolType, Stage, grades_of
from outreach.visits import ledger
from outreach.visits.actions import REMINDER_DAYS
from outreach.visits.models import Standing
from outreach.visits.states import (
    LIFE_OF_A_RESCHEDULE,
    LIFE_OF_A_VISIT,
    LIFE_OF_AN_OFFER,
    OfferState,
    RescheduleState,
    VisitState,
)
from ui import dates

# Visits of each month, April to March: last year's, and this year's where the programme has grown.
LAST_YEAR = dict(
    zip((4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3), (2, 11, 17, 14, 3, 17, 23, 25, 18, 17, 19, 6), strict=True)
)
THIS_YEAR = dict(
    zip((4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3), (5, 27, 43, 39, 6, 48, 66, 76, 60, 52, 48, 18), strict=True)
)
# Requests that came to nothing, in ten of which a visit came about.
DECLINED_IN_TEN, WITHDRAWN_IN_TEN = 0.6, 0.5
AWAITING, REPORTED, PLANNED = 10, 25, 17
# No request of history is younger, so that numbers of the living ones follow in the order of arrival.
YOUNGEST_DAYS = 22
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
PROMISED_DAYS = 5  # an offer of the intake rules' default waits so long for its answer
BUFFERS = {Format.ONLINE: 15, Format.IN_PERSON: 90, Format.EITHER: 90}
# How often schools of a kind ask.
WEIGHTS = {SchoolType.HIGH: 5, SchoolType.SECONDARY: 4, SchoolType.TECHNICAL_COLLEGE: 4, SchoolType.JUNIOR_HIGH: 3,
           SchoolType.ELEMENTARY: 2, SchoolType.VOCATIONAL: 2, SchoolType.SPECIAL_NEEDS: 2, SchoolType.COMPULSORY: 2}  # fmt: skip


@dataclass
class Asked:
    """A request with the rows that hang on it, and where its story stands."""

    request: Request
    slots: list[Slot]
    planned: list[PlannedGroup]
    now: dt.datetime

    @property
    def school(self) -> School:
        return self.request.school

    @property
    def contact(self) -> User:
        return self.request.contact


@dataclass
class Chronicle:
    """Rows that wait to be saved, and the moves that shaped them."""

    world: Any
    rng: random.Random
    bells: dict[str, list[BellTime]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    offered: list[tuple[Offer, list[Slot]]] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    participations: list[Participation] = field(default_factory=list)
    # By id() of the offer, the visit or the report they belong to, which has no key before it is saved.
    holds: dict[int, list[Hold]] = field(default_factory=dict)
    who: dict[int, Ambassador] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    groups: dict[int, list[Group]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    counted: dict[int, list[tuple[Step, str | None, Report | None]]] = field(default_factory=lambda: defaultdict(list))
    busy: set[tuple[int, dt.date]] = field(default_factory=set)
    met: dict[tuple, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.passing_boards = self.world.passing_boards
        for bell in BellTime.objects.filter(school__isnull=True).order_by("period"):
            self.bells.setdefault(bell.stage, []).append(bell)

    # ── moves ─────────────────────────────────────────────────────────────────
    def move(self, thing: Any, life: Life, verb: str, at: dt.datetime, party: Party, by: User | None, reason: str = "",
             **links: Any) -> Step:  # fmt: skip
        """One line of the life's table, written down as `take_step` does."""
        found = life.find(verb, thing.state)
        if found is None or party not in found.who or (found.needs_reason and not reason):
            raise ValueError(f"{life.name} {thing.state}: {party} cannot {verb}")
        step = self._step(life, verb, thing.state, found.target, at, party, by, reason, **links)
        thing.state, thing.state_since = found.target, at
        thing.version += 1
        return step

    def _step(self, life: Life, verb: str, before: str, after: str, at: dt.datetime, party: Party, by: User | None,
              reason: str = "", **links: Any) -> Step:  # fmt: skip
        step = Step(subject=life.name, verb=verb, from_state=before, to_state=after, at=at, party=party, by=by,
                    reason=reason, **links)  # fmt: skip
        self.steps.append(step)
        return step

    def desk_at(self, moment: dt.datetime) -> User:
        """Who coordinated then."""
        day = dates.in_tokyo(moment).date()
        return self.world.accounts["coordinator" if day >= self.world.first_day else "predecessor"]

    # ── moments ───────────────────────────────────────────────────────────────
    def later(self, moment: dt.datetime, least: int, most: int) -> dt.datetime:
        """Some days later in office hours; never earlier than `moment`."""
        day = dates.in_tokyo(moment).date() + self.rng.randint(least, most) * DAY
        found = dates.at_tokyo(day, dt.time(self.rng.randint(9, 17), self.rng.randint(0, 59)))
        return found if found > moment else moment + self.rng.randint(10, 90) * MINUTE

    # ── verbs ─────────────────────────────────────────────────────────────────
    def ask(self, school: School, at: dt.datetime, days: list[dt.date], format: str) -> Asked:
        """A request is submitted: its slots, its groups, its words."""
        rng, contact = self.rng, self.world.contacts[school.pk]
        theme, aims = rng.choice(names.AIMS)
        request = Request(
            public_id=seeded_uuid(rng),
            fiscal_year=dates.fiscal_year_of(days[0]),
            school=school,
            entered_by=contact,
            contact=contact,
            contact_phone=school.main_phone,
            contact_hours="16時以降",
            format=format,
            theme=theme,
            aims=aims,
            lesson_name=rng.choice(names.LESSON_NAMES),
            course=Course.FULL_TIME if school.type_code in (SchoolType.HIGH, SchoolType.SECONDARY) else "",
            place=rng.choice(names.ROOMS),
            equipment=rng.choice(names.EQUIPMENT),
            answer_by=max(dates.in_tokyo(at).date() + 7 * DAY, min(days) - rng.randint(5, 9) * DAY),
            submitted_at=at,
            place_in_queue_at=at,
            created_at=at - rng.randint(6, 40) * MINUTE,
        )
        slots = [self._slot(request, rank, day) for rank, day in enumerate(days, start=1)]
        asked = Asked(request, slots, self._planned(request, school), at)
        self.asked.append(asked)
        if school.board in self.passing_boards:
            self._through_board(asked, at)
        else:
            self.move(request, LIFE_OF_A_REQUEST, "submit", at, Party.SCHOOL, contact, request=request)
        return asked

    def _through_board(self, asked: Asked, at: dt.datetime) -> None:
        """The board passes the request on, or the desk after a call where nobody speaks for the board."""
        request, speaks = asked.request, asked.school.board == self.passing_boards[0]
        self.move(request, LIFE_OF_A_REQUEST, "send_to_board", at, Party.SCHOOL, asked.contact, request=request)
        asked.now = request.submitted_at = self.later(at, 1, 2)
        party, by = (
            (Party.BOARD, self.world.accounts["board"]) if speaks else (Party.COORDINATOR, self.desk_at(asked.now))
        )
        self.move(request, LIFE_OF_A_REQUEST, "pass_on", asked.now, party, by, request=request)

    def _slot(self, request: Request, rank: int, day: dt.date) -> Slot:
        bells = self.bells[grades_of(request.school.type_code)[-1][0]]
        first = self.rng.randrange(len(bells) - 1)
        last = first + (len(bells) > 4 and self.rng.random() < 0.6)
        return Slot(
            public_id=seeded_uuid(self.rng),
            request=request,
            rank=rank,
            day=day,
            first_period=bells[first].period,
            last_period=bells[last].period,
            starts_at=dates.at_tokyo(day, bells[first].starts_at),
            ends_at=dates.at_tokyo(day, bells[last].ends_at),
        )

    def _planned(self, request: Request, school: School) -> list[PlannedGroup]:
        rng = self.rng
        return [
            PlannedGroup(request=request, school=school, stage=stage, grade=grade, label=label, expected=expected)
            for stage, grade, label, expected in groups_wanted(rng, school)
        ]

    def take_up(self, asked: Asked, at: dt.datetime) -> None:
        self.move(asked.request, LIFE_OF_A_REQUEST, "take_up", at, Party.COORDINATOR, self.desk_at(at),
                  request=asked.request)  # fmt: skip
        asked.now = at

    def send(self, asked: Asked, ambassador: Ambassador, slots: list[Slot], at: dt.datetime) -> Offer:
        offer = Offer(
            public_id=seeded_uuid(self.rng),
            request=asked.request,
            ambassador=ambassador,
            sent_at=at,
            sent_by=self.desk_at(at),
            state_since=at,
            expires_at=min(
                dates.end_of_day(dates.in_tokyo(at).date() + PROMISED_DAYS * DAY), min(slot.starts_at for slot in slots)
            ),
        )
        self.offers.append(offer)
        self.offered.append((offer, slots))
        self._step(LIFE_OF_AN_OFFER, "send", "", OfferState.SENT, at, Party.COORDINATOR, self.desk_at(at),
                   request=asked.request, offer=offer)  # fmt: skip
        buffer = BUFFERS[asked.request.format]
        self.holds[id(offer)] = [
            Hold(
                public_id=seeded_uuid(self.rng),
                ambassador=ambassador,
                request=asked.request,
                slot=slot,
                offer=offer,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                buffer_before=buffer,
                buffer_after=buffer,
                blocked_from=slot.starts_at - buffer * MINUTE,
                blocked_until=slot.ends_at + buffer * MINUTE,
                expires_at=offer.expires_at,
            )
            for slot in slots
        ]
        return offer

    def let_go(self, holds: Iterable[Hold], at: dt.datetime) -> None:
        for hold in holds:
            if hold.is_holding:
                hold.is_holding, hold.let_go_at = False, at

    def end_offer(self, asked: Asked, offer: Offer, verb: str, at: dt.datetime, party: Party, by: User | None,
                  reason: str = "") -> None:  # fmt: skip
        """The offer is declined, expires or is taken back; its time is free."""
        self.move(offer, LIFE_OF_AN_OFFER, verb, at, party, by, reason, request=asked.request, offer=offer)
        if verb == "decline":
            offer.answered_at, offer.answer_note = at, reason
        self.let_go(self.holds[id(offer)], at)
        asked.now = at

    def accept(self, asked: Asked, offer: Offer, slot: Slot, at: dt.datetime, others: Iterable[Offer] = ()) -> Visit:
        by, request = offer.ambassador.user, asked.request
        offer.accepted_slot, offer.answered_at = slot, at
        self.move(offer, LIFE_OF_AN_OFFER, "accept", at, Party.AMBASSADOR, by, request=request, offer=offer)
        self.move(request, LIFE_OF_A_REQUEST, "book", at, Party.AMBASSADOR, by, request=request)
        visit = Visit(
            public_id=seeded_uuid(self.rng),
            request=request,
            slot=slot,
            school=asked.school,
            day=slot.day,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            fiscal_year=dates.fiscal_year_of(slot.day),
            confirmed_at=at,
            state_since=at,
            format=request.format if request.format != Format.EITHER
            else Format.IN_PERSON if offer.ambassador.visits_in_person else Format.ONLINE,
        )  # fmt: skip
        self.visits.append(visit)
        self.participations.append(Participation(visit=visit, ambassador=offer.ambassador, offer=offer, joined_at=at))
        self.who[id(visit)] = offer.ambassador
        for hold in self.holds[id(offer)]:
            if hold.slot is slot:
                hold.visit, hold.expires_at = visit, None
                self.holds[id(visit)] = [hold]
        self.let_go((hold for hold in self.holds[id(offer)] if hold.slot is not slot), at)
        for other in others:
            self.end_offer(asked, other, "lapse", at, Party.AMBASSADOR, by, "ほかの推進大使に決まりました。")
        step = self._step(LIFE_OF_A_VISIT, "confirm", "", VisitState.CONFIRMED, at, Party.AMBASSADOR, by,
                          request=request, visit=visit, offer=offer)  # fmt: skip
        self.count(visit, step, Standing.BOOKED)
        self.busy.add((offer.ambassador.pk, slot.day))
        asked.now = at
        return visit

    def count(self, visit: Visit, step: Step, standing: str | None, report: Report | None = None) -> None:
        self.counted[id(visit)].append((step, standing, report))

    def visit_moves(self, asked: Asked, visit: Visit, verb: str, at: dt.datetime, party: Party, by: User,
                    reason: str = "") -> Step:  # fmt: skip
        asked.now = at
        return self.move(visit, LIFE_OF_A_VISIT, verb, at, party, by, reason, request=asked.request, visit=visit)

    def cancel(self, asked: Asked, visit: Visit, at: dt.datetime, party: Party, by: User, reason: str) -> None:
        step = self.visit_moves(asked, visit, "cancel", at, party, by, reason)
        self.let_go(self.holds[id(visit)], at)
        self.count(visit, step, None)

    def report(self, asked: Asked, visit: Visit, at: dt.datetime) -> Report:
        rng = self.rng
        step = self.visit_moves(asked, visit, "report", at, Party.SCHOOL, asked.contact)
        report = Report(
            public_id=seeded_uuid(rng),
            visit=visit,
            format=visit.format,
            reported_by=asked.contact,
            made_at=at,
            comment=rng.choice(names.COMMENTS) if rng.random() < 0.6 else "",
            ambassador_comment=rng.choice(names.AMBASSADOR_COMMENTS) if rng.random() < 0.4 else "",
            may_be_quoted=rng.random() < 0.4,
        )
        self.reports.append(report)
        self.groups[id(report)] = [self._group(report, visit, planned) for planned in asked.planned]
        self.count(visit, step, Standing.REPORTED, report)
        return report

    def _group(self, report: Report, visit: Visit, planned: PlannedGroup) -> Group:
        rng = self.rng
        present = max(1, round(planned.expected * rng.uniform(0.86, 1.0)))
        grade = (visit.fiscal_year, visit.school.pk, planned.stage, planned.grade)
        before = self.met.get(grade, 0)
        already = rng.randint(1, min(present, before)) if before and rng.random() < 0.45 else 0
        self.met[grade] = max(before, present)
        return Group(report=report, school=visit.school, stage=planned.stage, course=visit.request.course,
                     grade=planned.grade, label=planned.label, present=present, already_met=already)  # fmt: skip

    def verify(self, asked: Asked, visit: Visit, report: Report, at: dt.datetime) -> None:
        by = self.desk_at(at)
        step = self.visit_moves(asked, visit, "verify", at, Party.COORDINATOR, by)
        report.verified_at = at
        self.count(visit, step, Standing.VERIFIED, report)
        self.move(asked.request, LIFE_OF_A_REQUEST, "complete", at, Party.COORDINATOR, by, request=asked.request,
                  visit=visit)  # fmt: skip

    # ── saving ────────────────────────────────────────────────────────────────
    def save(self) -> None:
        """All rows, numbered in the order in which schools sent them; the ledger last: its lines name their steps."""
        self.asked.sort(key=lambda asked: asked.request.place_in_queue_at)
        last: dict[int, int] = defaultdict(int)
        for asked in self.asked:
            year = asked.request.fiscal_year
            last[year] += 1
            asked.request.number = f"{dates.fiscal_year_letter(year)}-{last[year]:04d}"
        for year, number in last.items():
            NumberSeries.objects.update_or_create(fiscal_year=year, defaults={"last_number": number})
        requests = Request.objects.bulk_create(asked.request for asked in self.asked)
        self._choose_competences(requests)
        Slot.objects.bulk_create(slot for asked in self.asked for slot in asked.slots)
        PlannedGroup.objects.bulk_create(group for asked in self.asked for group in asked.planned)
        Offer.objects.bulk_create(self.offers)
        links = Offer.slots.through
        links.objects.bulk_create(links(offer=offer, slot=slot) for offer, slots in self.offered for slot in slots)
        Visit.objects.bulk_create(self.visits)
        # Nobody takes part in a visit whose time they do not keep: the database looks at every row.
        Hold.objects.bulk_create(hold for offer in self.offers for hold in self.holds[id(offer)])
        Participation.objects.bulk_create(self.participations)
        Report.objects.bulk_create(self.reports)
        Group.objects.bulk_create(group for report in self.reports for group in self.groups[id(report)])
        # Same order of rows as of moments; within one moment the order in which the verbs write.
        self.steps.sort(key=lambda step: step.at)
        Step.objects.bulk_create(self.steps)
        self._save_ledger()

    def _choose_competences(self, requests: list[Request]) -> None:
        wants, all_of_them = Request.competences.through, list(self.world.competences.values())
        wants.objects.bulk_create(
            wants(request=request, competence=competence)
            for request in requests
            for competence in self.rng.sample(all_of_them, self.rng.choice((0, 1, 1, 2, 3)))
        )

    def _save_ledger(self) -> None:
        prefetch_related_objects(self.visits, "participations__ambassador")
        planned = {id(asked.request): asked.planned for asked in self.asked}
        lines = [
            line
            for visit in self.visits
            for line in ledger_of(visit, self.counted[id(visit)], planned[id(visit.request)], self.groups)
        ]
        lines.sort(key=lambda line: line[KNOWN_AT])
        columns = ", ".join(connection.ops.quote_name(column.column) for column in LEDGER_COLUMNS)
        values = ", ".join(["%s"] * len(LEDGER_COLUMNS))
        # Thousands of lines, half of them reversals: bulk_create would take as long as all other tables together.
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {ReachEntry._meta.db_table} ({columns}) VALUES ({values})", lines)


LEDGER_COLUMNS = [column for column in ReachEntry._meta.concrete_fields if not column.primary_key]
STEP, KNOWN_AT, MEASURE, STAGE, AMOUNT = (
    [column.name for column in LEDGER_COLUMNS].index(name)
    for name in ("step", "known_at", "measure", "stage", "amount")
)


def ledger_of(visit: Visit, counted: list, planned: list[PlannedGroup], groups: dict) -> Iterator[list]:
    """What `ledger.write` would have appended step by step: each line reversed before the next ones count."""
    standing_lines: list[list] = []
    for step, standing, report in counted:
        for line in standing_lines:
            back = list(line)
            back[STEP], back[KNOWN_AT], back[AMOUNT] = step.pk, _stored(KNOWN_AT, step.at), -line[AMOUNT]
            yield back
        groups_there = groups[id(report)] if report else planned
        made = ledger.entries(visit, step, standing, report, groups_there) if standing else []
        # The lines of one step differ in these three columns alone.
        same = (
            [_stored(place, getattr(made[0], column.attname)) for place, column in enumerate(LEDGER_COLUMNS)]
            if made
            else []
        )
        standing_lines = []
        for line in made:
            row = list(same)
            row[MEASURE], row[STAGE], row[AMOUNT] = line.measure, line.stage, line.amount
            standing_lines.append(row)
        yield from standing_lines


def _stored(place: int, value: Any) -> Any:
    """The value as this database takes it."""
    return LEDGER_COLUMNS[place].get_db_prep_save(value, connection)


def groups_wanted(rng: random.Random, school: School) -> list[tuple[str, int, str, int]]:
    """(stage, grade, label, expected): a circle of volunteers, a class, seldom a whole grade."""
    grades = [(stage, grade) for stage, grade, _division in grades_of(school.type_code) if not (
        (stage == Stage.HIGH and grade == 4) or (stage == Stage.ELEMENTARY and grade < 4))]  # fmt: skip
    upper = (
        [pair for pair in grades if pair[0] == grades[-1][0]] if school.type_code == SchoolType.SECONDARY else grades
    )
    chance = rng.random()
    if school.type_code == SchoolType.SPECIAL_NEEDS:
        return [(*rng.choice(upper), "希望者", rng.randint(4, 14))]
    if chance < 0.3:
        chosen = sorted(rng.sample(upper, 2), key=upper.index)
        return [(stage, grade, "希望者", rng.randint(5, 13)) for stage, grade in chosen]
    stage, grade = rng.choice(upper)
    if chance < 0.55:
        return [(stage, grade, "探究の選択者", rng.randint(8, 22))]
    if chance < 0.96:
        return [(stage, grade, f"{rng.randint(1, 5)}組", rng.randint(27, 38))]
    return [(stage, grade, "学年全体", rng.randint(76, 160))]


# ── the story ─────────────────────────────────────────────────────────────────
@functools.cache
def lesson_days(year: int, month: int) -> list[dt.date]:
    """Days of a month on which schools invite guests: not in the first weeks of April, in holidays, in late March."""
    first = dt.date(year, month, 1)
    days = [first + n * DAY for n in range(31) if (first + n * DAY).month == month]
    quiet = {4: range(1, 20), 8: range(1, 26), 12: range(24, 32), 1: range(1, 9), 3: range(19, 32)}.get(month, ())
    return [day for day in days if dates.is_school_weekday(day) and day.day not in quiet]


def days_of_visits(rng: random.Random, fiscal_year: int, counts: dict[int, int], until: dt.date) -> list[dt.date]:
    """The days of a year's visits up to `until`, in order; of an unfinished month only its share."""
    found = []
    for month, count in counts.items():
        days = lesson_days(fiscal_year + (month < 4), month)
        past = [day for day in days if day <= until]
        found += rng.choices(past, k=round(count * len(past) / len(days))) if past else []
    return sorted(found)


class Historian:
    """Tells the story of each past visit and of the requests that came to nothing."""

    def __init__(self, world: Any, rng: random.Random) -> None:
        self.world, self.rng = world, rng
        self.chronicle = Chronicle(world, rng)
        self.yesterday = world.today - DAY
        special = (world.teachers_school, world.other_teachers_school)
        self.schools = [school for school in world.schools.values() if school not in special]
        self.weights = [WEIGHTS[school.type_code] for school in self.schools]
        self.taken: set[tuple[int, dt.date]] = set()

    def tell(self) -> None:
        year = self.world.fiscal_year
        days = days_of_visits(self.rng, year - 1, LAST_YEAR, self.yesterday)
        days += days_of_visits(self.rng, year, THIS_YEAR, self.yesterday)
        fates = self._fates(days)
        for day, fate in zip(days, fates, strict=True):
            self.visit(self._school_free_on(day), day, fate)
        self._visits_of_the_accounts(days)
        for day in self._days_to_come():
            self.visit(self._school_free_on(day), day, "planned")
        for day in days[:: round(10 / DECLINED_IN_TEN)]:
            self.comes_to_nothing(day, "decline")
        for day in days[3 :: round(10 / WITHDRAWN_IN_TEN)]:
            self.comes_to_nothing(day, "withdraw")
        self.falls_out(self.school_day_ago(9))
        last = self.school_day_ago(6)
        self.falls_out(last, room=2)
        for waits in (False, True):
            self.goes_by(last, waits=waits)
        self.chronicle.save()

    def _fates(self, days: list[dt.date]) -> list[str]:
        """The most recent visits wait for their report or its verification; all older ones are verified."""
        young = [n for n, day in enumerate(days) if day >= max(self.world.first_day, self.world.today - 45 * DAY)
                 or day >= self.world.today - 10 * DAY]  # fmt: skip
        young.sort(key=lambda n: ((self.world.today - days[n]).days + self.rng.uniform(0, 9), n))
        fates = ["verified"] * len(days)
        awaiting, reported = min(AWAITING, len(young) // 4), min(REPORTED, len(young) * 3 // 4)
        for n in young[:awaiting]:
            fates[n] = "awaiting"
        for n in young[awaiting : awaiting + reported]:
            fates[n] = "reported"
        for place, fate in ((0, "delivered"), (awaiting - 1, "returned")):
            if awaiting > 1:
                fates[young[place]] = fate
        return fates

    def _school_free_on(self, day: dt.date) -> School:
        while True:
            (school,) = self.rng.choices(self.schools, self.weights)
            if (school.pk, day) not in self.taken:
                return school

    def _visits_of_the_accounts(self, days: list[dt.date]) -> None:
        """Visits at the schools of both teachers, and the one that teacher@ has not reported yet."""
        mine, theirs, ambassador = (
            self.world.teachers_school,
            self.world.other_teachers_school,
            self.world.ambassadors[0],
        )
        for school, places in ((mine, (0.2, 0.55, 0.8)), (theirs, (0.35, 0.7))):
            for place in places:
                day = days[int(len(days) * place)] if days else None
                if day and day < self.world.today - 30 * DAY:
                    is_free = school is mine and (ambassador.pk, day) not in self.chronicle.busy
                    self.visit(
                        school, day, "verified", format=Format.IN_PERSON, ambassador=ambassador if is_free else None
                    )
        self.visit(mine, self.last_week(), "awaiting", format=Format.IN_PERSON, ambassador=ambassador)

    def _days_to_come(self) -> list[dt.date]:
        """Days of visits that were booked early: mostly soon, some far."""
        span = (self.world.horizon - self.world.today).days
        days = [self.world.today + n * DAY for n in range(1, span + 1)]
        days = [day for day in days if day in lesson_days(day.year, day.month)] or [self.world.horizon]
        return sorted(self.rng.choices(days, [1 / (10 + n) for n in range(len(days))], k=PLANNED))

    def last_week(self) -> dt.date:
        """A school day about a week ago on which ambassador@ was free, inside the appointments."""
        day = self.school_day_ago(7)
        while (self.world.ambassadors[0].pk, day) in self.chronicle.busy:
            day = self.school_day_ago((self.world.today - day).days + 1)
        return day

    def school_day_ago(self, days: int) -> dt.date:
        """The last school day at least so many days ago that somebody can have asked for."""
        day = self.world.today - days * DAY
        # Nobody asks before 1 April for a day right after it.
        while not dates.is_school_weekday(day) or (day.month == 4 and day.day < 25):
            day -= DAY
        return day

    def ambassador_for(self, school: School, day: dt.date, format: str, *, but: set[int] = frozenset()) -> Ambassador:
        """Somebody appointed and free that day; near the school when they must travel."""
        online = format == Format.ONLINE
        free = [
            person
            for person in self.world.ambassadors
            if (person.visits_online if online else person.visits_in_person)
            and (day >= self.world.first_day or person.pk not in self.world.new_ambassadors)
            and (person.pk, day) not in self.chronicle.busy
            and person.pk not in but
        ]
        if online:
            return self.rng.choice(free)
        here = int(school.prefecture_code)
        # Codes of prefectures run from north to south: near numbers lie near each other.
        free.sort(key=lambda person: (abs(int(person.prefecture_code) - here), person.pk))
        return self.rng.choice(free[:5])

    def submitted_before(self, day: dt.date) -> dt.datetime:
        """When the school asked: some weeks before, inside the year's intake."""
        year = dates.fiscal_year_of(day)
        first, _last = dates.fiscal_year_bounds(year)
        opens_on = self.world.opens.get(year, first)
        asked_on = min(
            day - self.rng.randint(16, 48) * DAY,
            self.world.today - YOUNGEST_DAYS * DAY,
            dt.date(first.year + 1, 2, 25),
        )
        asked_on = max(asked_on, opens_on + self.rng.randint(5, 8) * DAY)
        return dates.at_tokyo(asked_on, dt.time(self.rng.randint(8, 19), self.rng.randint(0, 59)))

    def wanted_days(self, day: dt.date, at: dt.datetime) -> list[dt.date]:
        """Up to three different school days of the same year; the day of the visit is mostly the first of them."""
        first, last = dates.fiscal_year_bounds(dates.fiscal_year_of(day))
        near = [day + n * DAY for n in (-6, -5, -2, -1, 1, 2, 5, 6, 7)]
        near = [other for other in near if dates.is_school_weekday(other) and first <= other <= last
                and other > dates.in_tokyo(at).date() + 13 * DAY]  # fmt: skip
        others = self.rng.sample(near, min(len(near), self.rng.choice((0, 1, 2, 2))))
        rank = self.rng.choice((0, 0, 0, 0, 0, 1, 2)) if len(others) == 2 else 0
        return [*others[:rank], day, *others[rank:]]

    def any_format(self) -> str:
        return self.rng.choices((Format.IN_PERSON, Format.ONLINE, Format.EITHER), (74, 20, 6))[0]

    def visit(
        self, school: School, day: dt.date, fate: str, *, format: str = "", ambassador: Ambassador | None = None
    ) -> None:
        """One request from its submission to where its visit stands today."""
        rng, told = self.rng, self.chronicle
        if (school.pk, day) in self.taken:
            return
        self.taken.add((school.pk, day))
        at = self.submitted_before(day)
        asked = told.ask(school, at, self.wanted_days(day, at), format or self.any_format())
        slot = next(slot for slot in asked.slots if slot.day == day)
        told.take_up(asked, told.later(asked.now, 0, 2))
        # The days to come of ambassador@ stay free for what is told with that account.
        but = {self.world.ambassadors[0].pk} if fate == "planned" else set()
        person = ambassador or self.ambassador_for(school, day, asked.request.format, but=but)
        story = rng.random()
        room = (day - dates.in_tokyo(asked.now).date()).days
        if room > 13 and story < 0.2:
            self._asked_in_vain(asked, {person.pk, *but}, "decline" if story < 0.13 else "expire")
        visit = self._booked(asked, person, slot, also_asked=story > 0.94)
        room = (day - dates.in_tokyo(asked.now).date()).days
        if ambassador is None and fate == "verified" and 0.2 < story < 0.235 and room > 5:
            visit = self._booked_again(asked, visit, slot)
        self._after_the_day(asked, visit, fate)

    def _asked_in_vain(self, asked: Asked, but: set[int], verb: str) -> None:
        told = self.chronicle
        person = self.ambassador_for(asked.school, asked.slots[0].day, asked.request.format, but=but)
        offer = told.send(asked, person, asked.slots[:1], told.later(asked.now, 0, 1))
        if verb == "decline":
            told.end_offer(asked, offer, verb, told.later(offer.sent_at, 0, 3), Party.AMBASSADOR, person.user,
                           self.rng.choice(names.DECLINE_NOTES))  # fmt: skip
        else:
            told.end_offer(asked, offer, verb, offer.expires_at + MINUTE, Party.SYSTEM, None)

    def _booked(self, asked: Asked, person: Ambassador, slot: Slot, *, also_asked: bool = False) -> Visit:
        told = self.chronicle
        sent_at = told.later(asked.now, 0, 1)
        free = [s for s in asked.slots if s is slot or (person.pk, s.day) not in told.busy]
        offer = told.send(asked, person, free, sent_at)
        others = []
        if also_asked:
            second = self.ambassador_for(asked.school, slot.day, asked.request.format, but={person.pk})
            others = [told.send(asked, second, [slot], sent_at + 3 * MINUTE)]
        return told.accept(asked, offer, slot, told.later(sent_at + 5 * MINUTE, 0, 2), others)

    def _booked_again(self, asked: Asked, visit: Visit, slot: Slot) -> Visit:
        """The ambassador had to cancel; another one came instead."""
        told = self.chronicle
        gone = told.who[id(visit)]
        at, reason = told.later(asked.now, 0, 1), self.rng.choice(names.REASONS_TO_CANCEL)
        told.cancel(asked, visit, at, Party.AMBASSADOR, gone.user, reason)
        told.move(asked.request, LIFE_OF_A_REQUEST, "fall_through", at, Party.AMBASSADOR, gone.user, reason,
                  request=asked.request, visit=visit)  # fmt: skip
        person = self.ambassador_for(asked.school, slot.day, asked.request.format, but={gone.pk})
        return self._booked(asked, person, slot)

    def _after_the_day(self, asked: Asked, visit: Visit, fate: str) -> None:
        told, over = self.chronicle, visit.ends_at
        latest = self.world.now - HOUR
        if fate == "delivered":
            told.visit_moves(asked, visit, "deliver", over + 30 * MINUTE, Party.AMBASSADOR, told.who[id(visit)].user)
        if fate == "planned":
            return
        if fate in ("awaiting", "delivered"):
            age = (self.world.today - visit.day).days
            visit.reminders_sent = sum(age >= days for days in REMINDER_DAYS)
            return
        room = latest - over
        reported_at = over + self.rng.uniform(0.05, 0.5) * min(room, 12 * DAY)
        report = told.report(asked, visit, reported_at)
        if fate == "reported":
            return
        acted_at = reported_at + self.rng.uniform(0.2, 0.95) * min(latest - reported_at, 8 * DAY)
        if fate == "returned":
            step = told.visit_moves(asked, visit, "hand_back", acted_at, Party.COORDINATOR, told.desk_at(acted_at),
                                    names.REASONS_TO_HAND_BACK[0])  # fmt: skip
            told.count(visit, step, Standing.RETURNED)
            for group in told.groups[id(report)]:
                told.met.pop((visit.fiscal_year, visit.school.pk, group.stage, group.grade), None)
        else:
            told.verify(asked, visit, report, acted_at)

    def comes_to_nothing(self, near: dt.date, verb: str) -> None:
        """A request that the desk declined or the school withdrew; one in three of these after it was booked."""
        told, rng = self.chronicle, self.rng
        day = near
        school = self._school_free_on(day)
        at = self.submitted_before(day)
        asked = told.ask(school, at, self.wanted_days(day, at), self.any_format())
        told.take_up(asked, told.later(asked.now, 0, 2))
        if verb == "decline":
            if rng.random() < 0.5:
                self._asked_in_vain(asked, set(), "decline")
            acted_at = told.later(asked.now, 1, 3)
            told.move(asked.request, LIFE_OF_A_REQUEST, "decline", acted_at, Party.COORDINATOR, told.desk_at(acted_at),
                      rng.choice(names.REASONS_TO_DECLINE), request=asked.request)  # fmt: skip
            return
        reason = rng.choice(names.REASONS_TO_WITHDRAW)
        visit = None
        if rng.random() < 0.4:
            slot = next(slot for slot in asked.slots if slot.day == day)
            visit = self._booked(asked, self.ambassador_for(school, day, asked.request.format), slot)
        acted_at = told.later(asked.now, 0, 1)
        told.move(asked.request, LIFE_OF_A_REQUEST, "withdraw", acted_at, Party.SCHOOL, asked.contact, reason,
                  request=asked.request)  # fmt: skip
        if visit is not None:
            told.cancel(asked, visit, acted_at, Party.SCHOOL, asked.contact, reason)

    def falls_out(self, day: dt.date, *, room: int = 0) -> None:
        """A visit on whose day nothing took place; the desk or the school says so today."""
        told = self.chronicle
        day -= room * DAY
        while not dates.is_school_weekday(day):
            day -= DAY
        school = self._school_free_on(day)
        self.taken.add((school.pk, day))
        asked = told.ask(school, self.submitted_before(day), [day], Format.IN_PERSON)
        told.take_up(asked, told.later(asked.now, 0, 2))
        person = self.ambassador_for(school, day, Format.IN_PERSON)
        self.world.missed.append(self._booked(asked, person, asked.slots[0]))
        self._after_the_day(asked, self.world.missed[-1], "awaiting")

    def goes_by(self, last: dt.date, *, waits: bool) -> None:
        """A request for which nobody was found in time: its days are past, and the clock ends it today."""
        told, rng = self.chronicle, self.rng
        school = self._school_free_on(last)
        asked = told.ask(school, self.submitted_before(last), [last], self.any_format())
        acted_at = told.later(asked.now, 0, 2)
        if waits:
            told.move(asked.request, LIFE_OF_A_REQUEST, "waitlist", acted_at, Party.COORDINATOR, told.desk_at(acted_at),
                      rng.choice(names.REASONS_TO_WAIT), request=asked.request)  # fmt: skip
        else:
            told.take_up(asked, acted_at)
            self._asked_in_vain(asked, set(), "decline")


def every_state() -> set[tuple[str, str]]:
    """(life, state) of all states that the invented world tells of."""
    lives = (LIFE_OF_A_REQUEST, LIFE_OF_AN_OFFER, LIFE_OF_A_VISIT, LIFE_OF_A_RESCHEDULE)
    first = {
        ("request", RequestState.DRAFT),
        ("offer", OfferState.SENT),
        ("visit", VisitState.CONFIRMED),
        ("reschedule", RescheduleState.OPEN),
    }
    return first | {(life.name, move.target) for life in lives for move in life.moves}
