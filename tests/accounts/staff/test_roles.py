"""Roles of the desk: given, renewed and ended by a superuser, with a reason, a letter and a line in the history."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.models import ModelLogEntry

from accounts.models import Membership, Role, User
from accounts.staff import actions
from outbox.models import Letter
from tests.accounts.codes import proved, signed_in, with_app
from ui.refusals import NotAllowed

pytestmark = pytest.mark.django_db
REASON = "4月の異動で担当になりました。"


def fresh(person: User) -> User:
    return User.objects.get(pk=person.pk)


def given(person: User, by: User, role: str = Role.COORDINATOR, **more) -> Membership:
    return actions.grant_role(person, role, by=by, body_name="文部科学省", reason=REASON, **more)


def test_a_role_is_given_until_the_end_of_the_fiscal_year(school_contact, superuser):
    membership = given(school_contact, superuser, is_ministry=True)
    assert (membership.until, membership.body_name) == (dt.date(2027, 3, 31), "文部科学省")
    assert fresh(school_contact).is_coordinator and fresh(school_contact).is_ministry
    letter = Letter.objects.get(person=school_contact)
    assert "事務局担当者" in letter.subject
    assert REASON in letter.body and "2027年3月31日" in letter.body
    entry = ModelLogEntry.objects.for_instance(school_contact).get()
    assert (entry.action, entry.user, entry.data["reason"]) == ("kakehashi.grant_role", superuser, REASON)


def test_letters_speak_the_language_of_the_person(school_contact, superuser):
    User.objects.filter(pk=school_contact.pk).update(language="en")
    person = fresh(school_contact)
    membership = given(person, superuser)
    actions.end_role(membership, by=superuser, reason=REASON)
    actions.deactivate(person, by=superuser, reason=REASON)
    actions.reactivate(person, by=superuser, reason=REASON)
    subjects = list(Letter.objects.filter(person=person).order_by("pk").values_list("subject", flat=True))
    assert subjects == [
        "[Kakehashi] You have been given a role (Desk staff)",
        "[Kakehashi] Your role has ended (Desk staff)",
        "[Kakehashi] Your account has been paused",
        "[Kakehashi] Your account is open again",
    ]
    assert all("http://testserver/en" in letter.body for letter in Letter.objects.filter(person=person))


@pytest.mark.parametrize("who", ["coordinator", "viewer", "editor", "org_admin", "school_contact"])
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.VIEWER, Role.EDITOR])
def test_only_a_superuser_gives_roles(who, role, people, stranger_contact):
    with pytest.raises(NotAllowed, match="管理者"):
        given(stranger_contact, getattr(people, who), role)
    assert not fresh(stranger_contact).has_role(role)


def test_nobody_gives_themselves_a_role_or_takes_it(superuser, coordinator):
    with pytest.raises(NotAllowed, match="自分"):
        given(superuser, superuser)
    coordinator.is_superuser = True
    coordinator.save()
    with pytest.raises(NotAllowed, match="自分"):
        actions.end_role(coordinator.memberships.get(), by=coordinator, reason=REASON)


@pytest.mark.parametrize("role", [Role.CONTACT, Role.ADMIN, "superuser", ""])
def test_other_roles_are_not_given_here(role, school_contact, superuser):
    with pytest.raises(NotAllowed):
        given(school_contact, superuser, role)


@pytest.mark.parametrize("words", [{"reason": "  "}, {"body_name": " "}])
def test_body_and_reason_are_needed(words, school_contact, superuser):
    with pytest.raises(NotAllowed):
        actions.grant_role(school_contact, Role.VIEWER, by=superuser, **{"body_name": "a", "reason": "b"} | words)
    assert not Letter.objects.exists()


def test_a_role_is_held_once(coordinator, superuser):
    with pytest.raises(NotAllowed, match="更新"):
        given(coordinator, superuser)


def test_a_role_is_renewed_shortly_before_its_end(coordinator, superuser, clock):
    role = coordinator.memberships.get()
    with pytest.raises(NotAllowed, match="90日前"):
        actions.renew_role(role, by=superuser, reason=REASON)
    clock.move_to(dt.datetime(2027, 1, 5, tzinfo=dt.UTC))
    actions.renew_role(role, by=superuser, reason=REASON)
    role.refresh_from_db()
    assert role.until == dt.date(2028, 3, 31)
    with pytest.raises(NotAllowed, match="90日前"):
        actions.renew_role(role, by=superuser, reason=REASON)
    assert "2028年3月31日" in Letter.objects.get(person=coordinator).body


def test_a_role_that_has_ended_is_not_renewed(coordinator, superuser, clock):
    role = coordinator.memberships.get()
    clock.move_to(dt.datetime(2027, 4, 2, tzinfo=dt.UTC))
    with pytest.raises(NotAllowed, match="終わっています"):
        actions.renew_role(role, by=superuser, reason=REASON)


def test_an_ended_role_opens_nothing_on_the_next_page(coordinator, superuser):
    client = signed_in(coordinator)
    assert client.get("/desk/").status_code == 200
    actions.end_role(coordinator.memberships.get(), by=superuser, reason=REASON)
    assert client.get("/desk/").status_code == 403
    with pytest.raises(NotAllowed, match="終わっています"):
        actions.end_role(coordinator.memberships.get(), by=superuser, reason=REASON)


def test_a_role_given_and_ended_on_one_day_stays_in_the_history(school_contact, superuser):
    actions.end_role(given(school_contact, superuser), by=superuser, reason=REASON)
    assert not fresh(school_contact).is_coordinator
    acts = ModelLogEntry.objects.for_instance(school_contact).order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["kakehashi.grant_role", "kakehashi.end_role"]


def test_an_editor_enters_the_cms_while_the_role_runs(school_contact, superuser, clock):
    client = signed_in(school_contact)
    assert client.get("/cms/").status_code == 302
    given(school_contact, superuser, Role.EDITOR)
    assert client.get("/cms/").status_code == 200
    # Whoever forgets to take somebody from the group: the last day of the role ends it all the same.
    clock.move_to(dt.datetime(2027, 4, 2, tzinfo=dt.UTC))
    late = signed_in(school_contact)
    assert Group.objects.get(name="Editors").user_set.filter(pk=school_contact.pk).exists()
    assert late.get("/cms/").status_code == 302


def test_an_editor_whose_role_ended_leaves_the_groups(editor, superuser):
    actions.end_role(editor.memberships.get(), by=superuser, reason=REASON)
    assert not editor.groups.exists()


# ── on screen ─────────────────────────────────────────────────────────────────
@pytest.fixture
def desk(coordinator) -> Client:
    return proved(Client(), coordinator)


@pytest.fixture
def root(superuser) -> Client:
    return proved(Client(), superuser)


@pytest.mark.parametrize("words", ["佐倉", "さくら", "teacher@", "ＴＥＡＣＨＥＲ＠", "佐倉 美帆"])
def test_people_are_found_by_name_reading_and_mail(words, desk):
    page = desk.get("/desk/people/", {"q": words}).content.decode().partition("<main")[2]
    assert "佐倉 美帆" in page
    assert "早瀬 香織" not in page


def test_people_whose_role_ends_soon_are_listed(desk, clock):
    assert "早瀬 香織" not in desk.get("/desk/people/?list=ending").content.decode().partition("<main")[2]
    clock.move_to(dt.datetime(2027, 1, 5, tzinfo=dt.UTC))
    page = proved(desk, User.objects.get(email="coordinator@demo.example")).get("/desk/people/")
    assert "役割が90日以内に終わる人が3人います" in page.content.decode()
    assert "早瀬 香織" in desk.get("/desk/people/?list=ending").content.decode().partition("<main")[2]


def test_a_role_is_given_on_the_page_of_the_person(root, school_contact):
    told = {
        "role": "viewer",
        "body_name": "文部科学省",
        "reason": REASON,
        "form_key": "1" * 8 + "-1111-4111-8111-" + "1" * 12,
    }
    address = f"/desk/people/{school_contact.public_id}/"
    for _twice in range(2):
        assert root.post(f"{address}grant/", told).headers["Location"] == address
    assert Membership.objects.filter(person=school_contact, role=Role.VIEWER).count() == 1
    page = root.get(address).content.decode()
    assert "閲覧者（文部科学省）" in page and REASON in page and "役割を付けました" in page


def test_a_coordinator_sees_roles_and_changes_none(desk, viewer):
    page = desk.get(f"/desk/people/{viewer.public_id}/").content.decode()
    assert "文部科学省" in page
    assert "/grant/" not in page and "/end/" not in page and "/pause/" not in page


def test_nobody_is_offered_to_change_themselves(root, superuser):
    page = root.get(f"/desk/people/{superuser.public_id}/").content.decode()
    assert "自分の役割は、自分では変えられません" in page
    assert "/grant/" not in page and "/pause/" not in page


def test_a_role_change_asks_for_the_password_when_the_sign_in_is_old(superuser, school_contact, clock):
    client = signed_in(superuser)
    clock.shift(16 * 60)
    address = f"/desk/people/{school_contact.public_id}/grant/"
    told = {"role": "viewer", "body_name": "文部科学省", "reason": REASON}
    answer = client.post(address, told)
    assert answer.headers["Location"] == f"/accounts/reauthenticate/?next={address.replace('/', '%2F')}"
    assert not fresh(school_contact).has_role(Role.VIEWER)
    client.post(answer.headers["Location"], {"password": "wrong"})
    assert not fresh(school_contact).has_role(Role.VIEWER)
    client.post(answer.headers["Location"], {"password": "kakehashi-demo"})
    assert fresh(school_contact).has_role(Role.VIEWER), "what was typed was kept and is done after the proof"


def test_a_code_of_the_app_is_proof_as_well(superuser, school_contact, clock):
    with_app(superuser)
    client = signed_in(superuser)
    clock.shift(16 * 60)
    from tests.accounts.codes import app_code

    address = f"/desk/people/{school_contact.public_id}/grant/"
    client.post(f"/accounts/2fa/reauthenticate/?next={address}", {"code": app_code()})
    assert client.get(address).status_code == 200


def test_a_coordinator_reads_pages_before_they_go_out_as_long_as_the_role_runs(superuser, school_contact):
    words = {"by": superuser, "reason": "異動のため", "body_name": "事務局"}
    role = actions.grant_role(school_contact, Role.COORDINATOR, **words)
    assert list(school_contact.groups.values_list("name", flat=True)) == ["Moderators"]
    actions.end_role(role, by=superuser, reason="異動のため")
    assert not school_contact.groups.exists()
