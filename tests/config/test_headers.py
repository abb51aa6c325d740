"""The headers of every kind of answer, and the rules of the HTTP Observatory that can be told from one answer."""

import re
from collections.abc import Iterator

import gunicorn
import pytest
from django.http import HttpResponse
from django.test import Client

from config.security import PERMISSIONS
from demo.world import PASSWORD
from pages.models import HomePage
from tests.factories import account, confirmed_visit

pytestmark = pytest.mark.django_db

PUBLIC = (
    "/",
    "/en/",
    "/reach/",
    "/ambassadors/",
    "/en/ambassadors/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/healthz",
    "/sitemap.xml",
    "/no/such/page/",
    "/requests/",
)
SIGNED_IN = {
    "teacher": ("/my/", "/my/security/", "/requests/", "/requests/new/", "/en/my/", "VISIT", "/desk/", "/"),
    "ambassador": ("/my/", "/my/profile/", "/my/conduct/"),
    "board": ("/boards/",),
    "viewer": ("/dashboard/",),
    "coordinator": ("/desk/", "/desk/people/", "/desk/letters/", "/desk/schools/"),
    "editor": ("/cms/", "/cms/pages/", "/cms/images/", "EDITOR"),
    "admin": ("/cms/users/", "/cms/reports/blocked/"),
}
EVERYWHERE = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "Reporting-Endpoints": 'csp="/csp-report/"',
}
IN_THE_EDITORS_HOUSE = {"img-src": "'self' data: blob:", "frame-src": "'self'", "frame-ancestors": "'self'"}
STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "report-uri": "/csp-report/",
    "report-to": "csp",
}


@pytest.fixture(autouse=True)
def on_https(settings, tmp_path) -> None:
    """As where SITE_URL begins with https://, and with one collected file."""
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = settings.SECURE_SSL_REDIRECT = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "x.js").write_text("1")


def get(path: str, client: Client | None = None) -> HttpResponse:
    return (client or Client(raise_request_exception=False)).get(path, secure=True)


def policy(answer: HttpResponse) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: value for name, _blank, value in parts}


def signed_in() -> Iterator[tuple[str, HttpResponse]]:
    visit = confirmed_visit()
    home = HomePage.objects.get(locale__language_code="ja")
    special = {"VISIT": f"/visits/{visit.public_id}/", "EDITOR": f"/cms/pages/{home.pk}/edit/"}
    for who, paths in SIGNED_IN.items():
        client = Client(raise_request_exception=False)
        client.force_login(account(who))
        for path in paths:
            yield special.get(path, path), get(special.get(path, path), client)


def wrong(path: str, answer: HttpResponse, **expected: str) -> list[str]:
    """Where this answer does not carry what it should."""
    told = {name: answer.headers.get(name, "") for name in EVERYWHERE}
    found = [f"{path}: {name}: {told[name]}" for name in EVERYWHERE if told[name] != EVERYWHERE[name]]
    if "Server" in answer.headers or "X-Powered-By" in answer.headers:
        found.append(f"{path}: says what serves it")
    wanted = STRICT | expected
    if policy(answer) != wanted:
        found.append(f"{path}: {sorted(set(policy(answer).items()) ^ set(wanted.items()))}")
    return found


def test_what_anybody_gets():
    complaints = [line for path in PUBLIC for line in wrong(path, get(path))]
    assert complaints == []


def test_what_people_get_who_are_signed_in():
    complaints, count = [], 0
    for path, answer in signed_in():
        expected = IN_THE_EDITORS_HOUSE if path.startswith("/cms/") else {}
        if path.endswith("/edit/"):
            expected = expected | {"style-src-elem": "'self' 'unsafe-inline'"}
        complaints += wrong(path, answer, **expected)
        cached = answer.headers.get("Cache-Control", "")
        if not {"no-store", "private"} <= set(cached.split(", ")):
            complaints.append(f"{path}: Cache-Control: {cached}")
        count += 1
    assert complaints == []
    assert count + len(PUBLIC) >= 25


