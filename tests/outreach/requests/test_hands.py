"""Raising a hand for an open request: who sees which, without a school's name, and what the desk makes of it."""

import pytest
from django.urls import reverse

from outreach.desk.candidates import candidates
from outreach.lives import NotAllowed, TooLate
from outreach.models import Ambassador, Facet, Hand, Request
from outreach.requests import hands
from outreach.visits import actions as visits
from tests.outreach.availability.telling import wants

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def about_anything(db):
    Facet.objects.exclude(kind="language").delete()


def fits(person) -> bool:
    return bool(hands.fitting(Ambassador.objects.get(pk=person.pk)))


def test_an_open_request_is_told_without_its_school(client, open_request, ambassador):
    client.force_login(ambassador.user)
    shown = client.get(reverse("openings")).content.decode()
    for words in ("東京都", "高校生", "2026年12月", "手を挙げる"):
        assert words in shown
    for secret in (
        open_request.school.name,
        open_request.contact.name,
        open_request.number,
    ):
        assert secret not in shown


def test_one_button_raises_a_hand_and_another_lowers_it(client, open_request, ambassador):
    client.force_login(ambassador.user)
    address = reverse("hand", args=[open_request.public_id])
    client.post(address)
    client.post(address)
    assert Hand.objects.filter(lowered_at__isnull=True).count() == 1
    assert "手を挙げています" in client.get(reverse("openings")).content.decode()
    client.post(address, {"lower": "1"})
    assert not Hand.objects.filter(lowered_at__isnull=True).exists()


def test_the_desk_sees_hands_first(open_request, ambassador, other_ambassador):
    first, *_rest = candidates(open_request)
    behind = other_ambassador if first.ambassador.pk == ambassador.pk else ambassador
    hands.raise_hand(open_request, behind, by=behind.user)
    first, *_rest = candidates(open_request)
    assert first.ambassador.pk == behind.pk
    assert first.notes[0] == "手を挙げています"


def test_an_assistant_raises_it_for_somebody_and_a_stranger_for_nobody(
    client, open_request, ambassador, assistant, coordinator
):
    client.force_login(assistant)
    client.post(reverse("hand", args=[open_request.public_id]), {"of": str(ambassador.public_id)})
    assert Hand.objects.get().ambassador == ambassador
    with pytest.raises(NotAllowed):
        hands.raise_hand(open_request, ambassador, by=coordinator)


@pytest.mark.parametrize("kind", ["theme", "stage"])
def test_what_somebody_does_not_do_is_not_shown(open_request, ambassador, kind):
    other = {"theme": "local" if open_request.theme != "local" else "story", "stage": "elementary"}[kind]
    Facet.objects.create(ambassador=ambassador, kind=kind, value=other)
    assert not fits(ambassador)
    mine = {"theme": open_request.theme, "stage": open_request.planned_groups.first().stage}[kind]
    Facet.objects.create(ambassador=ambassador, kind=kind, value=mine)
    assert fits(ambassador)


def test_how_and_how_far_somebody_comes_decides_too(open_request, ambassador, ambassador_abroad):
    assert fits(ambassador)
    assert not fits(ambassador_abroad)
    Ambassador.objects.filter(pk=ambassador.pk).update(prefecture_code="47")
    assert fits(ambassador)
    wants(Ambassador.objects.get(pk=ambassador.pk), farthest_km=300)
    assert not fits(ambassador)
    Request.objects.filter(pk=open_request.pk).update(format="either")
    assert fits(ambassador)


def test_whoever_is_asked_already_is_not_asked_to_raise_a_hand(open_request, ambassador, coordinator):
    visits.send_offer(open_request, by=coordinator, ambassador=ambassador, slots=list(open_request.slots.all()))
    assert not fits(ambassador)


def test_a_request_that_is_no_longer_open_takes_no_hand(submitted_request, ambassador):
    with pytest.raises(TooLate):
        hands.raise_hand(submitted_request, ambassador, by=ambassador.user)


def test_who_rests_raises_no_hand(open_request, ambassador, coordinator):
    from outreach.ambassadors.actions import pause

    pause(ambassador, by=coordinator, reason="休養")
    rested = Ambassador.objects.get(pk=ambassador.pk)
    with pytest.raises(NotAllowed, match="休んでいる"):
        hands.raise_hand(open_request, rested, by=rested.user)
    assert not fits(rested)


def test_the_queries_do_not_grow(open_request, ambassador, asked_at, django_assert_max_num_queries):
    import datetime as dt

    from ui import dates

    for day in range(12, 17):
        asked_at(dates.at_tokyo(dt.date(2027, 1, day), dt.time(10)))
    with django_assert_max_num_queries(8):
        assert len(hands.fitting(ambassador)) == 6
