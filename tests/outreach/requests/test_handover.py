"""A school acts together: handing over, a contact who has left, the principal's approval, the sheet, the copies."""

import datetime as dt

import pytest
from wagtail.models import ModelLogEntry

from accounts.memberships.actions import leave
from accounts.models import Membership, User
from outbox.actions import Draft, post
from outbox.models import Letter
from outreach.lives import NotAllowed
from outreach.models import Request, School
from outreach.requests import actions
from outreach.visits import actions as visits
from tests import factories
from tests.factories import school_day
from tests.outreach.pages import Reader
from tests.outreach.rows import rows
from tests.outreach.test_new_letters import faults_of
from ui import dates

pytestmark = pytest.mark.django_db


def news_to(person: User) -> set[str]:
    return {letter.key.split(":")[-2] for letter in Letter.objects.filter(person=person)}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_letter_of_a_handover_is_whole_plain_text(
    language, confirmed_visit, school_contact, colleague, coordinator
):
    User.objects.update(language=language)
    Letter.objects.all().delete()
    actions.hand_over([confirmed_visit.request], to=colleague, by=school_contact)
    told = list(Letter.objects.all())
    assert len(told) == 4
    # In English the names of the invented people stay as they are written.
    assert {letter.key: faults_of(letter) - {"words"} for letter in told} == {letter.key: set() for letter in told}


def goes(person: User) -> User:
    leave(person.memberships.get(), by=person)
    return User.objects.get(pk=person.pk)


# ── handing over ──────────────────────────────────────────────────────────────
def test_ones_own_requests_go_to_a_colleague_and_all_learn_it(
    confirmed_visit, school_contact, colleague, coordinator, ambassador
):
    request = confirmed_visit.request
    membership = school_contact.memberships.get()
    Letter.objects.all().delete()
    reader = Reader(school_contact)
    assert request.number in reader.reads(f"/my/memberships/{membership.public_id}/leave/")
    reader.sends(f"/requests/hand-over/{membership.public_id}/", successor=str(colleague.public_id))
    request.refresh_from_db()
    assert (request.contact, request.entered_by) == (colleague, school_contact)
    assert news_to(colleague) == {"requests_handed_over_to"}
    assert news_to(school_contact) == {"requests_handed_over"}
    assert news_to(coordinator) == {"requests_handed_over_desk"}
    assert news_to(ambassador.user) == {"request_contact_changed"}
    assert colleague.email in Letter.objects.get(person=ambassador.user).body
    assert "担当者が代わりました" in reader.reads(f"/requests/{request.public_id}/")
    assert "さんから" in Reader(coordinator).reads(f"/desk/requests/{request.public_id}/")


def test_only_a_verified_person_of_the_host_takes_over(
    open_request, school_contact, colleague, stranger_contact, unverified_contact, coordinator, ambassador
):
    before = rows()
    for person in (stranger_contact, unverified_contact, coordinator):
        with pytest.raises(NotAllowed):
            actions.hand_over([open_request], to=person, by=school_contact)
    for person in (stranger_contact, unverified_contact, ambassador.user):
        with pytest.raises(NotAllowed):
            actions.hand_over([open_request], to=colleague, by=person)
    answer = Reader(school_contact).sends(
        f"/requests/{open_request.public_id}/contact/", successor=str(stranger_contact.public_id)
    )
    assert "この人は選べません" in answer.content.decode()
    before["User"] = rows(User)["User"]  # signing in is written down
    assert rows() == before


def test_a_request_that_has_ended_stays_with_its_contact(open_request, school_contact, colleague):
    visits.withdraw(open_request, by=school_contact, reason="行事です。")
    with pytest.raises(NotAllowed, match="終わっている"):
        actions.hand_over([open_request], to=colleague, by=school_contact)


# ── a contact who has left ────────────────────────────────────────────────────
def test_news_follow_nobody_who_has_left_but_go_to_the_colleagues(open_request, school_contact, colleague, coordinator):
    goes(school_contact)
    Letter.objects.all().delete()
    visits.decline_request(open_request, by=coordinator, reason="予算です。")
    assert news_to(school_contact) == set()
    assert news_to(colleague) == {"request_declined"}
    assert open_request.host_name in Letter.objects.get(person=colleague).body


