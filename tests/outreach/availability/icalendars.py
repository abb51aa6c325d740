"""Calendars as they come: made here, with the lines that a test is about."""

import datetime as dt

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//elsewhere//JA\r\n"


def calendar(*parts: str, head: str = "") -> bytes:
    return (HEAD + head + "".join(parts) + "END:VCALENDAR\r\n").encode()


def event(start: str, end: str = "", *lines: str, uid: str = "") -> str:
    """`start` and `end` are whole lines without DTSTART or DTEND: ":20261130T100000Z", ";VALUE=DATE:20261130"."""
    said = [f"UID:{uid or abs(hash((start, end, lines)))}@elsewhere", f"DTSTART{start}"]
    said += [f"DTEND{end}"] if end else []
    return "\r\n".join(["BEGIN:VEVENT", *said, *lines, "END:VEVENT", ""])


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """A moment on the clock of Tokyo."""
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=dt.timezone(dt.timedelta(hours=9)))


def utc(moment: dt.datetime) -> str:
    return f":{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def meeting(start: dt.datetime, end: dt.datetime, *lines: str, uid: str = "") -> str:
    return event(utc(start), utc(end), *lines, uid=uid)
