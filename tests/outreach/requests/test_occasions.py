"""A contest, an event and content: each from the form to the verified report, on the pages of its people."""

import datetime as dt
import uuid

import pytest

from accounts.models import Membership
from analytics.kpis import figures
from outreach.lives import NotAllowed
from outreach.models import Board, Organisation, ReachEntry, Request, Visit
from outreach.requests import actions
from outreach.visits import actions as visit_actions
from tests.outreach.pages import Reader

pytestmark = pytest.mark.django_db

SATURDAY = dt.date(2026, 12, 12)
PHONE = {"contact_phone": "03-0000-0000", "contact_hours": "16時以降"}
ONE_DAY = {"day_1": SATURDAY.isoformat(), "from_1": "10:00", "until_1": "17:00", "answer_by": "2026-12-04"}
CONTEST = {
    "title": "第3回 高校生プランコンテスト",
    "aims": "発表8件の講評をお願いします。",
    "audience": "県内の高校生",
    "people_expected": "120",
    "ambassadors_wanted": "1",
    "format": "in_person",
    "place": "市民ホール",
    "access": "中央駅から徒歩5分",
    "equipment": "マイク2本",
    "wishes": "控室があります。",
}
CONTENT = {
    "title": "10分の動画",
    "aims": "起業のきっかけを話してください。",
    "audience": "中学生",
    "due_on": "2027-01-15",
    "wishes": "",
}


def asked_on_pages(person, kind: str, host, told: dict[str, str]) -> Request:
    """Somebody has filled in every page and sent the request."""
    reader = Reader(person)
    first = {"host": str(host.public_id), "form_key": str(uuid.uuid4()), **PHONE}
    answer = reader.sends(f"/requests/new/?kind={kind}", **first)
    assert answer.status_code == 302, answer.content.decode()
    request = Request.objects.get(form_key=first["form_key"])
    page = f"/requests/{request.public_id}/edit"
    if kind != "content":
        assert answer.headers["Location"] == f"{page}/dates/"
        assert reader.sends(f"{page}/dates/", **ONE_DAY).headers["Location"] == f"{page}/lesson/"
    assert reader.sends(f"{page}/lesson/", **told).headers["Location"] == f"{page}/confirm/"
    assert told["title"] in reader.reads(f"{page}/confirm/")
    reader.sends(f"{page}/confirm/")
    return Request.objects.get(pk=request.pk)


def accepted_on_pages(request: Request, desk, ambassador) -> Visit:
    """The desk has taken it up and asked an ambassador, who has accepted."""
    desk, somebody = Reader(desk), Reader(ambassador)
    page = f"/desk/requests/{request.public_id}"
    desk.sends(f"{page}/take-up/")
    assert ambassador.name in desk.reads(f"{page}/")
    slots = {"slots": [str(slot.public_id) for slot in request.slots.all()]} if request.slots.exists() else {}
    asked = {"ambassador": str(ambassador.public_id), "form_key": str(uuid.uuid4()), **slots}
    assert desk.sends(f"{page}/offer/", **asked).status_code == 302
    offer = request.offers.get()
    assert request.title in somebody.reads(f"/offers/{offer.public_id}/")
    chosen = {"slot": slots["slots"][0]} if slots else {}
    assert somebody.sends(f"/offers/{offer.public_id}/accept/", **chosen).status_code == 302
    return Visit.objects.get(request=request)


def verified_on_pages(visit: Visit, host, desk, told: dict[str, str]) -> str:
    """The host has reported and the desk has verified; what the host then reads."""
    page, host = f"/visits/{visit.public_id}", Reader(host)
    assert host.sees(f"{page}/report/") == 200
    answer = host.sends(f"{page}/report/", form_key=str(uuid.uuid4()), **told)
    assert answer.status_code == 302, answer.content.decode()
    Reader(desk).sends(f"{page}/verify/")
    visit.refresh_from_db()
    assert (visit.state, Request.objects.get(pk=visit.request_id).state) == ("verified", "completed")
    return host.reads(f"{page}/")


def organisation_of(person) -> Organisation:
    return person.memberships.get().organisation


# ── one story for each kind ───────────────────────────────────────────────────
def test_a_school_has_a_contest_judged(school_contact, school, coordinator, ambassador, clock):
    before = figures.reach()
    request = asked_on_pages(school_contact, "contest", school, CONTEST)
    assert (request.state, request.school, request.people_expected) == ("submitted", school, 120)
    visit = accepted_on_pages(request, coordinator, ambassador)
    assert (visit.ends_at - visit.starts_at, visit.day) == (dt.timedelta(hours=7), SATURDAY)
    clock.move_to(visit.ends_at + dt.timedelta(hours=1))
    told = {"people": "118", "ambassadors_present": "1", "format": "in_person", "comment": "熱心でした。"}
    body = verified_on_pages(visit, school_contact, coordinator, told)
    assert "118人" in body and "活動の広がりに数えられました" not in body
    assert not ReachEntry.objects.exists()
    assert figures.reach().visits == before.visits


