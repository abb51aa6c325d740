"""Public events as a calendar: what everybody may read, and nothing of schools."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar
from wagtail.models import PageViewRestriction

from pages.models import EventPage

pytestmark = pytest.mark.django_db

ADDRESS = "/events/feed.ics"


def ask(**headers):
    return Client(headers=headers).get(ADDRESS)


def titles() -> list[str]:
    return [str(one["summary"]) for one in Calendar.from_ical(ask().content).events]


def to_the_second(moment: dt.datetime) -> dt.datetime:
    return moment.replace(microsecond=0)


def test_an_event_stands_there_as_on_its_page(event):
    page = event(place="架橋会館　大ホール")
    (told,) = Calendar.from_ical(ask().content).events
    assert str(told["uid"]) == f"event-{page.translation_key}@testserver"
    assert str(told["summary"]) == "教員研修会"
    assert str(told["location"]) == "架橋会館　大ホール、オンライン"
    assert (told.start, told.end) == (to_the_second(page.starts_at), to_the_second(page.ends_at))
    assert str(told["url"]) == f"http://testserver{page.get_url()}"
    assert told["dtstamp"].dt == page.last_published_at.replace(microsecond=0)


def test_only_what_everybody_may_read_is_told(event):
    event("event-1", "公開")
    hidden = event("event-3", "関係者だけ")
    PageViewRestriction.objects.create(page=hidden, restriction_type=PageViewRestriction.LOGIN)
    over = event("event-4", "終わった公開")
    EventPage.objects.filter(pk=over.pk).update(expire_at=timezone.now() - dt.timedelta(minutes=1))
    gone = event("event-5", "取り下げ")
    gone.unpublish()
    event("event-6", "二年前", begins=-24 * 700)
    assert titles() == ["公開"]


def test_no_visit_of_a_school_is_ever_in_public(event, confirmed_visit):
    event()
    told = ask().content.decode()
    assert titles() == ["教員研修会"]
    assert confirmed_visit.school.name not in told and str(confirmed_visit.public_id) not in told


def test_the_same_pages_give_the_same_bytes_and_304(event, clock):
    event()
    first = ask()
    clock.move_to(timezone.now() + dt.timedelta(hours=3))
    later = ask()
    assert (later.content, later.headers["ETag"]) == (first.content, first.headers["ETag"])
    assert later.headers["Cache-Control"] == "public, no-cache"
    assert "Vary" not in later.headers
    for asked in ({"if-none-match": first.headers["ETag"]}, {"if-modified-since": first.headers["Last-Modified"]}):
        assert ask(**asked).status_code == 304


def test_an_event_that_goes_is_news_by_etag_and_by_moment(event):
    page = event()
    first = ask()
    page.unpublish()
    for asked in ({"if-none-match": first.headers["ETag"]}, {"if-modified-since": first.headers["Last-Modified"]}):
        assert ask(**asked).status_code == 200
    assert titles() == []


def test_a_changed_event_is_newer(event):
    page = event()
    (before,) = Calendar.from_ical(ask().content).events
    page.starts_at += dt.timedelta(hours=1)
    page.ends_at += dt.timedelta(hours=1)
    page.save_revision().publish()
    EventPage.objects.update(last_published_at=timezone.now() + dt.timedelta(seconds=5))
    (after,) = Calendar.from_ical(ask().content).events
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after.start == to_the_second(page.starts_at)


def test_the_list_of_events_leads_to_the_calendar(event):
    event()
    assert f'href="{ADDRESS}"' in Client().get("/events/").content.decode()


def test_there_is_one_address_for_all_languages():
    assert Client().get(f"/en{ADDRESS}").status_code == 404
