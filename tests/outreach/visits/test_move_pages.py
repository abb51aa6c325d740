"""Another day for a visit: asked on its page, answered on its page, and by the clock when nobody answers."""

import datetime as dt

import pytest

from outreach.models import Reschedule, Visit
from tests import factories
from tests.factories import school_day
from tests.outreach.pages import Reader
from ui.templatetags.kakehashi import city

pytestmark = pytest.mark.django_db

KEY = "11111111-1111-4111-8111-111111111111"
REASON = "修学旅行と重なりました。"


def another_day(ahead: int = 40, **more: str) -> dict[str, object]:
    return {"day_1": school_day(ahead).isoformat(), "periods_1": ["3", "4"], "reason": REASON, **more}


def move_page(visit: Visit) -> str:
    return f"/visits/{visit.public_id}/move/"


def answer_page(proposal: Reschedule, answer: str) -> str:
    return f"/visits/{proposal.visit.public_id}/move/{proposal.public_id}/{answer}/"


def day_of(visit: Visit) -> dt.date:
    return Visit.objects.get(pk=visit.pk).day


@pytest.fixture
def teacher(school_contact) -> Reader:
    return Reader(school_contact)


@pytest.fixture
def taishi(ambassador) -> Reader:
    return Reader(ambassador)


def test_the_school_asks_and_the_visit_moves_when_the_ambassador_agrees(confirmed_visit, teacher, taishi):
    page, wanted = confirmed_visit.get_absolute_url(), school_day(40)
    assert "日時の変更を相談する" in teacher.reads(page)
    assert teacher.sends(move_page(confirmed_visit), **another_day()).headers["Location"] == page
    proposal = Reschedule.objects.select_related("visit").get()
    assert "日時の変更を相談しています" in teacher.reads(page)
    body = taishi.reads(page)
    assert "あなたの番です：日時の変更に返事をする" in body
    assert all(words in body for words in (REASON, proposal.slot.words, proposal.old_slot.words))
    assert page in taishi.reads("/my/")
    assert "訪問の日時が変わりました。" in taishi.told(answer_page(proposal, "agree"))
    assert day_of(confirmed_visit) == wanted
    assert "変更後の日時で決まりました。" in teacher.reads(page)


def test_until_all_have_agreed_the_old_day_stays_and_the_page_names_who_is_missing(
    visit_of_two, teacher, taishi, other_ambassador
):
    before = visit_of_two.day
    proposal = factories.proposed_move(visit_of_two)
    assert "同意を伝えました。" in teacher.told(answer_page(proposal, "agree"))
    assert day_of(visit_of_two) == before
    body = taishi.reads(visit_of_two.get_absolute_url())
    assert body.count("同意しました</span>") == 2
    assert other_ambassador.name in body
    Reader(other_ambassador).sends(answer_page(proposal, "agree"))
    assert day_of(visit_of_two) == proposal.slot.day


def test_who_says_no_leaves_the_visit_where_it_was_and_everybody_reads_it(proposal, teacher, taishi):
    page, before = proposal.visit.get_absolute_url(), proposal.visit.day
    assert "元の日時のままにすることを" in teacher.told(answer_page(proposal, "refuse"), note="定期考査の日です。")
    assert day_of(proposal.visit) == before
    for reader in (teacher, taishi):
        body = reader.reads(page)
        assert "元の日時のままになりました" in body
        assert "定期考査の日です。" in body
        assert "返事をする" not in body


def test_a_note_that_is_too_long_is_sent_back_with_the_page(proposal, teacher):
    answer = teacher.sends(answer_page(proposal, "refuse"), note="あ" * 600)
    assert answer.status_code == 422
    assert "あ" * 600 in answer.content.decode()
    assert Reschedule.objects.get().state == "open"


def test_only_who_asked_takes_the_question_back(proposal, teacher, taishi):
    assert "取り消せるのは、持ちかけた側と事務局です" in teacher.told(answer_page(proposal, "withdraw"))
    assert "相談を取り消しました。" in taishi.told(answer_page(proposal, "withdraw"))
    late = teacher.sends(answer_page(proposal, "agree"))
    assert late.status_code == 409
    assert "いま「取消し」" in late.content.decode()


