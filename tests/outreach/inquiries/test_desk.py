"""What the desk does with an inquiry: open, take, answer, note, close, open again, forget."""

import datetime as dt
import re

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from accounts.models import Membership, User
from outbox.models import Letter
from outreach.inquiries import actions
from outreach.inquiries.states import LIFE_OF_AN_INQUIRY, InquiryState
from outreach.lives import NotAllowed, TooLate
from outreach.models import Inquiry, InquiryStep
from tests.outreach.pages import Reader
from tests.outreach.rows import rows, undone

pytestmark = pytest.mark.django_db

LIST = "/desk/inquiries/"
TOLD = (Inquiry, InquiryStep, Letter)


@pytest.fixture
def desk(coordinator) -> Reader:
    return Reader(coordinator)


@pytest.fixture
def other_coordinator(db) -> User:
    person = User.objects.create_user("desk2@example.jp", name="もう一人 事務")
    Membership.objects.create(person=person, role="coordinator", body_name="事務局", verified_at=timezone.now())
    return person


def page_of(inquiry: Inquiry, verb: str = "") -> str:
    return f"{LIST}{inquiry.public_id}/{verb and verb + '/'}"


# ── opening ───────────────────────────────────────────────────────────────────
def test_a_concern_shows_nothing_until_somebody_says_that_they_open_it(concern, desk, coordinator, clock):
    assert "cnry" not in desk.reads(page_of(concern)) + desk.reads(LIST) + desk.reads("/my/")
    assert "cnry-concern" in desk.told(page_of(concern, "read"))
    assert "cnry-concern" in desk.reads(page_of(concern))
    openings = ModelLogEntry.objects.for_instance(concern)
    assert list(openings.values_list("action", "user")) == [("kakehashi.read_concern", coordinator.pk)]
    assert "cnry" not in openings.get().label
    clock.shift(dt.timedelta(hours=13))
    assert "cnry" not in desk.reads(page_of(concern))


@pytest.mark.parametrize(("way", "is_said"), [({}, True), ({"phone": "03-0000-0000"}, False)])
def test_who_wants_to_be_asked_and_cannot_be_is_protected(way, is_said, desk):
    inquiry = actions.send(kind="concern", text="x", danger="no", school_may_know="ask", **way)
    assert ("学校に連絡しないでください" in desk.told(page_of(inquiry, "read"))) is is_said


def test_english_words_with_a_japanese_name_in_them_stay_english(desk):
    inquiry = actions.send(
        kind="question", topic="press", text="About 早瀬", name="x", mail="x@example.jp", language="en"
    )
    assert '<p class="message__text" lang="en">About 早瀬</p>' in desk.reads(f"/en{page_of(inquiry)}")


def test_that_one_has_opened_it_opens_it_for_nobody_else(concern, desk, other_coordinator):
    desk.told(page_of(concern, "read"))
    assert "cnry" not in Reader(other_coordinator).reads(page_of(concern))


def test_a_question_is_read_without_further_ado(question, desk):
    assert "船は1日2便です。" in desk.reads(page_of(question))
    assert not ModelLogEntry.objects.for_instance(question).exists()


def test_an_answer_sent_back_shows_what_was_typed_and_not_the_concern(concern, desk):
    answer = desk.sends(page_of(concern, "note"), note="長" * 5000)
    body = answer.content.decode()
    assert answer.status_code == 422 and "長" * 5000 in body and "cnry" not in body


# ── the list ──────────────────────────────────────────────────────────────────
def test_who_may_be_in_danger_comes_first_then_the_oldest(desk, db):
    made = [
        actions.send(kind="question", topic="press", text="x", mail="a@example.jp"),
        actions.send(kind="concern", text="x", danger="no"),
        actions.send(kind="concern", text="x", danger="yes"),
        actions.send(kind="concern", text="x"),
        actions.send(kind="concern", text="x", danger="yes"),
    ]
    shown = re.findall(rf"{LIST}([0-9a-f-]{{36}})/", desk.reads(LIST))
    assert shown == [str(made[place].public_id) for place in (2, 4, 3, 1, 0)]


