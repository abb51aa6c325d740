"""Invitations: to one address, once, for seven days; whatever cannot be redeemed looks like nothing at all."""

import datetime as dt
import re
import threading

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.invitations import actions
from accounts.invitations.rules import by_token, print_of
from accounts.memberships.actions import leave
from accounts.models import Invitation, Membership, User
from demo.people import PASSWORD
from outbox.models import Letter
from tests.accounts.codes import signed_in
from tests.accounts.test_sign_up import code_sent_to
from tests.outreach.pages import Reader
from tests.outreach.rows import rows
from ui.refusals import NotAllowed

pytestmark = pytest.mark.django_db
GUEST = "guest@example.jp"


@pytest.fixture(autouse=True)
def unwiped(monkeypatch):
    """The letters of the invented world keep their text, so that a test can follow the link."""
    from ui import places

    monkeypatch.setattr(places.is_demo, "first", lambda *args: True)


def guest(address: str = GUEST, *, confirmed: bool = True) -> User:
    person = User.objects.create_user(address, PASSWORD, name="客 人")
    EmailAddress.objects.create(user=person, email=person.email, verified=confirmed, primary=True)
    return person


def link_in(letter: Letter) -> str:
    (path,) = re.findall(rf"{settings.SITE_URL}((?:/en)?/invitations/\S+)", letter.body)
    return path


def newest_link(address: str = GUEST) -> str:
    return link_in(Letter.objects.filter(to_address=address).latest("pk"))


@pytest.fixture
def invitation(school, school_contact) -> Invitation:
    return actions.invite(GUEST, by=school_contact, role="contact", place=school)


# ── the letter ────────────────────────────────────────────────────────────────
def test_the_letter_carries_the_secret_and_the_table_only_its_print(invitation):
    letter = Letter.objects.get()
    token = newest_link().rstrip("/").rpartition("/")[2]
    assert (letter.is_secret, letter.to_address, letter.person) == (True, GUEST, None)
    assert len(token) == 43
    assert invitation.token_hash == print_of(token)
    assert token not in str(rows(Invitation))


@pytest.mark.django_db(transaction=True)
def test_the_letter_leaves_at_once_and_is_wiped(school, school_contact, mailoutbox, monkeypatch):
    from ui import places

    monkeypatch.setattr(places.is_demo, "first", lambda *args: None)
    actions.invite(GUEST, by=school_contact, role="contact", place=school)
    assert [mail.to for mail in mailoutbox] == [[GUEST]]
    assert "/invitations/" in mailoutbox[0].body
    assert "/invitations/" not in Letter.objects.get(to_address=GUEST).body


@pytest.mark.parametrize(
    "address",
    [
        "guest",
        "a@b",
        "a@example.jp, b@example.jp",
        "a@example.jp\nBcc: b@example.jp",
        "<a@example.jp>",
        "",
        "a b@example.jp",
    ],
)
def test_only_one_plain_address_is_invited(address, school, school_contact):
    page = f"/my/memberships/{school_contact.memberships.get().public_id}/invite/"
    before = rows(Letter, Invitation)
    with pytest.raises(NotAllowed):
        actions.invite(address, by=school_contact, role="contact", place=school)
    assert Reader(school_contact).sends(page, address=address).status_code == 422
    assert rows(Letter, Invitation) == before


def test_inviting_twice_leaves_one_living_invitation_and_the_newer_link(invitation, colleague, school):
    first = newest_link()
    actions.invite("ＧＵＥＳＴ@Example.JP", by=colleague, role="contact", place=school)
    assert Invitation.objects.living().count() == 1
    assert Client().get(first).status_code == 404
    assert Client().get(newest_link()).status_code == 200
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            address=GUEST,
            role="contact",
            school=school,
            token_hash="x",
            invited_by=colleague,
            expires_at=invitation.expires_at,
        )


def test_inviting_a_known_address_says_nothing_else_than_an_unknown_one(school_contact, stranger_contact):
    page = f"/my/memberships/{school_contact.memberships.get().public_id}/invite/"

    def answer(address: str) -> tuple:
        reader = Reader(school_contact)
        sent = reader.sends(page, address=address)
        body = reader.reads("/my/colleagues/")
        body = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|value=\"\w{64}\"", "", body)
        told = (sent.status_code, sent.headers["Location"], body.replace(address, "ADDRESS"))
        Invitation.objects.all().delete()
        return told

    assert answer(stranger_contact.email) == answer("nobody.at.all@demo.example")


