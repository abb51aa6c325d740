"""The invariants themselves: silent on every road the verbs can take, and each of them says what was broken on purpose.

To break something, the guards of the database are put aside first; each test gets them back.
"""

import datetime as dt
import re

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from outbox.models import Letter
from outreach.availability import guards
from outreach.models import Hold, Offer, Participation, ReachEntry, Request, Step, Visit
from outreach.visits import actions
from outreach.visits.actions import GroupCount
from tests import factories, invariants
from tests.invariants import LIVES, TOLD, TOLD_TO_THE_DESK_OR_ELSEWHERE, broken

UNIQUE = (
    "one_living_visit_per_request",
    "one_confirmed_hold_per_visit_and_ambassador",
    *(f"one_step_per_move_of_a_{subject}" for subject in ("request", "offer", "visit", "reschedule")),
)
DAY = dt.timedelta(days=1)


@pytest.fixture
def unguarded(db) -> None:
    """What the database refuses by itself is possible until the end of the test."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in guards.alive(connection) & guards.trigger_names("sqlite"):
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute(
                "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = ANY(%s)",
                [list(guards.trigger_names("postgresql"))],
            )
            for name, table in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name} ON {table}")
            cursor.execute(f"ALTER TABLE outreach_hold DROP CONSTRAINT {guards.FREE}")
        for name in UNIQUE:
            cursor.execute(f"DROP INDEX {name}")


def the_first(words: list[str]) -> str:
    """What is broken first, without the keys of rows."""
    return re.sub(r"\b\d+\b", "N", words[0]) if words else ""


# ── whole ─────────────────────────────────────────────────────────────────────
def test_nothing_is_broken_where_nothing_has_happened(db):
    assert broken() == []


def test_nothing_is_broken_on_the_straight_road(verified_visit):
    assert broken() == []


def test_nothing_is_broken_when_a_report_went_back_and_was_corrected(reported_visit, coordinator, school_contact):
    visit = actions.hand_back(reported_visit, by=coordinator, reason="人数を確かめてください。")
    assert broken() == []
    factories.verified_visit(factories.reported_visit(visit, groups=[GroupCount("high", 2, 70)]))
    assert broken() == []
    actions.correct(
        Visit.objects.get(pk=visit.pk),
        by=coordinator,
        reason="数え直しました。",
        groups=[GroupCount("high", 2, 60, already_met=5)],
    )
    assert broken() == []


def test_nothing_is_broken_while_people_come_and_go(visit_of_two, coordinator):
    one, two = visit_of_two.present_ambassadors
    actions.leave(visit_of_two, by=two.user, reason="入院しました。")
    assert broken() == []
    actions.replace(Visit.objects.get(pk=visit_of_two.pk), by=coordinator, reason="遠いので。", ambassador=one)
    assert broken() == []
    factories.joined_visit(Visit.objects.get(pk=visit_of_two.pk))
    assert broken() == []


def test_nothing_is_broken_by_a_move(proposal, school_contact):
    assert broken() == []
    actions.agree(proposal, by=school_contact)
    assert Visit.objects.get(pk=proposal.visit_id).sequence == 1
    assert broken() == []


def test_nothing_is_broken_by_a_proposal_that_ends(proposal, school_contact):
    actions.refuse(proposal, by=school_contact)
    assert broken() == []


def test_nothing_is_broken_when_time_runs_out(waiting_offer, clock):
    clock.shift(30 * DAY)
    assert broken() == []
    actions.expire_offers()
    assert broken() == []
    clock.shift(30 * DAY)
    actions.expire_requests()
    assert Request.objects.get(pk=waiting_offer.request_id).state == "expired"
    assert broken() == []


def test_nothing_is_broken_by_taking_everything_back(confirmed_visit, school_contact):
    actions.withdraw(confirmed_visit.request, by=school_contact, reason="学級閉鎖のため。")
    assert broken() == []


def test_nothing_is_broken_by_giving_up_a_draft(draft_request, school_contact):
    actions.withdraw(draft_request, by=school_contact, reason="やめます。")
    assert broken() == []


def test_nothing_is_broken_when_a_visit_falls_through(confirmed_visit, ambassador):
    actions.cancel(confirmed_visit, by=ambassador.user, reason="急な出張です。")
    assert broken() == []


def test_every_verb_says_whether_it_is_told():
    verbs = {(life.name, verb) for life, *_rest in LIVES for verb in life.verbs}
    first = {(life.name, opening) for life, _table, _state, opening in LIVES if opening}
    assert set(TOLD) | TOLD_TO_THE_DESK_OR_ELSEWHERE == verbs | first
    assert set(TOLD) & TOLD_TO_THE_DESK_OR_ELSEWHERE == set()


def test_the_rows_are_read_in_the_same_number_of_queries(visit_of_two, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        broken()


# ── broken: kept time ─────────────────────────────────────────────────────────
def test_two_kept_times_that_overlap_are_seen(unguarded, confirmed_visit, asked_at, ambassador):
    far = asked_at(confirmed_visit.starts_at + 5 * DAY)
    offer = factories.offer_for(far, ambassador=ambassador)
    assert broken() == []
    kept = Hold.objects.get(visit=confirmed_visit)
    Hold.objects.filter(offer=offer).update(blocked_from=kept.blocked_from + DAY / 48)
    assert the_first(broken()) == ("ambassador N is kept twice: hold N of request N and hold N of request N overlap")


def test_times_that_only_touch_are_not_broken(unguarded, confirmed_visit, asked_at, ambassador):
    offer = factories.offer_for(asked_at(confirmed_visit.starts_at + 5 * DAY), ambassador=ambassador)
    kept = Hold.objects.get(visit=confirmed_visit)
    Hold.objects.filter(offer=offer).update(blocked_from=kept.blocked_until)
    assert broken() == []


def test_a_person_in_two_places_is_seen_whatever_is_kept(unguarded, confirmed_visit, asked_at, ambassador):
    far = factories.confirmed_visit(
        offer=factories.offer_for(asked_at(confirmed_visit.starts_at + 5 * DAY), ambassador=ambassador)
    )
    assert broken() == []
    Visit.objects.filter(pk=far.pk).update(starts_at=confirmed_visit.starts_at, ends_at=confirmed_visit.ends_at)
    assert the_first(broken()) == "ambassador N is in two places at once: visits N and N"


def test_a_visit_without_its_time_is_seen(unguarded, confirmed_visit):
    Hold.objects.filter(visit=confirmed_visit).update(is_holding=False)
    assert the_first(broken()) == "visit N has N holds of ambassador N"


def test_a_visit_that_keeps_another_time_is_seen(unguarded, confirmed_visit):
    Visit.objects.filter(pk=confirmed_visit.pk).update(ends_at=F("ends_at") + DAY / 24)
    assert broken()[:1] == [
        f"hold {Hold.objects.get(visit=confirmed_visit).pk} does not keep the lesson of its visit {confirmed_visit.pk}"
    ]


def test_a_visit_whose_time_will_run_out_is_seen(unguarded, confirmed_visit):
    Hold.objects.filter(visit=confirmed_visit).update(expires_at=timezone.now() + DAY)
    assert the_first(broken()) == "hold N does not keep the lesson of its visit N"


def test_a_visit_that_nobody_makes_is_seen(unguarded, confirmed_visit):
    Participation.objects.filter(visit=confirmed_visit).update(left_at=timezone.now())
    assert the_first(broken()) == "visit N is confirmed, but nobody takes part in it"


@pytest.mark.parametrize("state", ["cancelled", "not_held"])
def test_time_kept_for_a_visit_that_is_off_is_seen(unguarded, confirmed_visit, state):
    Visit.objects.filter(pk=confirmed_visit.pk).update(state=state)
    assert the_first(broken()) == f"hold N keeps ambassador N for nothing: visit N is {state}"


def test_time_kept_for_somebody_who_left_is_seen(unguarded, visit_of_two):
    Participation.objects.filter(visit=visit_of_two, ambassador=factories.second_ambassador()).update(
        left_at=timezone.now()
    )
    assert the_first(broken()) == ("hold N keeps ambassador N for nothing: they do not take part in visit N")


def test_time_kept_for_an_offer_that_ended_is_seen(unguarded, waiting_offer):
    Offer.objects.filter(pk=waiting_offer.pk).update(state="declined")
    assert the_first(broken()) == "hold N keeps ambassador N for nothing: offer N is declined"


def test_time_kept_longer_than_its_offer_is_seen(unguarded, waiting_offer):
    Hold.objects.filter(offer=waiting_offer).update(expires_at=None)
    assert the_first(broken()) == ("hold N keeps ambassador N for nothing: it does not end with offer N")


def test_time_kept_for_a_dropped_day_is_seen(unguarded, waiting_offer):
    waiting_offer.slots.update(dropped_at=timezone.now())
    assert the_first(broken()) == "hold N keeps ambassador N for nothing: slot N was dropped"


def test_time_kept_for_a_proposal_that_ended_is_seen(unguarded, proposal):
    type(proposal).objects.filter(pk=proposal.pk).update(state="refused")
    assert the_first(broken()) == "hold N keeps ambassador N for nothing: proposal N is refused"


def test_time_kept_longer_than_its_proposal_is_seen(unguarded, proposal):
    Hold.objects.filter(reschedule=proposal).update(expires_at=None)
    assert the_first(broken()) == ("hold N keeps ambassador N for nothing: it does not end with proposal N")


def test_an_offer_that_keeps_no_time_is_seen(unguarded, waiting_offer):
    Hold.objects.filter(offer=waiting_offer).update(is_holding=False)
    assert broken() == [f"offer {waiting_offer.pk} waits, but keeps no time"]


def test_an_offer_of_a_request_that_looks_for_nobody_is_seen(unguarded, waiting_offer):
    Request.objects.filter(pk=waiting_offer.request_id).update(state="waitlisted")
    assert the_first(broken()) == "offer N waits, but request N is waitlisted"


# ── broken: states and steps ──────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("completed", "request N is completed, its visit N is confirmed"),
        ("withdrawn", "request N is withdrawn, its visit N is confirmed"),
    ],
)
def test_a_request_that_says_other_than_its_visit_is_seen(unguarded, confirmed_visit, state, sentence):
    Request.objects.filter(pk=confirmed_visit.request_id).update(state=state)
    assert the_first(broken()) == sentence


def test_a_booking_without_a_visit_is_seen(unguarded, open_request):
    Request.objects.filter(pk=open_request.pk).update(state="booked")
    assert the_first(broken()) == "request N is booked without a visit"


def test_two_visits_of_one_request_are_seen(unguarded, confirmed_visit, asked_at, other_ambassador):
    far = factories.confirmed_visit(
        offer=factories.offer_for(asked_at(confirmed_visit.starts_at), ambassador=other_ambassador)
    )
    Visit.objects.filter(pk=far.pk).update(request=confirmed_visit.request)
    assert f"request {confirmed_visit.request_id} has 2 visits" in broken()


def test_a_state_without_a_step_is_seen(unguarded, submitted_request):
    Request.objects.filter(pk=submitted_request.pk).update(state="waitlisted", version=F("version") + 1)
    assert broken() == [
        f"request {submitted_request.pk}: its steps lead to submitted, its state is waitlisted",
        f"request {submitted_request.pk}: its version is 2 after 1 moves",
    ]


def test_a_step_written_twice_is_seen(unguarded, open_request):
    step = Step.objects.get(request=open_request, verb="take_up")
    step.pk = None
    step.save()
    assert broken() == [
        f"request {open_request.pk}: its move 3 has version 2",
        f"request {open_request.pk}: step {step.pk} (take_up) leaves submitted, but it was open",
        f"request {open_request.pk}: its version is 2 after 3 moves",
    ]


def test_a_step_that_no_life_knows_is_seen(unguarded, open_request):
    Step.objects.filter(request=open_request, verb="take_up").update(verb="resubmit")
    assert broken()[0] == f"request {open_request.pk}: no move resubmit leads from submitted to open"


def test_an_offer_that_nobody_sent_is_seen(unguarded, waiting_offer):
    Step.objects.filter(offer=waiting_offer).delete()
    assert broken()[0] == f"offer {waiting_offer.pk}: its first step is not “send”"


# ── broken: letters ───────────────────────────────────────────────────────────
def test_news_that_nobody_was_told_are_seen(confirmed_visit, ambassador):
    Letter.objects.filter(key__contains=":visit_confirmed_ambassador:").delete()
    step = Step.objects.get(visit=confirmed_visit, verb="confirm")
    assert broken() == [
        f"step {step.pk}: confirm of visit {confirmed_visit.pk} happened, but no letter tells visit_confirmed_ambassador"
    ]


def test_a_letter_about_what_did_not_happen_is_seen(waiting_offer, coordinator):
    letter = Letter.objects.get(key__contains=":offer_sent:")
    letter.pk, letter.public_id = None, waiting_offer.public_id
    letter.key = letter.key.replace("offer_sent", "offer_expired")
    letter.save()
    words = f"offer_expired of offer {waiting_offer.pk}, which took no step of expire"
    assert broken() == [f"letter {letter.pk} tells what did not happen: {words}"]


def test_a_letter_about_a_move_to_come_is_seen(confirmed_visit):
    letter = Letter.objects.filter(key__contains=":visit_confirmed_school:").get()
    Letter.objects.filter(pk=letter.pk).update(key=letter.key.replace(":0:", ":7:"))
    assert broken()[0] == (
        f"letter {letter.pk} tells what did not happen: visit_confirmed_school of visit {confirmed_visit.pk},"
        " which has no move 7"
    )


def test_a_letter_about_nothing_is_seen(confirmed_visit):
    letter = Letter.objects.filter(key__contains=":visit_confirmed_school:").get()
    key = letter.key.replace(str(confirmed_visit.public_id), str(confirmed_visit.request.public_id))
    Letter.objects.filter(pk=letter.pk).update(key=key)
    assert broken()[0] == f"letter {letter.pk} speaks of a visit that does not exist: {key}"


def test_a_letter_to_somebody_else_is_seen(confirmed_visit, stranger_contact):
    letter = Letter.objects.filter(key__contains=":visit_confirmed_school:").get()
    Letter.objects.filter(pk=letter.pk).update(person=stranger_contact)
    assert broken() == [f"letter {letter.pk} went to person {stranger_contact.pk}, its key is {letter.key}"]


# ── broken: the ledger ────────────────────────────────────────────────────────
def test_a_line_too_many_in_the_ledger_is_seen(verified_visit):
    entry = ReachEntry.objects.filter(visit=verified_visit, measure="present", standing="verified").get()
    entry.pk, entry.amount = None, 1
    entry.save()
    day = f"{verified_visit.day} verified"
    counted = f"{day} distinct high 72; {day} encounters high 72; {day} present high 72; {day} visits 1"
    said = counted.replace("present high 72", "present high 73")
    assert broken() == [f"visit {verified_visit.pk} (verified): the ledger says {said}, a recount {counted}"]


def test_a_visit_missing_in_the_ledger_is_seen(confirmed_visit):
    ReachEntry.objects.all().delete()
    assert the_first(broken()).startswith("visit N (confirmed): the ledger says nothing, a recount N-N-N booked")


def test_a_day_that_the_ledger_does_not_know_is_seen(confirmed_visit):
    ReachEntry.objects.update(day=confirmed_visit.day - DAY)
    assert the_first(broken()).startswith("visit N (confirmed): the ledger says N-N-N booked")


def test_every_check_is_asked(monkeypatch, db):
    checks = [name for name in vars(invariants) if re.match(r"[a-z_]+", name) and returns_sentences(name)]
    for name in checks:
        monkeypatch.setattr(invariants, name, lambda rows, name=name: iter([name]))
    assert sorted(broken()) == sorted(checks)
    assert len(checks) == 9


def returns_sentences(name: str) -> bool:
    kept = getattr(invariants, name)
    return not name.startswith("_") and getattr(kept, "__annotations__", {}).get("rows") is invariants.Rows
