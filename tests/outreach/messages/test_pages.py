"""The pages of a thread: what each party sees, what strangers see, and how files leave the house."""

import uuid

import pytest

from outreach.messages import actions
from outreach.messages.inspection import harmless
from outreach.models import Attachment, Message, Reading
from outreach.visits import actions as visit_actions
from tests.factories import accepted_occasion
from tests.outreach.messages.hostile import SCRIPT, pdf, photograph, upload
from tests.outreach.pages import Reader
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db

HELLO = "教室に電源はありますか。"
KEY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def page(confirmed_visit) -> str:
    return f"/visits/{confirmed_visit.public_id}/messages/"


def test_a_teacher_writes_and_the_ambassador_reads_and_marks(confirmed_visit, page, school_contact, ambassador):
    teacher, other = Reader(school_contact), Reader(ambassador)
    assert "メッセージを送りました" in teacher.told(page, text=f"{HELLO}\n2行目 <b>&", form_key=KEY)
    assert f"{HELLO}<br>2行目 &lt;b&gt;&amp;" in teacher.reads(page)
    assert "未読 1件" in other.reads("/my/")
    assert "未読 1件" in other.reads(f"/visits/{confirmed_visit.public_id}/")
    read = other.reads(page)
    assert "未読のメッセージが1件あります。" in read and HELLO in read
    message = Message.objects.get()
    before = rows()
    other.reads(page)
    changed = rows()
    del before["User"], changed["User"]  # signing in is written down
    assert changed == before
    assert other.sends(f"{page}read/", up_to=message.public_id).status_code == 302
    assert "未読のメッセージが" not in other.reads(page)
    assert "推進大使：既読" in teacher.reads(page).replace("\n", "")
    assert "事務局：未読" in teacher.reads(page)
    assert "未読 1件" not in other.reads("/my/")


def test_the_page_is_read_in_english_too(page, school_contact, ambassador):
    Reader(school_contact).sends(page, text=HELLO)
    read = Reader(ambassador).reads(f"/en{page}")
    assert "Unread messages: 1." in read and "Not read yet" in read and "Mark as read" in read


def test_the_same_form_sent_twice_writes_once(page, school_contact):
    teacher = Reader(school_contact)
    for _press in range(2):
        assert teacher.sends(page, text=HELLO, form_key=KEY).headers["Location"] == page
    assert Message.objects.count() == 1


def test_a_refused_form_keeps_the_words_and_says_that_files_must_be_chosen_again(page, school_contact):
    answer = Reader(school_contact).sends(page, text=HELLO, attachments=[upload("evil.html", SCRIPT)])
    body = answer.content.decode()
    assert answer.status_code == 422
    assert HELLO in body and "「evil.html」は添付できません" in body and "もう一度選んでください" in body
    answer = Reader(school_contact).sends(page, text="", attachments=[upload("a.pdf", pdf())])
    assert "添えるファイルは、もう一度選んでください。" in answer.content.decode()
    answer = Reader(school_contact).sends(page, text=HELLO, attachments=[upload("a.pdf", pdf())] * 4)
    assert "3ファイルまで" in answer.content.decode()
    assert not Message.objects.exists()


def test_field_and_upload_ask_for_no_names_of_pupils(page, school_contact):
    assert Reader(school_contact).reads(page).count("児童生徒の氏名・名簿・座席表は入れないでください。") == 2


# ── files ─────────────────────────────────────────────────────────────────────
def test_a_file_leaves_as_something_to_keep_and_never_to_run(
    page, school_contact, ambassador, coordinator, private_files
):
    Reader(school_contact).sends(
        page, text=HELLO, shows_pupils="no", has_consent="yes", attachments=[upload("校内図.jpg", photograph())]
    )
    row = Attachment.objects.get()
    assert (row.shows_pupils, row.has_consent) == (False, True)
    for person in (school_contact, ambassador, coordinator):
        answer = Reader(person).client.get(f"{page}files/{row.public_id}/")
        assert answer.content == (private_files / row.file.name).read_bytes()
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "no-store" in answer.headers["Cache-Control"]


