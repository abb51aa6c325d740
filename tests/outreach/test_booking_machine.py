"""A random walk over requests, offers, visits, people and clock: whatever anybody says in whatever order, what must hold holds.

Every example begins with an open request and lives in a transaction that is rolled back. Whenever
something has happened, the invariants of `tests.invariants` are asked of the whole database.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from outreach.lives import NotAllowed
from outreach.models import Ambassador, IntakeRules, Offer, Request, Reschedule, Visit
from outreach.requests import actions as requests
from outreach.requests.actions import GroupWish, SlotWish
from outreach.visits import actions as visits
from outreach.visits.actions import GroupCount
from tests import invariants
from tests.fixtures import NOW
from ui import dates

STEPS = 30
# Every day and with --long. Random walks are long on PostgreSQL; what differs there is the engine's own refusal, which
# fewer of them show as well.
RUNS = {"sqlite": (200, 5000), "postgresql": (32, 1000)}
# The walks go in equal parts, so that both cores walk.
PARTS, LONG_PARTS = 4, 20
MOST_REQUESTS = 4
FEW_DAYS = st.integers(0, 3)
HOURS_OF_DAY = st.sampled_from((9, 10, 11, 13))
WHICH = st.integers(0, 30)
REASON = "都合が変わりました。"


def one_of(rows: QuerySet, which: int) -> Any:
    """Some row, always the same one for the same number."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.model.objects.get(pk=keys[which % len(keys)]) if keys else None


