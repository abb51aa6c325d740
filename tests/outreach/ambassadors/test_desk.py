"""The desk appoints, pauses, resumes, renames: what changes, who is refused, what everybody reads."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from outbox.models import Letter
from outreach.ambassadors import actions
from outreach.availability import guards
from outreach.lives import NotAllowed
from outreach.models import Ambassador, Appointment, OldSlug, Visit
from outreach.visits import actions as visits
from tests.outreach.pages import Reader
from tests.outreach.rows import rows
from ui import dates

pytestmark = pytest.mark.django_db

APRIL, MARCH = dt.date(2027, 4, 1), dt.date(2028, 3, 31)


def page(person: Ambassador, verb: str = "") -> str:
    return f"/desk/ambassadors/{person.public_id}/" + (f"{verb}/" if verb else "")


# ── appointments ──────────────────────────────────────────────────────────────
def test_the_next_appointment_is_proposed_for_the_fiscal_year_and_added(ambassador, coordinator):
    desk = Reader(coordinator)
    body = desk.reads(page(ambassador))
    assert 'value="2027-04-01"' in body
    assert 'value="2028-03-31"' in body
    told = desk.told(page(ambassador, "appoint"), from_day="2027-04-01", until="2028-03-31")
    assert "任命を加えました" in told
    assert ambassador.appointments.filter(from_day=APRIL, until=MARCH).exists()


def test_overlapping_appointments_are_refused_with_words(ambassador, coordinator):
    answer = Reader(coordinator).sends(page(ambassador, "appoint"), from_day="2027-03-31", until="2027-05-01")
    assert answer.status_code == 422
    assert "2026年4月1日（水）から2027年3月31日（水）までの任命と重なります" in answer.content.decode()
    assert ambassador.appointments.count() == 2


def test_an_appointment_does_not_end_before_it_begins_and_is_not_endless(ambassador, coordinator):
    for until in (APRIL - dt.timedelta(days=1), dt.date(2040, 3, 31)):
        with pytest.raises(NotAllowed):
            actions.appoint(ambassador, by=coordinator, from_day=APRIL, until=until)


def raw(ambassador: Ambassador, from_day: dt.date, until: dt.date) -> bool:
    """Whether the database itself takes the row, past every rule."""
    try:
        with transaction.atomic():
            Appointment.objects.create(ambassador=ambassador, from_day=from_day, until=until)
    except IntegrityError as refusal:
        assert guards.APPOINTED in str(refusal)
        return False
    return True


def test_the_database_refuses_overlapping_appointments(ambassador, other_ambassador):
    day = dt.timedelta(days=1)
    assert raw(ambassador, APRIL, MARCH)
    assert not raw(ambassador, APRIL, MARCH)
    assert not raw(ambassador, MARCH, MARCH + 9 * day)
    assert not raw(ambassador, APRIL - 9 * day, APRIL)
    assert not raw(ambassador, APRIL + day, APRIL + day)
    assert not raw(ambassador, APRIL - day, MARCH + day)
    assert raw(ambassador, MARCH + day, MARCH + day)
    assert raw(other_ambassador, APRIL, MARCH)
    with pytest.raises(IntegrityError, match=guards.APPOINTED), transaction.atomic():
        Appointment.objects.filter(ambassador=ambassador, from_day=MARCH + day).update(from_day=MARCH)


def test_the_guard_comes_back_with_the_next_migrate(db):
    if connection.vendor == "sqlite":
        guards.take_down(connection)
        assert f"{guards.APPOINTED}_insert" in guards.missing(connection)
        call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []


def test_an_appointment_ends_early_and_offers_after_it_are_refused(open_request, ambassador, coordinator):
    desk = Reader(coordinator)
    body = desk.reads(page(ambassador, "appointments/2026-04-01"))
    assert "任命を早く終える" in body
    told = desk.told(page(ambassador, "appointments/2026-04-01"), until="2026-11-30", reason="本人の申し出")
    assert "任命の終わりを改めました" in told
    with pytest.raises(NotAllowed, match="には任命されていません"):
        visits.send_offer(open_request, by=coordinator, ambassador=ambassador, slots=open_request.open_slots())


@pytest.mark.parametrize("until", ["2026-03-31", "2027-03-31", "2027-04-01"])
def test_an_appointment_ends_inside_itself(ambassador, coordinator, until):
    before = rows(Appointment)
    answer = Reader(coordinator).sends(page(ambassador, "appointments/2026-04-01"), until=until, reason="本人の申し出")
    assert answer.status_code == 422
    assert rows(Appointment) == before


def test_the_page_says_how_many_visits_lie_in_the_rest(confirmed_visit, ambassador, coordinator):
    body = Reader(coordinator).reads(page(ambassador, "appointments/2026-04-01"))
    assert "これからの訪問が1件あります" in body


# ── pausing ───────────────────────────────────────────────────────────────────
def test_pausing_holds_at_once_everywhere(waiting_offer, ambassador, coordinator):
    card = ambassador.get_absolute_url()
    told = Reader(coordinator).told(page(ambassador, "pause"), reason="確かめたいことがあります。")
    assert "活動を休みにしました" in told
    assert "確かめたいことがあります。" in told
    request = waiting_offer.request
    with pytest.raises(NotAllowed, match="休んでいる間は引き受けられません"):
        visits.accept(waiting_offer, by=ambassador.user, slot=waiting_offer.slots.first())
    visits.retract(waiting_offer, by=coordinator, reason="休みのため。")
    with pytest.raises(NotAllowed, match="活動を休んでいます"):
        visits.send_offer(request, by=coordinator, ambassador=ambassador, slots=request.open_slots())
    assert Reader(waiting_offer.request.contact).sees(card) == 404
    assert ambassador.name not in Reader(waiting_offer.request.contact).reads("/ambassadors/")
    assert not Visit.objects.exists()


def test_the_paused_person_learns_it_without_the_reason(ambassador, coordinator):
    actions.pause(ambassador, by=coordinator, reason="CNRY-reason")
    letter = Letter.objects.get(person=ambassador.user)
    assert "お休み" in letter.subject
    assert "CNRY" not in letter.body
    assert "CNRY" not in Reader(ambassador).reads("/my/") + Reader(ambassador).reads("/my/profile/")


def test_a_visit_that_is_booked_stays(confirmed_visit, ambassador, coordinator):
    actions.pause(ambassador, by=coordinator, reason="病気です。")
    confirmed_visit.refresh_from_db()
    assert confirmed_visit.state == "confirmed"


def test_resuming_brings_the_card_back(ambassador, coordinator):
    actions.pause(ambassador, by=coordinator, reason="病気です。")
    assert "活動を再開しました" in Reader(coordinator).told(page(ambassador, "resume"))
    ambassador.refresh_from_db()
    assert (ambassador.paused_at, ambassador.pause_reason) == (None, "")
    assert Letter.objects.filter(person=ambassador.user).count() == 2


def test_said_twice_it_is_refused_with_words(ambassador, coordinator):
    with pytest.raises(NotAllowed, match="休んでいません"):
        actions.resume(ambassador, by=coordinator)
    actions.pause(ambassador, by=coordinator, reason="病気です。")
    with pytest.raises(NotAllowed, match="もう活動を休んでいます"):
        actions.pause(ambassador, by=coordinator, reason="病気です。")


def test_only_the_desk_says_these_verbs(ambassador, school_contact, viewer):
    appointment = ambassador.appointments.first()
    before = rows()
    for person in (ambassador.user, school_contact, viewer):
        for act in (
            lambda by: actions.appoint(ambassador, by=by, from_day=APRIL, until=MARCH),
            lambda by: actions.end_appointment(appointment, by=by, until=dates.today(), reason="本人の申し出"),
            lambda by: actions.pause(ambassador, by=by, reason="x"),
            lambda by: actions.resume(ambassador, by=by),
            lambda by: actions.rename(ambassador, by=by, slug="x"),
            lambda by: actions.show_card(ambassador, by=by, is_public=False),
        ):
            with pytest.raises(NotAllowed):
                act(person)
    assert rows() == before


# ── the address of the card ───────────────────────────────────────────────────
def test_an_old_address_leads_to_the_new_one_for_good(client, ambassador, coordinator):
    old = ambassador.get_absolute_url()
    Reader(coordinator).sends(page(ambassador, "card"), slug="kazami", is_public="on")
    Reader(coordinator).sends(page(ambassador, "card"), slug="ryo", is_public="on")
    for address in (old, "/ambassadors/kazami/", f"/en{old}"):
        answer = client.get(address)
        assert answer.status_code == 301
        assert answer.headers["Location"] == ("/en" if address.startswith("/en") else "") + "/ambassadors/ryo/"


def test_an_address_is_never_given_to_somebody_else(ambassador, other_ambassador, coordinator):
    old = ambassador.slug
    actions.rename(ambassador, by=coordinator, slug="kazami")
    for slug in (old, "kazami"):
        with pytest.raises(NotAllowed, match="前に使っていました"):
            actions.rename(other_ambassador, by=coordinator, slug=slug)
    assert old not in actions.proposed_slug("Ryo Kazami") or actions.proposed_slug("Ryo Kazami") != old


def test_somebody_goes_back_to_an_address_of_their_own(ambassador, coordinator):
    old = ambassador.slug
    actions.rename(ambassador, by=coordinator, slug="kazami")
    actions.rename(ambassador, by=coordinator, slug=old)
    assert [row.slug for row in OldSlug.objects.all()] == ["kazami"]


@pytest.mark.parametrize("slug", ["風見", "Ryo", "a b", "-a", "a--b", "../x", "ｒｙｏ ", ""])
def test_an_address_is_plain(ambassador, coordinator, slug):
    before = rows(Ambassador, OldSlug)
    answer = Reader(coordinator).sends(page(ambassador, "card"), slug=slug, is_public="on")
    if slug == "ｒｙｏ ":
        assert Ambassador.objects.get(pk=ambassador.pk).slug == "ryo"  # full width is forgiven
    else:
        assert answer.status_code == 422
        assert rows(Ambassador, OldSlug) == before


def test_a_hidden_card_is_there_for_its_owner_and_the_desk(client, ambassador, coordinator):
    Reader(coordinator).sends(page(ambassador, "card"), slug=ambassador.slug)
    address = ambassador.get_absolute_url()
    assert client.get(address).status_code == 404
    assert "いまは公開されていません" in Reader(ambassador).reads(address)
    assert Reader(coordinator).sees(address) == 200


def test_who_rests_reads_it_on_their_own_page(ambassador, coordinator):
    assert "活動をお休み中です" not in Reader(ambassador).reads("/my/")
    actions.pause(ambassador, by=coordinator, reason="本人の希望")
    body = Reader(ambassador).reads("/my/")
    assert "活動をお休み中です" in body
    assert "本人の希望" not in body