# ── redeeming ─────────────────────────────────────────────────────────────────
def test_opening_the_link_changes_nothing_and_pressing_makes_a_verified_colleague(invitation, school, school_contact):
    person = guest()
    reader = Reader(person)
    link = newest_link()
    before = rows(Invitation, Membership)
    assert school.name in reader.reads(link)
    assert school.name in Client().get(link).content.decode()
    assert rows(Invitation, Membership) == before
    assert reader.sends(link).headers["Location"] == "/my/"
    membership = person.memberships.get()
    assert (membership.school, membership.verified_how, membership.verified_by) == (school, "colleague", school_contact)
    invitation.refresh_from_db()
    assert invitation.used_by == person


def test_somebody_new_signs_up_by_the_link_with_that_address_and_comes_back(invitation, school):
    client = Client()
    answer = client.post(newest_link(), {"sign_up": "1"})
    assert answer.headers["Location"] == "/accounts/signup/?door=invitation"
    assert GUEST in client.get(answer.headers["Location"]).content.decode()
    form = {"name": "客 人", "name_kana": "きゃくじん", "email": "other@example.jp", "password1": "tanbo-to-ine-2026"}
    client.post("/accounts/signup/", form | {"door": "invitation"})
    assert not User.objects.filter(email="other@example.jp").exists()
    answer = client.post("/accounts/confirm-email/", {"code": code_sent_to(GUEST)})
    assert answer.headers["Location"] == "/my/invitation/"
    assert school.name in client.get("/my/invitation/").content.decode()
    assert client.post("/my/invitation/").headers["Location"] == "/my/"
    assert User.objects.get(email=GUEST).verified_school_ids == [school.pk]
    assert client.get("/my/invitation/").headers["Location"] == "/my/"


def test_somebody_known_signs_in_and_comes_back(invitation, school):
    person = guest()
    client = Client()
    assert client.post(newest_link(), {"sign_in": "1"}).headers["Location"] == "/accounts/login/"
    answer = client.post("/accounts/login/", {"login": GUEST, "password": PASSWORD})
    assert answer.headers["Location"] == "/my/invitation/"
    client.post("/my/invitation/")
    assert User.objects.get(pk=person.pk).verified_school_ids == [school.pk]


def test_an_account_that_waits_already_is_verified_and_not_doubled(school, school_contact):
    person = guest()
    waiting = Membership.objects.create(person=person, role="contact", school=school)
    actions.invite(GUEST, by=school_contact, role="contact", place=school)
    Reader(person).sends(newest_link())
    assert person.memberships.get() == waiting
    assert person.memberships.get().verified_at


def test_a_member_invited_as_admin_becomes_one(org_member, org_admin):
    EmailAddress.objects.update_or_create(user=org_member, email=org_member.email, defaults={"verified": True})
    place = org_member.memberships.get().organisation
    actions.invite(org_member.email, by=org_admin, role="admin", place=place)
    Reader(org_member).sends(newest_link(org_member.email))
    assert org_member.memberships.get().role == "admin"


def test_a_role_of_the_desk_ends_with_the_fiscal_year(superuser):
    person = guest()
    actions.invite(GUEST, by=superuser, role="viewer", body_name="文部科学省")
    Reader(person).sends(newest_link())
    membership = person.memberships.get()
    assert (membership.role, membership.body_name, membership.until) == ("viewer", "文部科学省", dt.date(2027, 3, 31))
    assert (membership.is_ministry, User.objects.get(pk=person.pk).reads_metrics) == (False, True)


