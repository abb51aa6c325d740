"""What stands in a calendar, for whom, and what a change there looks like."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from icalendar import Calendar

from accounts.models import User
from outreach.ambassadors.assistants import end_assistant
from outreach.lives import NotAllowed
from outreach.models import (
    Ambassador,
    Board,
    Hold,
    Offer,
    Organisation,
    Participation,
    Request,
    School,
    Slot,
    Visit,
)
from outreach.requests.actions import describe
from outreach.visits import actions as visits
from tests import factories
from tests.outreach.rows import undone

pytestmark = pytest.mark.django_db

TOKYO = dt.timezone(dt.timedelta(hours=9))


def said(event, name: str) -> str:
    return str(event.get(name, ""))


# ── who sees what ─────────────────────────────────────────────────────────────
def test_an_ambassador_reads_where_to_go(subscribe, ambassador, confirmed_visit):
    event = subscribe(ambassador).event()
    visit = confirmed_visit
    assert said(event, "uid") == f"visit-{visit.public_id}@testserver"
    assert said(event, "summary") == f"訪問授業：{visit.school.name}"
    assert (event.start, event.end) == (visit.starts_at, visit.ends_at)
    assert event["dtstart"].params["TZID"] == "Asia/Tokyo"
    assert said(event, "location") == f"{visit.school.address} 視聴覚室"
    assert (said(event, "status"), said(event, "transp"), said(event, "class")) == ("CONFIRMED", "OPAQUE", "PRIVATE")
    assert said(event, "url") == f"http://testserver/visits/{visit.public_id}/"
    assert said(event, "description").splitlines() == ["形式：対面", "テーマ：挑戦と失敗の話を聞く", said(event, "url")]
    assert event["sequence"] == 0
    assert event["dtstamp"].dt == event["last-modified"].dt == visit.state_since.replace(microsecond=0)


def test_a_school_reads_who_comes(subscribe, school_contact, visit_of_two):
    names = "、".join(f"{person.name}さん" for person in visit_of_two.ambassadors.order_by("participations"))
    assert said(subscribe(school_contact).event(), "summary") == f"訪問授業：{names}"


def test_an_assistant_reads_whose_visit_it_is_until_the_link_ends(subscribe, ambassador, assistant, confirmed_visit):
    feed = subscribe(assistant)
    assert said(feed.event(), "summary") == f"{ambassador.name}さん　訪問授業：{confirmed_visit.school.name}"
    end_assistant(ambassador.assistants.get(), by=ambassador.user)
    assert feed.events() == []


def test_the_people_of_an_organisation_read_what_they_asked_for(subscribe, org_member, board_member, ambassador):
    visit = factories.accepted_occasion()
    assert said(subscribe(org_member).event(), "summary") == f"起業家と語る会：{ambassador.name}さん"
    assert said(subscribe(ambassador).event(), "summary") == f"起業家と語る会（{visit.request.host_name}）"
    assert subscribe(board_member).events() == []


def test_nobody_reads_the_visits_of_others(
    subscribe, stranger_contact, other_ambassador, board_member, confirmed_visit, waiting_offer
):
    for person in (stranger_contact, other_ambassador, board_member):
        assert subscribe(person).events() == []


def test_whoever_has_left_a_school_reads_its_visits_no_longer(subscribe, school_contact, confirmed_visit):
    feed = subscribe(school_contact)
    assert len(feed.events()) == 1
    school_contact.memberships.update(ended_at=timezone.now())
    assert feed.events() == []


def test_what_the_feed_holds_is_what_its_person_acts_on(subscribe, people, ambassador, visit_of_two, clock):
    """The statement of the feed and the rule of the pages say the same."""
    factories.confirmed_visit(by=people.stranger_contact, ambassador=people.ambassador_abroad, format="online")
    for person in (people.school_contact, people.stranger_contact, ambassador.user, people.other_ambassador.user):
        fresh = User.objects.get(pk=person.pk)
        allowed = {f"visit-{row.public_id}@testserver" for row in Visit.objects.of_people(fresh)}
        assert {said(event, "uid") for event in subscribe(person).events()} == allowed
        assert allowed


def test_readers_of_figures_and_the_desk_have_no_calendar(subscribe, viewer, coordinator, editor):
    for person in (viewer, coordinator, editor):
        with pytest.raises(NotAllowed):
            subscribe(person)


def test_no_number_of_anybody_and_no_pupil_stands_in_a_calendar(subscribe, ambassador, school_contact, confirmed_visit):
    Request.objects.update(contact_phone="03-9876-5432", contact_hours="16時から")
    for person in (ambassador, school_contact):
        event = subscribe(person).event()
        told = " ".join(said(event, name) for name in ("summary", "location", "description", "categories"))
        for secret in ("9876", "16時", "74", "2年3組", "@"):
            assert secret not in told


# ── offers ────────────────────────────────────────────────────────────────────
def test_each_offered_date_is_tentative_until_the_answer(subscribe, ambassador, waiting_offer):
    feed = subscribe(ambassador)
    slots = list(waiting_offer.slots.order_by("starts_at"))
    events = feed.events()
    assert [said(event, "uid") for event in events] == [
        f"offer-{waiting_offer.public_id}-{slot.public_id}@testserver" for slot in slots
    ]
    assert {said(event, "status") for event in events} == {"TENTATIVE"}
    assert said(events[0], "summary").startswith("【打診】訪問授業：")
    assert "返事の期限：2026年11月30日（月）" in said(events[0], "description")
    factories.confirmed_visit(offer=waiting_offer)
    assert [said(event, "status") for event in feed.events()] == ["CONFIRMED"]


def test_an_offer_whose_moment_has_passed_is_gone_by_the_clock(subscribe, ambassador, waiting_offer, clock):
    feed = subscribe(ambassador)
    before = feed.answer()
    clock.move_to(waiting_offer.expires_at + dt.timedelta(seconds=1))
    after = feed.answer(**{"if-modified-since": before.headers["Last-Modified"]})
    assert after.status_code == 200
    assert b"VEVENT" not in after.content


def test_an_offer_that_holds_one_date_only_shows_one(subscribe, ambassador, other_ambassador, open_request):
    Request.objects.update(ambassadors_wanted=2)
    first = factories.offer_for(open_request, ambassador=ambassador)
    factories.offer_for(open_request, ambassador=other_ambassador)
    factories.confirmed_visit(offer=first)
    assert len(subscribe(other_ambassador).events()) == 1


# ── changes ───────────────────────────────────────────────────────────────────
def test_a_moved_visit_keeps_its_identity_one_version_later(subscribe, ambassador, school_contact, proposal):
    feed = subscribe(ambassador)
    before = feed.event()
    visits.agree(proposal, by=school_contact)
    after = feed.event()
    assert said(after, "uid") == said(before, "uid")
    assert after.start == proposal.slot.starts_at
    assert (before["sequence"], after["sequence"]) == (0, 1)


def test_a_cancelled_visit_is_told_for_90_days(subscribe, ambassador, school_contact, confirmed_visit, clock):
    feed = subscribe(ambassador)
    visits.cancel(confirmed_visit, by=school_contact, reason="学級閉鎖です。")
    event = feed.event()
    assert said(event, "summary").startswith("【中止】訪問授業：")
    assert (said(event, "status"), said(event, "transp"), event["sequence"]) == ("CANCELLED", "TRANSPARENT", 1)
    clock.move_to(dt.datetime(2027, 2, 18, 20, tzinfo=TOKYO))
    assert len(feed.events()) == 1
    clock.move_to(dt.datetime(2027, 2, 19, 0, 1, tzinfo=TOKYO))
    assert feed.events() == []


def test_a_visit_that_was_not_held_is_called_off_too(subscribe, school_contact, past_visit):
    visits.not_held(past_visit, by=school_contact, reason="大雪で休校でした。")
    event = subscribe(school_contact).event()
    assert said(event, "summary").startswith("【実施なし】")
    assert (said(event, "status"), event["sequence"]) == ("CANCELLED", 1)


def test_whoever_has_left_a_visit_sees_it_called_off_and_nothing_later(
    subscribe, other_ambassador, ambassador, school_contact, visit_of_two
):
    feed, times = subscribe(other_ambassador), (visit_of_two.starts_at, visit_of_two.ends_at)
    visits.leave(visit_of_two, by=other_ambassador.user, reason="出張です。")
    proposal = factories.proposed_move(Visit.objects.get(), by=ambassador.user)
    visits.agree(proposal, by=school_contact)
    event = feed.event()
    assert said(event, "summary").startswith("【担当終了】")
    assert (said(event, "status"), event["sequence"]) == ("CANCELLED", Visit.objects.get().sequence + 1)
    assert (event.start, event.end) == times
    assert {"LOCATION", "DESCRIPTION", "URL"} & set(event) == set()


def test_whoever_comes_back_is_newer_than_their_leaving(subscribe, other_ambassador, visit_of_two):
    feed = subscribe(other_ambassador)
    visits.leave(visit_of_two, by=other_ambassador.user, reason="出張です。")
    gone = feed.event()
    factories.joined_visit(Visit.objects.get(), other_ambassador)
    back = feed.event()
    assert (said(gone, "status"), said(back, "status")) == ("CANCELLED", "CONFIRMED")
    assert back["sequence"] > gone["sequence"] > visit_of_two.sequence


def test_the_window_is_90_days_back_and_a_year_ahead(subscribe, ambassador, confirmed_visit, clock):
    feed = subscribe(ambassador)
    last_day = confirmed_visit.day + dt.timedelta(days=90)
    clock.move_to(dt.datetime.combine(last_day, dt.time(23), tzinfo=TOKYO))
    assert len(feed.events()) == 1
    clock.move_to(dt.datetime.combine(last_day + dt.timedelta(days=1), dt.time(0, 1), tzinfo=TOKYO))
    assert feed.events() == []
    clock.move_to(dt.datetime.combine(confirmed_visit.day - dt.timedelta(days=366), dt.time(12), tzinfo=TOKYO))
    assert feed.events() == []


def test_the_place_of_a_booked_visit_is_changed_by_no_verb(school_contact, coordinator, confirmed_visit):
    """If one is made one day, it counts the version of the entry up: `next_version_of_entry`."""
    for person in (school_contact, coordinator):
        with pytest.raises(NotAllowed):
            describe(confirmed_visit.request, by=person, place="体育館")


# ── every column ──────────────────────────────────────────────────────────────
SHOWN = {
    "ambassador.name_en",
    "ambassador.name_ja",
    "board.name_en",
    "board.name_ja",
    "hold.ends_at",
    "hold.expires_at",
    "hold.is_holding",
    "hold.starts_at",
    "offer.public_id",
    "offer.sent_at",
    "offer.state_since",
    "organisation.name_en",
    "organisation.name_ja",
    "participation.left_at",
    "request.access",
    "request.format",
    "request.kind",
    "request.place",
    "request.place_text",
    "request.theme",
    "request.title",
    "request.updated_at",
    "school.address",
    "school.name_en",
    "school.name_ja",
    "school.updated_at",
    "slot.public_id",
    "visit.confirmed_at",
    "visit.ends_at",
    "visit.format",
    "visit.public_id",
    "visit.sequence",
    "visit.starts_at",
    "visit.state",
    "visit.state_since",
}


TABLES = (Ambassador, Board, Hold, Offer, Organisation, Participation, Request, School, Slot, Visit)


def other_value(field: models.Field, value: object) -> object:
    """Something else that this field may hold."""
    if field.choices:
        return [choice for choice, _label in field.flatchoices if choice not in (value, "")][-1]
    match field:
        case models.DateTimeField():
            return (value or timezone.now()) + dt.timedelta(minutes=-1 if field.name.startswith("starts") else 1)
        case models.DateField():
            return (value or dt.date(2026, 11, 20)) + dt.timedelta(days=1)
        case models.UUIDField():
            return "22222222-2222-4222-8222-222222222222"
        case models.BooleanField():
            return not value
        case models.IntegerField():
            return (value or 0) + 1
    return f"別の{field.name}"[: field.max_length]


def test_every_column_that_is_shown_moves_the_etag(subscribe, people, ambassador, school_contact, open_request):
    """Whatever is written past all verbs: no reader is told that nothing has changed when the bytes are others."""
    Request.objects.update(ambassadors_wanted=2)
    factories.confirmed_visit(offer=factories.offer_for(open_request))
    factories.offer_for(open_request, ambassador=people.other_ambassador, slots=[Visit.objects.get().slot])
    factories.accepted_occasion(ambassador=people.ambassador_abroad, format="online")
    of_board = factories.accepted_occasion(ambassador=ambassador)
    Request.objects.filter(visits=of_board).update(organisation=None, board=Board.objects.order_by("pk")[0])
    feeds = [subscribe(person) for person in (ambassador, people.other_ambassador, people.ambassador_abroad)]
    feeds += [subscribe(school_contact), subscribe(people.org_member)]
    told = {}
    for language in ("ja", "en"):
        User.objects.update(language=language)
        before = [(feed.answer().content, feed.answer().headers["ETag"]) for feed in feeds]
        for name in sorted(SHOWN if language == "ja" else {name for name in SHOWN if name.endswith("_en")}):
            told[name] = told.get(name) or _what_moves(name, feeds, before)
    assert told == dict.fromkeys(SHOWN, "bytes and ETag")
    with undone():
        for table in TABLES:
            for field in table._meta.concrete_fields:
                if f"{table._meta.model_name}.{field.name}" not in SHOWN and not (
                    field.primary_key or field.is_relation
                ):
                    for row in _rows(table):
                        _written(row, field)
        assert [feed.answer().content for feed in feeds] == [body for body, _etag in before]


def _what_moves(name: str, feeds: list, before: list[tuple[bytes, str]]) -> str:
    """What a change of this column moves in the first feed that shows it."""
    model, _, column = name.partition(".")
    (table,) = (table for table in TABLES if table._meta.model_name == model)
    for row in _rows(table):
        with undone():
            if not _written(row, table._meta.get_field(column)):
                continue
            for feed, (body, etag) in zip(feeds, before, strict=True):
                now = feed.answer()
                if now.content != body:
                    return "bytes and ETag" if now.headers["ETag"] != etag else "bytes alone"
    return ""


def _rows(table: type[models.Model]) -> models.QuerySet:
    """Rows of the visits and offers of this story, and what they refer to."""
    if table is Ambassador:
        return table.objects.filter(participations__isnull=False).distinct()
    if table in (Board, Organisation, School):
        return table.objects.filter(requests__isnull=False).distinct()
    return table.objects.filter(holds__isnull=False).distinct() if table is Slot else table.objects.all()


def _written(row: models.Model, field: models.Field) -> bool:
    try:
        with transaction.atomic():
            value = other_value(field, getattr(row, field.name))
            return bool(type(row)._base_manager.filter(pk=row.pk).update(**{field.name: value}))
    except IntegrityError:
        return False


# ── scope, language, hostile words ────────────────────────────────────────────
def test_a_feed_of_hours_says_no_word(subscribe, ambassador, confirmed_visit, school_contact):
    feed = subscribe(ambassador, "busy")
    event = feed.event()
    assert said(event, "summary") == "予定あり"
    assert set(event) == {
        "UID", "DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP", "CLASS",
    }  # fmt: skip
    visits.cancel(confirmed_visit, by=school_contact, reason="学級閉鎖です。")
    assert (said(feed.event(), "summary"), said(feed.event(), "status")) == ("予定あり", "CANCELLED")


def test_the_calendar_speaks_the_language_of_its_person(subscribe, ambassador, confirmed_visit):
    feed, hours = subscribe(ambassador), subscribe(ambassador, "busy")
    User.objects.filter(pk=ambassador.user_id).update(language="en")
    event = feed.event()
    assert said(event, "summary").startswith("Visit: ")
    assert said(event, "url") == f"http://testserver/en/visits/{confirmed_visit.public_id}/"
    assert said(hours.event(), "summary") == "Busy"
    assert feed.answer().headers["Content-Language"] == "en"


def test_content_has_a_due_day_and_takes_no_time(subscribe, ambassador, org_member):
    visit = factories.accepted_occasion(kind="content")
    event = subscribe(ambassador).event()
    assert event["dtstart"].to_ical() == visit.day.strftime("%Y%m%d").encode()
    assert said(event, "summary").startswith("【納期】")
    assert said(event, "transp") == "TRANSPARENT"
    assert subscribe(ambassador, "busy").events() == []
    assert b"FREEBUSY;" not in subscribe(ambassador).answer(subscribe(org_member).freebusy_address).content


HOSTILE = "\r\nEND:VEVENT\r\nBEGIN:VALARM\x00\x1b[31m\u202eしろう\u2028;,\\n\ud7ff" + "架け橋" * 60


def test_hostile_words_stay_words_and_no_line_is_too_long(subscribe, ambassador, school_contact, confirmed_visit):
    # PostgreSQL takes no NUL at all.
    words = HOSTILE if connection.vendor == "sqlite" else HOSTILE.replace("\x00", "")
    Request.objects.update(place=words[:120], access=words[:200], place_text=words[:200])
    School.objects.update(name_ja=words[:120])
    told = subscribe(ambassador, name=words[:60]).read()
    assert max(len(line) for line in told.split(b"\r\n")) <= 75
    (event,) = Calendar.from_ical(told).events
    assert event.errors == []
    assert "VALARM" in said(event, "summary") and b"\nBEGIN:VALARM" not in told
    assert not set(told.decode()) & set("\x00\x1b\u202e\u2028")
    assert told.replace(b"\r\n", b"").count(b"\n") == 0


# ── free and busy ─────────────────────────────────────────────────────────────
def test_taken_hours_are_told_in_utc_without_a_word(subscribe, ambassador, visit_of_two, people):
    feed = subscribe(ambassador)
    text = feed.answer(feed.freebusy_address).content.decode()
    visit = visit_of_two
    span = "/".join(moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ") for moment in (visit.starts_at, visit.ends_at))
    assert f"FREEBUSY;FBTYPE=BUSY:{span}" in text.replace("\r\n ", "").splitlines()
    assert visit.school.name not in text
    assert "DTSTART:20260821T150000Z" in text and "DTEND:20271120T150000Z" in text


def test_offered_dates_are_perhaps_taken(subscribe, ambassador, waiting_offer):
    feed = subscribe(ambassador)
    text = feed.answer(feed.freebusy_address).content.decode()
    assert text.count("FREEBUSY;FBTYPE=BUSY-TENTATIVE:") == 2
    assert "FBTYPE=BUSY:" not in text