def test_the_list_is_chosen_by_kind_and_state(desk, concern, question, coordinator):
    actions.answer(question, by=coordinator, text="行けます。", then_close=True)

    def shown(query: str) -> list[str]:
        return re.findall(rf"{LIST}([0-9a-f-]{{36}})/", desk.reads(LIST + query))

    both = [str(concern.public_id), str(question.public_id)]
    assert [shown(query) for query in ("", "?state=closed", "?state=all", "?kind=question")] == [
        both[:1],
        both[1:],
        both,
        [],
    ]


def test_the_desk_finds_new_concerns_above_all_else_on_its_own_page(concern, question, desk):
    page = desk.reads("/my/")
    headings = re.findall(r'<h2 id="panel-\d+">(.*?)</h2>', page)
    assert headings[:2] == ["心配のお知らせ", "事務局"]
    assert f"{LIST}?kind=concern&amp;state=new" in page and f"{LIST}?kind=question&amp;state=new" in page


def test_the_queue_says_that_a_concern_waits_until_somebody_looks_after_it(concern, desk, coordinator):
    assert "まだ担当のいない心配のお知らせがあります（1件）" in desk.reads("/desk/")
    actions.take(concern, by=coordinator)
    assert "心配のお知らせがあります" not in desk.reads("/desk/")


# ── the life ──────────────────────────────────────────────────────────────────
SAID = {
    "take": lambda row, by: actions.take(row, by=by),
    "answer": lambda row, by: actions.answer(row, by=by, text="読みました。"),
    "close": lambda row, by: actions.close(row, by=by, reason="済みました。"),
    "reopen": lambda row, by: actions.reopen(row, by=by, reason="続きがあります。"),
}


def put(row: Inquiry, state: str, by: User) -> None:
    row.state, row.taken_by = state, None if state == "new" else by
    row.closed_at = timezone.now() if state == "closed" else None
    row.save()


@pytest.mark.parametrize("verb", LIFE_OF_AN_INQUIRY.verbs)
@pytest.mark.parametrize("state", InquiryState.values)
def test_it_moves_as_its_table_says_and_not_otherwise(verb, state, concern, other_coordinator, people, coordinator):
    put(concern, state, other_coordinator)
    move = LIFE_OF_AN_INQUIRY.find(verb, state)
    for person in (people.school_contact, people.viewer, people.editor, people.ambassador.user):
        before = rows()
        with pytest.raises(NotAllowed):
            SAID[verb](concern, person)
        assert rows() == before
    with undone():
        if move is None:
            with pytest.raises(TooLate):
                SAID[verb](concern, coordinator)
        else:
            SAID[verb](concern, coordinator)
    if move is not None:
        SAID[verb](concern, coordinator)
        assert Inquiry.objects.get().state == move.target
        step = InquiryStep.objects.get()
        assert (step.verb, step.from_state, step.to_state, step.by) == (verb, state, move.target, coordinator)


def test_an_inquiry_is_taken_over_and_taking_twice_is_taking_once(concern, desk, other_coordinator, coordinator):
    actions.take(concern, by=other_coordinator)
    for _again in range(2):
        desk.told(page_of(concern, "take"))
    assert Inquiry.objects.get().taken_by == coordinator
    assert [step.by for step in concern.steps.all()] == [other_coordinator, coordinator]


def test_what_was_done_must_be_said(concern, coordinator):
    actions.take(concern, by=coordinator)
    before = rows()
    with pytest.raises(NotAllowed, match="書いてください"):
        actions.close(concern, by=coordinator, reason=" 　")
    assert rows() == before


def test_a_note_is_kept_with_its_writer_and_moves_nothing(question, desk, coordinator):
    page = desk.told(page_of(question, "note"), note="電話で話しました。")
    assert "電話で話しました。" in page and coordinator.get_full_name() in page
    assert (Inquiry.objects.get().state, InquiryStep.objects.get().verb) == ("new", "note")


# ── answering ─────────────────────────────────────────────────────────────────
def test_a_question_is_answered_by_mail_and_done(question, desk, coordinator):
    desk.told(page_of(question, "answer"), text="行けます。\nご相談ください。", then_close="on")
    letter = Letter.objects.get(key__contains="answered")
    assert (letter.to_address, letter.is_secret, letter.person) == ("hanako@example.jp", False, None)
    assert "　行けます。\n　ご相談ください。" in letter.body
    row = Inquiry.objects.get()
    assert (row.state, row.taken_by) == ("closed", coordinator)


