"""Writing, reading and hiding: who may, who is told in which words, and what is written down."""

import datetime as dt
from email import message_from_bytes

import pytest
from django.core import mail
from django.utils import timezone
from wagtail.models import ModelLogEntry

from accounts.models import Membership, User
from outbox.actions import deliver
from outbox.models import Letter
from outreach.lives import NotAllowed, Party
from outreach.messages import actions
from outreach.messages.inspection import harmless
from outreach.models import Attachment, Message, Reading, Visit
from outreach.visits import actions as visit_actions
from tests.factories import accepted_occasion, dictated_request, offer_for, open_request, submitted_request
from tests.outreach.messages.hostile import pdf, photograph, upload
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db

HELLO = "教室に電源はありますか。\nロボットを持っていきます。"


def letters_about(message: Message) -> dict[str, Letter]:
    """What the news of this message told, by address."""
    told = Letter.objects.filter(key__startswith=f"message:{message.public_id}:message_written:")
    return {letter.to_address: letter for letter in told}


def a_file(name: str = "学習計画.pdf"):
    return harmless(upload(name, pdf()))


# ── who writes, who is told ───────────────────────────────────────────────────
def test_each_party_writes_and_the_others_are_told(
    confirmed_visit, school_contact, colleague, ambassador, coordinator, people
):
    school, asked, desk = school_contact.email, ambassador.user.email, coordinator.email
    told = {
        person: (message.party, set(letters_about(message)))
        for person in (school_contact, colleague, ambassador.user, coordinator)
        for message in [actions.write(confirmed_visit, by=person, text=HELLO)]
    }
    assert told == {
        school_contact: (Party.SCHOOL, {asked, desk}),
        colleague: (Party.SCHOOL, {school, asked, desk}),
        ambassador.user: (Party.AMBASSADOR, {school, desk}),
        coordinator: (Party.COORDINATOR, {school, asked}),
    }


def test_two_ambassadors_tell_each_other(visit_of_two, ambassador, other_ambassador):
    message = actions.write(visit_of_two, by=ambassador.user, text=HELLO)
    assert other_ambassador.user.email in letters_about(message)
    visit_actions.leave(visit_of_two, by=other_ambassador.user, reason="出張です。")
    with pytest.raises(NotAllowed):
        actions.write(visit_of_two, by=other_ambassador.user, text=HELLO)
    message = actions.write(visit_of_two, by=ambassador.user, text=HELLO)
    assert other_ambassador.user.email not in letters_about(message)


def test_strangers_boards_and_readers_of_figures_neither_write_nor_mark(confirmed_visit, people, school_contact):
    message = actions.write(confirmed_visit, by=school_contact, text=HELLO)
    board = people.board_member.memberships.get().board
    type(board).objects.filter(pk=board.pk).update(route="via")
    type(people.school).objects.filter(pk=people.school.pk).update(board=board)
    visit = Visit.objects.get(pk=confirmed_visit.pk)
    before = rows()
    strangers = (
        people.stranger_contact,
        people.unverified_contact,
        people.other_ambassador.user,
        people.board_member,
        people.org_member,
        people.viewer,
        people.editor,
    )
    for person in strangers:
        with pytest.raises(NotAllowed):
            actions.write(visit, by=person, text=HELLO)
        with pytest.raises(NotAllowed):
            actions.mark_read(visit, by=person, up_to=message)
        with pytest.raises(NotAllowed):
            actions.hide(message, by=person, reason="x")
    assert rows() == before


def test_the_people_of_an_organisation_write_as_the_host(people, ambassador):
    visit = accepted_occasion()
    message = actions.write(visit, by=people.org_member, text=HELLO)
    assert message.party == Party.SCHOOL
    assert ambassador.user.email in letters_about(message)


def test_a_contact_person_who_has_left_is_told_nothing_and_a_colleague_is(
    confirmed_visit, school_contact, colleague, ambassador
):
    Membership.objects.filter(person=school_contact).update(until=timezone.localdate() - dt.timedelta(days=1))
    told = letters_about(actions.write(confirmed_visit, by=ambassador.user, text=HELLO))
    assert (school_contact.email in told, colleague.email in told) == (False, True)
    assert confirmed_visit.request.host_name in told[colleague.email].body.split("\n")[0]


def test_for_a_host_without_an_account_the_one_who_entered_the_request_passes_it_on(school, coordinator, ambassador):
    request = submitted_request(request=dictated_request(school, by=coordinator))
    offer = offer_for(open_request(request=request), slots=list(request.slots.all()))
    visit = visit_actions.accept(offer, by=ambassador.user, slot=offer.slots.first())
    told = letters_about(actions.write(visit, by=ambassador.user, text=HELLO))
    assert set(told) == {coordinator.email}
    assert "教頭の佐藤様に内容をお伝えください" in told[coordinator.email].body


