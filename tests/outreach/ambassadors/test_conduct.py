"""行動規範: nobody says yes to a visit before they have accepted the text of the year."""

import datetime as dt

import pytest

from outreach.ambassadors import conduct
from outreach.lives import NotAllowed, TooLate
from outreach.models import Acceptance, CodeOfConduct, Offer, Visit
from outreach.visits import actions as visits
from tests.outreach.pages import Reader
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db

TEXT = "一つ目の約束。\n二つ目の約束。\n"


@pytest.fixture
def forgetful(waiting_offer, ambassador):
    """The offer of somebody who has not accepted this year's text."""
    Acceptance.objects.filter(ambassador=ambassador).delete()
    return waiting_offer


def accept_address(offer: Offer) -> str:
    return f"/offers/{offer.public_id}/accept/"


def chosen(offer: Offer) -> str:
    return str(offer.slots.order_by("rank").first().public_id)


def test_the_text_is_there_from_the_start_and_says_what_it_must():
    code = CodeOfConduct.objects.get()
    assert len(code.points) == len(code.body_en.splitlines()) == 8
    for words in ("二人きりになりません", "個人的に連絡", "販売、勧誘", "自分のスマートフォン", "だれでも事務局に"):
        assert words in code.body_ja


def test_before_the_yes_stands_the_text_and_nothing_typed_is_lost(forgetful, ambassador):
    one = Reader(ambassador)
    assert "行動規範を読んで同意していただきます" in one.reads(forgetful.get_absolute_url())
    answer = one.sends(accept_address(forgetful), slot=chosen(forgetful), note="楽しみです。")
    body = answer.content.decode()
    assert answer.status_code == 422
    assert all(point in body for point in conduct.present_code().points)
    assert f'name="slot" value="{chosen(forgetful)}"' in body
    assert 'name="note" value="楽しみです。"' in body
    assert Offer.objects.get().state == "sent"
    assert not Acceptance.objects.filter(ambassador=ambassador).exists()


def test_one_button_accepts_both(forgetful, ambassador):
    answer = Reader(ambassador).sends(
        accept_address(forgetful), slot=chosen(forgetful), note="楽しみです。", accepts_code=conduct.present_code().pk
    )
    assert answer.headers["Location"] == Visit.objects.get().get_absolute_url()
    accepted = Acceptance.objects.get(ambassador=ambassador)
    assert (accepted.fiscal_year, accepted.code) == (2026, conduct.present_code())


def test_the_verb_itself_refuses_and_the_offer_stays(forgetful, ambassador):
    before = rows()
    with pytest.raises(NotAllowed, match="打診はそのまま残っています"):
        visits.accept(forgetful, by=ambassador.user, slot=forgetful.slots.first())
    assert rows() == before


def test_declining_needs_no_acceptance(forgetful, ambassador):
    visits.decline(forgetful, by=ambassador.user)
    assert Offer.objects.get().state == "declined"


def test_an_assistant_cannot_accept_it_for_the_ambassador(forgetful, ambassador, assistant):
    one = Reader(assistant)
    body = one.reads(forgetful.get_absolute_url())
    assert f"{ambassador.name}さんが今年度の行動規範に同意するまで" in body
    answer = one.sends(accept_address(forgetful), slot=chosen(forgetful), accepts_code=conduct.present_code().pk)
    assert answer.status_code == 422
    assert "本人がマイページで同意すると" in answer.content.decode()
    with pytest.raises(NotAllowed):
        conduct.accept_code(ambassador, by=assistant, code=conduct.present_code())
    assert not Acceptance.objects.filter(ambassador=ambassador).exists()


def test_my_page_asks_for_it_and_one_press_is_enough(forgetful, ambassador):
    one = Reader(ambassador)
    assert "/my/conduct/" in one.reads("/my/")
    body = one.reads("/my/conduct/")
    assert "令和8年度（2026）" in body
    one.sends("/my/conduct/", accepts_code=conduct.present_code().pk)
    assert conduct.has_accepted(ambassador)
    assert "今年度の行動規範に同意する" not in one.reads("/my/")
    assert "に同意しました" in one.reads("/my/conduct/")
    one.sends("/my/conduct/", accepts_code=conduct.present_code().pk)
    assert Acceptance.objects.filter(ambassador=ambassador).count() == 1