def test_an_organisation_has_ambassadors_speak_at_its_event(
    org_member, coordinator, ambassador, other_ambassador, clock
):
    told = CONTEST | {"title": "起業家と語る会", "ambassadors_wanted": "2"}
    request = asked_on_pages(org_member, "event", organisation_of(org_member), told)
    visit = accepted_on_pages(request, coordinator, ambassador)
    assert Request.objects.get(pk=request.pk).state == "open"
    again = visit_actions.send_offer(request, by=coordinator, ambassador=other_ambassador, slots=request.slots.all())
    visit_actions.accept(again, by=other_ambassador.user, slot=visit.slot)
    clock.move_to(visit.ends_at + dt.timedelta(hours=1))
    assert "実施報告を送る：起業家と語る会" in Reader(org_member).reads("/my/")
    report = {"people": "80", "ambassadors_present": "2", "format": "in_person", "link": "https://www.example.jp/kai"}
    body = verified_on_pages(visit, org_member, coordinator, report)
    assert '<a href="https://www.example.jp/kai" rel="noopener noreferrer">' in body
    assert not ReachEntry.objects.exists()


def test_a_board_has_a_video_made(board_member, coordinator, ambassador_abroad):
    board = board_member.memberships.get().board
    request = asked_on_pages(board_member, "content", board, CONTENT)
    assert (request.due_on, request.slots.count()) == (dt.date(2027, 1, 15), 0)
    # Somebody who only comes online can make it as well as anybody.
    visit = accepted_on_pages(request, coordinator, ambassador_abroad)
    assert visit.slot is None and not visit.holds.exists()
    told = {"link": "https://www.example.jp/douga", "comment": "字幕つきです。"}
    assert "字幕つきです。" in verified_on_pages(visit, board_member, coordinator, told)
    assert not ReachEntry.objects.exists()


# ── who may ask for what ──────────────────────────────────────────────────────
def test_whoever_chooses_nothing_asks_for_a_lesson(school_contact, school):
    reader = Reader(school_contact)
    assert "?kind=contest" in reader.reads("/requests/new/")
    reader.sends("/requests/new/", school=str(school.public_id), form_key=str(uuid.uuid4()), **PHONE)
    assert Request.objects.get().kind == "school_visit"


@pytest.mark.parametrize("who", ["org_member", "org_admin", "board_member"])
def test_a_host_that_is_no_school_chooses_among_the_other_kinds(who, people):
    body = Reader(getattr(people, who)).reads("/requests/new/")
    assert [f"?kind={kind}" in body for kind in ("contest", "event", "content", "school_visit")] == [True] * 3 + [False]
    assert 'href="/requests/"' in body


def test_nobody_asks_in_the_name_of_a_foreign_host(org_member, org_admin, school_contact, school):
    foreign = Organisation.objects.exclude(pk=organisation_of(org_member).pk).first()
    key = str(uuid.uuid4())
    for person, host in ((org_member, foreign), (org_member, school), (school_contact, foreign)):
        answer = Reader(person).sends("/requests/new/?kind=event", host=str(host.public_id), form_key=key, **PHONE)
        assert answer.status_code == 200
        assert "この申込み元は選べません" in answer.content.decode()
    with pytest.raises(NotAllowed):
        actions.start_draft(foreign, by=org_admin, kind="event")
    assert not Request.objects.exists()


def test_a_board_does_not_ask_for_a_lesson(board_member):
    with pytest.raises(NotAllowed, match="学校"):
        actions.start_draft(Board.objects.get(memberships__person=board_member), by=board_member)


def test_an_unverified_member_asks_in_nobodys_name(org_member):
    Membership.objects.filter(person=org_member).update(verified_at=None)
    organisation = organisation_of(org_member)
    assert Reader(org_member).sends("/requests/new/?kind=event", host=str(organisation.public_id)).status_code == 302
    with pytest.raises(NotAllowed, match="所属の確認"):
        actions.start_draft(organisation, by=type(org_member).objects.get(pk=org_member.pk), kind="event")


def test_the_same_first_page_sent_twice_is_one_draft(org_member):
    told = {"host": str(organisation_of(org_member).public_id), "form_key": str(uuid.uuid4()), **PHONE}
    places = [Reader(org_member).sends("/requests/new/?kind=event", **told).headers["Location"] for _n in range(2)]
    assert places[0] == places[1]
    assert Request.objects.count() == 1


