"""Outside calendars as they are connected, read, doubted and given up for a while."""

import datetime as dt
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from outbox.models import Letter
from outreach.ambassadors.models import Ambassador
from outreach.availability import reading, reasons, sources
from outreach.availability.models import Approval, BusyBlock, CalendarSource, Light
from outreach.availability.reading import Limits
from outreach.lives import NotAllowed, TooLate
from tests.factories import assistant_of
from tests.outreach.availability.elsewhere import Elsewhere, elsewhere
from tests.outreach.availability.icalendars import at, calendar, event, meeting, utc
from ui import dates, places

pytestmark = pytest.mark.django_db
HOST = "https://calendar.google.com"
PATH = "/calendar/ical/me%40example.jp/private-0a1b2c3d/basic.ics"
ADDRESS = HOST + PATH


@pytest.fixture
def far(monkeypatch) -> Elsewhere:
    """A server elsewhere under every name; the house's own child asks it, by a way of its own."""
    with elsewhere() as server:
        command = (sys.executable, "-B", "-m", "tests.outreach.availability.elsewhere", str(server.port))
        monkeypatch.setattr(reading, "WORKER", command)
        yield server


@pytest.fixture
def source(ambassador) -> CalendarSource:
    return sources.connect(ambassador, by=ambassador.user, name="会社", address=ADDRESS)


@pytest.fixture
def answers(monkeypatch) -> list:
    """What the child says, one answer after the other, without a child; and with which task it was asked."""

    class Answers(list):
        tasks: list = []

    told = Answers()
    told.tasks = []

    def read_in_child(task, limits=None):
        told.tasks.append(task)
        return told.pop(0)

    monkeypatch.setattr(reading, "read_in_child", read_in_child)
    return told


def day(ahead: int) -> dt.date:
    return dates.today() + dt.timedelta(days=ahead)


def came(*spans, entries: int | None = None, etag: str = '"1"', **more) -> dict:
    busy = [[int(since.timestamp()), int(until.timestamp())] for since, until in spans]
    told = {"answer": "read", "busy": busy, "entries": len(busy) if entries is None else entries, "warnings": []}
    return told | {"etag": etag, "last_modified": ""} | more


def failed(code: str, about: str = "", wait: int | None = None) -> dict:
    return {"answer": "failed", "code": code, "about": about, "wait": wait}


def lesson(ahead: int = 7, hour: int = 10) -> tuple[dt.datetime, dt.datetime]:
    return at(day(ahead), hour), at(day(ahead), hour + 1)


def blocks(source: CalendarSource) -> list:
    return list(source.busy_blocks.values_list("starts_at", "ends_at"))


def read(source: CalendarSource) -> CalendarSource:
    sources.read(source)
    return fresh(source)


def asked(source: CalendarSource):
    return Ambassador.objects.filter(pk=source.ambassador_id)


def fresh(source: CalendarSource) -> CalendarSource:
    return CalendarSource.objects.select_related("ambassador__user").get(pk=source.pk)


# ── connecting ────────────────────────────────────────────────────────────────
def test_the_address_lies_sealed_and_is_shown_by_its_ends(source):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outreach_calendarsource")
        assert "private-0a1b2c3d" not in str(cursor.fetchall())
    assert sources.unseal(source.sealed_address) == ADDRESS
    assert sources.shown_address(source) == "calendar.google.com/….ics"


def test_under_another_key_the_address_is_gone_and_the_owner_is_told(source, settings):
    settings.SECRET_KEY = "another"
    assert sources.shown_address(source) == "calendar.google.com/…"
    read(source)
    assert fresh(source).trouble == "seal"


