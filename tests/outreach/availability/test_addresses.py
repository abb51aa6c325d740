"""Which addresses may be read, and that no way of writing one leads inside."""

import socket
import threading
from collections.abc import Iterator

import pytest

from outreach.availability.addresses import Address, BadAddress, is_a_page, is_known, is_outside, masked, read_address
from outreach.availability.fetching import Failed, Way, fetch

SECRET = "https://calendar.google.com/calendar/ical/me%40example.jp/private-0123abcd/basic.ics"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (SECRET, SECRET),
        (f"  {SECRET}\n", SECRET),
        ("webcal://p01-caldav.icloud.com/published/2/abc", "https://p01-caldav.icloud.com/published/2/abc"),
        ("webcal://cloud.example.jp:80/x.ics", "https://cloud.example.jp/x.ics"),
        ("HTTPS://Cloud.Example.JP.:443/a b".replace(" ", "%20"), "https://cloud.example.jp/a%20b"),
        ("https://cloud.example.jp", "https://cloud.example.jp/"),
        (
            "https://cloud.example.jp/予定.ics?key=あ#top",
            "https://cloud.example.jp/%E4%BA%88%E5%AE%9A.ics?key=%E3%81%82",
        ),
        ("https://学校.example.jp/x.ics", "https://xn--o9j9kn61i.example.jp/x.ics"),
    ],
)
def test_an_address_is_read_as_people_copy_it(typed, wanted):
    if "学校" in typed:
        wanted = f"https://{'学校'.encode('idna').decode()}.example.jp/x.ics"
    assert str(read_address(typed)) == wanted


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "unreadable"),
        ("   ", "unreadable"),
        ("calendar.google.com/basic.ics", "unreadable"),
        ("ftp://cloud.example.jp/x.ics", "unreadable"),
        ("file:///etc/passwd", "unreadable"),
        ("javascript:alert(1)", "unreadable"),
        ("http://cloud.example.jp/x.ics", "not_https"),
        ("https://me:secret@cloud.example.jp/x.ics", "has_password"),
        ("https://calendar.google.com@127.0.0.1/x.ics", "has_password"),
        ("https://cloud.example.jp:8443/x.ics", "other_port"),
        ("https://cloud.example.jp:99999/x.ics", "unreadable"),
        ("https:///x.ics", "unreadable"),
        ("https://localhost/x.ics", "inner_name"),
        ("https://db/x.ics", "inner_name"),
        ("https://db.internal/x.ics", "inner_name"),
        ("https://printer.local./x.ics", "inner_name"),
        ("https://cloud.example.jp\\@127.0.0.1/", "unreadable"),
        ("https://cloud.example.jp/\r\nHost: inner", "unreadable"),
        ("https://cloud.example.jp/a b", "unreadable"),
        ("https://[::1/x", "unreadable"),
        ("https://-.example.jp/x", "unreadable"),
        (f"https://cloud.example.jp/{'x' * 2000}", "too_long"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(typed, code):
    with pytest.raises(BadAddress) as refused:
        read_address(typed)
    assert refused.value.code == code


# Forms in which the way inside has been written elsewhere.
INSIDE = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "0",
    "0.0.0.0",
    "0x7f.0.0.1",
    "0x7f000001",
    "0X7F000001",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "localhost",
    "LOCALHOST.",
    "localhost.localdomain",
    "metadata.google.internal",
    "ip6-localhost",
)


@pytest.fixture
def canary() -> Iterator[tuple[int, list[str]]]:
    """A server inside, on every way that this machine calls itself; whoever reaches it is written down."""
    hits: list[str] = []
    inner = socket.create_server(("127.0.0.1", 0))
    inner.settimeout(0.05)
    is_over = threading.Event()

    def listen() -> None:
        while not is_over.is_set():
            try:
                line, place = inner.accept()
            except TimeoutError:
                continue
            hits.append(str(place))
            line.close()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    yield inner.getsockname()[1], hits
    is_over.set()
    listener.join()
    inner.close()


