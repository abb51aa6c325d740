"""How a feed answers: whole or 304, to whom not at all, and what it costs."""

import datetime as dt
import logging
import os
import pickle
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.http import http_date

from accounts.models import User
from accounts.staff.actions import deactivate, reactivate
from outreach.calendars import actions, entries, files
from outreach.models import Feed, Request
from outreach.visits import actions as visits
from tests.architecture.test_queries import another_visit
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]


# ── whole or 304 ──────────────────────────────────────────────────────────────
def test_the_same_rows_give_the_same_bytes_whenever_somebody_asks(subscribe, ambassador, visit_of_two, clock):
    feed = subscribe(ambassador)
    first = feed.answer()
    clock.move_to(timezone.now() + dt.timedelta(hours=30))
    later = feed.answer()
    assert later.content == first.content
    for name in ("ETag", "Last-Modified"):
        assert later.headers[name] == first.headers[name]


WRITE_AGAIN = """
import pickle, sys
sys.path[:0] = [".", "site"]
import django
django.setup()
from outreach.calendars import files
feed, calendar, address = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(files.calendar_file(feed, calendar, address) + files.freebusy_file(feed, calendar, address))
"""


class Remembered:
    """A calendar whose entries are known already."""

    def __init__(self, calendar: entries.Calendar) -> None:
        self.window, self._entries = calendar.window, calendar.entries()

    def entries(self) -> list[entries.Entry]:
        return self._entries


def test_two_processes_write_the_same_bytes(subscribe, ambassador, school_contact, visit_of_two, settings):
    person = ambassador.user
    row = subscribe(person).feed
    row.content_since = timezone.now()
    known = Remembered(entries.Calendar(person, timezone.now()))
    told = pickle.dumps((row, known, "https://kakehashi.example/feeds/x.ics"))
    written = set()
    for seed in ("1", "2"):
        env = {"PYTHONHASHSEED": seed, "SECRET_KEY": "x", "DJANGO_SETTINGS_MODULE": "config.settings"}
        env |= {
            "SITE_URL": settings.SITE_URL,
            "PYTHONPATH": f"{ROOT}",
            "DATABASE_URL": "sqlite://",
            "PATH": os.environ["PATH"],
        }
        asked = [sys.executable, "-c", WRITE_AGAIN]
        written.add(subprocess.run(asked, input=told, env=env, cwd=ROOT, check=True, capture_output=True).stdout)
    assert len(written) == 1
    assert b"BEGIN:VEVENT" in written.pop()


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ('"{tag}"', 304),
        ('W/"{tag}"', 304),
        ('"other", "{tag}"', 304),
        ('"other",W/"{tag}" , "third"', 304),
        ("*", 304),
        ('"other"', 200),
        ('W/"other"', 200),
        ("{tag}", 200),
        ("", 200),
    ],
)
def test_a_reader_who_has_these_bytes_is_told_so(subscribe, ambassador, confirmed_visit, asked, status):
    feed = subscribe(ambassador)
    whole = feed.answer()
    got = feed.answer(**{"if-none-match": asked.format(tag=whole.headers["ETag"].strip('"'))})
    assert got.status_code == status
    assert got.content == (b"" if status == 304 else whole.content)
    for name in ("ETag", "Last-Modified", "Cache-Control"):
        assert got.headers[name] == whole.headers[name]
    assert whole.headers["ETag"].startswith('"')
    assert whole.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, 304), (1, 304), (3600, 304), (-1, 200), (-86_400, 200), (None, 200)]
)
def test_a_reader_who_remembers_the_moment_is_answered_by_it(subscribe, ambassador, confirmed_visit, seconds, status):
    feed = subscribe(ambassador)
    feed.read()
    since = Feed.objects.get(pk=feed.feed.pk).content_since
    said = "yesterday evening" if seconds is None else http_date(since.timestamp() + seconds)
    assert feed.answer(**{"if-modified-since": said}).status_code == status


def test_the_etag_goes_before_the_moment(subscribe, ambassador, confirmed_visit):
    feed = subscribe(ambassador)
    whole = feed.answer()
    moment = whole.headers["Last-Modified"]
    assert feed.answer(**{"if-none-match": '"other"', "if-modified-since": moment}).status_code == 200
    old = http_date(0)
    assert feed.answer(**{"if-none-match": whole.headers["ETag"], "if-modified-since": old}).status_code == 304