def test_a_key_that_was_in_use_before_still_opens_it(source, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert sources.unseal(source.sealed_address) == ADDRESS


def test_an_assistant_connects_too_and_a_stranger_does_not(ambassador, other_ambassador, coordinator):
    sources.connect(ambassador, by=assistant_of(ambassador), address=ADDRESS)
    for stranger in (other_ambassador.user, coordinator):
        with pytest.raises(NotAllowed):
            sources.connect(ambassador, by=stranger, address=ADDRESS + "2")


@pytest.mark.parametrize(
    "address",
    [
        "http://calendar.google.com/basic.ics",
        "https://me:pass@calendar.google.com/basic.ics",
        "https://calendar.google.com/calendar/u/0/r",
        "https://127.0.0.1/x.ics",
        "https://calendar.google.com:8080/basic.ics",
    ],
)
def test_what_can_never_be_read_is_refused_with_words(ambassador, address):
    with pytest.raises(NotAllowed, match="。$"):
        sources.connect(ambassador, by=ambassador.user, address=address)
    assert not CalendarSource.objects.exists()


def test_our_own_feed_is_no_outside_calendar(ambassador, settings):
    settings.SITE_URL = "https://kakehashi.example"
    with pytest.raises(NotAllowed, match="このサイト"):
        sources.connect(ambassador, by=ambassador.user, address="https://kakehashi.example/feeds/abc.ics")


def test_the_same_calendar_is_not_connected_twice_and_five_are_enough(ambassador, source):
    with pytest.raises(NotAllowed, match="もうつないで"):
        sources.connect(ambassador, by=ambassador.user, address=ADDRESS.replace("https", "webcal"))
    for number in range(sources.MOST - 1):
        sources.connect(ambassador, by=ambassador.user, address=f"{HOST}/{number}/basic.ics")
    with pytest.raises(NotAllowed, match="5件まで"):
        sources.connect(ambassador, by=ambassador.user, address=f"{HOST}/more/basic.ics")


def test_connecting_again_and_again_ends_for_the_day(ambassador, clock):
    def connect_once():
        made = sources.connect(ambassador, by=ambassador.user, address=ADDRESS)
        sources.disconnect(made, by=ambassador.user)

    for _number in range(sources.MOST_A_DAY):
        connect_once()
    with pytest.raises(NotAllowed, match="今日はもう"):
        connect_once()
    clock.shift(dt.timedelta(hours=25))
    connect_once()


def test_a_host_that_nobody_knows_waits_for_the_desk(ambassador, coordinator, answers):
    waiting = sources.connect(ambassador, by=ambassador.user, address="https://cloud.example.jp/x.ics")
    assert (waiting.approval, waiting.light) == (Approval.WAITING, Light.WAITING)
    assert sources.read(waiting) == "skipped"
    with pytest.raises(NotAllowed):
        sources.approve(waiting, by=ambassador.user)
    sources.approve(waiting, by=coordinator)
    answers.append(came(lesson()))
    assert read(waiting).light == Light.FRESH
    other = sources.connect(ambassador, by=ambassador.user, address="https://cloud.example.jp/y.ics")
    assert other.approval == Approval.APPROVED
    with pytest.raises(TooLate):
        sources.refuse(other, by=coordinator, reason="x")


def test_a_calendar_that_the_desk_refuses_is_not_read_and_says_why(ambassador, coordinator, answers):
    waiting = sources.connect(ambassador, by=ambassador.user, address="https://cloud.example.jp/x.ics")
    refused = sources.refuse(waiting, by=coordinator, reason="本人の会社のものではありません。")
    assert (refused.light, refused.refusal) == (Light.REFUSED, "本人の会社のものではありません。")
    assert sources.read(refused) == "skipped"
    assert answers.tasks == []


def test_whoever_disconnects_takes_all_times_along(source, answers):
    answers.append(came(lesson()))
    read(source)
    sources.disconnect(fresh(source), by=source.ambassador.user)
    assert (CalendarSource.objects.count(), BusyBlock.objects.count()) == (0, 0)


# ── reading an honest calendar, by the real child ─────────────────────────────
def test_start_and_end_are_kept_and_nothing_else(source, far):
    since, until = lesson()
    far.says(PATH, calendar(meeting(since, until, "SUMMARY:秘密の会議", "LOCATION:役員室")), etag='"v1"')
    assert read(source).light == Light.FRESH
    assert blocks(source) == [(since, until)]
    assert {field.name for field in BusyBlock._meta.fields} == {"id", "source", "ambassador", "starts_at", "ends_at"}


def test_no_byte_of_a_calendar_is_parsed_in_this_process(source, far, monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("parsed in the web process")

    monkeypatch.setattr("icalendar.Calendar.from_ical", never)
    monkeypatch.setattr("outreach.availability.fetching.fetch", never)
    monkeypatch.setattr("outreach.availability.expanding.busy_times", never)
    far.says(PATH, calendar(meeting(*lesson())))
    assert read(source).light == Light.FRESH


def test_the_child_knows_no_key_and_no_database(source, far, monkeypatch):
    seen = {}
    start = reading.subprocess.Popen

    def watched(command, **how):
        seen.update(how["env"], command=" ".join(command))
        return start(command, **how)

    monkeypatch.setattr(reading.subprocess, "Popen", watched)
    far.says(PATH, calendar())
    read(source)
    assert seen.keys() <= {*reading.KNOWN_TO_CHILD, "command"}
    assert "private-0a1b2c3d" not in seen["command"]


def test_nothing_of_a_person_goes_along_with_the_question(source, far):
    far.says(PATH, calendar(), set_cookie="session=1")
    far.says("/other", status=302, location=HOST + PATH)
    read(source)
    read(source)
    for _path, headers in far.asked:
        assert headers.keys() == {"host", "user-agent", "accept", "accept-encoding", "connection"}
        assert (headers["host"], headers["accept-encoding"]) == ("calendar.google.com", "identity")


def test_marks_are_sent_along_and_unchanged_keeps_what_was(source, far, clock):
    since, until = lesson()
    far.says(PATH, calendar(meeting(since, until)), etag='"v1"', last_modified="Fri, 20 Nov 2026 00:00:00 GMT")
    read(source)
    clock.shift(dt.timedelta(hours=2))
    far.says(PATH, status=304)
    assert sources.read(fresh(source)) == "unchanged"
    assert far.asked[-1][1]["if-none-match"] == '"v1"'
    assert far.asked[-1][1]["if-modified-since"] == "Fri, 20 Nov 2026 00:00:00 GMT"
    assert (blocks(source), fresh(source).light) == ([(since, until)], Light.FRESH)


def test_unchanged_says_nothing_when_nothing_was_known(source, far):
    far.says(PATH, status=304)
    assert read(source).light == Light.FAILED


def test_once_a_day_the_whole_file_is_asked_for(source, answers, clock):
    answers += [came(lesson()), came(lesson())]
    read(source)
    clock.shift(dt.timedelta(hours=25))
    read(fresh(source))
    assert [task["etag"] for task in answers.tasks] == ["", ""]


def test_a_redirect_to_a_known_host_is_followed(source, far):
    far.says(PATH, status=302, location="https://outlook.live.com/x.ics")
    far.says("/x.ics", calendar(meeting(*lesson())))
    assert read(source).light == Light.FRESH
    assert [headers["host"] for _path, headers in far.asked] == ["calendar.google.com", "outlook.live.com"]


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_a_packed_answer_is_opened(source, far, packing):
    import gzip
    import zlib

    pack = gzip.compress if packing == "gzip" else zlib.compress
    far.says(PATH, pack(calendar(meeting(*lesson()))), content_encoding=packing)
    assert len(blocks(read(source))) == 1


def test_our_own_events_in_their_calendar_do_not_block_them(source, far, settings):
    settings.SITE_URL = "https://kakehashi.example"
    ours = event(utc(lesson()[0]), utc(lesson()[1])).replace("@elsewhere", "@kakehashi.example")
    far.says(PATH, calendar(ours, meeting(*lesson(9))))
    assert blocks(read(source)) == [lesson(9)]


def test_an_invitation_that_the_owner_declined_does_not_count(source, far):
    """The owner is known by the address of the account, and by the one that the calendar is named after."""
    known = [source.ambassador.user.email, "ME@example.jp"]
    parts = [
        meeting(*lesson(7, hour), f"ATTENDEE;PARTSTAT=DECLINED:mailto:{mail}") for hour, mail in enumerate(known, 9)
    ]
    far.says(PATH, calendar(*parts, meeting(*lesson(7, 15))))
    assert blocks(read(source)) == [lesson(7, 15)]


# ── hostile ones ──────────────────────────────────────────────────────────────
def redirects(far, *ways):
    for path, location in zip((PATH, *[f"/{n}" for n in range(9)]), ways, strict=False):
        far.says(path, status=302, location=location)


HOSTILE = {
    "a login page": (lambda far: far.says(PATH, b"<!doctype html><html>Sign in</html>"), "web_page"),
    "nothing at all": (lambda far: far.says(PATH, b""), "empty_answer"),
    "no calendar": (lambda far: far.says(PATH, b'{"error": 1}'), "no_calendar"),
    "the name of a file": (lambda far: far.says(PATH, b"/etc/passwd"), "no_calendar"),
    "half a calendar": (lambda far: far.says(PATH, calendar(meeting(*lesson()))[:-40]), "cut_off"),
    "an answer that breaks off": (lambda far: far.says(PATH, b"BEGIN:VCAL", content_length="5000"), "cut_off"),
    "gone": (lambda far: far.says(PATH, status=404), "not_found"),
    "not for us": (lambda far: far.says(PATH, status=403), "not_allowed"),
    "an error": (lambda far: far.says(PATH, status=500), "server_error"),
    "every second": (lambda far: far.says(PATH, calendar(event(":19700101T000000Z", "", "RRULE:FREQ=SECONDLY"))), "repeats_too_often"),
    "from the year one": (lambda far: far.says(PATH, calendar(event(":00010101T000000Z", "", "RRULE:FREQ=DAILY"))), "repeats_too_long"),
    "longer than time": (lambda far: far.says(PATH, calendar(event(utc(lesson()[0]), "", "DURATION:P9999999D"))), "impossible_times"),
    "30 MB": (lambda far: far.says(PATH, b"BEGIN:VCALENDAR\r\n" + b"X-A:" + b"a" * 30_000_000), "too_big"),
    "a gzip bomb": (lambda far: far.bomb(PATH, 60_000_000), "too_big"),
    "broken gzip": (lambda far: far.says(PATH, b"no gzip", content_encoding="gzip"), "bad_packing"),
    "another packing": (lambda far: far.says(PATH, b"x", content_encoding="br"), "bad_packing"),
    "deep as a well": (lambda far: far.says(PATH, b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 50_000 + b"END:VEVENT\r\n" * 50_000 + b"END:VCALENDAR\r\n"), "unreadable"),
    "to a server inside": (lambda far: redirects(far, "https://inner.example.com/x"), "leads_elsewhere"),
    "to localhost": (lambda far: redirects(far, "https://localhost/x"), "leads_inside"),
    "to a number": (lambda far: redirects(far, "https://169.254.169.254/latest/meta-data/"), "leads_inside"),
    "to http": (lambda far: redirects(far, "http://calendar.google.com/x"), "leads_inside"),
    "to a file": (lambda far: redirects(far, "file:///etc/passwd"), "leads_inside"),
    "round and round": (lambda far: redirects(far, *[f"{HOST}/{n}" for n in range(9)]), "too_many_redirects"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_calendar_is_marked_with_a_reason_and_what_was_known_stays(name, source, far):
    set_up, code = HOSTILE[name]
    far.says(PATH, calendar(meeting(*lesson())))
    known = blocks(read(source))
    set_up(far)
    marked = read(fresh(source))
    assert (marked.trouble, marked.failures, blocks(marked)) == (code, 1, known)
    assert known == [lesson()]
    assert reasons.what_happened(marked) and reasons.what_to_do(marked)


@pytest.mark.parametrize(("host", "code"), [("inner.example.com", "leads_inside"), ("both.example.com", "leads_inside"), ("nowhere.example.com", "unknown_name")])  # fmt: skip
def test_a_name_that_leads_inside_is_not_asked(host, code, ambassador, coordinator, far):
    source = sources.connect(ambassador, by=ambassador.user, address=f"https://{host}/x.ics")
    sources.approve(source, by=coordinator)
    assert (read(source).trouble, far.asked) == (code, [])


def test_a_slow_drip_ends_when_its_time_is_up(source, far):
    far.drips(PATH)
    answer = reading.read_in_child(sources._task(source, timezone.now()), Limits(fetch=0.6, all=8))
    assert answer == failed("slow")


def test_a_child_that_does_not_end_is_ended(source, far):
    far.drips(PATH)
    answer = reading.read_in_child(sources._task(source, timezone.now()), Limits(fetch=60, all=0.8))
    assert answer["code"] == "slow"


def test_a_child_that_dies_over_a_calendar_says_that_it_was_too_heavy(source, monkeypatch):
    monkeypatch.setattr(reading, "WORKER", ("sh", "-c", "cat > /dev/null; echo arrived; kill -9 $$"))
    assert reading.read_in_child({}, Limits())["code"] == "too_heavy"


def test_the_child_has_little_memory_little_time_and_writes_nothing():
    from outreach.availability import worker

    code = (
        "import resource as r; from outreach.availability.worker import limit_oneself; limit_oneself();"
        "print(*[r.getrlimit(x)[1] for x in (r.RLIMIT_CPU, r.RLIMIT_AS, r.RLIMIT_FSIZE)])"
    )
    out = reading.subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert out.split() == [str(worker.CPU_SECONDS), str(worker.MEMORY), "0"]
    assert (worker.CPU_SECONDS, worker.MEMORY) == (20, 512 * 1024 * 1024)


def test_a_large_honest_calendar_fits_into_the_memory_of_the_child(source, far):
    many = [meeting(*lesson(n % 300, 9 + n % 8), "SUMMARY:" + "x" * 60, uid=str(n)) for n in range(4000)]
    far.says(PATH, calendar(*many))
    assert read(source).light == Light.FRESH


# ── lights, pauses, letters ───────────────────────────────────────────────────
def test_the_light_goes_from_fresh_to_stale_to_failed(source, answers, clock):
    assert source.light == Light.NEW
    answers.append(came(lesson()))
    read(source)
    seen = []
    for hours in (0, 2, 2, 19, 2):
        clock.shift(dt.timedelta(hours=hours))
        seen.append(fresh(source).light)
    assert seen == [Light.FRESH, Light.FRESH, Light.STALE, Light.STALE, Light.FAILED]


def test_a_calendar_that_never_came_is_failed_at_once(source, answers):
    answers.append(failed("not_found", "404"))
    row = read(source)
    assert row.light == Light.FAILED
    assert reasons.what_happened(row) == "このアドレスのカレンダーは、もうありません。（404）"


def test_each_failure_makes_the_pause_longer_up_to_a_day(source, answers):
    hours = []
    for _number in range(7):
        answers.append(failed("no_answer"))
        row = read(fresh(source))
        hours.append((row.next_try_at - row.tried_at) / dt.timedelta(hours=1))
    for seen, meant in zip(hours, (1, 2, 4, 8, 16, 24, 24), strict=True):
        assert 0.89 * meant < seen < 1.11 * meant
    answers.append(came(lesson()))
    row = read(fresh(source))
    assert (row.failures, row.trouble, row.failing_since) == (0, "", None)
    assert dt.timedelta(minutes=53) < row.next_try_at - row.tried_at < dt.timedelta(minutes=67)


def test_a_server_that_asks_to_wait_is_left_alone_until_then(source, far):
    far.says(PATH, status=429, retry_after="7200")
    row = read(source)
    assert (row.trouble, row.trouble_about) == ("told_to_wait", "429")
    assert row.next_try_at - row.tried_at == dt.timedelta(hours=2)
    CalendarSource.objects.update(tried_at=timezone.now() - dt.timedelta(hours=1))
    sources.refresh_before_booking(asked(source))
    assert len(far.asked) == 1


def test_the_owner_gets_one_letter_after_a_day_of_failure(source, answers, clock):
    answers.append(came(lesson()))
    read(source)
    for _hours in range(4):
        answers.append(failed("web_page"))
        sources.read(fresh(source))
        clock.shift(dt.timedelta(hours=9))
        sources.tell_of_failures()
    letter = Letter.objects.get(key__startswith="calendar:")
    assert letter.person == source.ambassador.user
    assert "ログインなどの画面" in letter.body and source.get_absolute_url() in letter.body
    assert "google" not in letter.body + letter.subject
    # It works again, and fails again for a day: that is news.
    answers += [came(lesson()), failed("web_page")]
    read(fresh(source))
    read(fresh(source))
    clock.shift(dt.timedelta(hours=25))
    sources.tell_of_failures()
    assert Letter.objects.filter(key__startswith="calendar:").count() == 2


def test_an_empty_calendar_after_a_full_one_is_believed_the_second_time(source, answers, clock):
    answers += [came(lesson()), came(entries=0), came(entries=0), came(entries=0)]
    read(source)
    doubted = read(fresh(source))
    assert (blocks(doubted), doubted.suspect_since is not None, doubted.etag) == ([lesson()], True, "")
    clock.shift(dt.timedelta(minutes=5))
    assert blocks(read(fresh(source))) == [lesson()]
    clock.shift(dt.timedelta(hours=1))
    believed = read(fresh(source))
    assert (blocks(believed), believed.suspect_since) == ([], None)


def test_a_calendar_that_is_full_again_was_only_empty_by_mistake(source, answers):
    answers += [came(lesson()), came(entries=0), came(lesson())]
    read(source)
    read(fresh(source))
    row = read(fresh(source))
    assert (blocks(row), row.suspect_since) == ([lesson()], None)


def test_one_whose_events_are_all_free_is_no_cause_for_doubt(source, answers):
    answers += [came(lesson()), came(entries=3)]
    read(source)
    assert blocks(read(fresh(source))) == []


def test_only_what_changed_is_written(source, answers):
    answers += [came(lesson(7), lesson(8)), came(lesson(8), lesson(9))]
    read(source)
    kept = source.busy_blocks.get(starts_at=lesson(8)[0]).pk
    read(fresh(source))
    assert blocks(source) == [lesson(8), lesson(9)]
    assert source.busy_blocks.get(starts_at=lesson(8)[0]).pk == kept


def test_what_the_owner_ought_to_know_stands_beside_it(source, answers):
    answers.append(came(lesson(), warnings=["floating", "unknown_zone"]))
    assert len(reasons.cautions(read(source))) == 2


def test_every_code_has_its_words():
    said = {code for _set_up, code in HOSTILE.values()}
    assert said | {"slow", "seal", "too_heavy", "no_answer", "told_to_wait"} <= reasons.OF_READING.keys()


# ── many, and at once ─────────────────────────────────────────────────────────
def test_what_is_due_is_read_and_nothing_else(source, other_ambassador, answers):
    later = sources.connect(other_ambassador, by=other_ambassador.user, address=ADDRESS)
    CalendarSource.objects.filter(pk=later.pk).update(next_try_at=timezone.now() + dt.timedelta(minutes=9))
    answers.append(came(lesson()))
    assert sources.read_due() == "calendars: 1 read, 0 unchanged, 0 failed, 0 owners told of failures"
    assert sources.read_due() == "calendars: 0 read, 0 unchanged, 0 failed, 0 owners told of failures"


def test_two_who_read_at_once_read_it_once(source, monkeypatch):
    done = []

    def meanwhile(task, limits=None):
        done.append(sources.read(fresh(source)))
        done.append(sources.read_due())
        return came(lesson())

    monkeypatch.setattr(reading, "read_in_child", meanwhile)
    monkeypatch.setattr(sources, "ThreadPoolExecutor", InThisThread)
    assert sources.read(source) == "read"
    assert done == ["skipped", "calendars: 0 read, 0 unchanged, 0 failed, 0 owners told of failures"]


class InThisThread:
    def __init__(self, max_workers):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass

    map = staticmethod(map)


def test_a_claim_ends_by_the_clock_when_its_reader_has_died(source, answers, clock):
    CalendarSource.objects.update(claimed_until=timezone.now() + sources.LEASE)
    assert sources.read(source) == "skipped"
    clock.shift(dt.timedelta(minutes=3))
    answers.append(came(lesson()))
    assert sources.read(fresh(source)) == "read"


@pytest.mark.parametrize("way", ["disconnect", "refuse", "change"])
def test_what_is_decided_during_a_reading_holds(source, monkeypatch, way):
    def meanwhile(task, limits=None):
        if way == "disconnect":
            sources.disconnect(source, by=source.ambassador.user)
        elif way == "change":
            sources.change(source, by=source.ambassador.user, name="x", counts_all_day=False)
        else:
            CalendarSource.objects.update(approval=Approval.REFUSED)
        return came(lesson())

    monkeypatch.setattr(reading, "read_in_child", meanwhile)
    monkeypatch.setattr(sources, "ThreadPoolExecutor", InThisThread)
    assert sources.read(source) == "skipped"
    assert BusyBlock.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_server_is_asked(source, monkeypatch):
    open_ones = []

    def noted(task, limits=None):
        open_ones.append(connection.in_atomic_block)
        return came(lesson())

    monkeypatch.setattr(reading, "read_in_child", noted)
    monkeypatch.setattr(sources, "ThreadPoolExecutor", InThisThread)
    sources.read(source)
    sources.read_due()
    CalendarSource.objects.update(tried_at=None)
    sources.refresh_before_booking(asked(source))
    assert open_ones == [False, False]


def test_of_somebody_whose_account_is_paused_nothing_is_read(source, answers):
    type(source.ambassador.user).objects.filter(pk=source.ambassador.user_id).update(is_active=False)
    assert sources.read_due().startswith("calendars: 0 read")
    assert sources.read(fresh(source)) == "skipped"


def test_the_demo_asks_nobody_outside(source, answers, monkeypatch):
    monkeypatch.setattr(places, "is_demo", type("Demo", (), {"first": staticmethod(lambda: True)}))
    assert sources.read_due() == "calendars: not read in the demo"
    assert sources.read(source) == "skipped"
    sources.refresh_before_booking(asked(source))
    assert answers.tasks == []


def test_whole_days_are_read_anew_when_the_owner_changes_their_mind(source, answers):
    answers += [came(lesson()), came()]
    read(source)
    changed = sources.change(fresh(source), by=source.ambassador.user, name="家", counts_all_day=False)
    assert changed.name == "家"
    sources.read_due()
    assert [(task["counts_all_day"], task["etag"]) for task in answers.tasks] == [(True, ""), (False, "")]


def test_times_that_are_long_past_are_forgotten(source, answers, clock):
    answers.append(came(lesson()))
    read(source)
    CalendarSource.objects.update(next_try_at=timezone.now() + dt.timedelta(days=99))
    clock.shift(dt.timedelta(days=40))
    sources.read_due()
    assert BusyBlock.objects.count() == 0


def test_the_command_says_one_line_and_fails_when_nobody_can_be_reached(source, ambassador, answers, capsys):
    answers.append(came(lesson()))
    call_command("read_calendars")
    assert capsys.readouterr().out == "calendars: 1 read, 0 unchanged, 0 failed, 0 owners told of failures\n"
    for number in (1, 2):
        sources.connect(ambassador, by=ambassador.user, address=f"{HOST}/{number}/basic.ics")
    CalendarSource.objects.update(next_try_at=timezone.now())
    answers += [failed("unknown_name")] * 3
    with pytest.raises(CommandError, match="0 read, 0 unchanged, 3 failed.*does this machine reach the open net"):
        call_command("read_calendars")


# ── before a time is promised ─────────────────────────────────────────────────
def test_before_a_booking_only_what_is_old_is_read(source, answers, clock):
    answers += [came(lesson()), came(lesson(8))]
    sources.refresh_before_booking(asked(source))
    clock.shift(dt.timedelta(minutes=14))
    sources.refresh_before_booking(asked(source))
    assert blocks(source) == [lesson()]
    clock.shift(dt.timedelta(minutes=2))
    sources.refresh_before_booking(asked(source))
    assert blocks(source) == [lesson(8)]


def test_what_is_too_slow_for_a_page_is_not_yet_a_failure(source, answers):
    answers += [failed("slow"), failed("not_found"), failed("too_heavy"), failed("too_heavy")]
    sources.refresh_before_booking(asked(source))
    assert (fresh(source).failures, fresh(source).trouble) == (0, "")
    CalendarSource.objects.update(tried_at=None)
    sources.refresh_before_booking(asked(source))
    assert (fresh(source).failures, fresh(source).trouble) == (1, "not_found")
    CalendarSource.objects.update(tried_at=None, failures=0, next_try_at=timezone.now() + dt.timedelta(hours=1))
    assert sources.read_now(fresh(source), by=source.ambassador.user) == "later"
    # The tick has more time for it, and begins at once.
    assert sources.read_due() == "calendars: 0 read, 0 unchanged, 1 failed, 0 owners told of failures"
    assert fresh(source).trouble == "too_heavy"


def test_several_calendars_share_the_time_of_a_page(source, ambassador, far):
    """Both drip for ever; the page waits for the limit once."""
    for number in (1, 2):
        sources.connect(ambassador, by=ambassador.user, address=f"{HOST}/{number}/basic.ics")
        far.drips(f"/{number}/basic.ics")
    far.says(PATH, calendar(meeting(*lesson())))
    began = dt.datetime.now(dt.UTC)
    sources.refresh_before_booking(asked(source), within=2)
    assert dt.datetime.now(dt.UTC) - began < dt.timedelta(seconds=5)
    assert blocks(source) == [lesson()]


def test_outside_times_are_those_that_touch(source, answers):
    answers.append(came(lesson(7, 10), lesson(7, 11), lesson(8)))
    read(source)
    since, until = at(day(7), 11), at(day(7), 12)
    assert sources.outside_times(source.ambassador, since, until) == [(at(day(7), 11), at(day(7), 12))]
    assert sources.outside_times(source.ambassador, since - dt.timedelta(minutes=1), until) == [
        (at(day(7), 10), at(day(7), 12))
    ]
    assert sources.outside_times(source.ambassador, at(day(7), 12), at(day(8), 10)) == []
