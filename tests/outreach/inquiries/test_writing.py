"""Anybody writes to the desk: nothing typed is lost, nothing is told on, and the desk learns of it at once."""

import re
import uuid
from html import unescape

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client, RequestFactory

from accounts.models import FormKey, Membership
from outbox.models import Letter, LetterState
from outreach.inquiries import actions, rules
from outreach.models import Inquiry
from pages.models import HomePage, PlainPage
from tests.outreach.inquiries.conftest import ASKED, WORDS
from tests.outreach.rows import differences, rows
from ui import places

pytestmark = pytest.mark.django_db

CONCERN, QUESTION = "/safety/report/", "/contact/write/"


def send(page: str, client: Client | None = None, **told):
    return (client or Client()).post(page, told)


def text_of(answer) -> str:
    return unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


# ── without an account ────────────────────────────────────────────────────────
def test_a_concern_needs_only_what_happened(db):
    answer = send(CONCERN, text="こわかったです。")
    assert answer.headers["Location"] == "/safety/report/sent/"
    row = Inquiry.objects.get()
    assert (row.kind, row.text, row.danger, row.name, row.mail, row.phone) == (
        "concern",
        "こわかったです。",
        "unsure",
        "",
        "",
        "",
    )


def test_a_question_is_kept_with_whom_to_answer(db):
    answer = send("/en" + QUESTION, **ASKED)
    assert answer.headers["Location"] == "/en/contact/write/sent/"
    row = Inquiry.objects.get()
    assert {name: getattr(row, name) for name in ASKED} == ASKED
    assert (row.kind, row.language, row.state) == ("question", "en", "new")


def test_the_page_of_thanks_knows_nothing_of_what_was_written(db):
    client = Client()
    thanks = client.post(CONCERN, WORDS, follow=True)
    assert thanks.redirect_chain == [("/safety/report/sent/", 302)]
    assert "cnry" not in thanks.content.decode() + str(thanks.headers) + str(client.cookies)
    assert "no-store" in thanks.headers["Cache-Control"]


@pytest.mark.parametrize("page", [CONCERN, CONCERN + "sent/"])
def test_who_is_in_danger_reads_whom_to_call_before_anything_else(page, db):
    body = Client().get(page).content.decode()
    assert re.findall(r'href="tel:(\d+)"', body) == ["110", "119", "189", "0120078310"]
    form = body.find('action="/safety/report/"')
    assert form < 0 or body.index("tel:110") < form


# ── whom it is told to ────────────────────────────────────────────────────────
def test_every_coordinator_is_told_of_a_concern_and_no_letter_carries_a_word_of_it(concern, coordinator):
    told = {letter.to_address: letter for letter in Letter.objects.all()}
    assert set(told) == {coordinator.email, "cnry-mail@example.jp"}
    for letter in told.values():
        written = letter.subject + letter.body
        assert "cnry" not in written and "090" not in written and "連絡先を聞かれ" not in written
    assert "いま危険" in told[coordinator.email].subject
    assert f"/desk/inquiries/{concern.public_id}/" in told[coordinator.email].body
    # Whoever shares the mailbox learns nothing.
    receipt = told["cnry-mail@example.jp"]
    assert receipt.subject == "【Kakehashi】お知らせいただいた件を受け付けました"
    assert not re.search("心配|concern|safety|危", receipt.subject + receipt.body)


def test_a_question_goes_to_the_desk_whole_and_the_receipt_repeats_nothing(question, coordinator):
    told = {letter.to_address: letter.body for letter in Letter.objects.all()}
    assert set(told) == {coordinator.email, "hanako@example.jp"}
    assert "　船は1日2便です。" in told[coordinator.email]
    assert "hanako" not in told[coordinator.email]
    assert "船" not in told["hanako@example.jp"] and "山田" not in told["hanako@example.jp"]


def test_when_nobody_coordinates_the_address_of_the_desk_is_told(db, settings):
    Membership.objects.filter(role="coordinator").delete()
    actions.send(kind="concern", text="x")
    assert Letter.objects.get().to_address == settings.DESK_MAIL


def test_the_letters_leave_at_once_and_not_with_the_next_round(db, coordinator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        actions.send(kind="concern", **WORDS)
    assert {letter.to[0] for letter in mail.outbox} == {coordinator.email, "cnry-mail@example.jp"}
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SENT}


