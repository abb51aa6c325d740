"""The invented world contradicts itself nowhere and is the same whenever it is made again."""

import datetime as dt
from collections import Counter, defaultdict

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, User
from analytics.kpis import figures
from demo import recount, world
from demo.history import every_state
from outbox.models import Letter, LetterState
from outreach.desk import queue
from outreach.models import Ambassador, Board, Group, Inquiry, Offer, Request, Reschedule, School, Visit
from outreach.schools.places import PREFECTURES
from tests import fixtures
from tests.factories import account, ambassador_of
from ui import dates

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def whole(django_db_setup, django_db_blocker):
    """The whole world in place of the small one, made once for all tests of this file, and its story."""
    with django_db_blocker.unblock(), transaction.atomic():
        # A test that wrote for real, on this worker before, has emptied all tables.
        fixtures.put_world_back()
        fixtures.leave_only_what_migrations_brought()
        with time_machine.travel(fixtures.NOW, tick=True):
            world.build()
        yield story()
        transaction.set_rollback(True)


def story() -> list:
    """What happened to whom on which day: all that a reader of the world could tell, without keys and addresses."""

    def day(moment: dt.datetime | None) -> dt.date | None:
        return moment and dates.in_tokyo(moment).date()

    requests = Request.objects.order_by("created_at", "number").select_related(
        "school", "board", "organisation", "contact"
    )
    requests = requests.prefetch_related(
        "slots", "planned_groups", "steps", "offers__ambassador", "visits__reports__groups"
    )
    return [
        list(User.objects.order_by("email").values_list("email", "name", "name_kana")),
        list(School.objects.order_by("school_code").values_list("school_code", "name_ja", "may_be_named", "address")),
        list(Ambassador.objects.order_by("slug").values_list("slug", "headline_ja", "prefecture_code")),
        Counter(Letter.objects.values_list("subject", "to_address", "state")),
        [
            (
                request.number,
                request.state,
                request.host_name,
                request.contact.email,
                request.aims,
                day(request.submitted_at),
                [(slot.rank, slot.starts_at, slot.ends_at) for slot in request.slots.all()],
                [(group.grade, group.expected) for group in request.planned_groups.all()],
                [(step.verb, step.party, day(step.at), step.reason) for step in request.steps.all()],
                sorted((offer.ambassador.slug, offer.state, day(offer.sent_at)) for offer in request.offers.all()),
                sorted(
                    (
                        visit.day,
                        visit.state,
                        [(g.present, g.already_met) for r in visit.reports.all() for g in r.groups.all()],
                    )
                    for visit in request.visits.all()
                ),
            )
            for request in requests
        ],
    ]


def test_the_world_contradicts_itself_nowhere(whole):
    assert world.check() == []


def test_every_state_occurs(whole):
    assert recount.states() == every_state()


@pytest.mark.long
def test_made_again_it_is_the_same(whole):
    fixtures.leave_only_what_migrations_brought()
    with time_machine.travel(fixtures.NOW, tick=True):
        world.build()
    for before, after in zip(whole, story(), strict=True):
        assert after == before


def test_in_mid_november_the_figures_stand_where_a_programme_of_500_would(whole):
    reach = figures.reach()
    parts = reach.visits.parts
    assert 240 <= parts.verified <= 270
    assert (parts.reported, parts.awaiting, parts.planned) == (25, 11, 30)
    assert 6_000 <= reach.students.parts.verified < 10_000
    last_year = figures.reach(fiscal_year=dates.fiscal_year_of(dates.today()) - 1).visits.parts
    assert 165 <= last_year.verified == last_year.total <= 180


def test_months_have_seasons(whole):
    months = Counter(
        Visit.objects.filter(fiscal_year=2025).exclude(state="cancelled").values_list("day__month", flat=True)
    )
    assert max(months[4], months[8]) < 5 < min(months[6], months[10], months[2])


def test_some_pupils_were_met_before(whole):
    assert 0.05 <= Group.objects.filter(already_met__gt=0).count() / Group.objects.count() <= 0.2


def test_the_desk_finds_its_lists_filled(whole):
    counts = queue.counts()
    assert (counts.act, counts.waiting, counts.vouch, counts.reports) == (19, 6, 5, 25)
    assert Membership.objects.filter(verified_at=None, person__contact_requests__state="submitted").count() == 1


