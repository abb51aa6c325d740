"""What the times of a calendar are: zones, repeats, whole days, what does not count, and what is refused."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from icalendar.timezone import tzp
from recurring_ical_events import CalendarQuery

from outreach.availability.expanding import MOST_TIMES, KnownZones, Unusable, Wishes, busy_times
from tests.outreach.availability.icalendars import calendar, event

TOKYO = ZoneInfo("Asia/Tokyo")
SINCE, UNTIL = dt.datetime(2026, 11, 1, tzinfo=dt.UTC), dt.datetime(2027, 11, 1, tzinfo=dt.UTC)
OSAKA = """BEGIN:VTIMEZONE
TZID:(UTC+09:00) Osaka, Sapporo, Tokyo
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n")
OWN_ZONE = OSAKA.replace("(UTC+09:00) Osaka, Sapporo, Tokyo", "Our Office").replace("+0900", "+0530")
FALSE_TOKYO = OSAKA.replace("(UTC+09:00) Osaka, Sapporo, Tokyo", "Asia/Tokyo").replace("+0900", "-0500")


def read(content: bytes, **wishes):
    return busy_times(content, Wishes(SINCE, UNTIL, **wishes))


def times(content: bytes, zone: dt.tzinfo = TOKYO, **wishes) -> list[str]:
    """The busy times as people say them, on a clock of Tokyo."""
    spans = read(content, **wishes).busy
    return [" – ".join(f"{dt.datetime.fromtimestamp(side, zone):%m-%d %H:%M}" for side in span) for span in spans]


def refusal(content: bytes, **wishes) -> tuple[str, str]:
    with pytest.raises(Unusable) as refused:
        read(content, **wishes)
    return refused.value.code, refused.value.about


# ── zones ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("start", "end", "head", "wanted"),
    [
        (":20261130T010000Z", ":20261130T023000Z", "", "11-30 10:00 – 11-30 11:30"),
        (";TZID=Asia/Tokyo:20261130T100000", ";TZID=Asia/Tokyo:20261130T113000", "", "11-30 10:00 – 11-30 11:30"),
        (
            ";TZID=Tokyo Standard Time:20261130T100000",
            ";TZID=Tokyo Standard Time:20261130T110000",
            "",
            "11-30 10:00 – 11-30 11:00",
        ),
        (
            ";TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261130T100000",
            ";TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261130T110000",
            "",
            "11-30 18:00 – 11-30 19:00",
        ),
        (
            ';TZID="(UTC+09:00) Osaka, Sapporo, Tokyo":20261130T100000',
            ';TZID="(UTC+09:00) Osaka, Sapporo, Tokyo":20261130T110000',
            OSAKA,
            "11-30 10:00 – 11-30 11:00",
        ),
        (";TZID=Our Office:20261130T100000", ";TZID=Our Office:20261130T110000", OWN_ZONE, "11-30 13:30 – 11-30 14:30"),
        (
            ";TZID=Asia/Tokyo:20261130T100000",
            ";TZID=Asia/Tokyo:20261130T110000",
            FALSE_TOKYO,
            "11-30 10:00 – 11-30 11:00",
        ),
        # Two zones in one event: each side has its own.
        (";TZID=Asia/Tokyo:20261130T100000", ";TZID=Europe/Berlin:20261130T040000", "", "11-30 10:00 – 11-30 12:00"),
    ],
)
def test_a_time_is_read_in_the_zone_it_names(start, end, head, wanted):
    content = calendar(event(start, end), head=head)
    assert times(content, zone=TOKYO) == [wanted]
    assert read(content).warnings == set()


@pytest.mark.parametrize("name", ["Tokio/Mitte", "America", "x" * 300, "../../../../etc/passwd", "/etc/passwd", "."])
def test_an_unknown_zone_is_the_owners_and_is_said(name):
    content = calendar(event(f";TZID={name}:20261130T100000", f";TZID={name}:20261130T110000"))
    assert times(content, zone=ZoneInfo("Europe/Berlin")) == ["11-30 02:00 – 11-30 03:00"]
    assert read(content).warnings == {"unknown_zone"}


def test_a_floating_time_is_meant_on_the_owners_clock_and_is_said():
    content = calendar(event(":20261130T100000", ":20261130T110000"))
    assert read(content, zone="America/New_York").busy == [(1796050800, 1796054400)]
    assert read(content, zone="America/New_York").warnings == {"floating"}


