"""The room of a board: all requests of its schools in one table, and nothing of anybody else's."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from outreach.boards import table
from outreach.models import Board, School, Visit
from outreach.requests.states import RequestState
from outreach.visits import actions as visits
from tests import factories
from tests.outreach.boards.conftest import CANARY
from tests.outreach.pages import Reader
from tests.ui.every_form import hostile_to

pytestmark = pytest.mark.django_db


def room(board: Board, more: str = "") -> str:
    return f"/boards/{board.public_id}/{more}"


def found(reader: Reader, page: str) -> list[table.Line]:
    return reader.client.get(page).context["lines"]


def test_one_row_says_what_when_in_which_state_and_whose_turn_it_is(submitted_request, board, board_member):
    (line,) = found(Reader(board_member), room(board))
    assert (line.number, line.host) == (submitted_request.number, submitted_request.school.name)
    assert (line.state, line.turn) == ("受付中", "事務局")
    assert line.dates[0].startswith("第1希望") and len(line.dates) == 2
    assert line.until.endswith("まで")


def test_the_role_of_the_contact_stands_there_and_neither_name_nor_phone(submitted_request, board, board_member):
    contact = submitted_request.contact
    contact.memberships.update(position="主幹教諭")
    body = Reader(board_member).reads(room(board))
    assert "主幹教諭" in body
    for private in (contact.name, contact.email, submitted_request.contact_phone):
        assert private not in body


def test_whose_turn_it_is_follows_the_road(open_request, ambassador, board, board_member, clock):
    reader = Reader(board_member)

    def turn() -> tuple[str, str]:
        (line,) = found(reader, room(board))
        return line.state, line.turn

    assert turn() == ("調整中", "事務局")
    offer = factories.offer_for(open_request, ambassador=ambassador)
    assert turn() == ("調整中", "推進大使")
    visit = factories.confirmed_visit(offer=offer)
    assert turn() == ("これからの訪問", "")
    factories.past_visit(clock, visit=visit)
    assert turn() == ("報告待ち", "学校")
    factories.reported_visit(visit)
    assert turn() == ("速報", "事務局")
    factories.verified_visit(Visit.objects.get(pk=visit.pk))
    assert turn() == ("確定", "")


@pytest.mark.parametrize(
    ("state", "is_there"), [("planned", True), ("open", False), ("awaiting", False), ("verified", False), ("x", True)]
)
def test_the_address_filters_by_state(state, is_there, confirmed_visit, board, board_member):
    assert bool(found(Reader(board_member), room(board, f"?state={state}"))) is is_there


def test_the_address_filters_by_school_month_and_year(confirmed_visit, board, board_member):
    reader, day = Reader(board_member), confirmed_visit.day
    other = School.objects.exclude(board=board).first()
    # A wished day that was not booked does not make the visit one of its month.
    away = (day + dt.timedelta(days=62)).strftime("%Y-%m")
    for query, count in (
        (f"school={confirmed_visit.school.public_id}", 1),
        (f"school={other.public_id}", 1),  # not the board's: not asked for
        (f"month={day:%Y-%m}", 1),
        (f"month={away}", 0),
        (f"year={confirmed_visit.fiscal_year}", 1),
        (f"year={confirmed_visit.fiscal_year - 1}", 0),
        ("month=2026-13&year=x&state=&school=1", 1),
    ):
        assert len(found(reader, room(board, f"?{query}"))) == count, query


def test_drafts_of_a_school_are_its_own(draft_request, board, board_member):
    assert found(Reader(board_member), room(board)) == []


def test_the_counts_are_those_of_the_ledger(verified_visit, board, board_member):
    own = Reader(board_member).client.get(room(board)).context["counts"]
    assert (own.requests, own.verified, own.planned, own.reported, own.awaiting) == (1, 1, 0, 0, 0)
    assert (own.distinct, own.present, own.encounters) == (72, 72, 72)


def test_a_planned_visit_is_awaited_when_its_day_is_past(confirmed_visit, board, board_member, clock):
    reader = Reader(board_member)
    assert reader.client.get(room(board)).context["counts"].planned == 1
    factories.past_visit(clock, visit=confirmed_visit)
    own = reader.client.get(room(board)).context["counts"]
    assert (own.planned, own.awaiting) == (0, 1)


def test_the_visit_is_read_without_contact_data(reported_visit, board, board_member, ambassador):
    page = f"/boards/visits/{reported_visit.public_id}/"
    reader = Reader(board_member)
    assert page in reader.reads(room(board))
    body = reader.reads(page)
    assert ambassador.name in body and "72人" in body
    contact = reported_visit.request.contact
    for private in (contact.name, contact.email, reported_visit.request.contact_phone, ambassador.user.email):
        assert private not in body
    assert reader.sees(f"/visits/{reported_visit.public_id}/") == 404


def test_a_foreign_board_finds_nothing_and_no_sign_that_there_is_something(
    confirmed_visit, board, foreign_board_member
):
    stranger = Reader(foreign_board_member)
    nowhere = "00000000-0000-4000-8000-000000000000"
    pages = [room(board), room(board, "schools/"), room(board, "municipalities/"), room(board, "ask/"),
             room(board, "requests.csv")]  # fmt: skip
    pages += [f"/boards/visits/{confirmed_visit.public_id}/", confirmed_visit.request.get_absolute_url()]
    for page in pages:
        there = stranger.client.get(page)
        missing = stranger.client.get(
            page.replace(str(board.public_id), nowhere)
            .replace(str(confirmed_visit.public_id), nowhere)
            .replace(str(confirmed_visit.request.public_id), nowhere)
        )
        assert (there.status_code, there.content) == (404, missing.content), page
    press = stranger.sends(room(board, "pass-on/"), requests=[str(confirmed_visit.request.public_id)])
    assert press.status_code == 404
    own = foreign_board_member.memberships.get().board
    assert confirmed_visit.request.number not in stranger.reads(room(own))


def test_a_member_nobody_has_vouched_for_has_no_room(board, board_member):
    board_member.memberships.update(verified_at=None)
    reader = Reader(type(board_member).objects.get(pk=board_member.pk))
    assert (reader.sees(room(board)), reader.sees("/boards/")) == (404, 403)
    assert "設置者の部屋" not in reader.reads("/my/")


def test_the_room_is_linked_from_the_menu_and_from_ones_own_page(board, board_member):
    reader = Reader(board_member)
    assert reader.reads("/my/").count(room(board)) >= 2
    assert reader.client.get("/boards/").headers["Location"] == room(board)


def test_the_route_and_whom_to_ask_are_said(copied, board_member):
    body = Reader(board_member).reads(room(copied))
    assert "申込みの経路：写し" in body
    assert "経路を変えたいときは、事務局" in body


def test_the_desk_sees_what_the_board_sees_and_does_not_act_there(submitted_request, board, coordinator):
    desk = Reader(coordinator)
    assert submitted_request.number in desk.reads(room(board))
    assert desk.sees(room(board, "requests.csv")) == 403
    assert desk.sends(room(board, "pass-on/")).status_code == 403


def test_its_schools_are_found_by_name_and_open_their_requests(submitted_request, board, board_member):
    reader, school = Reader(board_member), submitted_request.school
    body = reader.reads(room(board, "schools/"))
    assert f"?school={school.public_id}" in body
    assert school.name not in reader.reads(room(board, "schools/?q=zzz"))
    lines = reader.client.get(room(board, f"schools/?q={school.name_ja}")).context["lines"]
    assert [(line["school"], line["asked"], line["verified"]) for line in lines] == [(school, 1, 0)]


def test_what_a_municipal_school_asks_reaches_no_member_of_the_prefecture(
    municipal_request, municipality, board, board_member, coordinator
):
    request = factories.open_request(request=factories.submitted_request(request=municipal_request))
    visit = factories.confirmed_visit(offer=factories.offer_for(request))
    reader = Reader(board_member)
    nowhere = "00000000-0000-4000-8000-000000000000"
    for page in (request.get_absolute_url(), f"/boards/visits/{visit.public_id}/", room(municipality)):
        missing = page
        for thing in (request, visit, municipality):
            missing = missing.replace(str(thing.public_id), nowhere)
        assert (reader.sees(page), reader.client.get(page).content) == (404, reader.client.get(missing).content)
    pages = [room(board), room(board, "schools/"), room(board, "municipalities/"), room(board, "ask/"), "/my/",
             "/requests/", "/boards/"]  # fmt: skip
    for page in pages:
        body = reader.reads(page)
        assert CANARY not in body and request.number not in body, page
    assert CANARY not in file_of(board_member, board)
    # The canaries could have been seen: the desk sees them.
    assert CANARY in Reader(coordinator).reads(room(municipality))
    visits.cancel(visit, by=coordinator, reason="学級閉鎖")
    assert CANARY not in reader.reads("/my/")


# ── the table as a file ───────────────────────────────────────────────────────
def signed_in_just_now(person) -> Client:
    client = Client()
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": "kakehashi-demo"})
    return client


def file_of(person, board: Board, query: str = "") -> str:
    answer = signed_in_just_now(person).get(room(board, f"requests.csv{query}"))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def test_the_file_holds_the_rows_of_the_table_and_opens_in_a_spreadsheet(confirmed_visit, board, board_member):
    answer = signed_in_just_now(board_member).get(room(board, "requests.csv"))
    body = b"".join(answer.streaming_content)
    assert body.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    heading, *rows = body.decode("utf-8-sig").splitlines()
    assert heading.startswith("受付番号,申込み元")
    assert len(rows) == 1 and confirmed_visit.day.isoformat() in rows[0]
    assert confirmed_visit.request.contact.name not in rows[0]


def test_the_file_follows_the_filters_of_the_table(confirmed_visit, board, board_member):
    assert len(file_of(board_member, board, "?state=verified").splitlines()) == 1
    assert "requests.csv?state=planned" in Reader(board_member).reads(room(board, "?state=planned"))


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(submitted_request, board, board_member):
    School.objects.filter(pk=submitted_request.school_id).update(name_ja="=HYPERLINK(1)")
    assert ",'=HYPERLINK(1)," in file_of(board_member, board)


def test_the_file_speaks_the_language_of_the_person(submitted_request, board, board_member):
    type(board_member).objects.filter(pk=board_member.pk).update(language="en")
    assert "Request number" in file_of(board_member, board).splitlines()[0]


def test_whoever_signed_in_long_ago_is_asked_once_more_and_led_back_to_the_file(submitted_request, board, board_member):
    client = Client()
    client.force_login(board_member)
    asked = client.get(room(board, "requests.csv?state=submitted"))
    assert asked.status_code == 302
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    page = client.get(asked.headers["Location"])
    assert "もう一度パスワードを入力してください" in page.content.decode()
    back = client.post(asked.headers["Location"], {"password": "kakehashi-demo"})
    assert back.headers["Location"] == room(board, "requests.csv?state=submitted")


def test_every_state_of_a_request_is_found_by_a_filter_or_by_its_visit():
    assert set(table.BEFORE_A_VISIT) | set(table.ENDED) == set(RequestState) - {"booked", "completed"}


@pytest.mark.parametrize("name", ["state", "school", "month", "year", "page", "q"])
def test_whatever_the_address_asks_the_pages_answer(name, submitted_request, board, board_member, some_of):
    reader = Reader(board_member)
    pages = (room(board), room(board, "schools/"), room(board, "municipalities/"), room(board, "ask/"))
    for place, value in enumerate((*hostile_to(name).values(), "2026-12-01", "99999999999999999999")):
        for page in some_of(place, pages, every=4):
            answer = reader.client.get(page, {name: value[:1_000]})
            assert answer.status_code == 200, (page, value[:20])
            assert "<script>alert" not in answer.content.decode()