def test_two_contents_never_share_a_second(subscribe, ambassador, confirmed_visit, clock):
    """Apple asks by the moment: a change within the second of the last answer is not lost."""
    clock.move_to(timezone.now(), tick=False)
    feed, seen = subscribe(ambassador), []
    for place in ("体育館", "図書室", "視聴覚室"):
        Request.objects.update(place=place)
        answer = feed.answer(**({"if-modified-since": seen[-1]} if seen else {}))
        assert answer.status_code == 200
        seen.append(answer.headers["Last-Modified"])
    assert len(set(seen)) == 3


def test_head_says_the_same_without_the_bytes(subscribe, ambassador, confirmed_visit):
    feed = subscribe(ambassador)
    whole, head = feed.answer(), Client().head(feed.address)
    assert head.content == b""
    assert dict(head.headers) == dict(whole.headers)
    assert Client().post(feed.address).status_code == 405


def test_the_headers_of_a_feed(subscribe, ambassador, confirmed_visit):
    headers = subscribe(ambassador).answer().headers
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert headers["Content-Disposition"] == 'inline; filename="kakehashi.ics"'
    assert headers["X-Robots-Tag"] == "noindex"
    assert "Vary" not in headers


def test_a_feed_knows_no_session(subscribe, ambassador, school_contact, coordinator, confirmed_visit, settings):
    """Whoever opens the address in their browser reads what its program reads, staff without a second factor included."""
    settings.REQUIRE_MFA = True
    feed = subscribe(ambassador)
    alone = feed.answer()
    for person in (school_contact, coordinator):
        client = Client()
        client.force_login(person)
        got = client.get(feed.address)
        assert (got.content, dict(got.headers)) == (alone.content, dict(alone.headers))
        assert not got.cookies


# ── closed ────────────────────────────────────────────────────────────────────
def test_whatever_opens_nothing_is_answered_alike(subscribe, ambassador, other_ambassador, superuser, confirmed_visit):
    revoked, rotated, paused = subscribe(ambassador), subscribe(ambassador), subscribe(other_ambassador)
    actions.revoke(revoked.feed, by=ambassador.user)
    actions.rotate(rotated.feed, by=ambassador.user)
    deactivate(other_ambassador.user, by=superuser, reason="確かめるあいだ")
    said = set()
    for token in (revoked.token, rotated.token, paused.token, "x", revoked.feed.token_hash, revoked.token.lower()):
        for address in (f"/feeds/{token}.ics", f"/feeds/{token}/freebusy.ics"):
            got = Client().get(address)
            said.add((got.status_code, got.content, repr(sorted(got.headers.items()))))
    assert len(said) == 1
    assert said.pop()[0] == 404


def test_a_paused_account_ends_its_feeds_for_good(subscribe, ambassador, superuser, confirmed_visit):
    feed = subscribe(ambassador)
    deactivate(ambassador.user, by=superuser, reason="確かめるあいだ")
    reactivate(ambassador.user, by=superuser, reason="済みました。")
    assert feed.answer().status_code == 404
    assert len(subscribe(User.objects.get(pk=ambassador.user_id)).events()) == 1


def test_an_account_closed_past_all_verbs_reads_nothing(subscribe, ambassador, confirmed_visit):
    feed = subscribe(ambassador)
    User.objects.filter(pk=ambassador.user_id).update(is_active=False)
    assert feed.answer().status_code == 404


def test_a_replaced_address_keeps_name_and_scope(subscribe, ambassador, confirmed_visit):
    feed = subscribe(ambassador, "busy", "職場")
    feed.read()
    row, token = actions.rotate(feed.feed, by=ambassador.user)
    assert (row.name, row.scope, row.last_used_at) == ("職場", "busy", None)
    assert feed.answer().status_code == 404
    assert Client().get(f"/feeds/{token}.ics").status_code == 200


def test_the_database_holds_no_usable_secret(subscribe, ambassador, confirmed_visit):
    feed = subscribe(ambassador)
    feed.read()
    assert len(feed.token) >= 43
    assert feed.token not in repr(rows())
    assert Client().get(f"/feeds/{Feed.objects.get(pk=feed.feed.pk).token_hash}.ics").status_code == 404