def test_no_zone_that_is_not_in_the_list_reaches_the_files(monkeypatch):
    asked = []
    monkeypatch.setattr("zoneinfo.ZoneInfo", lambda name: asked.append(name))
    assert KnownZones().timezone("../../etc/passwd") is None
    assert asked == []


def test_a_zone_that_a_calendar_brings_along_is_gone_with_it():
    read(calendar(event(";TZID=Our Office:20261130T100000"), head=OWN_ZONE))
    assert tzp.timezone("Our Office") is None


def test_a_weekly_meeting_keeps_its_hour_over_a_change_of_clocks():
    content = calendar(
        event(
            ";TZID=America/New_York:20270308T190000",
            ";TZID=America/New_York:20270308T200000",
            "RRULE:FREQ=WEEKLY;COUNT=2",
        )
    )
    assert times(content) == ["03-09 09:00 – 03-09 10:00", "03-16 08:00 – 03-16 09:00"]


# ── repeats and what becomes of single times ──────────────────────────────────
def test_repeats_exceptions_and_moved_times_are_the_single_times_they_mean():
    series = event(
        ";TZID=Asia/Tokyo:20261201T100000",
        ";TZID=Asia/Tokyo:20261201T110000",
        "RRULE:FREQ=DAILY;COUNT=5",
        "EXDATE;TZID=Asia/Tokyo:20261202T100000",
        uid="a",
    )
    moved = event(
        ";TZID=Asia/Tokyo:20261203T150000",
        ";TZID=Asia/Tokyo:20261203T160000",
        "RECURRENCE-ID;TZID=Asia/Tokyo:20261203T100000",
        uid="a",
    )
    cancelled = event(
        ";TZID=Asia/Tokyo:20261204T100000",
        ";TZID=Asia/Tokyo:20261204T110000",
        "RECURRENCE-ID;TZID=Asia/Tokyo:20261204T100000",
        "STATUS:CANCELLED",
        uid="a",
    )
    assert times(calendar(series, moved, cancelled)) == [
        "12-01 10:00 – 12-01 11:00",
        "12-03 15:00 – 12-03 16:00",
        "12-05 10:00 – 12-05 11:00",
    ]


def test_a_feed_of_google_with_parts_of_series_alone():
    """Only free and busy are shared: no event has its series, each has a RECURRENCE-ID."""
    parts = [
        event(
            f":2026120{day}T010000Z",
            f":2026120{day}T020000Z",
            f"RECURRENCE-ID:2026120{day}T010000Z",
            "SUMMARY:Busy",
            uid="g",
        )
        for day in (1, 8)
    ]
    assert times(calendar(*parts)) == ["12-01 10:00 – 12-01 11:00", "12-08 10:00 – 12-08 11:00"]


def test_times_that_overlap_or_touch_are_one():
    parts = [event(f":20261130T0{h}0000Z", f":20261130T0{h + 2}0000Z", uid=str(h)) for h in (1, 2, 4)]
    assert times(calendar(*parts)) == ["11-30 10:00 – 11-30 15:00"]


def test_only_the_time_that_is_asked_about_comes_back():
    old = event(":20200101T000000Z", ":20200101T010000Z")
    long = event(":20200101T000000Z", ":20261102T000000Z", uid="long")
    far = event(":20290101T000000Z", ":20290101T010000Z")
    assert read(calendar(old, long, far)).busy == [(int(SINCE.timestamp()), int(SINCE.timestamp()) + 86400)]


