"""/csp-report/: what browsers stopped is counted; nothing is kept that is somebody's."""

import datetime as dt
import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests.factories import account
from ui.blocked import actions, views
from ui.blocked.told import Told
from ui.models import BlockedSource

pytestmark = pytest.mark.django_db
ADDRESS = "/csp-report/"
OLD = "application/csp-report"


def tell(said: Any, kind: str = OLD, client: Client | None = None, **more: Any) -> HttpResponse:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return (client or Client(enforce_csrf_checks=True)).post(ADDRESS, body, content_type=kind, **more)


def stopped(page: str = "http://testserver/", source: str = "inline", directive: str = "script-src-elem") -> dict:
    return {"csp-report": {"document-uri": page, "blocked-uri": source, "effective-directive": directive}}


def kept() -> list[tuple[str, str, str, int]]:
    return sorted(BlockedSource.objects.values_list("directive", "source", "page", "count"))


def test_what_was_stopped_twice_is_counted_in_one_row(clock):
    assert tell(stopped()).status_code == 204
    clock.shift(3600)
    assert tell(stopped()).content == b""
    assert kept() == [("script-src-elem", "inline", "/", 2)]
    row = BlockedSource.objects.get()
    assert dt.timedelta(hours=1) <= row.last_seen_at - row.first_seen_at < dt.timedelta(hours=1, minutes=1)


def test_the_newer_form_tells_several_at_once():
    said = [
        {
            "type": "csp-violation",
            "age": 1,
            "user_agent": "Mozilla/5.0",
            "body": {
                "documentURL": "http://testserver/my/?x=1#y",
                "blockedURL": "https://evil.example:8443/x.js?who=me#part",
                "effectiveDirective": "script-src-elem",
            },
        },
        {"type": "deprecation", "body": {"id": "x"}},
        {
            "type": "csp-violation",
            "body": {
                "documentURL": "http://testserver/en/my/",
                "blockedURL": "eval",
                "effectiveDirective": "script-src",
            },
        },
    ]
    assert tell(said, "application/reports+json").status_code == 204
    assert kept() == [
        ("script-src", "eval", "/en/my/", 1),
        ("script-src-elem", "https://evil.example:8443/x.js", "/my/", 1),
    ]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/requests/4d1b7e52-0000-4000-8000-000000000000/?form=x", "/requests/<uuid:public_id>/"),
        ("/en/visits/4d1b7e52-0000-4000-8000-000000000000/", "/en/visits/<uuid:public_id>/"),
        ("/cms/pages/3/edit/", "/cms/pages/<int:page_id>/edit/"),
        ("/invitations/ab12Cd34ef56/", None),
        ("/no/such/place/kA93jfls02Kfls-3jfk/", "/no/such/place/…/"),
        ("/feeds/kA93jfls02Kfls3jfk.ics", "/feeds/<slug:token>.ics"),
        ("/news/announcement-2026/", "/news/announcement-2026/"),
    ],
)
def test_no_id_and_no_secret_of_an_address_is_kept(path, said):
    tell(stopped("http://testserver" + path, source="http://testserver" + path))
    ((_directive, source, page, _count),) = kept()
    assert source == "http://testserver" + page
    assert page == said if said else "ab12Cd34ef56" not in page


def test_a_user_and_password_in_an_address_are_not_kept():
    tell(stopped(source="https://me:secret@evil.example/x?y"))
    assert kept()[0][1] == "https://evil.example/x"


@pytest.mark.parametrize(
    "said",
    [
        stopped("https://elsewhere.example/"),
        stopped("http://testserver:81/"),
        stopped("about:blank"),
        stopped("http://[oops/"),
        stopped(source="chrome-extension://abc/x.js"),
        stopped(source=""),
        stopped(source="http://[oops/"),
        stopped(directive="山田 太郎"),
        {"csp-report": {"document-uri": 3, "blocked-uri": [], "effective-directive": None}},
        {"csp-report": []},
        [],
        [3, {"type": "csp-violation", "body": 3}],
        "x",
        None,
    ],
    ids=str,
)
def test_what_does_not_speak_of_our_pages_is_passed_over(said):
    assert tell(said).status_code == 204
    assert kept() == []


