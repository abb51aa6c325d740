"""What asking and accepting cost in queries: counted here, so that nothing creeps in unseen."""

import uuid
from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from outbox.models import Letter
from outreach.models import Ambassador, IntakeRules, Offer, Visit
from tests.factories import offer_for, visit_of_two

pytestmark = pytest.mark.django_db

# Savepoints stand here where a page of its own begins and ends a transaction.
MOST_TO_ASK, MOST_TO_ACCEPT, MOST_TO_JOIN = 42, 47, 55


@pytest.fixture(autouse=True)
def limits(people):
    """As in a year with limits, too high to be reached: without them two queries fewer are asked."""
    IntakeRules.objects.update(most_per_month=20, most_per_year=99)


def sent(person: User, page: str, form: dict) -> list[str]:
    """The queries of sending a form, once everything that is read only once has been read."""
    client = Client()
    client.force_login(person)
    client.get("/my/")
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(page, {**form, "form_key": str(uuid.uuid4())})
    assert answer.status_code == 302
    return [query["sql"] for query in queries]


def read(queries: list[str], table: str) -> int:
    """How often rows of this table are what a query asks for."""
    # PostgreSQL puts brackets around the parts of a union.
    asked = [sql for sql in queries if sql.lstrip("(").startswith("SELECT")]
    return Counter(sql.partition(' FROM "')[2].partition('"')[0] for sql in asked)[table]


def test_asking_about_three_days_reads_the_rules_once_in_the_form_and_once_in_the_verb(
    open_request, ambassador, coordinator
):
    form = {
        "ambassador": str(ambassador.public_id),
        "slots": [str(slot.public_id) for slot in open_request.slots.all()],
        "buffer_before": "120",
        "buffer_after": "120",
    }
    queries = sent(coordinator, f"/desk/requests/{open_request.public_id}/offer/", form)
    assert Offer.objects.get().slots.count() == 3
    assert (read(queries, "outreach_intakerules"), read(queries, "outreach_hold")) == (2, 1)
    assert len(queries) <= MOST_TO_ASK


def test_accepting_reads_people_once_after_they_changed(waiting_offer, ambassador, coordinator):
    Letter.objects.all().delete()
    form = {"slot": str(waiting_offer.slots.first().public_id), "note": ""}
    queries = sent(ambassador.user, f"/offers/{waiting_offer.public_id}/accept/", form)
    assert Visit.objects.get().present_ambassadors == [ambassador]
    assert Letter.objects.count() == 3
    assert (read(queries, "outreach_participation"), read(queries, "outreach_plannedgroup")) == (1, 1)
    assert len(queries) <= MOST_TO_ACCEPT


def test_more_people_on_a_visit_are_read_at_once(people):
    """The third of three accepts: those who come already are told as well."""
    visit = visit_of_two(wanted=3)
    in_person = Ambassador.objects.select_related("user").filter(visits_in_person=True)
    third = in_person.exclude(pk__in=[one.pk for one in visit.present_ambassadors]).first()
    offer = offer_for(visit.request, ambassador=third, slots=[visit.slot])
    form = {"slot": str(visit.slot.public_id), "note": ""}
    queries = sent(third.user, f"/offers/{offer.public_id}/accept/", form)
    assert len(Visit.objects.get().present_ambassadors) == 3
    assert len(queries) <= MOST_TO_JOIN