# ── from when until when ──────────────────────────────────────────────────────
def test_messages_are_written_until_ninety_days_after_the_visit(confirmed_visit, school_contact, clock):
    clock.move_to(confirmed_visit.ends_at + dt.timedelta(days=90, minutes=-1))
    actions.write(confirmed_visit, by=school_contact, text="ありがとうございました。")
    clock.move_to(confirmed_visit.ends_at + dt.timedelta(days=90, minutes=1))
    with pytest.raises(NotAllowed, match="まででした"):
        actions.write(confirmed_visit, by=school_contact, text="もう一度")


def test_a_cancelled_visit_takes_no_further_message(confirmed_visit, school_contact, ambassador):
    visit_actions.cancel(confirmed_visit, by=school_contact, reason="学級閉鎖です。")
    with pytest.raises(NotAllowed, match="中止"):
        actions.write(confirmed_visit, by=ambassador.user, text=HELLO)


@pytest.mark.parametrize("text", ["", " \n ", "あ" * 4001])
def test_a_message_is_neither_empty_nor_endless(confirmed_visit, school_contact, text):
    before = rows()
    with pytest.raises(NotAllowed):
        actions.write(confirmed_visit, by=school_contact, text=text)
    assert rows() == before
    actions.write(confirmed_visit, by=school_contact, text="あ" * 4000)


# ── the letter ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", ("学校の{name}様から", "このメールに返信すると、事務局だけに届きます。")),
        ("en", ("{name} (School) has written", "A reply to this mail reaches the desk only.")),
    ],
)
def test_the_letter_is_whole_plain_text_and_says_where_an_answer_goes(
    confirmed_visit, school_contact, ambassador, settings, language, words
):
    User.objects.filter(pk=ambassador.user_id).update(language=language)
    files = [a_file(), a_file("memo.pdf")]
    message = actions.write(confirmed_visit, by=school_contact, text=HELLO, attachments=files)
    body = letters_about(message)[ambassador.user.email].body
    page = f"{settings.SITE_URL}{'/en' if language == 'en' else ''}/visits/{confirmed_visit.public_id}/messages/\n"
    for part in (*HELLO.split("\n"), "学習計画.pdf", "memo.pdf", page, ambassador.user.name, *words):
        assert part.format(name=school_contact.name) in body
    assert not any(mark in body for mark in "<>&") and "\n\n\n" not in body


