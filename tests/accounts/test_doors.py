"""Which door somebody takes at sign-up, and where they are led once the code is typed."""

import re
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import Membership, User
from outbox.models import Letter
from outreach.models import Board, Organisation
from tests.accounts.test_sign_up import WANTED, code_sent_to, seen
from tests.outreach.rows import rows
from ui import dates

pytestmark = pytest.mark.django_db

DOORS = {"school": "/my/school/", "board": "/my/board/", "organisation": "/my/organisation/"}


def reader(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def newcomer(db) -> User:
    person = User.objects.create_user("new@example.jp", name="新任 先生")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_first_page_asks_which_door(prefix):
    body = Client().get(f"{prefix}/accounts/signup/").content.decode()
    assert re.findall(r"\?door=(\w+)", body) == ["school", "board", "organisation", "invitation"]
    assert "password1" not in body


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(("door", "page"), DOORS.items())
def test_each_door_leads_to_the_choice_of_its_place(door, page, prefix):
    client = Client()
    assert "password1" in client.get(f"{prefix}/accounts/signup/?door={door}").content.decode()
    client.post(f"{prefix}/accounts/signup/", WANTED | {"door": door})
    answer = client.post(f"{prefix}/accounts/confirm-email/", {"code": code_sent_to(WANTED["email"])})
    assert answer.headers["Location"] == f"{prefix}{page}"
    assert client.get(answer.headers["Location"]).status_code == 200


def test_the_door_of_an_invitation_makes_no_account_without_one():
    client = Client()
    assert "password1" not in client.get("/accounts/signup/?door=invitation").content.decode()
    answer = client.post("/accounts/signup/", WANTED | {"door": "invitation"})
    assert "招待が見つかりません" in answer.content.decode()
    assert not User.objects.filter(email=WANTED["email"].lower()).exists()


@pytest.mark.parametrize("door", [*DOORS, "invitation", "desk"])
def test_a_known_and_an_unknown_address_get_the_same_answer_at_every_door(door, school_contact):
    unknown = seen("", "/accounts/signup/", WANTED | {"email": "nobody@example.jp", "door": door})
    assert seen("", "/accounts/signup/", WANTED | {"email": school_contact.email, "door": door}) == unknown


@pytest.mark.parametrize(
    "away",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/%0d%0aX: y", "///e.example"],
)
def test_nobody_is_led_out_of_the_house(away, school_contact):
    client = Client()
    client.post("/accounts/signup/", WANTED | {"door": "board", "next": away})
    signed_up = client.post("/accounts/confirm-email/", {"code": code_sent_to(WANTED["email"])})
    known = {"login": school_contact.email, "password": "kakehashi-demo", "next": away}
    signed_in = Client().post("/accounts/login/", known)
    for answer in (signed_up, signed_in):
        assert answer.status_code == 302
        assert re.fullmatch(r"/(?![/\\])[^\r\n]*", answer.headers["Location"])


# ── boards and organisations ──────────────────────────────────────────────────
def test_somebody_says_they_work_for_a_board_and_has_nothing_until_vouched(newcomer, board_member, coordinator):
    board = board_member.memberships.get().board
    client = reader(newcomer)
    found = client.get("/my/board/", {"prefecture": board.prefecture_code}).content.decode()
    assert f"?board={board.public_id}" in found
    told = {"board": str(board.public_id), "position": "指導主事", "phone": "03-0000-0000"}
    assert client.post("/my/board/", told).headers["Location"] == "/my/"
    membership = newcomer.memberships.get()
    assert (membership.role, membership.board, membership.verified_at) == ("board_member", board, None)
    assert User.objects.get(pk=newcomer.pk).verified_board_ids == []
    assert client.get("/requests/new/").status_code == 302
    assert [letter.to_address for letter in Letter.objects.all()] == [coordinator.email]
    assert board.name in Letter.objects.get().subject


def test_saying_it_twice_is_saying_it_once(newcomer, board_member):
    board = board_member.memberships.get().board
    told = {"board": str(board.public_id), "position": "指導主事", "phone": "03-0000-0000"}
    for _again in range(2):
        assert reader(newcomer).post("/my/board/", told).status_code == 302
    assert newcomer.memberships.count() == 1


def test_an_organisation_is_chosen_from_those_that_take_part(newcomer):
    first, second, *_others = Organisation.objects.order_by("pk")
    Organisation.objects.filter(pk=second.pk).update(left_on=dates.today())
    client = reader(newcomer)
    body = client.get("/my/organisation/").content.decode()
    assert (f"?organisation={first.public_id}" in body, f"?organisation={second.public_id}" in body) == (True, False)
    told = {"position": "主任", "phone": "03-0000-0000"}
    before = rows(Membership)
    answer = client.post("/my/organisation/", told | {"organisation": str(second.public_id)})
    assert "この機関は見つかりません" in unescape(answer.content.decode())
    assert rows(Membership) == before
    client.post("/my/organisation/", told | {"organisation": str(first.public_id)})
    membership = newcomer.memberships.get()
    assert (membership.role, membership.organisation, membership.verified_at) == ("member", first, None)


def test_a_further_place_can_be_added_from_the_own_page(school_contact):
    body = reader(school_contact).get("/my/").content.decode()
    assert all(page in body for page in DOORS.values())


def test_boards_are_found_by_prefecture_and_by_name(newcomer):
    board = Board.objects.order_by("pk").first()
    client = reader(newcomer)
    assert str(board.public_id) in client.get("/my/board/", {"name": board.name_ja[:3]}).content.decode()
    assert str(board.public_id) not in client.get("/my/board/", {"name": "どこにもない名称"}).content.decode()