def test_colleagues_see_the_request_of_their_organisation_and_others_do_not(
    org_member, org_admin, school_contact, people
):
    request = asked_on_pages(org_member, "event", organisation_of(org_member), CONTEST)
    page = f"/requests/{request.public_id}/"
    assert Reader(org_admin).sees(page) == 200
    assert CONTEST["title"] in Reader(org_admin).reads("/requests/")
    assert [Reader(who).sees(page) for who in (school_contact, people.board_member, people.ambassador)] == [404] * 3


# ── what the pages take ───────────────────────────────────────────────────────
@pytest.fixture
def draft_event(org_member) -> Request:
    draft = actions.start_draft(organisation_of(org_member), by=org_member, kind="event")
    return actions.describe(draft, by=org_member, contact_phone="03-0000-0000")


def test_a_half_written_page_is_kept(org_member, draft_event):
    page = f"/requests/{draft_event.public_id}/edit/lesson/"
    assert Reader(org_member).sends(page, title="語る会", save="1").headers["Location"] == "/my/"
    draft_event.refresh_from_db()
    assert (draft_event.title, draft_event.ambassadors_wanted, draft_event.format) == ("語る会", 1, "in_person")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"until_1": "18:30"}, "8時間まで"),
        ({"from_1": "", "until_1": ""}, "始まりと終わりの時刻を書いて"),
        ({"from_1": "17:00", "until_1": "10:00"}, "8時間まで"),
        ({"day_1": "2026-11-22"}, "以降の日"),
        ({"answer_by": "2026-12-12"}, "希望日時より前"),
    ],
)
def test_a_day_that_cannot_be_is_sent_back(org_member, draft_event, changed, words):
    page = f"/requests/{draft_event.public_id}/edit/dates/"
    assert words in Reader(org_member).sends(page, **ONE_DAY | changed).content.decode()
    assert not draft_event.slots.exists()


@pytest.mark.parametrize(
    ("day", "words"), [("2026-12-01", "以降の日"), ("2027-04-02", "次の年度"), ("2026-11-02", "過ぎた日"), ("", "必須")]
)
def test_content_needs_time_to_be_made(org_member, day, words):
    draft = actions.start_draft(organisation_of(org_member), by=org_member, kind="content")
    page = f"/requests/{draft.public_id}/edit/lesson/"
    assert words in Reader(org_member).sends(page, **CONTENT | {"due_on": day}).content.decode()


def test_a_request_without_its_pages_is_not_sent(org_member, draft_event):
    body = Reader(org_member).reads(f"/requests/{draft_event.public_id}/edit/confirm/")
    assert "希望日時がまだです" in body and "名称とお願いしたいことがまだです" in body
    with pytest.raises(NotAllowed):
        actions.submit(draft_event, by=org_member)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://example.jp/a", "file:///etc/passwd", "//", "", "あ"])
def test_the_place_of_content_is_an_address_of_the_web(org_member, coordinator, ambassador, link):
    request = asked_on_pages(org_member, "content", organisation_of(org_member), CONTENT)
    visit = accepted_on_pages(request, coordinator, ambassador)
    answer = Reader(org_member).sends(f"/visits/{visit.public_id}/report/", link=link, form_key=str(uuid.uuid4()))
    assert answer.status_code == 200
    assert not visit.reports.exists()


# ── the desk ──────────────────────────────────────────────────────────────────
def test_the_desk_reads_kind_host_and_due_day_in_its_list(org_member, coordinator):
    organisation = organisation_of(org_member)
    asked_on_pages(org_member, "content", organisation, CONTENT)
    body = Reader(coordinator).reads(f"/desk/?q={organisation.name[:3]}")
    assert all(words in body for words in (organisation.name, "教材・動画", "納期", "1月15日"))


def test_only_who_is_appointed_on_the_due_day_can_make_content(org_member, coordinator, ambassador):
    request = asked_on_pages(org_member, "content", organisation_of(org_member), CONTENT)
    actions.take_up(request, by=coordinator)
    ambassador.appointments.filter(from_day__year=2026).update(until=dt.date(2027, 1, 14))
    body = Reader(coordinator).reads(f"/desk/requests/{request.public_id}/")
    assert "納期の日に任命されていません" in body
    with pytest.raises(NotAllowed, match="任命されていません"):
        visit_actions.send_offer(request, by=coordinator, ambassador=ambassador)
    type(ambassador).objects.filter(pk=ambassador.pk).update(paused_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    assert ambassador.name not in Reader(coordinator).reads(f"/desk/requests/{request.public_id}/")