def test_an_answer_to_a_concern_leaves_at_once_and_is_wiped_from_the_outbox(
    concern, coordinator, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        actions.answer(concern, by=coordinator, text="読みました。電話してもよいですか。")
    (sent,) = mailoutbox
    assert (sent.to, sent.subject) == (["cnry-mail@example.jp"], "【Kakehashi】お知らせいただいた件について")
    assert "電話してもよいですか。" in sent.body
    kept = Letter.objects.get(key__contains="answered")
    assert kept.is_secret and "電話" not in kept.body
    assert concern.steps.get().text == "読みました。電話してもよいですか。"


def test_who_left_no_address_cannot_be_answered(coordinator, desk):
    row = actions.send(kind="concern", text="x", phone="090-0000-0000")
    before = rows(*TOLD)
    answer = desk.sends(page_of(row, "answer"), text="読みました。")
    body = answer.content.decode()
    assert answer.status_code == 422 and "メールアドレスがありません" in body and "読みました。" in body
    assert rows(*TOLD) == before


def test_what_was_closed_meanwhile_is_not_answered_and_the_words_stay(question, coordinator, desk):
    actions.answer(question, by=coordinator, text="行けます。", then_close=True)
    before = rows(*TOLD)
    answer = desk.sends(page_of(question, "answer"), text="船の時刻を教えてください。")
    body = answer.content.decode()
    assert answer.status_code == 422 and "いま「対応済み」なので" in body and "船の時刻を教えてください。" in body
    assert rows(*TOLD) == before


def test_the_same_answer_sent_twice_goes_out_once(question, desk):
    told = {"text": "行けます。", "form_key": "11111111-1111-4111-8111-111111111111"}
    assert [desk.sends(page_of(question, "answer"), **told).status_code for _again in range(2)] == [302, 302]
    assert Letter.objects.filter(key__contains="answered").count() == 1


# ── forgetting ────────────────────────────────────────────────────────────────
@pytest.fixture
def both_closed(concern, question, coordinator) -> None:
    for row in (concern, question):
        actions.note(row, by=coordinator, text="電話で話しました。")
        actions.answer(row, by=coordinator, text="読みました。", then_close=True)


def test_a_year_after_the_end_nobody_can_be_reached_by_it(both_closed, concern, question, clock):
    clock.shift(dt.timedelta(days=364))
    assert actions.forget_closed_inquiries() == "0 inquiries forgotten"
    clock.shift(dt.timedelta(days=2))
    assert actions.forget_closed_inquiries() == "2 inquiries forgotten"
    for row in Inquiry.objects.all():
        assert (row.name, row.mail, row.phone) == ("", "", "")
    assert not Letter.objects.filter(key__startswith="inquiry:").exists()
    question.refresh_from_db()
    assert (question.text, question.place, set(question.steps.values_list("text", flat=True))) == ("", "", {""})
    # What a child has told, and what was done about it, stays.
    concern.refresh_from_db()
    assert concern.text.startswith("cnry-concern")
    assert concern.steps.get(verb="note").text == "電話で話しました。"
    assert actions.forget_closed_inquiries() == "0 inquiries forgotten"


def test_what_was_opened_again_is_not_forgotten(both_closed, concern, question, coordinator, clock):
    clock.shift(dt.timedelta(days=300))
    actions.reopen(concern, by=coordinator, reason="続きがあります。")
    clock.shift(dt.timedelta(days=100))
    assert actions.forget_closed_inquiries() == "1 inquiries forgotten"
    concern.refresh_from_db()
    assert concern.mail == "cnry-mail@example.jp"


@pytest.mark.parametrize(
    "change",
    [
        {"state": "taken"},
        {"state": "closed"},
        {"danger": ""},
        {"topic": "press"},
        {"forgotten_at": dt.datetime(2026, 11, 20, tzinfo=dt.UTC)},
    ],
    ids=str,
)
def test_the_database_keeps_an_inquiry_whole(concern, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Inquiry.objects.filter(pk=concern.pk).update(**change)