# ── what cannot be redeemed ───────────────────────────────────────────────────
def dead_links(invitation, school, school_contact, colleague, clock) -> dict[str, str]:
    """A link of each kind that opens nothing, by why it does not."""
    links = {"bad": "/invitations/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/"}
    links["used"] = newest_link()
    Invitation.objects.filter(pk=invitation.pk).update(used_at=invitation.invited_at)
    revoked = actions.invite(GUEST, by=school_contact, role="contact", place=school)
    links["revoked"] = newest_link()
    actions.revoke(revoked, by=school_contact)
    replaced = actions.invite(GUEST, by=school_contact, role="contact", place=school)
    links["replaced"] = newest_link()
    actions.send_again(replaced, by=school_contact)
    links["foreign"] = ""
    actions.invite("somebody.else@example.jp", by=school_contact, role="contact", place=school)
    links["foreign"] = newest_link("somebody.else@example.jp")
    actions.invite("third@example.jp", by=colleague, role="contact", place=school)
    links["inviter has left"] = newest_link("third@example.jp")
    leave(colleague.memberships.get(), by=colleague)
    return links


def test_bad_used_revoked_replaced_foreign_and_old_links_answer_alike(
    invitation, school, school_contact, colleague, clock
):
    person = guest()
    links = dead_links(invitation, school, school_contact, colleague, clock)
    late = newest_link()
    before = rows(Membership, Invitation)

    def answers(who: Client, link: str) -> list[tuple]:
        found = [who.get(link), who.get(f"/en{link}"), who.post(link), who.post(link, {"sign_up": "1"})]
        # When an answer expires is now, which goes on while the test runs.
        kept = [sorted(item for item in answer.headers.items() if item[0] != "Expires") for answer in found]
        return [(answer.status_code, answer.content, headers) for answer, headers in zip(found, kept, strict=True)]

    reader = Reader(person)
    missing = answers(reader.client, links["bad"])
    assert {answer[0] for answer in missing} == {404}
    for why, link in links.items():
        assert answers(reader.client, link) == missing, why
    anonymous = answers(Client(), links["bad"])
    for why in set(links) - {"foreign"}:
        assert answers(Client(), links[why]) == anonymous, why
    clock.shift(dt.timedelta(days=8))
    assert [answer[0] for answer in answers(reader.client, late)] == [404] * 4
    assert rows(Membership, Invitation) == before


def test_an_address_that_is_not_confirmed_redeems_nothing(invitation):
    person = guest(confirmed=False)
    assert Reader(person).sends(newest_link()).status_code == 404
    with pytest.raises(actions.NotGood):
        actions.redeem(invitation, by=person)
    assert not person.memberships.exists()


