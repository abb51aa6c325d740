"""Names keep their own characters wherever they go: typed, stored, shown, written in letters, files and on paper."""

import html

import pytest
from django.test import Client

from accounts.models import User
from outbox.models import Letter
from outreach.models import Ambassador, Message, Request, School, Visit
from outreach.schools.models import search_key
from tests import factories
from tests.accounts.test_sign_up import WANTED
from tests.outreach.boards.test_room import room, signed_in_just_now
from tests.outreach.pages import Reader
from ui.forms import LineField, ProseField

pytestmark = pytest.mark.django_db

# Other drawings of 高 and 崎; 吉 of the second plane; 葛 with the selector of its variant; 塚 and 神 of the compatibility
# block, which every normal form of Unicode would turn into others; a kanji newer than the tables of the language.
RARE = {
    "other drawings": "髙﨑",
    "second plane": "𠮷田",
    "a variant chosen": "葛\U000e0100城",
    "compatibility": "\ufa10原\ufa19",
    "newer": "\U00031350木",
}
LONG = "東京都立架空髙﨑𠮷田" + "国際総合" * 10 + "科学技術高等学校"
assert len(LONG) == 58
LONG = "新" + LONG + "附"


@pytest.mark.parametrize("typed", RARE.values(), ids=RARE.keys())
@pytest.mark.parametrize("field", [LineField(), ProseField()])
def test_no_field_changes_a_kanji(field, typed):
    assert field.clean(typed) == typed


@pytest.mark.parametrize("typed", RARE.values(), ids=RARE.keys())
def test_a_person_keeps_the_name_they_signed_up_with(typed):
    Client().post("/accounts/signup/", WANTED | {"name": f"{typed}　花子"})
    person = User.objects.get(email="hanako.yamada@example.jp")
    assert person.name == f"{typed} 花子"
    assert f"{typed} 花子" in Reader(person).reads("/my/name/")


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("髙﨑", "高崎"),
        ("高崎", "髙﨑"),
        ("𠮷田", "吉田"),
        ("吉田", "𠮷田"),
        ("葛\U000e0100城", "葛城"),
        ("葛城", "葛\U000e0100城"),
        ("\ufa10原", "塚原"),
        ("塚原", "\ufa10原"),
    ],
)
def test_either_drawing_finds_the_other(stored, asked, people):
    assert search_key(stored) == search_key(asked)
    school = School.objects.order_by("pk").first()
    school.name_ja = f"架空{stored}高等学校"
    school.save()
    person = Ambassador.objects.order_by("pk").first()
    person.name_ja = f"{stored} 花子"
    person.save()
    asker = Reader(people.coordinator)
    assert school.name_ja in html.unescape(asker.reads(f"/desk/schools/?q={asked}"))
    assert person.name_ja in asker.reads(f"/ambassadors/?q={asked}")


def test_the_whole_road_keeps_every_character(school_contact, ambassador, coordinator, board_member, clock):
    assert len(LONG) == 60
    words = "、".join(RARE.values())
    teacher = Reader(school_contact)
    School.objects.filter(pk__in=school_contact.school_ids).update(name_ja=LONG)
    teacher.sends("/my/name/", name="髙﨑 𠮷子", name_kana="たかさき よしこ")
    # The form, page by page.
    draft = factories.make_request()
    form = f"/requests/{draft.public_id}/edit/"
    teacher.sends(
        f"{form}lesson/", format="in_person", theme="story", aims=words, grade_high_2="74", place=words, wishes=words
    )
    teacher.sends(f"/requests/{draft.public_id}/approval/", principal_name=words, principal_agreed_on="2026-11-20")
    draft = Request.objects.get(pk=draft.pk)
    assert (draft.aims, draft.place, draft.wishes, draft.principal_name) == (words, words, words, words)
    assert "受付番号は" in teacher.told(f"{form}confirm/")
    # Paper, letter and file.
    sheet = teacher.reads(f"/requests/{draft.public_id}/print/")
    receipt = Letter.objects.get(key__contains=":request_submitted:", person=school_contact)
    for shown in (sheet, receipt.body):
        assert LONG in shown and "髙﨑 𠮷子" in shown
    assert words in sheet
    assert LONG in receipt.subject
    answer = signed_in_just_now(board_member).get(room(draft.school.board, "requests.csv"))
    assert LONG in b"".join(answer.streaming_content).decode()
    # The visit: message and report.
    offer = factories.offer_for(factories.open_request(request=Request.objects.get(pk=draft.pk)), ambassador=ambassador)
    assert words in Reader(ambassador).reads(offer.get_absolute_url())
    visit = factories.confirmed_visit(offer=offer)
    teacher.sends(f"/visits/{visit.public_id}/messages/", text=words)
    assert Message.objects.get().text == words
    factories.past_visit(clock, visit=visit)
    answer = teacher.sends(
        f"/visits/{visit.public_id}/report/", present_high_2="70", met_high_2="0", format="in_person", comment=words
    )
    assert answer.status_code == 302
    assert Visit.objects.get(pk=visit.pk).latest_report().comment == words
    page = Reader(coordinator).reads(visit.get_absolute_url())
    assert page.count(words) >= 3
    assert LONG in page