def test_what_the_clock_has_ended_is_shown_as_ended(proposal, teacher, clock):
    page, before = proposal.visit.get_absolute_url(), proposal.visit.day
    clock.move_to(proposal.expires_at + dt.timedelta(minutes=1))
    body = teacher.reads(page)
    assert "日時変更の相談は期限が過ぎました" in body
    assert "この日時でよい" not in body
    assert "日時の変更に返事をする" not in teacher.reads("/my/")
    assert "訪問は元の日時のままです。" in teacher.told(answer_page(proposal, "agree"))
    assert day_of(proposal.visit) == before
    assert "日時の変更を相談する" in body


def test_somebody_abroad_reads_both_days_on_both_clocks(ambassador_abroad, teacher, school_contact):
    request = factories.submitted_request(request=factories.make_request(by=school_contact, format="online"))
    visit = factories.confirmed_visit(
        offer=factories.offer_for(factories.open_request(request=request), ambassador=ambassador_abroad)
    )
    teacher.sends(move_page(visit), **another_day())
    there = Reader(ambassador_abroad)
    assert there.reads(visit.get_absolute_url()).count(f"現地（{city(ambassador_abroad.time_zone)}）") == 4
    assert "現地（" not in teacher.reads(visit.get_absolute_url())
    teacher.sends(answer_page(Reschedule.objects.select_related("visit").get(), "withdraw"))
    assert f"現地（{city(ambassador_abroad.time_zone)}）" in there.reads(move_page(visit))


def test_the_same_form_sent_twice_is_one_question(confirmed_visit, teacher):
    for _time in range(2):
        answer = teacher.sends(move_page(confirmed_visit), form_key=KEY, **another_day())
        assert answer.headers["Location"] == confirmed_visit.get_absolute_url()
    assert Reschedule.objects.count() == 1


def test_a_second_question_beside_an_open_one_is_answered_with_what_is_now(proposal, teacher):
    answer = teacher.sends(move_page(proposal.visit), **another_day(45))
    assert answer.status_code == 409
    assert "先に、訪問のページでその相談に返事をするか、" in answer.content.decode()
    assert "先に、訪問のページでその相談に返事をするか、" in teacher.reads(move_page(proposal.visit))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"day_1": "2026-12-20"}, "日曜日です"),
        ({"day_1": "2026-11-19"}, "過ぎた日です"),
        ({"day_1": "2027-04-12"}, "次の年度です"),
        ({"day_1": ""}, "日付を書いてください"),
        ({"periods_1": []}, "時限を選んでください"),
        ({"reason": ""}, "必須"),
    ],
)
def test_a_day_that_is_none_is_sent_back_with_a_sentence(wrong, words, confirmed_visit, teacher):
    answer = teacher.sends(move_page(confirmed_visit), **another_day() | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Reschedule.objects.exists()


def test_a_day_on_which_the_ambassador_has_another_visit_is_sent_back(confirmed_visit, teacher, taishi, asked_at):
    taken = Visit.objects.get().starts_at + dt.timedelta(days=16)
    offer = factories.offer_for(asked_at(taken))
    assert offer.ambassador.user == taishi.person
    day = another_day() | {"day_1": taken.date().isoformat()}
    answer = teacher.sends(move_page(confirmed_visit), **day)
    assert answer.status_code == 409
    assert "ほかの予定を確保しています" in answer.content.decode()


def test_strangers_meet_nothing_and_a_question_belongs_to_its_own_visit(
    proposal, stranger_contact, other_ambassador, viewer, teacher
):
    for person in (stranger_contact, other_ambassador):
        for page in (move_page(proposal.visit), answer_page(proposal, "agree"), answer_page(proposal, "refuse")):
            assert Reader(person).sends(page).status_code == 404
    assert Reader(viewer).sends(move_page(proposal.visit)).status_code == 404
    assert "この操作ができるのは" in Reader(viewer).told(answer_page(proposal, "agree"))
    elsewhere = factories.confirmed_visit(days=[school_day(60)])
    assert teacher.sends(f"/visits/{elsewhere.public_id}/move/{proposal.public_id}/agree/").status_code == 404
    assert Reschedule.objects.get().state == "open"