def test_a_server_that_is_down_costs_no_concern(db, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        assert send(CONCERN, **WORDS).status_code == 302
    assert Inquiry.objects.count() == 1
    assert set(Letter.objects.values_list("state", "tries")) == {(LetterState.WAITING, 0)}


def test_nobody_fills_a_strangers_mailbox_with_receipts(db):
    for number in range(8):
        send(QUESTION, **ASKED | {"text": f"{number}回目"})
    assert Inquiry.objects.count() == 8
    assert Letter.objects.filter(to_address="hanako@example.jp").count() == actions.MOST_RECEIPTS_A_DAY


# ── once, and not too often ───────────────────────────────────────────────────
@pytest.mark.parametrize("who", [None, "school_contact"])
def test_the_same_form_sent_twice_is_one_inquiry(who, request):
    client, key = Client(), str(uuid.uuid4())
    if who:
        client.force_login(request.getfixturevalue(who))
    answers = [send(CONCERN, client, form_key=key, **WORDS) for _again in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Inquiry.objects.count() == 1
    assert Letter.objects.filter(key__contains="arrived").count() == 1


def test_sent_again_with_more_words_nothing_of_it_is_lost(db):
    key = str(uuid.uuid4())
    for text in ("こわかったです。", "こわかったです。次の日も来ました。"):
        assert send(CONCERN, form_key=key, text=text).status_code == 302
    assert Inquiry.objects.count() == 2


def test_a_whole_class_is_heard_and_a_concern_when_questions_are_refused(db, monkeypatch):
    monkeypatch.setitem(rules.MOST_IN_AN_HOUR, "question", 3)
    answers = [send(QUESTION, **ASKED | {"text": f"{number}回目"}) for number in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert "3回目" in answers[-1].content.decode() and "書いた内容は残っています" in text_of(answers[-1])
    assert send(CONCERN, text="こわかったです。").status_code == 302
    assert rules.MOST_IN_AN_HOUR["concern"] == 200


def test_the_count_begins_anew_and_is_kept_per_place(db, monkeypatch):
    monkeypatch.setitem(rules.MOST_IN_AN_HOUR, "concern", 1)
    here, there = RequestFactory().post("/"), RequestFactory(REMOTE_ADDR="192.0.2.7").post("/")
    assert [rules.is_too_much(here, "concern") for _again in range(2)] == [False, True]
    assert not rules.is_too_much(there, "concern")
    cache.clear()
    assert not rules.is_too_much(here, "concern")


# ── nothing is lost, nothing is told on ───────────────────────────────────────
def test_what_a_machine_fills_in_costs_a_person_one_more_press_and_no_word(db):
    client = Client()
    before = rows()
    answer = send(CONCERN, client, homepage="https://example.com", **WORDS)
    assert (answer.status_code, rows()) == (422, before)
    body = answer.content.decode()
    assert WORDS["text"] in body and "https://example.com" not in body
    assert send(CONCERN, client, **WORDS).status_code == 302


def test_who_is_signed_in_need_not_type_and_may_stay_unknown(client, school_contact):
    client.force_login(school_contact)
    page = client.get(CONCERN).content.decode()
    assert f'value="{school_contact.email}"' in page and f'value="{school_contact.name}"' in page
    before = rows()
    send(CONCERN, client, text="こわかったです。", name="", mail="", form_key=str(uuid.uuid4()))
    after = rows()
    assert differences(before, after) == ["Letter", "Inquiry"]
    told = [row for table in ("Letter", "Inquiry") for row in after[table] if row not in before[table]]
    assert school_contact.email not in str(told) and school_contact.name not in str(told)
    assert not FormKey.objects.exists()


@pytest.mark.parametrize(("name", "action"), [("concern", CONCERN), ("question", QUESTION)])
def test_a_page_of_the_editors_shows_the_same_form(name, action, client):
    home = HomePage.objects.get(locale__language_code="ja")
    home.add_child(instance=PlainPage(title="x", slug="form", form=name, locale=home.locale))
    body = client.get("/form/").content.decode()
    assert f'action="{action}"' in body and 'name="text"' in body and "児童生徒の氏名" in body
    assert 'href="#write"' in body.partition(action)[0] and '<section class="stack writing" id="write"' in body
    # What to do in danger stands in the editors' own text there, and above the form on its own page.
    assert "tel:110" not in body
    assert ("tel:110" in client.get(action).content.decode()) == (name == "concern")


def test_a_form_on_a_page_of_the_editors_is_each_visitors_own(db):
    """Pages for strangers are kept for a while: one that carries a form must not be."""
    home = HomePage.objects.get(locale__language_code="ja")
    home.add_child(instance=PlainPage(title="x", slug="form", form="concern", locale=home.locale))
    for visitor in (Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)):
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', visitor.get("/form/").content.decode())[1]
        assert send(CONCERN, visitor, csrfmiddlewaretoken=token, text="こわかったです。").status_code == 302


def test_no_other_form_is_offered_to_pages(rf):
    assert places.page_form.first(rf.get("/"), "anything") is None