def test_no_log_tells_a_secret(subscribe, ambassador, confirmed_visit, caplog):
    feed = subscribe(ambassador)
    tries = [f"/feeds/{feed.token}", f"/feeds/{feed.token}.icss", f"/en/feeds/{feed.token}.ics", feed.address]
    lines = []
    (handler,) = [handler for handler in logging.getLogger().handlers if handler.name == "console"]
    stream = handler.stream
    handler.stream = type("Lines", (), {"write": lines.append, "flush": lambda: None})
    try:
        for address in tries:
            Client().get(address)
            Client().post(address)
    finally:
        handler.stream = stream
    told = "".join(lines)
    assert "/feeds/…" in told
    assert feed.token not in told and quote(feed.token) not in told


def test_the_access_log_tells_no_secret():
    from gunicorn.config import Config

    from config.access_log import AccessLog

    class Answer:
        status, sent, headers = "200 OK", 10, []

    class Question:
        headers = [("REFERER", "https://kakehashi.example/feeds/SECRET.ics?x"), ("USER-AGENT", "x")]

    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/feeds/SECRET/freebusy.ics",
        "PATH_INFO": "/feeds/SECRET/freebusy.ics",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": "https://kakehashi.example/feeds/SECRET.ics?x",
    }
    atoms = AccessLog(Config()).atoms(Answer(), Question(), environ, dt.timedelta(0))
    assert "SECRET" not in repr(atoms)
    assert atoms["r"] == "GET /feeds/…/freebusy.ics HTTP/1.1"


# ── who has read ──────────────────────────────────────────────────────────────
def test_that_it_was_read_is_written_down_once_an_hour(subscribe, ambassador, confirmed_visit, clock):
    feed = subscribe(ambassador)
    feed.answer(**{"user-agent": "Google-Calendar-Importer"})
    first = Feed.objects.get(pk=feed.feed.pk)
    assert first.last_program == "google"
    clock.move_to(first.last_used_at + dt.timedelta(minutes=59))
    feed.answer()
    assert Feed.objects.get(pk=feed.feed.pk).last_used_at == first.last_used_at
    clock.move_to(first.last_used_at + dt.timedelta(minutes=61))
    feed.answer(**{"user-agent": "iOS/18.1 (22B83) dataaccessd/1.0"})
    later = Feed.objects.get(pk=feed.feed.pk)
    assert (later.last_program, later.last_used_at > first.last_used_at) == ("apple", True)


@pytest.mark.parametrize(
    ("agent", "program"),
    [
        ("Google-Calendar-Importer", "google"),
        ("macOS/15.1 (24B83) dataaccessd/1.0", "apple"),
        ("Mac OS X/10.15.7 (19H2) CalendarAgent/930.5.1", "apple"),
        ("Microsoft.Exchange/15.20 (Windows NT 10.0; Win64; x64)", "outlook"),
        ("Mozilla/4.0 (compatible; ms-office; Microsoft Outlook 16.0)", "outlook"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.4", "thunderbird"),
        ("khal", "other"),
        ("", "other"),
    ],
)
def test_programs_are_known_by_their_family(agent, program):
    assert actions.program_of(agent) == program


# ── cost ──────────────────────────────────────────────────────────────────────
def test_a_304_costs_two_queries_and_a_whole_calendar_no_more_with_more_visits(
    subscribe, ambassador, school_contact, confirmed_visit, monkeypatch
):
    for person in (ambassador, school_contact):
        feed = subscribe(person)
        tag = feed.answer().headers["ETag"]
        for _number in range(2):
            with CaptureQueriesContext(connection) as whole:
                feed.read()
            with CaptureQueriesContext(connection) as same, monkeypatch.context() as patch:
                patch.setattr(files, "calendar_file", None)
                assert feed.answer(**{"if-none-match": tag}).status_code == 304
            assert (len(whole), len(same)) == (2, 2)
            for _visit in range(5):
                another_visit(confirmed_visit)
            tag = feed.answer().headers["ETag"]
    assert len(subscribe(ambassador).events()) == 21


def test_the_statement_is_put_together_once_a_day(subscribe, ambassador, confirmed_visit, clock):
    entries._statement.cache_clear()
    feed = subscribe(ambassador)
    feed.read()
    made = entries._statement.cache_info().misses
    with translation.override("en"):
        feed.read()
    assert entries._statement.cache_info().misses == made
    clock.move_to(timezone.now() + dt.timedelta(days=1))
    visits.cancel(confirmed_visit, by=ambassador.user, reason="病気です。")
    assert feed.event()["status"] == "CANCELLED"
    assert entries._statement.cache_info().misses == made + 1
