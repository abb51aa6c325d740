"""The desk finds schools and says who founds them."""

import datetime as dt
import re

import pytest
from wagtail.models import ModelLogEntry

from outreach.desk import schools
from outreach.lives import NotAllowed
from outreach.models import Board, School
from outreach.schools import actions
from tests.outreach.pages import Reader
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(coordinator) -> Reader:
    return Reader(coordinator)


@pytest.fixture
def guessed(school) -> School:
    School.objects.filter(pk=school.pk).update(board_source="guessed")
    school.refresh_from_db()
    return school


def founder_page(school: School) -> str:
    return f"/desk/schools/{school.public_id}/founder/"


def test_a_school_is_found_by_name_code_part_of_a_code_and_place(desk, school):
    link = f"/desk/schools/{school.public_id}/"
    code, place = school.school_code, school.prefecture_code
    for asked in (f"q={school.name_ja}", f"q={code}", f"q={code.lower()}", f"q={code[:8]}", f"prefecture={place}"):
        assert link in desk.reads(f"/desk/schools/?{asked}"), asked
    assert link not in desk.reads("/desk/schools/?prefecture=02")
    assert "この条件に合う学校はありません。" in desk.reads("/desk/schools/?q=Z999")


def test_guessed_founders_can_be_looked_for(desk, guessed):
    link = f"/desk/schools/{guessed.public_id}/"
    assert link in desk.reads("/desk/schools/?founder=guessed")
    assert link not in desk.reads("/desk/schools/?founder=known")
    assert link not in desk.reads("/desk/schools/?founder=none")


def test_a_long_list_is_counted_only_as_far_as_it_leads(desk, monkeypatch):
    monkeypatch.setattr(schools, "PAGE_LENGTH", 1)
    monkeypatch.setattr(schools, "MOST_PAGES", 2)
    assert "2校より多く見つかりました。" in desk.reads("/desk/schools/")


def test_the_page_of_a_school_shows_what_is_known(desk, guessed, submitted_request, school_contact):
    School.objects.create(
        school_code="D113299999990",
        type_code="D1",
        prefecture_code="13",
        founder_code="2",
        name_ja="前の高等学校",
        closed_on=dt.date(2024, 3, 31),
        successor=guessed,
    )
    body = desk.reads(f"/desk/schools/{guessed.public_id}/")
    shown = (
        guessed.school_code,
        guessed.address,
        guessed.board.name_ja,
        "推定",
        "前の高等学校",
        school_contact.name,
        submitted_request.number,
    )
    assert [word for word in shown if word not in body] == []
    old = School.objects.get(school_code="D113299999990")
    body = desk.reads(f"/desk/schools/{old.public_id}/")
    assert "閉校しました（2024年3月31日（日））" in body and guessed.name_ja in body


def test_marks_and_contact_are_saved_and_written_down(desk, school):
    address = f"/desk/schools/{school.public_id}/"
    desk.sends(address, is_remote="on", main_phone="０３－１１１１－２２２２", main_mail=school.main_mail)
    school.refresh_from_db()
    assert (school.is_remote, school.may_be_named, school.main_phone) == (True, False, "03-1111-2222")
    assert "学校の設定を改めました" in desk.reads(address)


def test_the_desk_corrects_a_founder_with_a_reason(desk, guessed, coordinator):
    board = Board.objects.filter(prefecture_code=guessed.prefecture_code).exclude(pk=guessed.board_id).first()
    before = guessed.board.name_ja
    told = desk.told(founder_page(guessed), board=str(board.public_id), reason="学校に電話で確認")
    guessed.refresh_from_db()
    assert ("設置者を改めました" in told, guessed.board, guessed.board_source) == (True, board, "desk")
    (entry,) = ModelLogEntry.objects.for_instance(guessed)
    assert (entry.user, entry.data) == (
        coordinator,
        {"before": before, "after": board.name_ja, "reason": "学校に電話で確認"},
    )
    assert "学校に電話で確認" in desk.reads(f"/desk/schools/{guessed.public_id}/")


def test_a_founder_nobody_knew_is_made_once(desk, guessed):
    for _time in range(2):
        desk.sends(
            founder_page(guessed), new_name="架橋学校組合教育委員会", new_kind="municipality", reason="公報で確認"
        )
    board = Board.objects.get(name_ja="架橋学校組合教育委員会")
    guessed.refresh_from_db()
    assert (guessed.board, board.kind, board.prefecture_code) == (board, "municipality", guessed.prefecture_code)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": "確認"}, "設置者を選ぶか、一覧にないときは名称を書いてください。"),
        ({"reason": "確認", "new_name": "新しい市教育委員会"}, "新しい設置者の種類を選んでください。"),
        ({"reason": "確認", "board": "mine", "new_name": "新しい市教育委員会"}, "どちらか一つにしてください。"),
        ({"board": "mine"}, 'id="id_reason_error"'),
    ],
)
def test_a_correction_that_says_too_little_is_refused(desk, guessed, fields, words):
    if fields.get("board"):
        fields = fields | {"board": str(guessed.board.public_id)}
    before = rows(School, Board, ModelLogEntry)
    answer = desk.sends(founder_page(guessed), **fields)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert rows(School, Board, ModelLogEntry) == before


def test_only_the_desk_corrects_a_founder(guessed, school_contact, viewer, coordinator):
    before = rows()
    for person in (school_contact, viewer):
        with pytest.raises(NotAllowed):
            actions.correct_founder(guessed, by=person, reason="確認", board=guessed.board)
    for wrong in ({"reason": " ", "board": guessed.board}, {"reason": "確認"}):
        with pytest.raises(NotAllowed):
            actions.correct_founder(guessed, by=coordinator, **wrong)
    assert rows() == before


def test_what_somebody_else_changed_meanwhile_stays(school, coordinator):
    """Two tabs: the older one knows an older number, and changes the mail address only."""
    desk, page = Reader(coordinator), f"/desk/schools/{school.public_id}/"
    older = dict(re.findall(r'name="(initial-\w+)"(?: value="([^"]*)")?', desk.reads(page)))
    assert {"initial-main_phone", "initial-main_mail"} <= set(older)
    desk.sends(page, main_phone="0153-11-1111", main_mail="", **older)
    desk.sends(page, main_phone=older["initial-main_phone"], main_mail="daihyo@school.example.jp", **older)
    row = School.objects.get(pk=school.pk)
    assert (row.main_phone, row.main_mail) == ("0153-11-1111", "daihyo@school.example.jp")
    older = dict(re.findall(r'name="(initial-\w+)"(?: value="([^"]*)")?', desk.reads(page)))
    desk.sends(page, main_phone="", main_mail="daihyo@school.example.jp", **older)
    assert School.objects.get(pk=school.pk).main_phone == ""
