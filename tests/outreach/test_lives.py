"""The three lives as their tables say them: whoever is not in the table is refused, and nothing changes."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import timezone

from outbox.models import Letter
from outreach.lives import AMBASSADOR, BOARD, COORDINATOR, SCHOOL, Life, NotAllowed
from outreach.models import Hold, IntakeRules, Offer, ReachEntry, Report, Request, Reschedule, Step, Visit
from outreach.requests import actions as requests
from outreach.requests.states import LIFE_OF_A_REQUEST, RequestState
from outreach.visits import actions as visits
from outreach.visits.states import LIFE_OF_A_RESCHEDULE, LIFE_OF_A_VISIT, LIFE_OF_AN_OFFER, OfferState
from tests.outreach.rows import rows, undone

pytestmark = pytest.mark.django_db

WATCHED = (Request, Offer, Visit, Reschedule, Report, Step, Hold, ReachEntry, Letter)


@dataclass(frozen=True)
class Spoken:
    """A function by which people say verbs of a life."""

    verbs: tuple[str, ...]
    say: Callable[[Any, Any], Any]
    is_over: bool = False
    has_visit: bool = False
    repeated_in: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return "-".join(self.verbs)


OF_A_REQUEST = (
    # Sent twice it is still one request: said again by the school it answers, and does nothing.
    Spoken(
        ("submit", "resubmit"),
        lambda it, by: requests.submit(it, by=by),
        repeated_in=frozenset({"submitted", "with_board"}),
    ),
    Spoken(("take_up",), lambda it, by: requests.take_up(it, by=by)),
    Spoken(("pass_on",), lambda it, by: requests.pass_on(it, by=by, reason="電話で確かめました。")),
    Spoken(("waitlist",), lambda it, by: requests.waitlist(it, by=by, reason="申込みが続いています。")),
    Spoken(("drop_date",), lambda it, by: visits.drop_date(it, it.slots.first(), by=by)),
    Spoken(("add_dates",), lambda it, by: visits.add_dates(it, [another_day(it)], by=by)),
    Spoken(("unmatch",), lambda it, by: visits.unmatch(it, by=by, reason="都合の合う大使がいません。")),
    Spoken(("reopen",), lambda it, by: visits.reopen(it, by=by)),
    Spoken(("settle",), lambda it, by: visits.settle(it, by=by), has_visit=True),
    Spoken(("hand_back",), lambda it, by: requests.hand_back(it, by=by, reason="人数を書いてください。")),
    Spoken(("decline",), lambda it, by: visits.decline_request(it, by=by, reason="予算に達しました。")),
    Spoken(("withdraw",), lambda it, by: visits.withdraw(it, by=by, reason="行事と重なりました。")),
)
OF_AN_OFFER = (
    Spoken(("accept",), lambda it, by: visits.accept(it, by=by, slot=it.slots.order_by("rank").first())),
    Spoken(("decline",), lambda it, by: visits.decline(it, by=by, note="出張中です。")),
    Spoken(("retract",), lambda it, by: visits.retract(it, by=by, reason="決まりました。")),
)
HIGH = [visits.GroupCount("high", 2, 70)]
OF_A_VISIT = (
    Spoken(("deliver",), lambda it, by: visits.deliver(it, by=by), is_over=True),
    Spoken(
        ("report",),
        lambda it, by: visits.report(it, by=by, groups=HIGH, format="in_person", on_behalf_source="電話"),
        is_over=True,
    ),
    Spoken(("hand_back",), lambda it, by: visits.hand_back(it, by=by, reason="人数を確かめてください。"), is_over=True),
    Spoken(("verify",), lambda it, by: visits.verify(it, by=by), is_over=True),
    Spoken(("cancel",), lambda it, by: visits.cancel(it, by=by, reason="学級閉鎖です。")),
    Spoken(("replace",), lambda it, by: visits.replace(it, by=by, reason="出張です。", ambassador=first_of(it))),
    Spoken(("undo_deliver",), lambda it, by: visits.undo_deliver(it, by=by), is_over=True),
    Spoken(("not_held",), lambda it, by: visits.not_held(it, by=by, reason="台風で休校でした。"), is_over=True),
    Spoken(
        ("correct",),
        lambda it, by: visits.correct(it, by=by, reason="人数の書き間違いです。", groups=HIGH, format="in_person"),
        is_over=True,
    ),
)
OF_COMPANY = (
    Spoken(("leave",), lambda it, by: visits.leave(it, by=by, reason="発熱です。", ambassador=named_by(it, by))),
)
OF_A_RESCHEDULE = (
    Spoken(("swap", "agree"), lambda it, by: visits.agree(it, by=by)),
    Spoken(("refuse",), lambda it, by: visits.refuse(it, by=by, note="行事があります。")),
    Spoken(("withdraw",), lambda it, by: visits.withdraw_proposal(it, by=by)),
)
# Verbs that nobody says by themselves: they follow from a verb of another thing, or from the clock.
FOLLOWING = {
    "book",
    "fall_through",
    "complete",
    "lapse",
    "expire",
    "begin",
    "lose_one",
    "send_to_board",
    "join",
    "move",
}


def another_day(request: Request) -> requests.SlotWish:
    """A day behind all those asked for, with room made for one more wish."""
    IntakeRules.objects.update(slots_wanted=5)
    starts_at = request.slots.latest("starts_at").starts_at + dt.timedelta(days=1)
    return requests.SlotWish(starts_at.date(), starts_at, starts_at + dt.timedelta(minutes=50))


def first_of(visit: Visit):
    return visit.participations.first().ambassador


def named_by(visit: Visit, person: Any):
    """The desk says who leaves; an ambassador speaks for themselves."""
    return first_of(visit) if person.is_coordinator else None


@pytest.fixture
def parties(
    school_contact,
    stranger_contact,
    unverified_contact,
    ambassador,
    assistant,
    other_ambassador,
    coordinator,
    viewer,
    board_member,
):
    """Everybody, with the parties in whose name they speak about the thing under test."""
    return {
        school_contact: {SCHOOL},
        stranger_contact: set(),
        unverified_contact: set(),
        ambassador.user: {AMBASSADOR},
        assistant: {AMBASSADOR},
        other_ambassador.user: set(),
        coordinator: {COORDINATOR},
        viewer: set(),
        board_member: {BOARD},
    }


def says(spoken: Spoken, thing: Any, person: Any) -> bool:
    """Whether the word was taken."""
    try:
        spoken.say(type(thing).objects.get(pk=thing.pk), person)
    except NotAllowed as refusal:
        assert str(refusal), "a refusal says why"
        return False
    return True


def wrong_answers(life: Life, spoken: Spoken, thing: Any, parties_of: dict) -> list[str]:
    """Every state × person in which the verb does something else than the table says."""
    wrong = []
    for state in life.states.values:
        with undone():
            put(thing, state)
            before = rows(*WATCHED)
            for person, parties in parties_of.items():
                move = next((m for verb in spoken.verbs if (m := life.find(verb, state))), None)
                is_allowed = bool(move and move.who & parties)
                with undone():
                    was_taken = says(spoken, thing, person)
                    after = rows(*WATCHED)
                    thing.refresh_from_db()
                    step = Step.objects.filter(subject=life.name, by=person, from_state=state).last()
                is_repeat = state in spoken.repeated_in and SCHOOL in parties
                if is_allowed:
                    is_right = was_taken and thing.state == move.target and step and step.verb == move.verb
                else:
                    is_right = was_taken is is_repeat and after == before
                if not is_right:
                    wrong.append(f"{spoken} from {state} by {person}")
                thing.refresh_from_db()
    return wrong


def put(thing: Any, state: str) -> None:
    """Into the state by hand, past every verb."""
    if not (isinstance(thing, Offer) and state in {"sent", "accepted"}) and not isinstance(thing, Request | Visit):
        # The database lets no offer or proposal end while it keeps time.
        owner = "offer" if isinstance(thing, Offer) else "reschedule"
        Hold.objects.filter(**{owner: thing}, visit__isnull=True).update(is_holding=False)
    needed = {"accepted_slot": thing.slots.first()} if isinstance(thing, Offer) and state == "accepted" else {}
    type(thing).objects.filter(pk=thing.pk).update(state=state, **needed)


def lie(visit: Visit, *, hours: float) -> None:
    """Let the lesson lie so many hours from now; a negative number is the past."""
    starts_at = timezone.now() + dt.timedelta(hours=hours)
    Visit.objects.filter(pk=visit.pk).update(starts_at=starts_at, ends_at=starts_at + dt.timedelta(minutes=50))


def test_every_verb_of_every_table_is_walked():
    tables = (*OF_A_REQUEST, *OF_AN_OFFER, *OF_A_VISIT, *OF_COMPANY, *OF_A_RESCHEDULE)
    said = {verb for spoken in tables for verb in spoken.verbs}
    lives = (LIFE_OF_A_REQUEST, LIFE_OF_AN_OFFER, LIFE_OF_A_VISIT, LIFE_OF_A_RESCHEDULE)
    named = {verb for life in lives for verb in life.verbs}
    assert said | FOLLOWING == named


@pytest.mark.parametrize("spoken", OF_A_REQUEST, ids=str)
def test_a_request_moves_as_its_table_says_and_not_otherwise(spoken, waiting_offer, parties):
    # The ambassador who is asked has no word about the request itself.
    parties = {person: held - {AMBASSADOR} for person, held in parties.items()}
    if spoken.has_visit:
        visits.accept(waiting_offer, by=waiting_offer.ambassador.user, slot=waiting_offer.slots.first())
    request = Request.objects.get(pk=waiting_offer.request_id)
    assert wrong_answers(LIFE_OF_A_REQUEST, spoken, request, parties) == []


@pytest.mark.parametrize("spoken", OF_AN_OFFER, ids=str)
def test_an_offer_moves_as_its_table_says_and_not_otherwise(spoken, waiting_offer, parties):
    # The school learns that an offer is out, not to whom: it has no word about it.
    parties = {person: held - {SCHOOL} for person, held in parties.items()}
    assert wrong_answers(LIFE_OF_AN_OFFER, spoken, waiting_offer, parties) == []


@pytest.mark.parametrize("spoken", OF_A_VISIT, ids=str)
def test_a_visit_moves_as_its_table_says_and_not_otherwise(spoken, reported_visit, parties):
    lie(reported_visit, hours=-2 if spoken.is_over else 200)
    assert wrong_answers(LIFE_OF_A_VISIT, spoken, reported_visit, parties) == []


@pytest.mark.parametrize("spoken", OF_COMPANY, ids=str)
def test_a_visit_of_two_moves_as_its_table_says_and_not_otherwise(spoken, visit_of_two, parties, other_ambassador):
    parties[other_ambassador.user] = {AMBASSADOR}
    assert wrong_answers(LIFE_OF_A_VISIT, spoken, visit_of_two, parties) == []


@pytest.mark.parametrize("spoken", OF_A_RESCHEDULE, ids=str)
def test_a_proposal_moves_as_its_table_says_and_not_otherwise(spoken, proposal, parties):
    if spoken.verbs == ("withdraw",):
        # Only the side that proposed, the ambassador, and the desk take a proposal back.
        parties = {person: held - {SCHOOL} for person, held in parties.items()}
    if spoken.verbs == ("swap", "agree"):
        # Who proposed has agreed already, and the school's yes is the last one: `test_moving` tells of those who come between.
        parties = {person: held for person, held in parties.items() if AMBASSADOR not in held}
    assert wrong_answers(LIFE_OF_A_RESCHEDULE, spoken, proposal, parties) == []


def states_in_which(refused: Callable[[], Any], life: Life, thing: Any) -> set[str]:
    """The states from which this is refused and changes nothing."""
    found = set()
    for state in life.states.values:
        with undone():
            put(thing, state)
            before = rows(*WATCHED)
            try:
                refused()
            except NotAllowed:
                assert rows(*WATCHED) == before
                found.add(state)
    return found


def all_but(life: Life, state: str) -> set[str]:
    return set(life.states.values) - {state}


def test_only_a_waiting_offer_expires(waiting_offer):
    Offer.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    expired = set()
    for state in OfferState.values:
        with undone():
            put(waiting_offer, state)
            before = rows(*WATCHED)
            if visits.expire_offers() == "1 offers expired":
                expired.add(state)
            else:
                assert rows(*WATCHED) == before
    assert expired == {OfferState.SENT}


def test_an_offer_is_accepted_only_while_its_request_is_open(waiting_offer, ambassador):
    def accept():
        visits.accept(waiting_offer, by=ambassador.user, slot=waiting_offer.slots.first())

    refused = states_in_which(accept, LIFE_OF_A_REQUEST, waiting_offer.request)
    assert refused == all_but(LIFE_OF_A_REQUEST, RequestState.OPEN)


def test_a_visit_is_verified_only_with_its_booked_request(reported_visit, coordinator):
    def verify():
        visits.verify(reported_visit, by=coordinator)

    refused = states_in_which(verify, LIFE_OF_A_REQUEST, reported_visit.request)
    assert refused == all_but(LIFE_OF_A_REQUEST, RequestState.BOOKED)


def test_a_visit_is_cancelled_only_with_a_request_that_is_booked_or_still_looks_for_more(confirmed_visit, coordinator):
    def cancel():
        visits.cancel(confirmed_visit, by=coordinator, reason="台風です。")

    refused = states_in_which(cancel, LIFE_OF_A_REQUEST, confirmed_visit.request)
    assert refused == all_but(LIFE_OF_A_REQUEST, RequestState.BOOKED) - {RequestState.OPEN}


def test_a_request_with_a_report_is_neither_declined_nor_withdrawn(reported_visit, coordinator):
    Request.objects.update(state=RequestState.OPEN)
    before = rows(*WATCHED)
    for verb in (visits.withdraw, visits.decline_request):
        with pytest.raises(NotAllowed, match="報告済み"):
            verb(reported_visit.request, by=coordinator, reason="台風です。")
    assert rows(*WATCHED) == before


def test_nothing_is_said_of_a_lesson_before_it_is_over(confirmed_visit, school_contact):
    before = rows(*WATCHED)
    for spoken in OF_A_VISIT:
        if spoken.verbs[0] in {"deliver", "report"}:
            assert not says(spoken, confirmed_visit, school_contact)
    assert rows(*WATCHED) == before


def test_a_lesson_that_has_begun_is_not_cancelled(confirmed_visit, school_contact, coordinator):
    lie(confirmed_visit, hours=-0.1)
    before = rows(*WATCHED)
    for person in (school_contact, coordinator):
        with pytest.raises(NotAllowed):
            visits.cancel(confirmed_visit, by=person, reason="台風です。")
        with pytest.raises(NotAllowed):
            visits.withdraw(confirmed_visit.request, by=person, reason="台風です。")
    assert rows(*WATCHED) == before


def test_a_verb_that_needs_a_reason_is_refused_without_one(confirmed_visit, school_contact):
    before = rows(*WATCHED)
    for reason in ("", " ", "\n\t　"):
        for verb, thing in ((visits.cancel, confirmed_visit), (visits.withdraw, confirmed_visit.request)):
            with pytest.raises(NotAllowed, match="理由"):
                verb(thing, by=school_contact, reason=reason)
    assert rows(*WATCHED) == before


def test_of_two_hands_on_one_row_one_wins_and_the_other_is_told(submitted_request, coordinator):
    first, second = Request.objects.get(pk=submitted_request.pk), Request.objects.get(pk=submitted_request.pk)
    take = {"by": coordinator, "parties": {COORDINATOR}}
    requests.take_step(first, LIFE_OF_A_REQUEST, "take_up", request=first, **take)
    with pytest.raises(NotAllowed, match="ほかの人が先に"):
        requests.take_step(second, LIFE_OF_A_REQUEST, "take_up", request=second, **take)
    assert Step.objects.filter(verb="take_up").count() == 1


def test_the_buttons_of_a_thing_are_the_moves_its_person_may_make(submitted_request):
    named = lambda parties: [move.verb for move in LIFE_OF_A_REQUEST.buttons(submitted_request, parties)]
    assert named({SCHOOL}) == ["withdraw"]
    assert named({COORDINATOR}) == ["take_up", "waitlist", "hand_back", "decline", "withdraw"]
    assert named({AMBASSADOR}) == []