def test_of_twenty_who_hold_the_same_row_one_redeems(invitation):
    person = guest()
    stale = [by_token(newest_link().rstrip("/").rpartition("/")[2]) for _number in range(20)]
    redeemed = 0
    for row in stale:
        try:
            actions.redeem(row, by=person)
        except actions.NotGood:
            continue
        redeemed += 1
    assert (redeemed, person.memberships.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_presses_at_the_same_moment_one_redeems(school, school_contact):
    if connection.vendor != "postgresql" and connection.settings_dict["NAME"].startswith("file:memory"):
        pytest.fail("a database in memory is one connection: the test must run against a file")
    person = guest()
    actions.invite(GUEST, by=school_contact, role="contact", place=school)
    link = newest_link()
    client = Client()
    client.force_login(person)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    start, answers = threading.Barrier(20), []

    def press() -> None:
        own = Client()
        own.cookies.load(cookies)
        start.wait()
        try:
            answers.append(own.post(link).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert answers.count(302) == 1
    assert set(answers) <= {302, 404, 503}
    assert Membership.objects.filter(person=person).count() == 1


# ── who may invite ────────────────────────────────────────────────────────────
def test_each_invites_only_to_their_own_place(
    school,
    school_contact,
    stranger_contact,
    unverified_contact,
    board_member,
    org_member,
    org_admin,
    viewer,
    coordinator,
    superuser,
):
    organisation, board = org_admin.memberships.get().organisation, board_member.memberships.get().board
    other = stranger_contact.memberships.get().school
    own = unverified_contact.memberships.get().school
    tries = (
        (school_contact, "contact", other),
        (school_contact, "board_member", board),
        (school_contact, "member", organisation),
        (school_contact, "coordinator", None),
        (unverified_contact, "contact", own),
        (board_member, "contact", school),
        (board_member, "board_member", board),
        (org_member, "member", organisation),
        (org_admin, "contact", school),
        (org_admin, "viewer", None),
        (viewer, "viewer", None),
        # A role and a place that do not go together.
        (coordinator, "admin", school),
        (coordinator, "contact", None),
        (coordinator, "editor", None),
        (coordinator, "editor", school),
        (coordinator, "superuser", None),
    )
    before = rows()
    for person, role, place in tries:
        with pytest.raises(NotAllowed):
            actions.invite(GUEST, by=person, role=role, place=place, body_name="文部科学省")
    assert rows() == before
    for person, role, place in (
        (school_contact, "contact", school),
        (org_admin, "member", organisation),
        (org_admin, "admin", organisation),
        (coordinator, "board_member", board),
        (superuser, "editor", None),
    ):
        assert actions.invite(GUEST, by=person, role=role, place=place, body_name="受託団体").role == role


def test_one_place_has_only_so_many_open_invitations(school, school_contact, coordinator, monkeypatch):
    monkeypatch.setattr(actions, "MOST_AT_ONCE", 2)
    for number in range(2):
        actions.invite(f"g{number}@example.jp", by=school_contact, role="contact", place=school)
    with pytest.raises(NotAllowed, match="多すぎます"):
        actions.invite(GUEST, by=school_contact, role="contact", place=school)


def test_the_desk_lists_sends_again_and_takes_back(invitation, coordinator):
    reader = Reader(coordinator)
    assert GUEST in reader.reads("/desk/invitations/")
    first = newest_link()
    reader.sends(f"/my/invitations/{invitation.public_id}/send-again/")
    assert newest_link() != first
    reader.sends(f"/my/invitations/{invitation.public_id}/revoke/")
    reader.reads("/desk/invitations/")  # which says what was done
    assert GUEST not in reader.reads("/desk/invitations/")
    assert Client().get(newest_link()).status_code == 404


def test_the_desk_invites_step_by_step(school, coordinator):
    reader = Reader(coordinator)
    assert "?role=contact" in reader.reads("/desk/invitations/new/")
    found = reader.reads(f"/desk/invitations/new/?role=contact&q={school.name_ja}")
    assert f"place=school:{school.public_id}" in found
    page = f"/desk/invitations/new/?role=contact&place=school:{school.public_id}"
    assert reader.sends(page, address=GUEST, language="en").headers["Location"] == "/desk/invitations/"
    assert newest_link().startswith("/en/invitations/")
    assert Invitation.objects.get().invited_by == coordinator


# ── to the desk itself ────────────────────────────────────────────────────────
@pytest.mark.parametrize("role", ["coordinator", "viewer", "editor"])
def test_only_an_administrator_invites_to_the_desk(role, coordinator, superuser):
    page = f"/desk/invitations/new/?role={role}"
    assert f"?role={role}" not in Reader(coordinator).reads("/desk/invitations/new/")
    assert Reader(coordinator).sees(page) == 403
    with pytest.raises(NotAllowed):
        actions.invite(GUEST, by=coordinator, role=role, body_name="文部科学省")
    client = signed_in(superuser)
    assert f"?role={role}" in client.get("/desk/invitations/new/").content.decode()
    client.post(page, {"address": GUEST, "body_name": "文部科学省", "language": "ja"})
    assert Invitation.objects.get().role == role


def test_inviting_to_the_desk_asks_for_a_fresh_proof(superuser, clock):
    client = signed_in(superuser)
    clock.shift(dt.timedelta(minutes=16))
    client.post(
        "/desk/invitations/new/?role=coordinator", {"address": GUEST, "body_name": "文部科学省", "language": "ja"}
    )
    assert not Invitation.objects.exists()
    assert client.get("/desk/invitations/new/?role=contact").status_code == 200


def test_who_came_to_the_desk_by_invitation_has_a_line_in_their_history(superuser):
    actions.invite(GUEST, by=superuser, role="coordinator", body_name="文部科学省")
    person = guest()
    told = Reader(person).told(newest_link())
    assert "事務局担当者になりました（文部科学省）" in told
    assert "招待を引き受けました。" in signed_in(superuser).get(f"/desk/people/{person.public_id}/").content.decode()


def test_a_colleague_is_not_invited_again(school, school_contact, colleague):
    with pytest.raises(NotAllowed, match="もう.*の一員です"):
        actions.invite(colleague.email, by=school_contact, role="contact", place=school)