def test_the_desk_sees_that_a_contact_is_missing_and_names_another(
    submitted_request, school_contact, colleague, coordinator
):
    gone = goes(school_contact)
    desk = Reader(coordinator)
    assert "担当者が離れました" in desk.reads("/desk/")
    page = desk.reads(f"/desk/requests/{submitted_request.public_id}/")
    assert "担当者がいません" in page
    with pytest.raises(NotAllowed, match="担当者を決める"):
        actions.take_up(submitted_request, by=coordinator)
    desk.sends(f"/requests/{submitted_request.public_id}/contact/", successor=str(colleague.public_id))
    assert "担当者がいません" not in desk.reads(f"/desk/requests/{submitted_request.public_id}/")
    assert news_to(gone) & {"requests_handed_over", "requests_handed_over_to"} == set()
    assert actions.take_up(submitted_request, by=coordinator).state == "open"


def test_nothing_is_lost_when_everybody_has_left(open_request, school_contact, colleague, coordinator):
    for person in (school_contact, colleague):
        goes(person)
    before = Request.objects.count()
    body = Reader(coordinator).reads(f"/desk/requests/{open_request.public_id}/")
    assert "担当者がいません" in body
    assert "引き継げる確認済みの人が、まだいません" in Reader(coordinator).reads(
        f"/requests/{open_request.public_id}/contact/"
    )
    assert Request.objects.count() == before


# ── a colleague can do what the one who asked can do ──────────────────────────
def test_a_verified_colleague_acts_on_request_visit_move_and_report(
    draft_request, colleague, coordinator, ambassador, clock
):
    actions.describe(draft_request, by=colleague, aims="挑む力")
    request = actions.take_up(actions.submit(draft_request, by=colleague), by=coordinator)
    request = visits.drop_date(request, request.slots.get(rank=3), by=colleague)
    offer = visits.send_offer(request, by=coordinator, ambassador=ambassador, slots=request.open_slots())
    visit = visits.accept(offer, by=ambassador.user, slot=offer.slots.order_by("rank").first())
    reader = Reader(colleague)
    for page in ("", "move/"):
        assert reader.sees(f"/visits/{visit.public_id}/{page}") == 200
    day = school_day(40)
    moved = reader.sends(
        f"/visits/{visit.public_id}/move/", day_1=day.isoformat(), periods_1=["1"], reason="行事と重なりました。"
    )
    assert moved.status_code == 302
    visit.refresh_from_db()
    assert visit.reschedules.get().proposed_by == colleague
    visits.withdraw_proposal(visit.reschedules.get(), by=colleague)
    clock.move_to(visit.ends_at)
    groups = [visits.GroupCount("high", 2, 70)]
    assert visits.report(visit, by=colleague, groups=groups, format="in_person").reported_by == colleague


def test_an_unverified_colleague_sees_nothing_of_it(confirmed_visit, school):
    newcomer = User.objects.create_user("new@example.jp", name="新任 先生")
    Membership.objects.create(person=newcomer, role="contact", school=school)
    reader = Reader(newcomer)
    for page in (
        f"/requests/{confirmed_visit.request.public_id}/",
        f"/requests/{confirmed_visit.request.public_id}/print/",
        f"/requests/{confirmed_visit.request.public_id}/contact/",
        f"/visits/{confirmed_visit.public_id}/",
        f"/visits/{confirmed_visit.public_id}/move/",
        f"/visits/{confirmed_visit.public_id}/report/",
    ):
        assert reader.sees(page) == 404, page


# ── 校長の了承 and the sheet ──────────────────────────────────────────────────
def test_the_approval_may_follow_after_the_request_was_sent(submitted_request, school_contact, coordinator):
    reader, page = Reader(school_contact), f"/requests/{submitted_request.public_id}/"
    assert "あとから書き加えられます" in reader.reads(page)
    assert "これから" in Reader(coordinator).reads(f"/desk/requests/{submitted_request.public_id}/")
    reader.sends(f"{page}approval/", principal_name="校長 太郎", principal_agreed_on=dates.today().isoformat())
    assert "校長 太郎" in Reader(coordinator).reads(f"/desk/requests/{submitted_request.public_id}/")
    assert "校長の了承が書き加えられました" in reader.reads(page)


