"""What a school says about itself: bell times, mail address, consent."""

import datetime as dt

import pytest
from wagtail.models import ModelLogEntry

from outreach.lives import NotAllowed
from outreach.models import BellTime, School
from outreach.schools import actions
from outreach.schools.bells import bell_stages, bell_times_of
from tests.factories import make_request
from tests.outreach.pages import Reader
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db


def clock(text: str) -> dt.time:
    return dt.time(*(int(part) for part in text.split(":")))


def page(school: School, stage: str = "high") -> str:
    return f"/my/school/{school.public_id}/bells/{stage}/"


def own(school: School) -> list[tuple]:
    return list(school.bell_times.order_by("period").values_list("period", "starts_at", "ends_at"))


def test_a_school_writes_its_own_bell_times_and_asks_for_dates_by_them(school, school_contact, draft_request):
    times = {"from_1": "0845", "until_1": "９時３０分", "from_3": "10:30", "until_3": "11:15"}
    Reader(school_contact).sends(page(school), **times)
    assert own(school) == [(1, clock("8:45"), clock("9:30")), (3, clock("10:30"), clock("11:15"))]
    assert [bell.period for bell in bell_times_of(school)] == [1, 3]
    body = Reader(school_contact).reads(f"/requests/{draft_request.public_id}/edit/dates/")
    assert "10:30" in body and "13:30" not in body


def test_back_to_the_default_forgets_the_own_times(school, school_contact):
    reader = Reader(school_contact)
    reader.sends(page(school), from_1="8:45", until_1="9:30")
    assert "標準の時程に戻しました。" in reader.told(page(school), back_to_default="1")
    assert own(school) == []
    assert [entry.action for entry in ModelLogEntry.objects.for_instance(school)] == ["kakehashi.set_bell_times"] * 2


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"from_1": "9:00"}, "1限は、始まりと終わりの両方を書いてください。"),
        ({"from_1": "9:00", "until_1": "8:50"}, "1限の終わり（8:50）が、始まり（9:00）より前です。"),
        (
            {"from_1": "9:00", "until_1": "9:50", "from_2": "9:40", "until_2": "10:30"},
            "2限は、1限の終わり（9:50）のあとに始まるようにしてください。",
        ),
        (
            {"from_1": "10:00", "until_1": "10:50", "from_2": "9:00", "until_2": "9:50"},
            "2限は、1限の終わり（10:50）のあとに始まるようにしてください。",
        ),
        ({"from_1": "ごぜん", "until_1": "9:50"}, "「ごぜん」は時刻として読めません。"),
        ({"from_1": ""}, "時限を1つは書いてください。"),
    ],
)
def test_bell_times_that_make_no_day_are_refused_and_kept_on_the_page(school, school_contact, times, words):
    answer = Reader(school_contact).sends(page(school), **times)
    body = answer.content.decode()
    assert (answer.status_code, words in body, own(school)) == (422, True, [])
    assert all(f'value="{typed}"' in body for typed in times.values() if typed)


def test_each_stage_has_its_own_times_and_the_pupils_decide_which_ring(school, school_contact):
    School.objects.filter(pk=school.pk).update(type_code="D2")
    school.refresh_from_db()
    assert bell_stages(school) == ["junior_high", "high"]
    actions.set_bell_times(school, "junior_high", [(1, clock("8:00"), clock("8:45"))], by=school_contact)
    assert [bell.starts_at for bell in bell_times_of(school, "junior_high")] == [clock("8:00")]
    assert bell_times_of(school)[0].starts_at == clock("8:50")
    request = make_request(by=school_contact)
    request.planned_groups.all().delete()
    reader, dates = Reader(school_contact), f"/requests/{request.public_id}/edit/dates/"
    assert "8:00" not in reader.reads(dates)
    request.planned_groups.create(school=school, stage="junior_high", grade=1, expected=30)
    assert "8:00" in reader.reads(dates)


def test_only_vouched_people_of_the_school_and_the_desk_arrange_it(
    school, school_contact, colleague, unverified_contact, stranger_contact, viewer, ambassador, coordinator
):
    before = rows()
    for person in (unverified_contact, stranger_contact, viewer, ambassador.user):
        with pytest.raises(NotAllowed):
            actions.set_bell_times(school, "high", [(1, clock("8:00"), clock("8:45"))], by=person)
        with pytest.raises(NotAllowed):
            actions.set_facts(school, by=person, main_mail="x@example.jp")
    with pytest.raises(NotAllowed, match="事務局です"):
        actions.set_facts(school, by=school_contact, is_remote=True)
    with pytest.raises(NotAllowed):
        actions.set_bell_times(school, "elementary", [(1, clock("8:00"), clock("8:45"))], by=school_contact)
    assert rows() == before
    for person in (school_contact, colleague, coordinator):
        actions.set_facts(school, by=person, main_mail=f"{person.pk}@example.jp")
        assert School.objects.get(pk=school.pk).main_mail == f"{person.pk}@example.jp"


def test_mail_address_and_consent_are_saved_and_written_down(school, school_contact):
    School.objects.filter(pk=school.pk).update(may_be_named=False, main_mail="")
    address = f"/my/school/{school.public_id}/settings/"
    told = Reader(school_contact).told(address, main_mail="daihyo@school.example.jp", may_be_named="on")
    school.refresh_from_db()
    assert ("学校の設定を保存しました。" in told, school.main_mail, school.may_be_named) == (
        True,
        "daihyo@school.example.jp",
        True,
    )
    (entry,) = ModelLogEntry.objects.for_instance(school)
    assert (entry.action, entry.user) == ("kakehashi.set_school_facts", school_contact)
    assert entry.data["after"] == {"main_mail": "daihyo@school.example.jp", "may_be_named": True}
    Reader(school_contact).sends(address, main_mail="daihyo@school.example.jp")
    assert School.objects.get(pk=school.pk).may_be_named is False


def test_saving_the_same_again_writes_nothing_down(school, school_contact):
    actions.set_facts(school, by=school_contact, main_mail=school.main_mail)
    defaults = BellTime.objects.filter(school=None).count()
    assert (ModelLogEntry.objects.for_instance(school).exists(), defaults) == (False, defaults)


def test_the_way_to_the_settings_is_open_once_somebody_has_vouched(school, school_contact, unverified_contact):
    assert f"/my/school/{school.public_id}/settings/" in Reader(school_contact).reads("/my/school/")
    assert "/settings/" not in Reader(unverified_contact).reads("/my/school/")
