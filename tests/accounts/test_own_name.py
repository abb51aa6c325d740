"""People put their own name right, and what it was stays in the records."""

import pytest
from wagtail.models import ModelLogEntry

from accounts.models import User
from tests.accounts.codes import signed_in
from tests.outreach.pages import Reader

pytestmark = pytest.mark.django_db


def test_a_name_is_put_right_and_the_desk_reads_what_it_was(school_contact, coordinator):
    before = school_contact.name
    told = Reader(school_contact).told("/my/name/", name="山田　花子", name_kana="ヤマダ ハナコ")
    assert "氏名とふりがなを保存しました" in told
    person = User.objects.get(pk=school_contact.pk)
    assert (person.name, person.name_kana) == ("山田 花子", "やまだ はなこ")
    history = signed_in(coordinator).get(f"/desk/people/{person.public_id}/").content.decode()
    assert f"{before} → 山田 花子" in history


def test_the_same_name_once_more_is_no_news(school_contact):
    Reader(school_contact).sends("/my/name/", name=school_contact.name, name_kana=school_contact.name_kana)
    assert not ModelLogEntry.objects.filter(action="kakehashi.rename").exists()


@pytest.mark.parametrize(
    ("name", "kana"), [("", "やまだ"), ("山田 花子", ""), ("山田 花子", "山田"), ("あ" * 81, "あ")]
)
def test_what_is_no_name_changes_nothing(name, kana, school_contact):
    answer = Reader(school_contact).sends("/my/name/", name=name, name_kana=kana)
    assert answer.status_code == 422
    assert User.objects.get(pk=school_contact.pk).name == school_contact.name
