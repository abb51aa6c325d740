"""Programs that others have written read our feeds: vdirsyncer and khal, vobject, Radicale.

Each runs as a program of its own where it is one; nothing here waits by the clock, a program is asked until it answers.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request as Question
from urllib.request import urlopen

import pytest
import vobject
from icalendar import Calendar, Event

from outreach.visits import actions as visits
from tests import factories
from tests.outreach.calendars.conftest import Subscription

pytestmark = pytest.mark.django_db

BIN = Path(sys.executable).parent


@pytest.fixture
def whole_calendar(subscribe, ambassador, other_ambassador, school_contact) -> Subscription:
    """A visit to come, one that was called off, one that its ambassador has left, and two offered dates."""
    visits.cancel(factories.confirmed_visit(), by=school_contact, reason="学級閉鎖です。")
    left = factories.visit_of_two(day=factories.school_day(40))
    visits.leave(left, by=ambassador.user, reason="出張です。")
    factories.confirmed_visit(day=factories.school_day(50), place="視聴覚室（" + "架け橋、" * 20 + "）")
    factories.offer_for(days=[factories.school_day(60), factories.school_day(64)])
    return subscribe(ambassador)


def run(*words: str, home: Path, **more: str) -> str:
    """What the program says; it knows no house but this folder."""
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"}
    done = subprocess.run(words, env=env | more, cwd=home, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


SYNC = """
[general]
status_path = "{home}/status/"

[pair feed]
a = "here"
b = "there"
collections = null
conflict_resolution = "b wins"

[storage here]
type = "filesystem"
path = "{home}/calendar/"
fileext = ".ics"

[storage there]
type = "http"
url = "{address}"
"""

KHAL = """
[calendars]
[[feed]]
path = {home}/calendar/
readonly = True

[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Asia/Tokyo
default_timezone = Asia/Tokyo
"""


@pytest.mark.django_db(transaction=True)
def test_vdirsyncer_fetches_a_feed_and_khal_lists_it(whole_calendar, live_server, tmp_path, ambassador):
    """As written by the server, over HTTP; a second round that finds nothing new changes no file."""
    address = live_server.url + whole_calendar.address
    (tmp_path / "sync").write_text(SYNC.format(home=tmp_path, address=address), encoding="utf-8")
    (tmp_path / "khal").write_text(KHAL.format(home=tmp_path), encoding="utf-8")
    (tmp_path / "calendar").mkdir()
    wanted = {str(event["uid"]): event for event in whole_calendar.events()}
    assert len(wanted) == 5

    def sync() -> dict[str, str]:
        for words in (("discover",), ("sync",)):
            run(str(BIN / "vdirsyncer"), "-c", str(tmp_path / "sync"), *words, home=tmp_path)
        return {path.name: path.read_text(encoding="utf-8") for path in sorted((tmp_path / "calendar").glob("*.ics"))}

    fetched = sync()
    assert said(event for text in fetched.values() for event in Calendar.from_ical(text.encode()).events) == said(
        wanted.values()
    )
    assert sync() == fetched
    first, last = "2026-11-20", "2027-03-31"
    listed = run(str(BIN / "khal"), "-c", str(tmp_path / "khal"), "list", first, last, home=tmp_path)
    lines = " ".join(listed.split())
    for event in wanted.values():
        assert str(event["summary"]).split("　")[0] in lines
        assert event.start.strftime("%Y-%m-%d") in lines
    assert listed.count("10:50-12:40") == 5


def said(events: Iterable[Event]) -> list[bytes]:
    """Every event as it was written, but for its UID: over HTTP vdirsyncer gives each one of its own, made of its content."""
    lines = [event.to_ical() for event in events]
    return sorted(re.sub(rb"UID:.*\r\n(?: .*\r\n)*", b"", text) for text in lines)


def test_vobject_reads_every_event_and_finds_nothing_missing(whole_calendar):
    calendar = vobject.readOne(whole_calendar.read().decode())
    assert calendar.validate(raiseException=True)
    ours = {str(event["uid"]): event for event in whole_calendar.events()}
    assert {event.uid.value for event in calendar.vevent_list} == set(ours)
    for event in calendar.vevent_list:
        own = ours[event.uid.value]
        assert event.summary.value == str(own["summary"])
        assert (event.dtstart.value, event.dtend.value) == (own.start, own.end)
        assert int(event.sequence.value) == own["sequence"]


def test_vobject_reads_the_taken_hours(whole_calendar):
    told = whole_calendar.answer(whole_calendar.freebusy_address).content.decode()
    freebusy = vobject.readOne(told).vfreebusy
    kinds = [line.params["FBTYPE"] for line in freebusy.contents["freebusy"]]
    assert sorted(kinds) == [["BUSY"], ["BUSY-TENTATIVE"], ["BUSY-TENTATIVE"]]


RADICALE = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = none
[storage]
filesystem_folder = {home}/collections
[logging]
level = warning
"""


@pytest.fixture
def radicale(tmp_path):
    """A calendar server with one empty calendar; its address."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "config").write_text(RADICALE.format(home=tmp_path, port=port), encoding="utf-8")
    server = subprocess.Popen(
        [sys.executable, "-m", "radicale", "--config", str(tmp_path / "config")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}/someone/feed/"
    try:
        for _try in range(100_000):
            if server.poll() is not None:
                raise AssertionError(server.stdout.read().decode())
            try:
                tell("MKCALENDAR", address)
            except URLError:
                continue
            break
        yield address
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()


def tell(method: str, address: str, body: bytes = b"") -> bytes:
    # Whoever has no password writes in their own name.
    headers = {"Content-Type": "text/calendar; charset=utf-8", "Authorization": "Basic c29tZW9uZTp4"}
    with urlopen(Question(address, data=body or None, method=method, headers=headers), timeout=30) as answer:
        return answer.read()


def test_radicale_stores_every_event_and_gives_it_back(whole_calendar, radicale):
    feed = Calendar.from_ical(whole_calendar.read())
    for event in feed.events:
        one = Calendar()
        one.add("version", "2.0")
        one.add("prodid", "-//test//")
        for part in (*feed.walk("VTIMEZONE"), event):
            one.add_component(part)
        tell("PUT", f"{radicale}{event['uid']}.ics", one.to_ical())
    stored = Calendar.from_ical(tell("GET", radicale))
    assert {str(event["uid"]): event.to_ical() for event in stored.events} == {
        str(event["uid"]): event.to_ical() for event in feed.events
    }


def test_radicale_takes_the_whole_feed_as_a_calendar(whole_calendar, radicale):
    """As somebody does who uploads the file."""
    address = radicale.replace("/feed/", "/upload/")
    tell("PUT", address, whole_calendar.read())
    stored = Calendar.from_ical(tell("GET", address))
    assert len(stored.events) == 5


def test_the_programs_are_there():
    for name in ("vdirsyncer", "khal", "radicale"):
        assert shutil.which(name, path=str(BIN)), name