def test_what_cannot_be_read_is_refused():
    assert tell(b"{").status_code == 400
    assert tell(b"[" * 10_000).status_code == 400
    assert tell(b"\xff").status_code == 400
    assert tell(stopped(), "application/json").status_code == 415
    assert tell(stopped(), "text/plain").status_code == 415
    assert tell(b'"' + b"x" * views.LARGEST + b'"').status_code == 413
    assert kept() == []


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_telling_is_answered(method):
    answer = getattr(Client(), method)(ADDRESS)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_nothing_of_the_person_who_tells_is_kept():
    client = Client(headers={"user-agent": "Netscape 4"}, REMOTE_ADDR="192.0.2.7")
    client.force_login(account("teacher"))
    tell(stopped("http://testserver/my/"), client=client)
    row = BlockedSource.objects.values().get()
    assert set(row) == {"id", "directive", "source", "page", "count", "first_seen_at", "last_seen_at"}
    assert (row["directive"], row["source"], row["page"], row["count"]) == ("script-src-elem", "inline", "/my/", 1)


def test_the_list_stays_short_and_keeps_what_is_seen_often(monkeypatch):
    monkeypatch.setattr(actions, "AT_MOST", 3)
    for _again in range(2):
        actions.note(Told("img-src", "often", "/"))
    for number in range(5):
        actions.note(Told("img-src", f"once-{number}", "/"))
    assert [row[1] for row in kept()] == ["often", "once-3", "once-4"]


def test_a_flood_is_answered_and_not_written(monkeypatch):
    monkeypatch.setattr(views, "PER_MINUTE", 4)
    assert {tell(stopped(source=f"https://x.example/{number}")).status_code for number in range(9)} == {204}
    assert len(kept()) == 4


def test_one_report_tells_of_twenty_at_most():
    body = {"documentURL": "http://testserver/", "effectiveDirective": "img-src"}
    said = [
        {"type": "csp-violation", "body": {**body, "blockedURL": f"https://x.example/{number}"}} for number in range(40)
    ]
    assert tell(said, "application/reports+json").status_code == 204
    assert len(kept()) == 20


def test_what_no_browser_tells_any_more_is_forgotten():
    now = timezone.now()
    for days in (29, 31):
        seen = now - dt.timedelta(days=days)
        BlockedSource.objects.create(
            directive="img-src",
            source=f"{days}",
            page="/",
            first_seen_at=now - dt.timedelta(days=99),
            last_seen_at=seen,
        )
    assert actions.forget_old() == "1 blocked sources forgotten"
    assert [row[1] for row in kept()] == ["29"]


@pytest.mark.parametrize("is_secure", [False, True])
def test_every_page_says_where_to_tell(is_secure):
    page = Client().get("/", secure=is_secure)
    assert "report-uri /csp-report/" in page.headers["Content-Security-Policy"]
    # Chromium would wait for ever on a plain connection.
    assert ("report-to csp" in page.headers["Content-Security-Policy"]) is is_secure
    assert page.headers.get("Reporting-Endpoints") == ('csp="/csp-report/"' if is_secure else None)


def test_administrators_read_the_list_and_nobody_else(client):
    actions.note(Told("script-src-elem", "https://evil.example/x.js", "/my/"))
    client.force_login(account("admin"))
    page = client.get("/cms/reports/blocked/")
    assert page.status_code == 200
    assert "https://evil.example/x.js" in page.content.decode()
    client.force_login(account("editor"))
    for address in ("/cms/reports/blocked/", "/cms/reports/blocked/results/"):
        refused = client.get(address)
        assert (refused.status_code, refused.headers["Location"]) == (302, "/cms/")