@pytest.mark.parametrize(
    ("name", "day", "words"),
    [("", "2026-11-20", "校長の氏名を書いてください"), ("校長 太郎", "2026-11-21", "これからの日")],
)
def test_an_approval_that_cannot_be_is_sent_back(submitted_request, school_contact, name, day, words):
    before = rows(Request)
    body = Reader(school_contact).told(
        f"/requests/{submitted_request.public_id}/approval/", principal_name=name, principal_agreed_on=day
    )
    assert words in body
    assert rows(Request) == before


def test_the_sheet_tells_all_facts_from_the_draft_on(draft_request, school_contact):
    Request.objects.filter(pk=draft_request.pk).update(principal_name="校長 太郎", wishes="駐車場があります")
    body = Reader(school_contact).reads(f"/requests/{draft_request.public_id}/print/")
    for words in (
        *("令和8年度（2026）", "令和8年11月20日（金）", "起案者", "副校長・教頭", "校長 太郎", "駐車場があります"),
        *(draft_request.host_name, draft_request.contact_phone, draft_request.aims, "74人"),
        *(slot.rank_words for slot in draft_request.open_slots()),
    ):
        assert words in body, words


# ── copies for the main address ───────────────────────────────────────────────
@pytest.fixture
def main_address(school) -> str:
    School.objects.filter(pk=school.pk).update(main_mail="main@sakura-h.example.jp")
    return "main@sakura-h.example.jp"


def copies(address: str) -> dict[str, Letter]:
    return {letter.key.split(":")[-2]: letter for letter in Letter.objects.filter(to_address=address)}


def test_the_main_address_gets_a_copy_of_what_the_school_must_know(
    main_address, draft_request, school_contact, coordinator, ambassador, clock
):
    draft_request.refresh_from_db()
    request = actions.take_up(actions.submit(draft_request, by=school_contact), by=coordinator)
    offer = visits.send_offer(request, by=coordinator, ambassador=ambassador, slots=request.open_slots())
    visit = visits.accept(offer, by=ambassador.user, slot=offer.slots.order_by("rank").first())
    told = copies(main_address)
    assert set(told) == {"request_submitted", "request_taken_up", "visit_confirmed_school"}
    for letter in told.values():
        assert (letter.person, letter.language, letter.is_secret) == (None, "ja", False)
        assert "このメールは写しです" in letter.body
        assert ambassador.user.email not in letter.body
        assert "\n\n\n" not in letter.body
    assert ambassador.user.email in Letter.objects.get(person=school_contact, key__contains="visit_confirmed").body
    visits.cancel(visit, by=school_contact, reason="学級閉鎖です。")
    assert "visit_cancelled_school" in copies(main_address)


def test_the_report_that_is_wanted_is_told_to_the_main_address(main_address, past_visit, clock):
    clock.move_to(past_visit.ends_at + dt.timedelta(days=1))
    visits.remind_of_reports()
    visits.remind_of_reports()
    assert Letter.objects.filter(to_address=main_address, key__contains="report_wanted").count() == 1


def test_no_copy_goes_where_the_contact_reads_anyway_or_nobody_does(submitted_request, school_contact, coordinator):
    for address in ("", school_contact.email.upper()):
        School.objects.filter(pk=submitted_request.school_id).update(main_mail=address)
        Letter.objects.all().delete()
        actions.take_up(Request.objects.get(pk=submitted_request.pk), by=coordinator)
        assert set(Letter.objects.values_list("person", flat=True)) == {school_contact.pk}
        Request.objects.filter(pk=submitted_request.pk).update(state="submitted")


def test_a_secret_is_never_copied(school_contact):
    with pytest.raises(ValueError, match="never copied"):
        post(
            Draft(
                "k", school_contact, "accounts/letters/membership_vouched", {}, is_secret=True, copy_to="a@example.jp"
            )
        )


