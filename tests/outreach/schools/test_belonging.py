"""Finding one's school, saying that one belongs there, and being vouched for."""

import pytest
from django.test import Client
from wagtail.models import ModelLogEntry

from accounts.models import Membership, User
from outbox.models import Letter
from outreach.lives import NotAllowed
from outreach.models import School
from outreach.schools import actions
from outreach.schools.bells import bell_times_of
from outreach.schools.models import BellTime
from tests.outreach.pages import Reader
from tests.outreach.rows import rows
from ui import dates

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(db) -> User:
    return User.objects.create_user("new.teacher@example.jp", name="新任 先生")


def test_saying_it_twice_is_saying_it_once(newcomer, school, coordinator):
    first = actions.join(school, by=newcomer, phone="03-0000-0000")
    assert actions.join(school, by=newcomer, phone="03-1111-1111") == first
    assert (first.verified_at, first.phone) == (None, "03-0000-0000")
    assert Letter.objects.count() == 1


def test_a_school_that_is_closed_is_refused(newcomer, school):
    School.objects.filter(pk=school.pk).update(closed_on=dates.today())
    school.refresh_from_db()
    with pytest.raises(NotAllowed, match="廃止"):
        actions.join(school, by=newcomer)
    assert not newcomer.memberships.exists()


def test_only_the_desk_vouches_and_says_how(unverified_contact, coordinator, viewer, school_contact, colleague):
    membership = unverified_contact.memberships.get()
    before = rows()
    for person in (viewer, school_contact, colleague, unverified_contact):
        with pytest.raises(NotAllowed):
            actions.vouch(membership, by=person, how="call", note="教頭に電話")
    for how, note in (("call", " "), ("guess", "教頭に電話"), ("", "教頭に電話")):
        with pytest.raises(NotAllowed):
            actions.vouch(membership, by=coordinator, how=how, note=note)
    assert rows() == before


def test_vouching_is_written_down_and_happens_once(unverified_contact, coordinator):
    membership = unverified_contact.memberships.get()
    actions.vouch(membership, by=coordinator, how="call", note="教頭に電話")
    assert (membership.verified_by, membership.verification_note) == (coordinator, "教頭に電話")
    entry = ModelLogEntry.objects.get(action="kakehashi.vouch")
    assert (entry.user, entry.object_id) == (coordinator, str(membership.pk))
    with pytest.raises(NotAllowed, match="もう確認"):
        actions.vouch(membership, by=coordinator, how="call", note="もう一度")


def found(words: str) -> list[School]:
    return list(School.objects.open().matching(words))


@pytest.mark.parametrize(
    "words", ["かけはし", "カケハシ", "ｶｹﾊｼ", "架け橋高", "架橋 高等", "KAKEHASHI", "Ｋａｋｅｈａｓｈｉ"]
)
def test_a_school_is_found_whatever_the_width_and_kana(words):
    School.objects.create(
        school_code="D113200009999",
        type_code="D1",
        prefecture_code="13",
        founder_code="2",
        name_ja="架け橋高等学校" if "架橋" not in words else "架橋高等学校",
        name_kana="カケハシコウトウガッコウ",
        name_en="Kakehashi High School",
    )
    assert [school.school_code for school in found(words)] == ["D113200009999"]


def test_a_closed_school_is_not_found(school):
    name = school.name_ja
    assert school in found(name)
    School.objects.filter(pk=school.pk).update(closed_on=dates.today())
    assert school not in found(name)


def test_a_page_of_many_schools_says_that_there_are_more(newcomer):
    School.objects.bulk_create(
        School(
            school_code=f"D1472{number:08d}",
            type_code="D1",
            prefecture_code="47",
            founder_code="2",
            name_ja=f"第{number}高等学校",
            search_text=f"第{number}高等学校",
        )
        for number in range(60)
    )
    client = Client()
    client.force_login(newcomer)
    body = client.get("/my/school/", {"prefecture": "47"}).content.decode()
    assert body.count("/my/school/?school=") == 50
    assert "50校より多く" in body


def test_own_bell_times_win_over_those_of_the_stage(school):
    assert [bell.period for bell in bell_times_of(school)] == [1, 2, 3, 4, 5, 6, 7]
    BellTime.objects.create(school=school, stage="high", period=1, starts_at="09:15", ends_at="10:45")
    assert [(bell.period, bell.school) for bell in bell_times_of(school)] == [(1, school)]


def test_nobody_is_made_a_member_of_a_school_by_opening_its_address(newcomer, school):
    client = Client()
    client.force_login(newcomer)
    client.get("/my/school/", {"school": str(school.public_id)})
    assert not Membership.objects.filter(person=newcomer).exists()


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("茨城県立竜ヶ崎第一高等学校", ["竜ヶ崎", "竜ケ崎", "竜が崎", "龍ヶ崎", "竜ヶ"]),
        ("埼玉県立鳩ケ谷高等学校", ["鳩ケ谷", "鳩ヶ谷", "鳩が谷"]),
        ("慶應義塾高等学校", ["慶応", "慶應"]),
        ("筑波大学附属高等学校", ["附属", "付属"]),
        ("つつじが丘高等学校", ["つつじヶ丘", "つつじが丘"]),
        ("かけ橋高等学校", ["かけ", "かけ橋", "カケ橋"]),
    ],
)
def test_a_name_is_found_in_whatever_characters_people_write_it(name, typed):
    school = School.objects.create(
        school_code="D113200009999", type_code="D1", prefecture_code="13", founder_code="2", name_ja=name
    )
    assert {words: school in found(words) for words in typed} == dict.fromkeys(typed, True)


def test_a_search_in_kana_that_finds_nothing_says_why(newcomer):
    assert "漢字で書いてみてください" in Reader(newcomer).reads("/my/school/?name=ぬぬぬ")
    assert "短くするか、都道府県を変えて" in Reader(newcomer).reads("/my/school/?name=無無無")
