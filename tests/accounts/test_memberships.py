"""Vouching by colleagues and by mail domains; leaving, and what is left."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.test import Client
from wagtail.models import ModelLogEntry

from accounts.mail_hosts import PUBLIC_MAIL_HOSTS, is_domain, is_public
from accounts.memberships import actions
from accounts.models import MailDomain, Membership, Role, User
from outbox.models import Letter
from outreach.schools.actions import join
from tests.outreach.pages import Reader
from tests.outreach.rows import rows
from ui import dates
from ui.refusals import NotAllowed

pytestmark = pytest.mark.django_db

DOMAIN = "sakura-h.example.ed.jp"


def person(address: str = f"new@{DOMAIN}", *, confirmed: bool = True) -> User:
    user = User.objects.create_user(address, name="新任 先生")
    EmailAddress.objects.create(user=user, email=user.email, verified=confirmed, primary=True)
    return user


@pytest.fixture
def waiting(school) -> Membership:
    return join(school, by=person(), position="教諭")


# ── a colleague vouches ───────────────────────────────────────────────────────
def test_a_verified_colleague_vouches_and_the_person_and_the_desk_learn_it(waiting, school_contact, coordinator):
    page = Reader(school_contact)
    assert "同僚の所属を確認する" in page.reads("/my/")
    sentence = f"新任 先生さんが{waiting.school.name}に勤めていて、届け出たのが本人であることを確かめました。"
    assert sentence in page.reads("/my/colleagues/")
    Letter.objects.all().delete()
    page.sends(f"/my/colleagues/{waiting.public_id}/vouch/")
    waiting.refresh_from_db()
    assert (waiting.verified_by, waiting.verified_how, waiting.verification_note) == (
        school_contact,
        "colleague",
        sentence,
    )
    assert {letter.to_address for letter in Letter.objects.all()} == {waiting.person.email, coordinator.email}
    assert ModelLogEntry.objects.get(action="kakehashi.vouch").user == school_contact
    assert page.sends(f"/my/colleagues/{waiting.public_id}/vouch/").status_code == 404


def test_nobody_vouches_who_is_not_known_there(waiting, school, unverified_contact, stranger_contact, viewer):
    unknown = join(school, by=person("second@example.jp"))
    before = rows()
    for user in (waiting.person, unknown.person, unverified_contact, stranger_contact, viewer):
        with pytest.raises(NotAllowed):
            actions.vouch(waiting, by=user, how="colleague", note="知っています")
    assert rows() == before


def test_a_colleague_who_has_left_vouches_no_longer(waiting, colleague):
    actions.leave(colleague.memberships.get(), by=colleague)
    with pytest.raises(NotAllowed):
        actions.vouch(waiting, by=User.objects.get(pk=colleague.pk), how="colleague", note="知っています")


def test_people_of_a_board_and_of_an_organisation_vouch_for_their_own(board_member, org_member, school_contact):
    for knows, foreign in ((board_member, org_member), (org_member, board_member)):
        place = knows.current_memberships[0].place
        membership = actions.join(place, by=person(f"new-at-{place.pk}-{place._meta.model_name}@example.jp"))
        for stranger in (foreign, school_contact):
            with pytest.raises(NotAllowed):
                actions.vouch(membership, by=stranger, how="colleague", note="知っています")
        assert actions.vouch(membership, by=knows, how="colleague", note="知っています").verified_at


# ── mail domains ──────────────────────────────────────────────────────────────
def test_a_confirmed_address_in_a_listed_domain_is_verified_at_once(school, coordinator):
    actions.list_domain(school, f" @{DOMAIN.upper()} ", by=coordinator, note="学校のサイト")
    membership = join(school, by=person())
    membership.refresh_from_db()
    assert (membership.verified_how, membership.verification_note) == ("domain", DOMAIN)
    assert [letter.to_address for letter in Letter.objects.all()] == [f"new@{DOMAIN}"]


@pytest.mark.parametrize(
    ("address", "confirmed"),
    [(f"new@{DOMAIN}", False), (f"new@x.{DOMAIN}", True), (f"new@x{DOMAIN}", True), (f"{DOMAIN}@example.jp", True)],
)
def test_any_other_address_waits(school, coordinator, address, confirmed):
    actions.list_domain(school, DOMAIN, by=coordinator)
    assert join(school, by=person(address, confirmed=confirmed)).verified_at is None


def test_a_domain_vouches_for_its_own_place_only(school, stranger_contact, coordinator):
    actions.list_domain(school, DOMAIN, by=coordinator)
    other = stranger_contact.memberships.get().school
    assert join(other, by=person()).verified_at is None


def test_whoever_waits_when_a_domain_is_listed_is_verified(waiting, school, coordinator):
    unconfirmed = join(school, by=person(f"other@{DOMAIN}", confirmed=False))
    actions.list_domain(school, DOMAIN, by=coordinator)
    assert [Membership.objects.get(pk=m.pk).verified_how for m in (waiting, unconfirmed)] == ["domain", ""]


def test_an_address_confirmed_later_vouches_then(school, coordinator):
    actions.list_domain(school, DOMAIN, by=coordinator)
    late = person(confirmed=False)
    membership = join(school, by=late)
    EmailAddress.objects.filter(user=late).update(verified=True)
    assert actions.vouch_by_address(late) == 1
    assert Membership.objects.get(pk=membership.pk).verified_how == "domain"


@pytest.mark.parametrize(
    "domain",
    [
        *sorted(PUBLIC_MAIL_HOSTS)[:200:7],
        "gmail.com",
        "GMAIL.COM",
        "ｇｍａｉｌ.com",
        "x.gmail.com",
        "ed.jp",
        "tokyo.jp",
        "co.jp",
    ],
)
def test_a_host_open_to_anybody_can_never_be_listed(domain, school, coordinator):
    page = Reader(coordinator)
    told = page.told(f"/desk/domains/new/?place=school:{school.public_id}", domain=domain, note="確認")
    assert "だれでも取れる" in told
    assert not MailDomain.objects.exists()


def test_the_database_itself_refuses_a_public_host(school):
    with pytest.raises(IntegrityError), transaction.atomic():
        MailDomain.objects.create(domain="gmail.com", school=school)


@pytest.mark.parametrize(
    "text", ["", "example", "a@b.jp", "例え.jp", "-a.example.jp", "a..example.jp", "a b.jp", "x.jp\n"]
)
def test_what_is_no_domain_is_refused(text, school, coordinator):
    assert not is_domain(text)
    if text.strip() != "x.jp":
        with pytest.raises(NotAllowed):
            actions.list_domain(school, text, by=coordinator)


def test_no_public_host_is_missing_from_its_own_check():
    assert [host for host in PUBLIC_MAIL_HOSTS if not (is_public(host) and is_domain(host))] == []


def test_only_the_desk_keeps_the_list(school, school_contact, viewer, coordinator):
    listed = actions.list_domain(school, DOMAIN, by=coordinator)
    for user in (school_contact, viewer):
        with pytest.raises(NotAllowed):
            actions.list_domain(school, "other.example.ed.jp", by=user)
        with pytest.raises(NotAllowed):
            actions.strike_domain(listed, by=user)
    Reader(coordinator).sends(f"/desk/domains/{listed.public_id}/strike/")
    assert not MailDomain.objects.exists()


# ── leaving ───────────────────────────────────────────────────────────────────
def test_whoever_leaves_sees_nothing_of_the_place_with_the_next_page(open_request, school_contact):
    client = Client()
    client.force_login(school_contact)
    page = f"/requests/{open_request.public_id}/"
    assert client.get(page).status_code == 200
    membership = school_contact.memberships.get()
    client.post(f"/my/memberships/{membership.public_id}/leave/")
    membership.refresh_from_db()
    assert (membership.until, membership.ended_by) == (dates.today(), school_contact)
    assert membership.ended_at is not None
    for address in (
        page,
        f"/requests/{open_request.public_id}/print/",
        f"/my/memberships/{membership.public_id}/leave/",
    ):
        assert client.get(address).status_code == 404, address
    assert client.get("/requests/new/").status_code == 302


def test_the_person_may_come_back_on_the_same_day(school, school_contact):
    actions.leave(school_contact.memberships.get(), by=school_contact)
    again = join(school, by=User.objects.get(pk=school_contact.pk))
    assert (again.verified_at, Membership.objects.filter(person=school_contact).count()) == (None, 2)


def test_leaving_is_told_to_the_person_and_the_desk_with_what_is_left(open_request, school_contact, coordinator):
    Letter.objects.all().delete()
    actions.leave(school_contact.memberships.get(), by=school_contact)
    letters = {letter.to_address: letter.body for letter in Letter.objects.all()}
    assert set(letters) == {school_contact.email, coordinator.email}
    assert open_request.number in letters[coordinator.email]


def test_only_the_person_leaves_and_only_the_desk_ends_with_a_reason(school_contact, colleague, coordinator):
    membership = school_contact.memberships.get()
    before = rows()
    for by in (colleague, coordinator):
        with pytest.raises(NotAllowed):
            actions.leave(membership, by=by)
    for by, reason in ((colleague, "異動"), (school_contact, "異動"), (coordinator, " ")):
        with pytest.raises(NotAllowed):
            actions.end(membership, by=by, reason=reason)
    assert rows() == before
    Reader(coordinator).sends(f"/desk/memberships/{membership.public_id}/end/", reason="学校から連絡がありました。")
    assert "学校から連絡がありました。" in Letter.objects.get(to_address=school_contact.email).body
    assert User.objects.get(pk=school_contact.pk).school_ids == []
    with pytest.raises(NotAllowed, match="終わって"):
        actions.end(membership, by=coordinator, reason="もう一度")


@pytest.mark.parametrize(("from_ahead", "until_ahead", "holds"), [(0, 0, True), (-9, -1, False), (1, None, False)])
def test_a_membership_holds_from_its_first_to_its_last_day(school, from_ahead, until_ahead, holds):
    today = dates.today()
    user = person()
    Membership.objects.create(
        person=user,
        role=Role.CONTACT,
        school=school,
        from_day=today + dt.timedelta(days=from_ahead),
        until=None if until_ahead is None else today + dt.timedelta(days=until_ahead),
    )
    assert bool(user.school_ids) is holds


def test_an_earlier_day_still_knows_a_membership_that_was_ended_later(school, school_contact):
    membership = school_contact.memberships.get()
    actions.leave(membership, by=school_contact)
    yesterday = dates.today() - dt.timedelta(days=1)
    assert membership in Membership.objects.current(yesterday)
    assert membership not in Membership.objects.current(dates.today())
    assert membership not in Membership.objects.current()


def test_on_the_first_of_april_the_roles_of_the_last_year_have_ended(coordinator, clock):
    clock.move_to(dt.datetime(2027, 3, 31, 14, 59, tzinfo=dt.UTC))
    assert User.objects.get(pk=coordinator.pk).is_coordinator
    clock.move_to(dt.datetime(2027, 3, 31, 15, 0, tzinfo=dt.UTC))
    assert not User.objects.get(pk=coordinator.pk).is_coordinator


# ── the desk ──────────────────────────────────────────────────────────────────
def test_the_desk_sees_boards_and_organisations_waiting_and_vouches(board_member, coordinator):
    board = board_member.memberships.get().board
    membership = actions.join(board, by=person("board-new@example.jp"), position="指導主事", phone="03-0000-0000")
    page = Reader(coordinator)
    assert board.name in page.reads("/desk/memberships/")
    assert "指導主事" in page.reads(f"/desk/memberships/{membership.public_id}/")
    page.sends(f"/desk/memberships/{membership.public_id}/", how="call", note="代表番号に電話")
    assert User.objects.get(pk=membership.person_id).verified_board_ids == [board.pk]


@pytest.mark.parametrize("words", ["佐倉", "さくら", "teacher@", "　佐倉　美帆"])
def test_the_desk_finds_anybody_who_belongs_somewhere(words, school_contact, coordinator):
    body = Reader(coordinator).reads(f"/desk/memberships/?q={words}")
    assert str(school_contact.memberships.get().public_id) in body
