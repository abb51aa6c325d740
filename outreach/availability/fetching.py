"""Fetching one calendar. Plain Python without Django: it runs in the child, never in a web process.

Each host name is looked up once; every machine it stands for must be one of the open net, and the connection goes to the
number that was checked, with the name in the handshake. A redirect begins all over. Nothing of a person goes along: no
cookie, no password, not even which house asks more than its name.
"""

import http.client
import socket
import ssl
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import zip_longest

from outreach.availability.addresses import Address, BadAddress, is_outside, led_on

LARGEST = 10 * 1024 * 1024
MOST_REDIRECTS = 3
MOST_OF_A_KIND = 2
AT_ONCE = 64 * 1024
REDIRECTS = {301, 302, 303, 307, 308}
LONGEST_WAIT = 24 * 3600


class Failed(Exception):
    """It could not be fetched; `code` says why, `about` what the server said, `wait` for how many seconds it asked."""

    def __init__(self, code: str, about: str = "", wait: int | None = None) -> None:
        super().__init__(code)
        self.code, self.about, self.wait = code, about, wait


@dataclass(frozen=True)
class Fetched:
    """What came; `content` is None when nothing has changed since the marks that were sent along."""

    content: bytes | None
    etag: str = ""
    last_modified: str = ""


class Way:
    """How names become numbers and numbers connections."""

    def __init__(self, seconds: float = 10) -> None:
        self.seconds = seconds

    def look_up(self, host: str) -> list[str]:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        return list(dict.fromkeys(str(place[4][0]) for place in found))

    def connect(self, number: str, host: str) -> socket.socket:
        # One machine that does not answer must leave time for the next.
        plain = socket.create_connection((number, 443), timeout=self.seconds / 3)
        plain.settimeout(self.seconds)
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise


def fetch(address: Address, *, etag: str = "", last_modified: str = "", way: Way | None = None) -> Fetched:
    """The calendar at this address, or that it is the same as before. Raises: Failed."""
    way = way or Way()
    for _hop in range(MOST_REDIRECTS + 1):
        answer = _ask(address, etag, last_modified, way)
        if isinstance(answer, Fetched):
            return answer
        try:
            address = led_on(address, answer)
        except BadAddress as bad:
            raise Failed("leads_elsewhere" if bad.code == "leads_elsewhere" else "leads_inside") from bad
    raise Failed("too_many_redirects")


def _ask(address: Address, etag: str, last_modified: str, way: Way) -> Fetched | str:
    """One question: what came, or where it leads on."""
    line = _connected(address.host, way)
    asking = http.client.HTTPSConnection(address.host, 443)
    asking.sock = line
    marks = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {
        "Host": address.host,
        "User-Agent": "Kakehashi calendar reader",
        "Accept": "text/calendar, */*;q=0.1",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **{name: value for name, value in marks.items() if value},
    }
    try:
        asking.request("GET", address.path, headers=headers)
        answer = asking.getresponse()
        return _answered(answer, bool(etag or last_modified))
    except http.client.IncompleteRead as broken:
        raise Failed("cut_off") from broken
    except (http.client.HTTPException, ValueError) as strange:
        raise Failed("no_answer") from strange
    except TimeoutError as slow:
        raise Failed("slow") from slow
    except OSError as broken:
        raise Failed("no_answer") from broken
    finally:
        line.close()


def _connected(host: str, way: Way) -> socket.socket:
    try:
        numbers = way.look_up(host)
    except (OSError, UnicodeError) as unknown:
        raise Failed("unknown_name") from unknown
    # Every one of them: a name that stands for an outer and an inner machine would choose by itself.
    if not numbers or not all(is_outside(number) for number in numbers):
        raise Failed("leads_inside" if numbers else "unknown_name")
    failure: OSError | None = None
    for number in _to_try(numbers):
        try:
            return way.connect(number, host)
        except ssl.SSLError as bad:
            raise Failed("bad_certificate") from bad
        except OSError as failed:
            failure = failed
    raise Failed("slow" if isinstance(failure, TimeoutError) else "no_answer") from failure


def _to_try(numbers: list[str]) -> list[str]:
    """A few of each kind in turn: where one kind leads nowhere, the other may."""
    first = ":" in numbers[0]
    kinds = [[number for number in numbers if (":" in number) is kind] for kind in (first, not first)]
    return [number for pair in zip_longest(*(kind[:MOST_OF_A_KIND] for kind in kinds)) for number in pair if number]


def _answered(answer: http.client.HTTPResponse, was_marked: bool) -> Fetched | str:
    if answer.status in REDIRECTS:
        if location := answer.getheader("Location"):
            return location
        raise Failed("no_answer", str(answer.status))
    if answer.status == 304 and was_marked:
        return Fetched(None)  # to a question without marks it would mean nothing: nothing is known yet
    if answer.status != 200:
        raise Failed(_code_of(answer.status), str(answer.status), _seconds_to_wait(answer))
    return Fetched(_unpacked(answer), _mark(answer, "ETag"), _mark(answer, "Last-Modified"))


def _code_of(status: int) -> str:
    if status in {404, 410}:
        return "not_found"
    if status in {401, 403, 407}:
        return "not_allowed"
    return "told_to_wait" if status in {429, 503} else "server_error"


def _mark(answer: http.client.HTTPResponse, name: str) -> str:
    """A header as it can be sent back: one line of plain letters, or nothing."""
    value = (answer.getheader(name) or "").strip()
    return value if len(value) <= 200 and value.isascii() and value.isprintable() else ""


def _seconds_to_wait(answer: http.client.HTTPResponse) -> int | None:
    said = (answer.getheader("Retry-After") or "").strip()
    if said.isascii() and said.isdigit() and len(said) < 10:
        return min(int(said), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
        seconds = int((until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0, min(seconds, LONGEST_WAIT))


def _unpacked(answer: http.client.HTTPResponse) -> bytes:
    """The whole answer, never more than so many bytes of it once it is unpacked."""
    packing = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if packing not in {"identity", "gzip", "x-gzip", "deflate", ""}:
        raise Failed("bad_packing", packing[:20])
    if (answer.length or 0) > LARGEST:
        raise Failed("too_big")
    opener = zlib.decompressobj(zlib.MAX_WBITS | 32) if packing not in {"identity", ""} else None
    content = bytearray()
    while part := answer.read(AT_ONCE):
        try:
            content += opener.decompress(part, LARGEST + 1 - len(content)) if opener else part
        except zlib.error as broken:
            raise Failed("bad_packing", packing) from broken
        if len(content) > LARGEST:
            raise Failed("too_big")
        if opener and opener.eof:
            break
    if (opener and not opener.eof) or (not opener and answer.length):
        raise Failed("cut_off")
    return bytes(content)