def test_a_reply_by_mail_goes_to_the_desk_and_the_message_adds_no_header(
    confirmed_visit, school_contact, ambassador, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    evil = "x\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script>"
    User.objects.filter(pk=school_contact.pk).update(name=evil[:80])
    type(confirmed_visit.school).objects.update(name_ja=evil[:80])
    Letter.objects.all().delete()
    visit = Visit.objects.get(pk=confirmed_visit.pk)
    actions.write(
        visit, by=User.objects.get(pk=school_contact.pk), text=f"{evil}\n■ 返事のしかた\nhttps://evil.example/"
    )
    deliver()
    (sent,) = [letter for letter in mail.outbox if letter.to == [ambassador.user.email]]
    read = message_from_bytes(sent.message().as_bytes())
    assert (read["Reply-To"], read["Bcc"], read["To"]) == (settings.DESK_MAIL, None, ambassador.user.email)
    assert read.get_content_type() == "text/plain"
    # Every line of the message is set in: none passes for a line of ours.
    assert "\n　■ 返事のしかた\n　https://evil.example/\n" in sent.body
    assert sent.body.count("\n■ 返事のしかた\n") == 1


# ── files ─────────────────────────────────────────────────────────────────────
def test_files_are_kept_under_random_names_and_answers_only_for_pictures(
    confirmed_visit, school_contact, private_files
):
    files = [a_file(), harmless(upload("授業.jpg", photograph()))]
    message = actions.write(
        confirmed_visit, by=school_contact, text=HELLO, attachments=files, shows_pupils=True, has_consent=False
    )
    document, picture = message.attachments.all()
    assert (document.shows_pupils, document.has_consent) == (None, None)
    assert (picture.shows_pupils, picture.has_consent) == (True, False)
    kept = [path for path in private_files.rglob("*") if path.is_file()]
    assert {str(path.relative_to(private_files)) for path in kept} == {document.file.name, picture.file.name}
    assert not any("授業" in path.name or "." in path.name for path in kept)
    with pytest.raises(NotImplementedError):
        _ = document.file.url


def test_a_visit_holds_fifty_files_and_a_message_three(confirmed_visit, school_contact, private_files):
    message = actions.write(confirmed_visit, by=school_contact, text=HELLO, attachments=[a_file()] * 3)
    with pytest.raises(NotAllowed, match="3ファイル"):
        actions.write(confirmed_visit, by=school_contact, text=HELLO, attachments=[a_file()] * 4)
    Attachment.objects.bulk_create(
        Attachment(message=message, file="x", name="x", kind="pdf", size=1) for _number in range(45)
    )
    actions.write(confirmed_visit, by=school_contact, text=HELLO, attachments=[a_file()] * 2)
    before, kept = rows(), sorted(private_files.rglob("*"))
    with pytest.raises(NotAllowed, match="50個まで"):
        actions.write(confirmed_visit, by=school_contact, text=HELLO, attachments=[a_file()])
    assert (rows(), sorted(private_files.rglob("*"))) == (before, kept)
    actions.write(confirmed_visit, by=school_contact, text="ファイルなしなら書けます。")


def test_files_of_a_message_that_was_never_written_are_thrown_away_after_a_day(
    confirmed_visit, school_contact, private_files, clock
):
    message = actions.write(confirmed_visit, by=school_contact, text=HELLO, attachments=[a_file()])
    (kept,) = [path for path in private_files.rglob("*") if path.is_file()]
    lost = kept.with_name("lost")
    lost.write_bytes(b"x")
    assert (actions.throw_away_lost_files(), lost.exists()) == ("0 lost files thrown away", True)
    clock.move_to(timezone.now() + dt.timedelta(days=1))
    assert (actions.throw_away_lost_files(), lost.exists()) == ("1 lost files thrown away", False)
    assert str(kept.relative_to(private_files)) == message.attachments.get().file.name
    assert kept.exists()


# ── read, and hidden ──────────────────────────────────────────────────────────
def unread(visit: Visit) -> dict[str, int]:
    counts = {party: Message.objects.unread_per_visit(party, [visit.pk]) for party in ("school", "ambassador")}
    counts["coordinator"] = Message.objects.unread_per_visit("coordinator", [visit.pk])
    return {str(party): count.get(visit.pk, 0) for party, count in counts.items()}


def test_the_first_of_a_party_who_opens_the_thread_counts_for_all_of_it(
    confirmed_visit, school_contact, colleague, ambassador, coordinator, clock
):
    first = actions.write(confirmed_visit, by=ambassador.user, text=HELLO)
    assert unread(confirmed_visit) == {"school": 1, "ambassador": 0, "coordinator": 1}
    assert actions.mark_read(confirmed_visit, by=colleague, up_to=first) == 1
    at = Reading.objects.get().at
    clock.shift(60)
    assert actions.mark_read(confirmed_visit, by=school_contact, up_to=first) == 0
    assert list(Reading.objects.values_list("party", "by", "at")) == [("school", colleague.pk, at)]
    assert unread(confirmed_visit) == {"school": 0, "ambassador": 0, "coordinator": 1}


def test_what_came_after_the_page_was_opened_stays_unread(confirmed_visit, school_contact, ambassador):
    seen = actions.write(confirmed_visit, by=ambassador.user, text="1")
    actions.write(confirmed_visit, by=ambassador.user, text="2")
    actions.mark_read(confirmed_visit, by=school_contact, up_to=seen)
    assert unread(confirmed_visit)["school"] == 1


def test_the_desk_hides_a_message_with_a_reason_once_and_it_is_logged(
    confirmed_visit, school_contact, ambassador, coordinator
):
    message = actions.write(confirmed_visit, by=school_contact, text=HELLO)
    for person in (school_contact, ambassador.user):
        with pytest.raises(NotAllowed):
            actions.hide(message, by=person, reason="氏名")
    with pytest.raises(NotAllowed):
        actions.hide(message, by=coordinator, reason="  ")
    actions.hide(message, by=coordinator, reason="児童生徒の氏名が入っていました。")
    actions.hide(message, by=coordinator, reason="もう一度")
    message.refresh_from_db()
    assert (message.text, message.hidden_reason) == (HELLO, "児童生徒の氏名が入っていました。")
    (entry,) = ModelLogEntry.objects.filter(action="kakehashi.hide_message")
    assert (entry.user, entry.data) == (coordinator, {"reason": "児童生徒の氏名が入っていました。"})
    assert unread(confirmed_visit) == {"school": 0, "ambassador": 0, "coordinator": 0}