def test_the_desk_finds_what_people_have_written(whole):
    told = Counter(Inquiry.objects.values_list("kind", "state"))
    assert told == {(kind, state): 1 for kind in ("question", "concern") for state in ("new", "closed")}
    assert all(row.sent_at <= step.at <= timezone.now() for row in Inquiry.objects.all() for step in row.steps.all())
    assert {address.partition("@")[2] for address in Inquiry.objects.values_list("mail", flat=True)} == {"demo.example"}


def test_what_the_teacher_finds(whole):
    mine = Request.objects.filter(contact=account("teacher"))
    assert Counter(mine.values_list("state", flat=True)) == {"completed": 3, "booked": 2, "submitted": 1, "draft": 1}
    coming = Visit.objects.planned().get(request__in=mine)
    assert coming.present_ambassadors == [ambassador_of("ambassador")]
    assert 18 <= (coming.day - dates.today()).days <= 28
    waiting = Visit.objects.awaiting_report().get(request__in=mine)
    assert 7 <= (dates.today() - waiting.day).days <= 12


def test_what_the_ambassador_finds(whole):
    offer = Offer.objects.waiting().get(ambassador=ambassador_of("ambassador"))
    assert (offer.request.contact, offer.slots.count()) == (account("teacher2"), 2)


def test_somebody_must_answer_to_another_day(whole):
    asked = {proposal.visit.school_id: proposal.still_asked() for proposal in Reschedule.objects.waiting()}
    assert asked.pop(account("teacher2").school_ids[0]) == [None]
    assert list(asked.values()) == [[ambassador_of("ambassador2")]]


def test_boards_have_requests_to_pass_on(whole):
    waiting = Request.objects.filter(state="with_board")
    mine = waiting.filter(school__board_id__in=account("board").verified_board_ids)
    assert (mine.count(), waiting.count()) == (2, 3)
    assert Request.objects.filter(state="submitted", steps__verb="pass_on").count() == 1


def test_visits_have_company_of_every_sort(whole):
    one_of_two = Visit.objects.get(request__state="open", state="confirmed")
    assert (one_of_two.request.ambassadors_wanted, one_of_two.places_free) == (2, 1)
    left = Visit.objects.get(participations__left_at__isnull=False, state="confirmed")
    assert (len(left.present_ambassadors), left.request.steps.last().verb) == (1, "settle")
    assert Visit.objects.planned().get(participating_schools__isnull=False).school.board_id
    entered = Request.objects.exclude(entry="asked").values_list("kind", "entry", "state")
    assert sorted(entered) == [
        ("event", "afterwards", "completed"),
        ("school_visit", "afterwards", "completed"),
        ("school_visit", "arranged", "booked"),
    ]


def test_other_kinds_stand_in_several_states(whole):
    states = defaultdict(list)
    for kind, state in Request.objects.exclude(kind="school_visit").order_by("state").values_list("kind", "state"):
        states[kind].append(state)
    assert states == {
        "contest": ["booked", "open"],
        "event": ["booked", "completed", "declined"],
        "content": ["booked", "completed", "submitted"],
    }


def test_old_letters_have_left_and_new_ones_wait(whole):
    waiting = Letter.objects.filter(state=LetterState.WAITING)
    assert {(dates.today() - dates.in_tokyo(letter.created_at).date()).days for letter in waiting} <= {0, 1}
    assert waiting.exists()
    assert Letter.objects.filter(state=LetterState.SENT).count() > 100


def test_every_prefecture_has_its_board_and_schools(whole):
    assert set(Board.objects.filter(kind="prefecture").values_list("prefecture_code", flat=True)) == set(PREFECTURES)
    schools = Counter(School.objects.values_list("prefecture_code", flat=True))
    assert set(schools) == set(PREFECTURES) and min(schools.values()) == 3
    assert Ambassador.objects.count() == 40
    assert Ambassador.objects.exclude(country_code="JP").filter(visits_in_person=False).count() == 5


def test_no_code_can_be_one_of_the_real_list(whole):
    assert all(code[5:7] == "99" for code in School.objects.values_list("school_code", flat=True))


def test_nobody_can_be_reached_outside_the_world(whole):
    for addresses in (User.objects.values_list("email", flat=True), School.objects.values_list("main_mail", flat=True)):
        assert {address.partition("@")[2] for address in addresses} == {"demo.example"}