def test_what_is_long_past_costs_nothing_and_takes_nothing_away(monkeypatch):
    """Only what can touch the time asked about is counted out, and that whole."""
    counted = []
    between = CalendarQuery.between

    def noted(query, *span):
        counted.append(len(query.series))
        return between(query, *span)

    monkeypatch.setattr(CalendarQuery, "between", noted)
    past = [event(f":2019{month:02d}01T010000Z", f":2019{month:02d}01T020000Z") for month in range(1, 13)]
    ended = event(":20190101T010000Z", "", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;UNTIL=20200101T000000Z")
    far = event(":20290101T010000Z", ":20290101T020000Z")
    lasting = event(";VALUE=DATE:20190101", ";VALUE=DATE:20261103")
    long_series = event(":20261001T000000Z", "", "DURATION:P40D", "RRULE:FREQ=WEEKLY;UNTIL=20261002T000000Z")
    moved = [
        event(":20190101T010000Z", ":20190101T020000Z", "RRULE:FREQ=DAILY;COUNT=2", uid="m"),
        event(":20261130T010000Z", ":20261130T020000Z", "RECURRENCE-ID:20190102T010000Z", uid="m"),
    ]
    found = times(calendar(*past, ended, far, lasting, long_series, *moved))
    assert counted == [3]
    assert found == ["11-01 09:00 – 11-10 09:00", "11-30 10:00 – 11-30 11:00"]


# ── what does not count ───────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "lines",
    [
        ("STATUS:CANCELLED",),
        ("TRANSP:TRANSPARENT",),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE",),
        ("ATTENDEE;PARTSTAT=DECLINED;CN=Me:mailto:Me@Example.jp", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:you@example.jp"),
    ],
)
def test_what_takes_no_time_is_not_counted(lines):
    content = calendar(event(":20261130T010000Z", ":20261130T020000Z", *lines))
    assert times(content, own_addresses=frozenset({"me@example.jp"})) == []


@pytest.mark.parametrize("lines", [("STATUS:TENTATIVE",), ("ATTENDEE;PARTSTAT=DECLINED:mailto:you@example.jp",)])
def test_what_others_declined_or_what_may_be_still_takes_time(lines):
    content = calendar(event(":20261130T010000Z", ":20261130T020000Z", *lines))
    assert len(times(content, own_addresses=frozenset({"me@example.jp"}))) == 1


@pytest.mark.parametrize("end", [":20261130T010000Z", ""])
def test_a_time_without_length_is_not_counted(end):
    assert times(calendar(event(":20261130T010000Z", end))) == []


def test_our_own_events_that_come_back_are_not_counted():
    ours = event(":20261130T010000Z", ":20261130T020000Z").replace("@elsewhere", "@Kakehashi.example")
    theirs = event(":20261201T010000Z", ":20261201T020000Z")
    assert times(calendar(ours, theirs), own_host="kakehashi.example") == ["12-01 10:00 – 12-01 11:00"]


def test_whole_days_count_from_midnight_to_midnight_unless_the_owner_says_no():
    whole = event(";VALUE=DATE:20261130", ";VALUE=DATE:20261202")
    outlook = event(
        ";TZID=Tokyo Standard Time:20261205T000000",
        ";TZID=Tokyo Standard Time:20261206T000000",
        "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
    )
    hour = event(":20261203T010000Z", ":20261203T020000Z")
    assert times(calendar(whole, outlook, hour)) == [
        "11-30 00:00 – 12-02 00:00",
        "12-03 10:00 – 12-03 11:00",
        "12-05 00:00 – 12-06 00:00",
    ]
    assert times(calendar(whole, outlook, hour), counts_all_day=False) == ["12-03 10:00 – 12-03 11:00"]


def test_tables_of_free_and_busy_are_read():
    table = (
        "BEGIN:VFREEBUSY\r\nUID:t\r\nFREEBUSY;FBTYPE=BUSY:20261130T010000Z/PT1H,20261201T010000Z/20261201T030000Z\r\n"
        "FREEBUSY;FBTYPE=FREE:20261202T010000Z/PT1H\r\nFREEBUSY:20261203T010000Z/PT30M\r\nEND:VFREEBUSY\r\n"
    )
    assert times(calendar(table)) == [
        "11-30 10:00 – 11-30 11:00",
        "12-01 10:00 – 12-01 12:00",
        "12-03 10:00 – 12-03 10:30",
    ]
    assert read(calendar(table)).entries == 4


def test_an_event_that_cannot_be_read_is_left_out_and_said():
    broken = event(":SOON", ":20261130T020000Z")
    without = "BEGIN:VEVENT\r\nUID:w\r\nSUMMARY:x\r\nEND:VEVENT\r\n"
    good = event(":20261201T010000Z", ":20261201T020000Z")
    told = read(calendar(broken, without, good))
    assert (len(told.busy), told.entries, told.warnings) == (1, 3, {"left_out"})


def test_a_calendar_of_which_nothing_can_be_read_is_not_an_empty_one():
    assert refusal(calendar(event(":SOON"), event(":LATER"))) == ("unreadable", "")


# ── what is refused ───────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("start", "rule", "code"),
    [
        (":19700101T000000Z", "RRULE:FREQ=SECONDLY", "repeats_too_often"),
        (":20261130T000000Z", "RRULE:FREQ=MINUTELY;COUNT=3", "repeats_too_often"),
        (":20261130T000000Z", "RRULE:FREQ=hourly", "repeats_too_often"),
        (":20261130T000000Z", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "repeats_too_often"),
        (":20261130T000000Z", "RRULE:FREQ=DAILY;INTERVAL=0", "repeats_too_often"),
        (
            ":20261130T000000Z",
            "RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5;BYMINUTE=0,10,20,30,40,50",
            "repeats_too_often",
        ),
        (":00010101T000000Z", "RRULE:FREQ=DAILY", "repeats_too_long"),
        (":00010101T000000Z", "RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "repeats_too_long"),
        (":20261130T010000Z", "DURATION:P9999999D", "impossible_times"),
    ],
)
def test_a_bomb_is_refused_with_a_reason_and_the_day_of_its_event(start, rule, code):
    good = event(":20261201T010000Z", ":20261201T020000Z")
    assert refusal(calendar(good, event(start, "", rule)))[0] == code


def test_the_day_of_the_event_in_the_way_is_named():
    assert refusal(calendar(event(":20261130T010000Z", "", "RRULE:FREQ=HOURLY"))) == ("repeats_too_often", "2026-11-30")


def test_a_birthday_from_long_ago_is_no_bomb():
    content = calendar(event(";VALUE=DATE:19030210", "", "RRULE:FREQ=YEARLY"))
    assert times(content) == ["02-10 00:00 – 02-11 00:00"]


def test_a_zone_that_changes_every_second_is_refused():
    bad = OWN_ZONE.replace("TZOFFSETFROM", "RRULE:FREQ=SECONDLY\r\nTZOFFSETFROM", 1)
    assert refusal(calendar(event(";TZID=Our Office:20261130T100000"), head=bad))[0] == "repeats_too_often"


def test_more_times_than_anybody_has_are_refused():
    parts = []
    for number in range(MOST_TIMES + 1):
        start = SINCE + dt.timedelta(hours=number)
        parts.append(
            event(f":{start:%Y%m%dT%H%M%SZ}", f":{start + dt.timedelta(minutes=5):%Y%m%dT%H%M%SZ}", uid=str(number))
        )
    assert refusal(calendar(*parts)) == ("too_many_times", "")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_answer"),
        (b" \r\n ", "empty_answer"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web_page"),
        ("<HTML><body>ログイン".encode("cp932"), "web_page"),
        (b'{"error": "x"}', "no_calendar"),
        (b"/etc/passwd", "no_calendar"),
        (b"BEGIN:VEVENT\r\nDTSTART:20261130T010000Z\r\nEND:VEVENT\r\n", "no_calendar"),
        (calendar(event(":20261130T010000Z"))[:-30], "cut_off"),
        (calendar(event(":20261130T010000Z")) + b"BEGIN:VCALENDAR\r\n", "cut_off"),
        (calendar("END:VEVENT\r\n"), "unreadable"),
        (calendar(head="CALSCALE:MAYAN\r\n"), ""),
    ],
)
def test_what_is_no_calendar_is_named_for_what_it_is(content, code):
    if code:
        assert refusal(content) == (code, "")
    else:
        assert read(content).busy == []


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "cp932", "euc-jp"])
def test_titles_in_any_coding_do_not_spoil_the_times(coding):
    text = calendar(event(":20261130T010000Z", ":20261130T020000Z", "SUMMARY:会議")).decode()
    assert times(text.encode(coding)) == ["11-30 10:00 – 11-30 11:00"]


def test_several_calendars_in_one_file_count_together():
    one = calendar(event(":20261130T010000Z", ":20261130T020000Z"))
    other = calendar(event(":20261201T010000Z", ":20261201T020000Z"))
    assert len(times(one + calendar() + other)) == 2


def test_a_calendar_without_events_is_valid_and_says_that_it_is_empty():
    told = read(calendar())
    assert (told.busy, told.entries) == ([], 0)