def test_static_files_and_pictures(settings, tmp_path):
    (tmp_path / "portraits").mkdir()
    (tmp_path / "portraits" / "x.png").write_bytes(b"\x89PNG")
    settings.MEDIA_ROOT = tmp_path
    for path, kept in {"/static/x.js": "max-age=60, public", "/media/portraits/x.png": "public, max-age=3600"}.items():
        answer = get(path)
        assert (answer.status_code, wrong(path, answer)) == (200, [])
        assert answer.headers["Cache-Control"] == kept
        answer.close()


def test_a_breakdown_too(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("pages.views.serve", broken)
    answer = get("/news/")
    assert (answer.status_code, wrong("/news/", answer)) == (500, [])


def test_a_plain_address_leads_to_the_safe_one():
    answer = Client().get("/reach/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://testserver/reach/")


def test_only_previews_may_stand_in_a_frame(client):
    client.force_login(account("editor"))
    home = HomePage.objects.get(locale__language_code="ja")
    page = f"/cms/pages/{home.pk}/edit/"
    preview = client.get(f"{page}preview/", secure=True)
    assert (preview.status_code, preview.headers["X-Frame-Options"]) == (200, "SAMEORIGIN")
    assert wrong("preview", preview, **IN_THE_EDITORS_HOUSE) == []
    # Made by asking ourselves for the page at its public address, whose policy must not win.
    drawn = client.get(f"/cms/pages/{home.pk}/view_draft/", secure=True)
    assert (home.headline in drawn.content.decode(), wrong("draft", drawn, **IN_THE_EDITORS_HOUSE)) == (True, [])
    assert client.get(page, secure=True).headers["X-Frame-Options"] == "DENY"
    assert get("/").headers["X-Frame-Options"] == "DENY"


def test_the_server_tells_no_version():
    assert gunicorn.SERVER == "gunicorn"


# ── the Observatory's rules ───────────────────────────────────────────────────
def score(answer: HttpResponse) -> tuple[int, list[str]]:
    """Points, and the rules that cost some. What needs a look from outside (preload list, CORS files) is left out."""
    said, points, costs = policy(answer), 100, []

    def cost(how_much: int, why: str) -> None:
        nonlocal points
        points -= how_much
        costs.append(why)

    scripts, styles = said.get("script-src", ""), said.get("style-src-elem", said.get("style-src", ""))
    if "unsafe" in scripts or "http:" in scripts or "data:" in scripts or "*" in scripts:
        cost(20, "unsafe scripts")
    elif "unsafe" not in styles and said["default-src"] == "'none'":
        points += 10
    if "max-age=31536000" not in answer.headers.get("Strict-Transport-Security", ""):
        cost(20, "no HSTS")
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        cost(5, "sniffing")
    if said.get("frame-ancestors") in {"'none'", "'self'"}:
        points += 5
    elif "X-Frame-Options" not in answer.headers:
        cost(20, "framable")
    points += 5 if answer.headers.get("Referrer-Policy") in {"no-referrer", "same-origin"} else 0
    points += 10 if answer.headers.get("Cross-Origin-Resource-Policy") == "same-origin" else 0
    if answer.headers.get("Access-Control-Allow-Origin"):
        cost(50, "CORS")
    for name, cookie in answer.cookies.items():
        if not cookie["secure"]:
            cost(40, f"cookie {name} on plain lines")
        if not cookie["httponly"] and "csrf" not in name:
            cost(30, f"cookie {name} for scripts")
        if not cookie["samesite"]:
            cost(20, f"cookie {name} for others")
    body = answer.content.decode(errors="replace")
    if re.search(r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)=["'](?:https?:)?//(?!testserver)""", body):
        cost(5, "something from elsewhere")
    return points, costs


def test_the_observatory_has_nothing_to_say():
    answers = [*((path, get(path)) for path in PUBLIC), *signed_in()]
    scores = {path: score(answer) for path, answer in answers}
    assert {path: costs for path, (_points, costs) in scores.items() if costs} == {}
    low = {path for path, (points, _costs) in scores.items() if points < 130}
    # Style elements cost the bonus where somebody writes.
    assert {re.sub(r"\d+", "N", path) for path in low} == {"/cms/pages/N/edit/"}


def test_the_cookies_of_a_sign_in_cost_nothing():
    client = Client()
    get("/accounts/login/", client)
    answer = client.post("/accounts/login/", {"login": account("teacher").email, "password": PASSWORD}, secure=True)
    assert "sessionid" in answer.cookies
    assert score(answer) == (130, [])