class Booking(RuleBasedStateMachine):
    """People of two schools, two ambassadors, the desk and somebody with nothing to say, over some weeks."""

    clock: Any
    people: dict[str, User]
    ambassadors: list[Ambassador]

    def __init__(self) -> None:
        super().__init__()
        self.something_happened = True
        self.clock.move_to(NOW)
        self.rollback = transaction.atomic()
        self.rollback.__enter__()
        IntakeRules.objects.update(most_per_month=3, slots_wanted=3)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)

    # ── saying something ──────────────────────────────────────────────────────
    def say(self, word: Callable[[], Any]) -> Any:
        """Say it; a refusal has words, and whatever it left behind would be found with the next word that is taken."""
        try:
            said = word()
        except NotAllowed as refusal:
            assert str(refusal)
            return None
        self.something_happened = True
        return said

    def person(self, who: str) -> User:
        # Read anew, as a request of the browser would: memberships are remembered per object.
        return User.objects.get(pk=self.people[who].pk)

    def wish(self, days: int, hour: int, *, ahead: int = 20) -> SlotWish:
        day = dates.today() + dt.timedelta(days=ahead + days)
        starts_at = dates.at_tokyo(day, dt.time(hour))
        return SlotWish(day, starts_at, starts_at + dt.timedelta(minutes=50), is_school_day=True)

    # ── the school and the desk: requests ─────────────────────────────────────
    @initialize(wanted=st.integers(1, 2))
    def begin_with_one(self, wanted: int) -> None:
        self.ask("school", [(0, 10), (1, 10)], wanted)

    @rule(
        who=st.sampled_from(("school", "other_school")),
        wishes=st.lists(st.tuples(FEW_DAYS, HOURS_OF_DAY), min_size=1, max_size=3, unique=True),
        wanted=st.integers(1, 2),
    )
    def ask(self, who: str, wishes: list[tuple[int, int]], wanted: int) -> None:
        if Request.objects.count() >= MOST_REQUESTS:
            return
        person = self.person(who)
        school = person.memberships.first().school
        draft = requests.start_draft(school, by=person)
        requests.describe(
            draft, by=person, contact_phone="03-0000-0000", theme="story", aims="挑む", ambassadors_wanted=wanted
        )
        requests.wish_for(
            draft, [self.wish(*one) for one in wishes], by=person, answer_by=dates.today() + dt.timedelta(days=10)
        )
        requests.expect(draft, [GroupWish("high", 1, 40)], by=person)
        self.something_happened = True
        # Weeks may have passed: the next fiscal year is not open yet, or the desk's accounts ended with this one.
        if self.say(lambda: requests.submit(draft, by=person)):
            self.say(lambda: requests.take_up(draft, by=self.person("desk")))

    @rule(
        which=WHICH,
        ambassador=st.integers(0, 1),
        slots=st.integers(1, 2),
        hours=st.integers(1, 200),
        lifted=st.booleans(),
    )
    def offer(self, which: int, ambassador: int, slots: int, hours: int, lifted: bool) -> None:
        request = one_of(Request.objects.filter(state="open"), which)
        if request is None:
            return
        self.say(
            lambda: visits.send_offer(
                request,
                by=self.person("desk"),
                ambassador=self.ambassadors[ambassador],
                slots=request.open_slots()[:slots],
                expires_at=timezone.now() + dt.timedelta(hours=hours),
                override_reason=REASON if lifted else "",
            )
        )

    @rule(which=WHICH, slot=st.integers(0, 1), who=st.sampled_from(("own", "own", "own", "other", "desk", "stranger")))
    def accept(self, which: int, slot: int, who: str) -> None:
        offer = one_of(Offer.objects.all() if who == "stranger" else Offer.objects.filter(state="sent"), which)
        if offer is None:
            return
        chosen = list(offer.slots.order_by("rank"))
        by = self.answerer(offer, who)
        self.say(lambda: visits.accept(offer, by=by, slot=chosen[slot % len(chosen)]))

    def answerer(self, offer: Offer, who: str) -> User:
        if who == "own":
            return User.objects.get(pk=offer.ambassador.user_id)
        if who == "other":
            return User.objects.get(pk=next(a.user_id for a in self.ambassadors if a.pk != offer.ambassador_id))
        return self.person(who)

    @rule(which=WHICH, back=st.booleans())
    def decline(self, which: int, back: bool) -> None:
        offer = one_of(Offer.objects.filter(state="sent"), which)
        if offer is not None:
            could_do = visits.other_days(offer) if back else []
            self.say(lambda: visits.decline(offer, by=self.answerer(offer, "own"), could_do=could_do))

    @rule(which=WHICH)
    def retract(self, which: int) -> None:
        offer = one_of(Offer.objects.filter(state="sent"), which)
        if offer is not None:
            self.say(lambda: visits.retract(offer, by=self.person("desk"), reason=REASON))

    @rule(
        which=WHICH,
        verb=st.sampled_from(("settle", "unmatch", "decline_request", "withdraw", "waitlist", "take_up", "reopen")),
        who=st.sampled_from(("desk", "desk", "school", "stranger")),
    )
    def request_verb(self, which: int, verb: str, who: str) -> None:
        request = one_of(Request.objects.all(), which)
        by = self.person(who)
        words = {
            "settle": lambda: visits.settle(request, by=by),
            "unmatch": lambda: visits.unmatch(request, by=by, reason=REASON),
            "decline_request": lambda: visits.decline_request(request, by=by, reason=REASON),
            "withdraw": lambda: visits.withdraw(request, by=by, reason=REASON),
            "waitlist": lambda: requests.waitlist(request, by=by, reason=REASON),
            "take_up": lambda: requests.take_up(request, by=by),
            "reopen": lambda: visits.reopen(
                request, by=by, wishes=[self.wish(5, 10)], answer_by=dates.today() + dt.timedelta(days=9)
            ),
        }
        self.say(words[verb])

    @rule(which=WHICH, slot=st.integers(0, 2))
    def drop_date(self, which: int, slot: int) -> None:
        request = one_of(Request.objects.all(), which)
        slots = request.open_slots()
        if slots:
            self.say(lambda: visits.drop_date(request, slots[slot % len(slots)], by=request.contact))

    @rule(which=WHICH, days=st.integers(4, 6), hour=HOURS_OF_DAY)
    def add_dates(self, which: int, days: int, hour: int) -> None:
        request = one_of(Request.objects.all(), which)
        self.say(lambda: visits.add_dates(request, [self.wish(days, hour)], by=request.contact))

    # ── visits ────────────────────────────────────────────────────────────────
    @precondition(lambda self: Visit.objects.exists())
    @rule(
        which=WHICH,
        verb=st.sampled_from(
            ("cancel", "leave", "replace", "deliver", "undo_deliver", "not_held", "verify", "hand_back")
        ),
        who=st.sampled_from(("contact", "ambassador", "desk", "desk", "stranger")),
    )
    def visit_verb(self, which: int, verb: str, who: str) -> None:
        visit = one_of(Visit.objects.all(), which)
        present = visit.present_ambassadors
        if not present:
            return
        some = present[which % len(present)]
        by = {"contact": visit.request.contact, "ambassador": some.user}.get(who) or self.person(who)
        named = some if who == "desk" else None
        words = {
            "cancel": lambda: visits.cancel(visit, by=by, reason=REASON),
            "leave": lambda: visits.leave(visit, by=by, reason=REASON, ambassador=named),
            "replace": lambda: visits.replace(visit, by=by, reason=REASON, ambassador=some),
            "deliver": lambda: visits.deliver(visit, by=by),
            "undo_deliver": lambda: visits.undo_deliver(visit, by=by),
            "not_held": lambda: visits.not_held(visit, by=by, reason=REASON),
            "verify": lambda: visits.verify(visit, by=by),
            "hand_back": lambda: visits.hand_back(visit, by=by, reason=REASON),
        }
        self.say(words[verb])

    @precondition(lambda self: Visit.objects.exists())
    @rule(which=WHICH, present=st.integers(1, 40), on_behalf=st.booleans(), is_correction=st.booleans())
    def report(self, which: int, present: int, on_behalf: bool, is_correction: bool) -> None:
        visit = one_of(Visit.objects.all(), which)
        groups = [GroupCount("high", 1, present, already_met=present // 3)]
        if is_correction:
            self.say(lambda: visits.correct(visit, by=self.person("desk"), reason=REASON, groups=groups))
        elif on_behalf:
            self.say(lambda: visits.report(visit, by=self.person("desk"), groups=groups, on_behalf_source="電話"))
        else:
            self.say(lambda: visits.report(visit, by=visit.request.contact, groups=groups))

    @precondition(lambda self: Visit.objects.filter(state="confirmed").exists())
    @rule(which=WHICH, who=st.sampled_from(("contact", "ambassador", "desk")), days=FEW_DAYS, hour=HOURS_OF_DAY)
    def propose(self, which: int, who: str, days: int, hour: int) -> None:
        visit = one_of(Visit.objects.filter(state="confirmed"), which)
        some = visit.present_ambassadors[0]
        by = {"contact": visit.request.contact, "ambassador": some.user}.get(who) or self.person(who)
        self.say(lambda: visits.propose(visit, by=by, wish=self.wish(days, hour, ahead=21), reason=REASON))

    @precondition(lambda self: Reschedule.objects.exists())
    @rule(which=WHICH, who=WHICH, verb=st.sampled_from(("agree", "agree", "agree", "refuse", "withdraw")))
    def answer_proposal(self, which: int, who: int, verb: str) -> None:
        reschedule = one_of(Reschedule.objects.all(), which)
        visit = reschedule.visit
        everybody = [visit.request.contact, *(a.user for a in visit.present_ambassadors), self.person("desk")]
        by = everybody[who % len(everybody)]
        words = {
            "agree": lambda: visits.agree(reschedule, by=by),
            "refuse": lambda: visits.refuse(reschedule, by=by),
            "withdraw": lambda: visits.withdraw_proposal(reschedule, by=by),
        }
        self.say(words[verb])

    # ── the clock ─────────────────────────────────────────────────────────────
    @rule(hours=st.sampled_from((1, 5, 24, 72, 240, 700)), is_written_down=st.booleans())
    def time_passes(self, hours: int, is_written_down: bool) -> None:
        """Nothing depends on a tick to be true, so it comes or it does not."""
        self.clock.shift(dt.timedelta(hours=hours))
        self.something_happened = True
        if is_written_down:
            for job in (visits.expire_offers, visits.expire_reschedules, visits.begin_visits, visits.expire_requests):
                job()

    @invariant()
    def all_holds(self) -> None:
        if self.something_happened:
            assert invariants.broken() == []
        self.something_happened = False


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    parts = LONG_PARTS if metafunc.config.getoption("--long") else PARTS
    if "part" in metafunc.fixturenames:
        metafunc.parametrize("part", range(1, parts + 1))


@pytest.mark.django_db
def test_whatever_is_said_in_whatever_order_what_must_hold_holds(part, clock, people, request):
    """Every day the same walks, so that a change is judged by what it changed; `--long` goes where nobody has been."""
    Booking.clock = clock
    Booking.people = {
        "school": people.school_contact,
        "other_school": people.stranger_contact,
        "desk": people.coordinator,
        "stranger": people.viewer,
    }
    Booking.ambassadors = [people.ambassador, people.other_ambassador]
    is_long = request.config.getoption("--long")
    runs = RUNS[connection.vendor][is_long] // (LONG_PARTS if is_long else PARTS)
    walks = type(f"BookingPart{part}", (Booking,), {})
    run_state_machine_as_test(
        walks if is_long else seed(part)(walks),
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
