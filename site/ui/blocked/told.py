"""Reading what a browser tells: the two forms of a report, and addresses without anything that is somebody's secret."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from django.utils import translation

DIRECTIVES = {
    "default-src",
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "style-src",
    "style-src-elem",
    "style-src-attr",
    "img-src",
    "connect-src",
    "font-src",
    "media-src",
    "object-src",
    "frame-src",
    "child-src",
    "worker-src",
    "manifest-src",
    "form-action",
    "base-uri",
    "frame-ancestors",
}
# No address, but a word for what stood in the page itself.
WORDS = {"inline", "eval", "wasm-eval", "self", "data", "blob", "filesystem", "trusted-types-sink"}
CMS_PAGE = "wagtail_serve"
# A run of letters and digits that looks like a key, and not like a word that somebody chose.
KEY = re.compile(r"(?=\w*\d)\w{10,}|\w{32,}")
HIDDEN = "…"
LONGEST = 200


@dataclass(frozen=True)
class Told:
    """One thing that was stopped, in the words that are kept."""

    directive: str
    source: str
    page: str


def read(said: Any, host: str) -> Iterator[Told]:
    """What this report tells of pages of this host. Whatever else it says is passed over."""
    for report in reports_in(said):
        directive = text(report, "effective-directive", "effectiveDirective", "violated-directive").partition(" ")[0]
        source = source_of(text(report, "blocked-uri", "blockedURL"), host)
        page = split(text(report, "document-uri", "documentURL"))
        if directive in DIRECTIVES and source and page and page.netloc == host:
            yield Told(directive, source, path_of(page.path)[:LONGEST])


def reports_in(said: Any) -> Iterator[dict[str, Any]]:
    """Both forms: `{"csp-report": {…}}`, and a list of `{"type": "csp-violation", "body": {…}}`."""
    if isinstance(said, dict) and isinstance(said.get("csp-report"), dict):
        yield said["csp-report"]
    elif isinstance(said, list):
        for entry in said:
            if isinstance(entry, dict) and entry.get("type") == "csp-violation" and isinstance(entry.get("body"), dict):
                yield entry["body"]


def text(report: dict[str, Any], *names: str) -> str:
    """The first of these that is said."""
    return next((found for name in names if isinstance(found := report.get(name), str)), "")


def split(address: str) -> Any:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def source_of(blocked: str, host: str) -> str:
    """A word, or host and path. Empty for what a browser extension brought: no page of ours asked for it."""
    if blocked in WORDS:
        return blocked
    found = split(blocked)
    if not found or found.scheme not in {"http", "https", "ws", "wss"} or not found.hostname:
        return ""
    path = path_of(found.path) if found.netloc == host else without_keys(found.path)
    at = found.netloc.rpartition("@")[2]
    return f"{found.scheme}://{at}{path}"[:LONGEST]


def path_of(path: str) -> str:
    """The address of one of our pages as it is written in the code, so that no id and no secret of a link is kept."""
    language = translation.get_language_from_path(path)
    before = f"/{language}" if language else ""
    try:
        with translation.override(language or "ja"):
            match = resolve(path)
    except Resolver404:
        return without_keys(path)
    if match.url_name == CMS_PAGE or not match.route:
        return without_keys(path)
    route = match.route.removeprefix(f"{language}/") if language else match.route
    return f"{before}/{route.replace('^', '').replace('$', '')}"


def without_keys(path: str) -> str:
    return "/".join(HIDDEN if KEY.search(part) else part for part in path.split("/"))