class InnerWay(Way):
    """As in the house, with its own look-up, but every connection goes to the port of the canary."""

    def __init__(self, port: int) -> None:
        super().__init__(seconds=1)
        self.port = port

    def connect(self, number: str, host: str) -> socket.socket:
        return socket.create_connection((number, self.port), timeout=1)


@pytest.mark.parametrize("form", INSIDE)
def test_no_form_of_an_inner_address_reaches_a_server_inside(form, canary):
    port, hits = canary
    with pytest.raises(BadAddress):
        read_address(f"https://{form}/x.ics")
    # And when a form slips through the reading, the look-up is looked at.
    with pytest.raises(Failed) as failed:
        fetch(Address(form.strip("[]"), "/x.ics"), way=InnerWay(port))
    assert failed.value.code in {"leads_inside", "unknown_name"}
    assert hits == []


def test_the_canary_hears_a_visitor(canary):
    port, hits = canary
    with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
        line.recv(1)
    assert len(hits) == 1


@pytest.mark.parametrize("number", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2400:cb00:2048:1::6814:155"])
def test_machines_of_the_open_net_may_be_asked(number):
    assert is_outside(number)


def test_a_name_with_one_inner_machine_among_others_is_not_asked():
    class Both(Way):
        def look_up(self, host):
            return ["93.184.215.14", "127.0.0.1"]

        def connect(self, number, host):
            raise AssertionError("nobody is asked")

    with pytest.raises(Failed, match="leads_inside"):
        fetch(read_address(SECRET), way=Both())


def test_the_machine_that_was_checked_is_the_one_that_is_asked():
    """A name that changes its mind between the look and the question (rebinding) is looked up once."""
    looked_up, asked = [], []

    class Rebinding(Way):
        def look_up(self, host):
            looked_up.append(host)
            return ["93.184.215.14"] if len(looked_up) == 1 else ["127.0.0.1"]

        def connect(self, number, host):
            asked.append(number)
            raise ConnectionRefusedError

    with pytest.raises(Failed, match="no_answer"):
        fetch(read_address(SECRET), way=Rebinding())
    assert (looked_up, asked) == (["calendar.google.com"], ["93.184.215.14"])


def test_where_one_kind_of_number_leads_nowhere_the_other_is_tried():
    asked = []

    class Nowhere(Way):
        def look_up(self, host):
            return [*(f"2606:4700:4700::{n}" for n in range(1, 6)), "93.184.215.14", "93.184.215.15"]

        def connect(self, number, host):
            asked.append(number)
            raise OSError("Network is unreachable")

    with pytest.raises(Failed, match="no_answer"):
        fetch(read_address(SECRET), way=Nowhere())
    assert asked == ["2606:4700:4700::1", "93.184.215.14", "2606:4700:4700::2", "93.184.215.15"]


def test_the_calendars_of_the_large_houses_are_known():
    hosts = ("calendar.google.com", "outlook.office365.com", "outlook.live.com", "p121-caldav.icloud.com")
    assert all(is_known(host) for host in hosts)
    others = ("evil.calendar.google.com", "calendar.google.com.evil.jp", "xp1-caldav.icloud.com", "icloud.com")
    assert not any(is_known(host) for host in others)


@pytest.mark.parametrize(
    ("address", "is_page"),
    [
        (SECRET, False),
        ("https://calendar.google.com/calendar/u/0?cid=abc", True),
        ("https://calendar.google.com/calendar/embed?src=a.ics", True),
        ("https://outlook.office365.com/owa/calendar/a/b/calendar.html", True),
        ("https://outlook.office365.com/owa/calendar/a/b/calendar.ics", False),
        ("https://p01-caldav.icloud.com/published/2/abc", False),
        ("https://cloud.example.jp/index.html", True),
    ],
)
def test_the_address_of_a_page_is_told_from_that_of_a_calendar(address, is_page):
    assert is_a_page(read_address(address)) is is_page


def test_an_address_is_shown_by_its_host_and_its_last_letters():
    assert masked(read_address(SECRET)) == "calendar.google.com/….ics"
