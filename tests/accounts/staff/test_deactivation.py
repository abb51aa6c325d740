"""Somebody is paused: every way in is shut with the next request, and nobody can tell from outside."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.staff import actions
from demo.people import PASSWORD
from outbox.actions import Draft, deliver, post, post_secret, take
from outbox.models import Letter, LetterState
from outreach.models import Ambassador, Offer
from outreach.visits.actions import accept, retract, send_offer
from tests.accounts.codes import app_code, signed_in, with_app
from tests.accounts.test_sign_up import seen
from ui.refusals import NotAllowed

pytestmark = pytest.mark.django_db
REASON = "行動規範についての申し出を確かめるあいだ"
STEPS = {
    "page": lambda client: client.get("/my/"),
    "page in English": lambda client: client.get("/en/my/"),
    "form": lambda client: client.post("/my/language/", {"language": "en"}),
    "cms": lambda client: client.get("/cms/"),
    "document": lambda client: client.get("/accounts/2fa/"),
    "devices": lambda client: client.get("/accounts/sessions/"),
    "desk": lambda client: client.get("/desk/"),
    "figures": lambda client: client.get("/dashboard/"),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_the_next_request_of_a_paused_person_is_refused(step, editor, coordinator, superuser):
    for person in (editor, coordinator):
        client = signed_in(person)
        actions.deactivate(person, by=superuser, reason=REASON)
        assert step(client).headers["Location"].startswith(("/accounts/login/", "/en/accounts/login/", "/cms/login/"))
    assert not User.objects.filter(language="en", pk__in=(editor.pk, coordinator.pk)).exists()


def test_all_devices_are_out_and_stay_out_when_the_account_opens_again(school_contact, coordinator):
    devices = [signed_in(school_contact) for _number in range(3)]
    # A sign-in that no list of devices knows of.
    devices.append(Client())
    devices[-1].force_login(school_contact)
    actions.deactivate(school_contact, by=coordinator, reason=REASON)
    actions.reactivate(school_contact, by=coordinator, reason=REASON)
    assert [client.get("/my/").status_code for client in devices] == [302] * 4
    assert not school_contact.usersession_set.exists()
    assert signed_in(school_contact).get("/my/").status_code == 200


def test_secret_letters_that_wait_never_leave(school_contact, stranger_contact, coordinator):
    mine = post_secret(to_address=school_contact.email, subject="コード", body="CNRY42", person=school_contact)
    by_address = post_secret(to_address=school_contact.email.upper(), subject="招待", body="CNRY43")
    theirs = post_secret(to_address=stranger_contact.email, subject="コード", body="CNRY44", person=stranger_contact)
    Letter.objects.filter(pk=mine.pk).update(next_try_at=mine.next_try_at.replace(year=2027))
    actions.deactivate(school_contact, by=coordinator, reason=REASON)
    assert not Letter.objects.filter(pk__in=(mine.pk, by_address.pk)).exists()
    assert Letter.objects.filter(pk=theirs.pk, state=LetterState.WAITING).exists()
    told = Letter.objects.get(person=school_contact)
    assert "利用を止めました" in told.subject
    assert REASON not in told.body
    assert deliver().is_well


def test_what_was_sent_before_opens_nothing_afterwards(school_contact, coordinator):
    asked = Client()
    asked.post("/accounts/password/reset/", {"email": school_contact.email})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", Letter.objects.get().body)[1]
    by_code = Client()
    by_code.post("/accounts/login/code/", {"email": school_contact.email})
    code = re.findall(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", Letter.objects.latest("pk").body, re.MULTILINE)[0]
    actions.deactivate(school_contact, by=coordinator, reason=REASON)
    by_code.post("/accounts/login/code/confirm/", {"code": code})
    assert by_code.get("/my/").status_code == 302
    actions.reactivate(school_contact, by=coordinator, reason=REASON)
    assert "このリンクは使えません" in asked.get(link, follow=True).content.decode()


@pytest.mark.parametrize("path", ["/accounts/password/reset/", "/accounts/login/code/", "/accounts/signup/"])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_paused_person_looks_like_an_unknown_one(path, prefix, school_contact, coordinator):
    more = {"name": "山田", "name_kana": "やまだ", "password1": "tanbo-to-ine-2026"}
    actions.deactivate(school_contact, by=coordinator, reason=REASON)
    unknown = seen(prefix, path, more | {"email": "nobody@example.jp"})
    paused = seen(prefix, path, more | {"email": school_contact.email})
    assert paused == unknown
    bodies = [letter.body for letter in Letter.objects.filter(to_address=school_contact.email, is_secret=True)]
    assert not any(
        "/password/reset/key/" in body or re.search(r"^\s*[A-Z0-9]{3}-?[A-Z0-9]{3}\s*$", body, re.MULTILINE)
        for body in bodies
    )


@pytest.mark.parametrize("has_app", [False, True])
def test_the_right_password_of_a_paused_person_reads_like_a_wrong_one(has_app, school_contact, coordinator):
    if has_app:
        with_app(school_contact)
    actions.deactivate(school_contact, by=coordinator, reason=REASON)
    pages = []
    for password in (PASSWORD, "wrong-password"):
        answer = Client().post("/accounts/login/", {"login": school_contact.email, "password": password})
        assert answer.status_code == 200
        pages.append(re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", answer.content))
    assert pages[0] == pages[1]


def test_pausing_between_password_and_code_lets_nobody_in(school_contact, coordinator):
    with_app(school_contact)
    client = Client()
    client.post("/accounts/login/", {"login": school_contact.email, "password": PASSWORD})
    actions.deactivate(school_contact, by=coordinator, reason=REASON)
    client.post("/accounts/2fa/authenticate/", {"code": app_code()})
    assert client.get("/my/").status_code == 302


@pytest.mark.parametrize(
    ("who", "whom", "may"),
    [
        ("coordinator", "school_contact", True),
        ("coordinator", "board_member", True),
        ("coordinator", "org_admin", True),
        ("coordinator", "coordinator", False),
        ("coordinator", "viewer", False),
        ("coordinator", "editor", False),
        ("coordinator", "superuser", False),
        ("superuser", "coordinator", True),
        ("superuser", "superuser", False),
        ("viewer", "school_contact", False),
        ("editor", "school_contact", False),
        ("school_contact", "colleague", False),
    ],
)
def test_who_may_pause_whom(who, whom, may, people):
    by, person = getattr(people, who), getattr(people, whom)
    if may:
        actions.deactivate(person, by=by, reason=REASON)
    else:
        with pytest.raises(NotAllowed):
            actions.deactivate(person, by=by, reason=REASON)
    assert User.objects.get(pk=person.pk).is_active is not may


def test_pausing_twice_or_without_a_reason_is_refused(school_contact, coordinator):
    with pytest.raises(NotAllowed, match="理由"):
        actions.deactivate(school_contact, by=coordinator, reason=" ")
    assert User.objects.get(pk=school_contact.pk).is_active
    actions.deactivate(school_contact, by=coordinator, reason=REASON)
    with pytest.raises(NotAllowed, match="もう止まって"):
        actions.deactivate(school_contact, by=coordinator, reason=REASON)
    actions.reactivate(school_contact, by=coordinator, reason=REASON)
    with pytest.raises(NotAllowed, match="止まっていません"):
        actions.reactivate(school_contact, by=coordinator, reason=REASON)


def test_a_changed_password_signs_every_device_out(school_contact):
    other, mine = signed_in(school_contact), signed_in(school_contact)
    told = {"oldpassword": PASSWORD, "password1": "tanbo-to-ine-2026", "password2": "tanbo-to-ine-2026"}
    assert mine.post("/accounts/password/change/", told).status_code == 302
    assert [client.get("/my/").status_code for client in (other, mine)] == [302, 302]


def test_a_lost_device_is_forgotten_with_all_its_sign_ins(school_contact, superuser, coordinator):
    with_app(school_contact)
    client = signed_in(school_contact)
    with pytest.raises(NotAllowed):
        actions.forget_second_factor(school_contact, by=coordinator, reason=REASON)
    actions.forget_second_factor(school_contact, by=superuser, reason=REASON)
    assert client.get("/my/").status_code == 302
    assert not school_contact.authenticator_set.exists()
    answer = Client().post("/accounts/login/", {"login": school_contact.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/my/"


def test_news_that_waits_stays_here_and_nothing_new_follows(school_contact, stranger_contact, coordinator):
    for person in (school_contact, stranger_contact):
        post(
            Draft(
                key=f"before:{person.pk}",
                to=person,
                template="accounts/letters/account_reopened",
                context={"page": "/"},
            )
        )
    actions.deactivate(school_contact, by=coordinator, reason=REASON)
    school_contact.refresh_from_db()
    post(Draft(key="after", to=school_contact, template="accounts/letters/account_reopened", context={"page": "/"}))
    assert deliver().is_well
    states = dict(Letter.objects.filter(key__in=("after", f"before:{school_contact.pk}")).values_list("key", "state"))
    assert set(states.values()) == {LetterState.HELD_BACK}, states
    left = Letter.objects.filter(state=LetterState.SENT)
    assert left.get(person=school_contact).key.startswith(f"person:{school_contact.public_id}:account_paused")
    assert left.filter(key=f"before:{stranger_contact.pk}").exists()


def test_a_letter_in_the_hands_of_a_worker_is_held_back_too(school_contact, coordinator):
    post(Draft(key="taken", to=school_contact, template="accounts/letters/account_reopened", context={"page": "/"}))
    taken = take()
    actions.deactivate(school_contact, by=coordinator, reason=REASON)
    taken.refresh_from_db()
    assert (taken.state, taken.leased_to) == (LetterState.HELD_BACK, None)


def test_a_paused_ambassador_is_asked_no_more_and_the_desk_reads_what_hangs(
    waiting_offer, ambassador, other_ambassador, coordinator
):
    pages = {verb: reverse(f"people:{verb}", args=[ambassador.user.public_id]) for verb in ("pause", "person")}
    asks = signed_in(coordinator).get(pages["pause"]).content.decode()
    assert "この人を待っている用件" in asks
    assert waiting_offer.request.school.name in asks
    actions.deactivate(ambassador.user, by=coordinator, reason=REASON)
    assert not Ambassador.objects.active().filter(pk=ambassador.pk).exists()
    read = signed_in(coordinator).get(pages["person"]).content.decode()
    assert "この人を待っている用件" in read
    assert "推進大使（任命" in read
    row = Offer.objects.get(pk=waiting_offer.pk)
    with pytest.raises(NotAllowed, match="利用は止まっています"):
        accept(row, by=ambassador.user, slot=row.slots.first())
    retract(row, by=coordinator, reason=REASON)
    with pytest.raises(NotAllowed, match="利用は止まっています"):
        send_offer(
            row.request, by=coordinator, ambassador=Ambassador.objects.get(pk=ambassador.pk), slots=row.slots.all()
        )