def test_with_the_new_fiscal_year_it_is_asked_again(ambassador, clock):
    assert conduct.has_accepted(ambassador)
    clock.move_to(dt.datetime(2027, 3, 31, 14, 59, tzinfo=dt.UTC))
    assert conduct.has_accepted(ambassador)
    clock.move_to(dt.datetime(2027, 3, 31, 15, 1, tzinfo=dt.UTC))
    assert not conduct.has_accepted(ambassador)
    conduct.accept_code(ambassador, by=ambassador.user, code=conduct.present_code())
    assert conduct.has_accepted(ambassador)


def test_the_desk_makes_a_new_version_that_asks_again(ambassador, coordinator):
    desk = Reader(coordinator)
    told = desk.told("/desk/conduct/", fiscal_year="2026", body_ja=TEXT, body_en="", asks_again="on", note="見直し")
    assert "行動規範を新しい版にしました" in told
    assert "まだ同意していない推進大使：4人" in told
    assert conduct.present_code().points == ["一つ目の約束。", "二つ目の約束。"]
    assert not conduct.has_accepted(ambassador)
    conduct.accept_code(ambassador, by=ambassador.user, code=conduct.present_code())
    assert "まだ同意していない推進大使：3人" in desk.reads("/desk/conduct/")


def test_a_small_mend_does_not_ask_again(ambassador, coordinator):
    conduct.renew_code(by=coordinator, fiscal_year=2026, body_ja=TEXT)
    conduct.accept_code(ambassador, by=ambassador.user, code=conduct.present_code())
    conduct.renew_code(by=coordinator, fiscal_year=2026, body_ja=TEXT + "三つ目。", asks_again=False)
    assert conduct.has_accepted(ambassador)


def test_a_text_for_next_year_changes_nothing_today(ambassador, coordinator):
    conduct.renew_code(by=coordinator, fiscal_year=2027, body_ja=TEXT)
    assert conduct.has_accepted(ambassador)
    assert conduct.present_code().fiscal_year == 2025


def test_what_was_read_is_what_is_accepted(forgetful, ambassador, coordinator):
    old = conduct.present_code()
    conduct.renew_code(by=coordinator, fiscal_year=2026, body_ja=TEXT)
    with pytest.raises(TooLate, match="新しくなりました"):
        conduct.accept_code(ambassador, by=ambassador.user, code=old)
    answer = Reader(ambassador).sends(accept_address(forgetful), slot=chosen(forgetful), accepts_code=old.pk)
    assert answer.status_code == 422
    assert "一つ目の約束。" in answer.content.decode()
    assert "新しい文を読んで" in Reader(ambassador).told("/my/conduct/", accepts_code=old.pk)
    assert not conduct.has_accepted(ambassador)


def test_the_desk_reads_who_has_not_accepted(open_request, ambassador, coordinator):
    Acceptance.objects.filter(ambassador=ambassador).delete()
    desk = Reader(coordinator)
    assert desk.reads(f"/desk/requests/{open_request.public_id}/").count("行動規範に未同意") == 1
    assert "まだ同意していません" in desk.reads(f"/desk/ambassadors/{ambassador.public_id}/")


def test_only_the_desk_writes_it(ambassador, school_contact):
    for by in (ambassador.user, school_contact):
        with pytest.raises(NotAllowed):
            conduct.renew_code(by=by, fiscal_year=2026, body_ja=TEXT)


def test_the_same_text_once_more_is_no_new_version(ambassador, coordinator):
    now = conduct.present_code()
    before = rows(CodeOfConduct)
    answer = Reader(coordinator).sends("/desk/conduct/", fiscal_year="2026", body_ja=now.body_ja, body_en=now.body_en)
    assert "変わったところはありません" in answer.content.decode()
    assert rows(CodeOfConduct) == before


def test_the_first_text_of_a_year_asks_again_only_when_it_says_so(ambassador, coordinator):
    assert conduct.present_code().fiscal_year == 2025
    conduct.renew_code(by=coordinator, fiscal_year=2026, body_ja=TEXT, asks_again=False)
    assert conduct.present_code().fiscal_year == 2026
    assert conduct.has_accepted(ambassador)