def test_an_approval_of_nobody_is_none_and_the_same_once_more_is_no_news(submitted_request, school_contact):
    reader, page = Reader(school_contact), f"/requests/{submitted_request.public_id}/approval/"
    told = reader.sends(page, principal_name="", principal_agreed_on="")
    assert "校長の氏名を書いてください" in told.content.decode()
    reader.sends(page, principal_name="校長 太郎", principal_agreed_on="2026-11-20")
    before = rows(Request)
    written = ModelLogEntry.objects.filter(action="kakehashi.note_approval")
    assert written.count() == 1
    reader.sends(page, principal_name="校長 太郎", principal_agreed_on="2026-11-20")
    assert (rows(Request), written.count()) == (before, 1)


def test_a_board_that_began_a_request_cannot_say_what_the_principal_said(
    submitted_request, board_member, school_contact
):
    Request.objects.filter(pk=submitted_request.pk).update(entered_by=board_member)
    row = Request.objects.get(pk=submitted_request.pk)
    page = f"/requests/{row.public_id}/approval/"
    assert page not in Reader(board_member).reads(f"/requests/{row.public_id}/")
    assert Reader(board_member).sees(page) == 404
    with pytest.raises(NotAllowed, match="学校の担当者です"):
        actions.note_approval(row, by=board_member, principal_name="校長 太郎", principal_agreed_on=None)
    assert Reader(school_contact).sees(page) == 200


# ── a colleague goes on with a draft ──────────────────────────────────────────
def test_a_draft_names_its_contact_whoever_opens_it(draft_request, school_contact, colleague):
    page = f"/requests/{draft_request.public_id}/edit/school/"
    assert "が担当者になる" not in Reader(school_contact).reads(page)
    body = Reader(colleague).reads(page)
    assert school_contact.email in body
    assert f"わたし（{colleague.get_full_name()}）が担当者になる" in body
    Reader(colleague).sends(page, contact_phone="03-0000-1111")
    assert Request.objects.get(pk=draft_request.pk).contact == school_contact
    told = Reader(colleague).told(f"/requests/{draft_request.public_id}/edit/confirm/")
    assert f"控えを、担当の{school_contact.get_full_name()}さんにメールで送りました" in told


def test_whoever_goes_on_with_a_draft_may_become_its_contact(draft_request, school_contact, colleague):
    page = f"/requests/{draft_request.public_id}/edit/school/"
    Reader(colleague).sends(page, contact_phone="03-0000-1111", takes_over="on")
    row = Request.objects.get(pk=draft_request.pk)
    assert (row.contact, row.contact_phone, row.entered_by) == (colleague, "03-0000-1111", school_contact)
    assert "控えをメールで送りました" in Reader(colleague).told(f"/requests/{row.public_id}/edit/confirm/")
    row.refresh_from_db()
    assert any(row.number in letter.subject + letter.body for letter in Letter.objects.filter(person=colleague))


def test_somebody_nobody_has_vouched_for_takes_nothing_over(draft_request, unverified_contact, school_contact):
    Membership.objects.filter(person=unverified_contact).update(school=draft_request.school)
    Request.objects.filter(pk=draft_request.pk).update(entered_by=unverified_contact)
    person = User.objects.get(pk=unverified_contact.pk)
    page = f"/requests/{draft_request.public_id}/edit/school/"
    assert "が担当者になる" not in Reader(person).reads(page)
    Reader(person).sends(page, contact_phone="03-0000-1111", takes_over="on")
    assert Request.objects.get(pk=draft_request.pk).contact == school_contact


def test_half_a_page_can_be_kept_for_later(draft_request, school_contact):
    page = f"/requests/{draft_request.public_id}/edit/school/"
    assert "下書きを保存しました" in Reader(school_contact).told(page, contact_phone="", save="1")
    assert Reader(school_contact).sends(page, contact_phone="").status_code != 302


@pytest.mark.parametrize("verb", ["withdraw", "cancel"])
def test_before_something_ends_the_page_names_it(verb, submitted_request, confirmed_visit, school_contact):
    if verb == "cancel":
        page, words = f"{confirmed_visit.get_absolute_url()}cancel/", confirmed_visit.in_one_line
    else:
        request = factories.submitted_request(request=factories.make_request(by=school_contact))
        page, words = f"/requests/{request.public_id}/withdraw/", str(request)
    assert words in Reader(school_contact).reads(page)
