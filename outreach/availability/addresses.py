"""Which addresses of calendars may be read at all. Plain Python: the page and the child that reads ask the same.

https on port 443, a host with a name, nobody's name and password in it. Calendars of the large houses are read at once,
those of any other host when the desk has said so.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

LONGEST = 2000

# Where people keep their calendars: these are read without asking the desk.
KNOWN_HOSTS = (
    r"calendar\.google\.com",
    r"outlook\.office365\.com",
    r"outlook\.office\.com",
    r"outlook\.live\.com",
    r"p\d{1,3}-(caldav|calendars)\.icloud\.com",
)
_KNOWN = re.compile("|".join(f"({host})" for host in KNOWN_HOSTS))
# Names of a house or of a machine, never of a server in the open.
_INNER_ENDINGS = (
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "arpa",
    "onion",
    "invalid",
)
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))+")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
# Kept as they were written: everything that is already quoted or has a meaning.
_SAFE = "/%:@!$&'()*+,;=~-._?"


class BadAddress(ValueError):
    """This cannot be read; `code` says why (`reasons.py` has the words)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Address:
    """One address that may be asked for: always https, always port 443."""

    host: str
    path: str

    def __str__(self) -> str:
        return f"https://{self.host}{self.path}"


def read_address(text: str) -> Address:
    """The address somebody typed or was led to. Raises: BadAddress."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise BadAddress("too_long" if text else "unreadable")
    if any(ord(mark) < 33 or ord(mark) == 127 or mark == "\\" for mark in text):
        raise BadAddress("unreadable")
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise BadAddress("unreadable") from None
    if parts.scheme.lower() not in {"https", "webcal", "webcals"}:
        raise BadAddress("not_https" if parts.scheme.lower() == "http" else "unreadable")
    if "@" in parts.netloc:
        raise BadAddress("has_password")
    if port not in {None, 443} and not (port == 80 and parts.scheme.lower() == "webcal"):
        raise BadAddress("other_port")
    return Address(_host_named(host), _path_of(parts))


def _host_named(host: str) -> str:
    host = host.rstrip(".")
    try:
        host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise BadAddress("unreadable") from None
    if _is_number(host):
        raise BadAddress("is_number")
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise BadAddress("inner_name" if re.fullmatch(r"[a-z0-9-]+", host) else "unreadable")
    if host.rpartition(".")[2] in _INNER_ENDINGS:
        raise BadAddress("inner_name")
    return host


def _is_number(host: str) -> bool:
    """Every way to write a machine's number: 127.1, 0x7f000001, 2130706433, ::1."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        # A name whose last part is a number is taken for a number by the look-up.
        return bool(_NUMBER.fullmatch(host.rpartition(".")[2]))
    return True


def _path_of(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_SAFE)
    return f"{path}?{quote(parts.query, safe=_SAFE)}" if parts.query else path


def led_on(address: Address, location: str) -> Address:
    """Where a redirect leads: to the same host or to a known one, nowhere else. Raises: BadAddress."""
    found = read_address(urljoin(str(address), location))
    if found.host != address.host and not is_known(found.host):
        raise BadAddress("leads_elsewhere")
    return found


def is_known(host: str) -> bool:
    return bool(_KNOWN.fullmatch(host))


def is_a_page(address: Address) -> bool:
    """The address of a page to look at, which people copy by mistake in the place of the calendar's own."""
    path = address.path.partition("?")[0].lower()
    if address.host == "calendar.google.com":
        return not path.endswith(".ics")
    if address.host.startswith("outlook."):
        return not path.endswith(".ics")
    return path.endswith((".html", ".htm"))


def masked(address: Address) -> str:
    """What is shown of it: the host and the last four characters."""
    return f"{address.host}/…{address.path[-4:]}"


# ── which machines may be asked ───────────────────────────────────────────────
# What `is_global` lets through and must not be asked: groups, ways around (NAT64, 6to4, Teredo, mapped and compatible
# forms), relays, and one address inside a large provider of servers that answers its own machines only.
_REFUSED = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/3",
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/9",
        "ff00::/8",
    )
)
_OPEN_V6 = ipaddress.ip_network("2000::/3")


def is_outside(number: str) -> bool:
    """Whether a machine of this number is one of the open net, whoever's it is."""
    try:
        machine = ipaddress.ip_address(number)
    except ValueError:
        return False  # with a zone of its own (fe80::1%eth0), or none at all
    if machine.version == 6 and machine not in _OPEN_V6:
        return False
    if not machine.is_global or machine.is_multicast or machine.is_reserved:
        return False
    return not any(machine.version == net.version and machine in net for net in _REFUSED)