def test_a_foreign_file_answers_like_a_missing_one(confirmed_visit, page, school_contact, people):
    sent = harmless(upload("a.pdf", pdf()))
    (file,) = actions.write(confirmed_visit, by=school_contact, text=HELLO, attachments=[sent]).attachments.all()
    foreign, missing = f"{page}files/{file.public_id}/", f"{page}files/{uuid.uuid4()}/"
    strangers = (people.stranger_contact, people.unverified_contact, people.board_member, people.org_member)
    for person in (*strangers, people.viewer, people.editor):
        answers = [Reader(person).client.get(address) for address in (foreign, missing)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content.replace(str(file.public_id).encode(), b"") == answers[1].content.replace(
            missing.split("/")[-2].encode(), b""
        )
    # A file of one visit does not lie under another that the same person reads.
    other = accepted_occasion(ambassador=people.ambassador_abroad, format="online")
    elsewhere = f"/visits/{other.public_id}/messages/files/{file.public_id}/"
    assert [Reader(people.coordinator).sees(one) for one in (foreign, elsewhere)] == [200, 404]


def test_a_file_whose_bytes_are_gone_is_missing(confirmed_visit, page, school_contact, private_files):
    sent = harmless(upload("a.pdf", pdf()))
    (file,) = actions.write(confirmed_visit, by=school_contact, text=HELLO, attachments=[sent]).attachments.all()
    (private_files / file.file.name).unlink()
    assert Reader(school_contact).sees(f"{page}files/{file.public_id}/") == 404


# ── hiding, and the end ───────────────────────────────────────────────────────
def test_a_hidden_message_and_its_files_are_seen_by_the_desk_alone(
    confirmed_visit, page, school_contact, ambassador, coordinator
):
    sent = harmless(upload("meibo.pdf", pdf()))
    message = actions.write(confirmed_visit, by=school_contact, text=HELLO, attachments=[sent])
    hide, file = f"{page}{message.public_id}/hide/", f"{page}files/{message.attachments.get().public_id}/"
    assert Reader(ambassador).sees(hide) == 403
    assert "表示を止めました" in Reader(coordinator).told(hide, reason="児童生徒の氏名")
    for person in (school_contact, ambassador):
        for where in (page, f"/visits/{confirmed_visit.public_id}/"):
            read = Reader(person).reads(where)
            assert "事務局が表示を止めました。" in read
            assert not any(word in read for word in (HELLO, "meibo", "児童生徒の氏名</"))
        assert Reader(person).sees(file) == 404
    assert all(word in Reader(coordinator).reads(page) for word in (HELLO, "meibo.pdf"))
    assert Reader(coordinator).sees(file) == 200
    assert "もう止めてあります" in Reader(coordinator).reads(hide)


def test_a_cancelled_visit_stays_readable_without_a_form(confirmed_visit, page, school_contact, ambassador):
    actions.write(confirmed_visit, by=school_contact, text=HELLO)
    visit_actions.cancel(confirmed_visit, by=school_contact, reason="学級閉鎖です。")
    read = Reader(ambassador).reads(page)
    assert HELLO in read and "新しいメッセージは書けません" in read and 'name="text"' not in read
    assert Reader(ambassador).sends(page, text="あとから").status_code == 422
    assert Message.objects.count() == 1


# ── many ──────────────────────────────────────────────────────────────────────
def test_of_two_hundred_messages_the_newest_stand_first_and_the_rest_on_further_pages(
    confirmed_visit, page, school_contact, ambassador
):
    Message.objects.bulk_create(
        Message(visit=confirmed_visit, author=school_contact, party="school", text=f"第{number}便")
        for number in range(200)
    )
    read = Reader(ambassador).reads(page)
    assert [read.count(f"第{number}便") for number in (199, 180, 179, 0)] == [1, 1, 0, 0]
    assert read.index("第199便") < read.index("第198便")
    assert "第0便" in Reader(ambassador).reads(f"{page}?page=10")


@pytest.mark.parametrize("up_to", ["", "x", "00000000-0000-4000-8000-000000000000"])
def test_reading_up_to_what_does_not_exist_is_missing(confirmed_visit, page, school_contact, up_to):
    actions.write(confirmed_visit, by=school_contact, text=HELLO)
    assert Reader(school_contact).sends(f"{page}read/", up_to=up_to).status_code == 404
    assert not Reading.objects.exists()


def test_the_desk_finds_what_it_has_not_read(confirmed_visit, page, school_contact, coordinator):
    desk = Reader(coordinator)
    assert "未読のメッセージ" not in desk.reads("/my/")
    message = actions.write(confirmed_visit, by=school_contact, text=HELLO)
    assert "未読のメッセージ" in desk.reads("/my/")
    assert "未読のメッセージ 1件" in desk.reads("/desk/?list=messages")
    assert "未読のメッセージ 1件" in desk.reads(f"/desk/requests/{confirmed_visit.request.public_id}/")
    desk.sends(f"{page}read/", up_to=message.public_id)
    assert confirmed_visit.request.number not in desk.reads("/desk/?list=messages")
    assert "未読のメッセージ 1件" not in desk.reads(f"/desk/requests/{confirmed_visit.request.public_id}/")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, "だれか分かるかどうかを選んでください"),
        ({"shows_pupils": "yes"}, "学校の同意があるときだけ送れます"),
        ({"shows_pupils": "yes", "has_consent": "no"}, "学校の同意があるときだけ送れます"),
    ],
)
def test_a_picture_is_sent_only_with_a_word_about_the_pupils_on_it(answers, words, confirmed_visit, school_contact):
    page = f"/visits/{confirmed_visit.public_id}/messages/"
    files = [upload("校内図.jpg", photograph())]
    answer = Reader(school_contact).sends(page, text=HELLO, attachments=files, **answers)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert HELLO in answer.content.decode()
    assert not Message.objects.exists()
