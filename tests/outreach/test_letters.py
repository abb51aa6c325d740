"""Who is told what, in which words; and that a letter never acts by being opened."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import User
from outbox.models import Letter
from outreach.desk.letters import note_given_up
from outreach.lives import NotAllowed
from outreach.models import Ambassador, Offer, PlannedGroup, Request, School
from outreach.requests import actions as requests
from outreach.schools import actions as schools
from outreach.visits import actions as visits
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (
    ROOT / "outreach" / "templates" / "outreach" / "letters",
    ROOT / "site" / "accounts" / "templates" / "accounts" / "letters",
)
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥、。「」（）：・～]")
HOME_ABROAD = "America/Chicago"
TOLD_AT_HOME = {"offer_sent", "visit_confirmed_ambassador"}
HIGH = [visits.GroupCount("high", 2, 61, label="2-3")]


def news_of(letter: Letter) -> tuple[str, str]:
    """(what the letter tells, to whom)."""
    return letter.key.split(":")[-2], letter.to_address


def told(act: Callable[[], object]) -> set[tuple[str, str]]:
    """What this act tells people: (news, address). The same news twice would be two rows, and is refused here.

    Copies for the main address of a school go to no person; tests of their own speak of them.
    """
    before = set(Letter.objects.values_list("pk", flat=True))
    act()
    new = [news_of(letter) for letter in Letter.objects.exclude(pk__in=before).exclude(person=None)]
    assert len(new) == len(set(new))
    return set(new)


@pytest.fixture
def addresses(school_contact, colleague, coordinator, ambassador, other_ambassador) -> tuple[str, str, str, str]:
    """School, desk, ambassador, other ambassador. The colleague is there to be told nothing."""
    return school_contact.email, coordinator.email, ambassador.user.email, other_ambassador.user.email


def ask(request: Request, coordinator: User, ambassador: Ambassador) -> Offer:
    return visits.send_offer(request, by=coordinator, ambassador=ambassador, slots=request.open_slots())


def test_up_to_the_offer_each_verb_tells_whom_it_concerns(
    draft_request, school_contact, coordinator, ambassador, addresses
):
    school, desk, asked, _other = addresses
    arrived = {("request_submitted", school), ("request_arrived", desk)}
    assert told(lambda: requests.describe(draft_request, by=school_contact, aims="挑む")) == set()
    assert told(lambda: requests.submit(draft_request, by=school_contact)) == arrived
    assert told(lambda: requests.hand_back(draft_request, by=coordinator, reason="人数を。")) == {
        ("request_handed_back", school)
    }
    assert told(lambda: requests.submit(draft_request, by=school_contact)) == arrived
    assert told(lambda: requests.take_up(draft_request, by=coordinator)) == {("request_taken_up", school)}
    assert told(lambda: ask(draft_request, coordinator, ambassador)) == {("offer_sent", asked)}


def test_the_end_of_an_offer_is_told_to_whom_it_concerns(waiting_offer, coordinator, ambassador, addresses):
    _school, desk, asked, _other = addresses
    request = waiting_offer.request
    assert told(lambda: visits.decline(waiting_offer, by=ambassador.user)) == {("offer_declined", desk)}
    offer = ask(request, coordinator, ambassador)
    assert told(lambda: visits.retract(offer, by=coordinator, reason="別の方に。")) == {("offer_retracted", asked)}
    ask(request, coordinator, ambassador)
    Offer.objects.filter(state="sent").update(expires_at=timezone.now())
    assert told(visits.expire_offers) == {("offer_expired", asked), ("offer_expired_desk", desk)}


def test_a_confirmed_visit_is_told_to_all_and_to_those_who_need_not_come(
    waiting_offer, coordinator, ambassador, other_ambassador, school_contact, addresses
):
    school, desk, asked, other = addresses
    ask(waiting_offer.request, coordinator, other_ambassador)
    slot = waiting_offer.slots.first()
    assert told(lambda: visits.accept(waiting_offer, by=ambassador.user, slot=slot)) == {
        ("visit_confirmed_school", school),
        ("visit_confirmed_ambassador", asked),
        ("visit_confirmed_desk", desk),
        ("offer_retracted", other),
    }
    cancelled = {
        ("visit_cancelled_school", school),
        ("visit_cancelled_ambassador", asked),
        ("visit_cancelled_desk", desk),
    }
    visit = waiting_offer.request.visits.get()
    assert told(lambda: visits.cancel(visit, by=school_contact, reason="学級閉鎖です。")) == cancelled


def test_withdrawing_tells_school_and_desk_and_whoever_kept_time(
    confirmed_visit, school_contact, asked_at, coordinator, other_ambassador, stranger_contact, addresses
):
    school, desk, asked, other = addresses
    request = confirmed_visit.request
    assert told(lambda: visits.withdraw(request, by=school_contact, reason="行事です。")) == {
        ("request_withdrawn", school),
        ("request_withdrawn_desk", desk),
        ("visit_cancelled_school", school),
        ("visit_cancelled_ambassador", asked),
        ("visit_cancelled_desk", desk),
    }
    second = asked_at(timezone.now() + dt.timedelta(days=40))
    ask(second, coordinator, other_ambassador)
    assert told(lambda: visits.decline_request(second, by=coordinator, reason="予算です。")) == {
        ("request_declined", stranger_contact.email),
        ("offer_retracted", other),
    }


def test_after_the_lesson_each_verb_tells_whom_it_concerns(
    past_visit, school_contact, coordinator, ambassador, addresses, time_machine
):
    school, desk, asked, _other = addresses
    received = {("report_received_ambassador", asked), ("report_received_desk", desk)}

    def report():
        visits.report(past_visit, by=school_contact, groups=HIGH, format="in_person")

    time_machine.move_to(past_visit.ends_at + dt.timedelta(days=1))
    assert told(visits.remind_of_reports) == {("report_wanted", school)}
    assert told(lambda: visits.deliver(past_visit, by=ambassador.user)) == set()
    assert told(report) == received
    assert told(lambda: visits.add_comment(past_visit, by=ambassador.user, comment="よい問い。")) == set()
    assert told(lambda: visits.hand_back(past_visit, by=coordinator, reason="人数を。")) == {
        ("report_handed_back", school)
    }
    assert told(report) == received
    assert told(lambda: visits.verify(past_visit, by=coordinator)) == {
        ("report_verified_school", school),
        ("report_verified_ambassador", asked),
    }


def test_belonging_is_told_to_the_desk_and_the_answer_to_the_person(school, viewer, coordinator):
    newcomer = User.objects.create_user("newcomer@example.jp", name="新任 先生")
    assert told(lambda: schools.join(school, by=newcomer)) == {("membership_arrived", coordinator.email)}
    assert told(lambda: schools.join(school, by=newcomer)) == set()
    membership = newcomer.memberships.get()
    assert told(lambda: schools.vouch(membership, by=coordinator, how="call", note="教頭")) == {
        ("membership_vouched", newcomer.email)
    }


def test_a_refused_step_leaves_no_letter(reported_visit, ambassador, school_contact):
    def refused():
        for person in (ambassador.user, school_contact):
            with pytest.raises(NotAllowed):
                visits.verify(reported_visit, by=person)

    assert told(refused) == set()


# ── every letter there is ─────────────────────────────────────────────────────
@pytest.fixture(params=["ja", "en"])
def every_letter(
    request, draft_request, school_contact, coordinator, ambassador, other_ambassador, asked_at, time_machine
) -> list[Letter]:
    """The whole road, told in one language to people whose every private word can be recognised."""
    language = request.param
    School.objects.update(name_ja="Cnry School", name_en="", address="1-2-3 Cnry Street")
    for user in User.objects.all():
        user.name, user.name_kana, user.language = f"Cnry Name {user.pk}", "cnry", language
        user.save()
    for card in Ambassador.objects.all():
        card.name_ja, card.name_en, card.headline_ja = f"Cnry Card {card.pk}", "", "Cnry Headline"
        card.time_zone = HOME_ABROAD
        card.save()
    for person in (school_contact, coordinator, ambassador.user, other_ambassador.user):
        person.refresh_from_db()
    ambassador.refresh_from_db()
    other_ambassador.refresh_from_db()
    words = dict.fromkeys(("aims", "lesson_name", "equipment", "access", "wishes", "place"), "Cnry words")
    contact = {"contact_phone": "03-7777-7777", "contact_hours": "Cnry hours"}
    Request.objects.update(**words, **contact, times_note="Cnry words")
    PlannedGroup.objects.update(label="2-3")
    draft_request.refresh_from_db()
    walk_the_road(draft_request, school_contact, coordinator, ambassador, other_ambassador, asked_at, time_machine)
    return list(Letter.objects.exclude(person=None))


def walk_the_road(request, contact, coordinator, ambassador, other_ambassador, asked_at, time_machine) -> None:
    """Every verb that tells somebody something, each at least once."""
    newcomer = User.objects.create_user("newcomer@example.jp", name="Cnry Newcomer", language=contact.language)
    schools.vouch(schools.join(request.school, by=newcomer), by=coordinator, how="call", note="Cnry note")
    requests.submit(request, by=contact)
    requests.hand_back(request, by=coordinator, reason="Cnry reason")
    request = requests.take_up(requests.submit(request, by=contact), by=coordinator)
    for number, verb in enumerate((visits.decline_request, visits.withdraw)):
        other = asked_at(timezone.now() + dt.timedelta(days=60 + number))
        verb(other, by=coordinator, reason="Cnry reason")
    visits.decline(ask(request, coordinator, ambassador), by=ambassador.user, note="Cnry answer")
    visits.retract(ask(request, coordinator, ambassador), by=coordinator, reason="Cnry reason")
    ask(request, coordinator, ambassador)
    Offer.objects.filter(state="sent").update(expires_at=timezone.now())
    visits.expire_offers()

    def accepted():
        offer = visits.send_offer(
            request, by=coordinator, ambassador=ambassador, slots=request.open_slots(), message="Cnry message"
        )
        return visits.accept(offer, by=ambassador.user, slot=offer.slots.order_by("rank").first(), note="Cnry answer")

    visits.cancel(accepted(), by=contact, reason="Cnry reason")
    visit = accepted()
    time_machine.move_to(visit.ends_at + dt.timedelta(days=1))
    visits.remind_of_reports()
    visits.report(visit, by=contact, groups=HIGH, format="in_person", comment="Cnry words")
    visits.hand_back(visit, by=coordinator, reason="Cnry reason")
    visits.report(visit, by=contact, groups=HIGH, format="in_person")
    visits.verify(visit, by=coordinator)
    note_given_up(Letter.objects.filter(person=contact).first())


def whole(letter: Letter) -> str:
    return f"{letter.subject}\n{letter.body}"


def test_every_letter_of_the_road_has_its_template(every_letter):
    told_news = {news_of(letter)[0] for letter in every_letter}
    language = every_letter[0].language
    assert all(any((folder / f"{news}.{language}.txt").exists() for folder in FOLDERS) for news in told_news)


def test_every_letter_is_whole_plain_text_in_the_language_of_its_reader(every_letter):
    wrong = []
    for letter in every_letter:
        text, news = whole(letter), news_of(letter)[0]
        is_english = letter.language == "en"
        pages = re.findall(rf"{settings.SITE_URL}(/\S*)", letter.body)
        faults = {
            "language": letter.language != letter.person.language,
            "subject": not letter.subject.strip() or "Kakehashi" not in letter.subject,
            "leftover": re.search(r"\{\{|\}\}|\{%|%\}|%\(|\bNone\b|\[\]|\bcnry\b", text),
            "html": re.search(r"[<>]|&(amp|lt|gt|quot|#)", text),
            "words": bool(JAPANESE.search(text)) is is_english,
            "gap": "\n\n\n" in letter.body,
            "addressed": letter.person.name not in letter.body,
            # Where to go on, and the house itself.
            "pages": len(pages) != 2 or any(page.startswith("/en/") is not is_english for page in pages),
            "time at home": news in TOLD_AT_HOME and "Chicago" not in letter.body,
        }
        wrong += [(news, fault) for fault, is_wrong in faults.items() if is_wrong]
    assert wrong == []


def test_contact_data_is_told_only_once_the_visit_is_confirmed(every_letter, school_contact, ambassador):
    of_the_school = {school_contact.name, school_contact.email, "03-7777-7777", "Cnry hours", "1-2-3 Cnry Street"}
    of_the_ambassador = {ambassador.user.email, ambassador.name}

    def told_to(person: User, news: str, data: set[str]) -> set[str]:
        """Those of the data that this news tells this person, in any of its letters."""
        letters = [letter for letter in every_letter if letter.person == person and news_of(letter)[0] == news]
        assert letters, news
        return {value for value in data if any(value in whole(letter) for letter in letters)}

    for news in ("offer_sent", "offer_retracted", "offer_expired", "visit_cancelled_ambassador"):
        assert told_to(ambassador.user, news, of_the_school) == set()
    assert told_to(ambassador.user, "visit_confirmed_ambassador", of_the_school) == of_the_school
    for news in ("request_submitted", "request_taken_up", "request_handed_back"):
        assert told_to(school_contact, news, of_the_ambassador) == set()
    assert told_to(school_contact, "visit_confirmed_school", of_the_ambassador) == of_the_ambassador


def every_row() -> dict:
    """All tables, of all parts, but for who is signed in."""
    return rows(*(model for model in apps.get_models() if model is not Session and model._meta.managed))


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_no_address_in_a_letter_acts_by_being_opened(every_letter):
    owners = {person: signed_in(person) for person in {letter.person for letter in every_letter}}
    pages = {
        (owners[letter.person], page)
        for letter in every_letter
        for page in re.findall(rf"{settings.SITE_URL}(/\S*)", letter.body)
    }
    before = every_row()
    for owner, page in pages:
        for client in (Client(), owner):
            assert client.get(page, follow=True).status_code == 200
    assert every_row() == before


def test_opening_the_link_of_a_reset_changes_nothing(school_contact):
    Client().post("/accounts/password/reset/", {"email": school_contact.email})
    letter = Letter.objects.get(to_address=school_contact.email)
    (page,) = re.findall(rf"{settings.SITE_URL}(/\S*reset/key/\S+)", letter.body)
    before = every_row()
    for _again in range(2):
        assert Client().get(page, follow=True).status_code == 200
    assert every_row() == before
    assert User.objects.get(pk=school_contact.pk).check_password("kakehashi-demo")
