"""A person's feeds on their own pages; and the files that calendar programs read, which know no session."""

import datetime as dt
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.once import once
from accounts.rules import only
from outreach.calendars import actions, files
from outreach.calendars.entries import Calendar
from outreach.calendars.forms import FeedForm, NameForm
from outreach.calendars.models import Feed, print_of_token
from outreach.calendars.rules import is_asked, may_open_feeds, may_subscribe
from outreach.lives import NotAllowed
from ui import dates
from ui.calendar_files import answer, print_of

View = Callable[..., HttpResponse]
with_a_calendar = only(may_open_feeds)
# Carries the new secret to the one page that shows it: it lies in no table and in no address of a page.
COOKIE, SECONDS_TO_SHOW = "feed_address", 300
FOR_ITS_READER = "private, no-cache"
MISSING = "このアドレスのカレンダーはありません。\nThere is no calendar at this address.\n"


# ── pages ─────────────────────────────────────────────────────────────────────
@with_a_calendar
@require_http_methods(["GET", "HEAD", "POST"])
@once
def feeds(request: HttpRequest) -> HttpResponse:
    """The person's addresses, when each was read last; and a new one."""
    may_make = may_subscribe(request.user)
    if request.method == "POST" and not may_make:
        raise PermissionDenied
    form = FeedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made, token = actions.make(by=request.user, **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return _to_address(made, token)
    return render(
        request,
        "outreach/calendars/feeds.html",
        {
            "form": form,
            "feeds": Feed.objects.living().filter(person=request.user),
            "may_make": may_make,
            "has_offers": is_asked(request.user),
            "most": actions.MOST,
        },
        status=422 if request.method == "POST" else 200,
    )


def _own(request: HttpRequest, public_id: uuid.UUID) -> Feed:
    return get_object_or_404(Feed.objects.living().filter(person=request.user), public_id=public_id)


@with_a_calendar
@require_http_methods(["GET", "HEAD", "POST"])
def feed(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One address: another name for it, a new secret, or its end."""
    row = _own(request, public_id)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": row.name})
    if request.method == "POST" and form.is_valid():
        actions.rename(row, by=request.user, name=form.cleaned_data["name"])
        messages.success(request, _("名前を変えました。"))
        return redirect("calendars:feeds")
    return render(
        request,
        "outreach/calendars/feed.html",
        {"feed": row, "form": form},
        status=422 if request.method == "POST" else 200,
    )


@with_a_calendar
@require_POST
@once
def rotate(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The old address has ended; the new one is shown once."""
    return _to_address(*actions.rotate(_own(request, public_id), by=request.user))


@with_a_calendar
@require_POST
def revoke(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The address has ended."""
    ended = actions.revoke(_own(request, public_id), by=request.user)
    messages.success(
        request,
        _("「%(name)s」を止めました。カレンダーに残った予定は、カレンダーの側で購読を削除すると消えます。")
        % {"name": ended.name},
    )
    return redirect("calendars:feeds")


def _to_address(row: Feed, token: str) -> HttpResponse:
    """On to the page that shows the secret, which travels in a cookie of a few minutes for that page alone."""
    response = redirect("calendars:address", row.public_id)
    response.set_cookie(
        COOKIE,
        token,
        max_age=SECONDS_TO_SHOW,
        path=response.headers["Location"],
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


@with_a_calendar
@require_safe
def address(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The new address, this once, with the ways into each calendar program."""
    row = _own(request, public_id)
    token = request.COOKIES.get(COOKIE, "")
    if print_of_token(token) != row.token_hash:
        messages.info(
            request,
            _("アドレスを表示するのは、作った直後の一度だけです。控えていないときは、アドレスを取り替えてください。"),
        )
        return redirect(row)
    https = _address_of("feed_ics", token)
    webcal = f"webcal://{https.partition('://')[2]}"
    response = render(
        request,
        "outreach/calendars/address.html",
        {
            "feed": row,
            "https": https,
            "webcal": webcal,
            "google": f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}",
            "freebusy": _address_of("feed_freebusy", token),
        },
    )
    response.delete_cookie(COOKIE, path=request.path, samesite="Strict")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _address_of(name: str, token: str) -> str:
    return settings.SITE_URL + reverse(name, args=[token])


# ── files ─────────────────────────────────────────────────────────────────────
def _by_token(view: View) -> View:
    """The feed behind the secret. Whatever opens nothing is answered by the same bytes, and says nothing of why."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        row = Feed.objects.read_by(token)
        if row is None:
            return HttpResponseNotFound(MISSING, content_type="text/plain; charset=utf-8")
        with translation.override(row.person.language):
            return view(request, row, token)

    return require_safe(guarded)


@_by_token
def feed_ics(request: HttpRequest, row: Feed, token: str) -> HttpResponse:
    """What the person may see, as a calendar file."""
    return _file(request, row, "feed_ics", token, files.calendar_file)


@_by_token
def feed_freebusy(request: HttpRequest, row: Feed, token: str) -> HttpResponse:
    """The same as taken hours only."""
    return _file(request, row, "feed_freebusy", token, files.freebusy_file)


def _file(request: HttpRequest, row: Feed, name: str, token: str, write: Callable[..., bytes]) -> HttpResponse:
    now = timezone.now()
    calendar = Calendar(row.person, now)
    content = print_of(row.version, row.scope, row.name, row.person.language, calendar.content)
    since = actions.note_reading(row, content=content, agent=request.headers.get("User-Agent", ""))
    told: dict[str, Any] = {"etag": content, "changed_at": since}
    if write is files.freebusy_file:
        # It names the days for which it speaks.
        today = calendar.window.today
        told = {"etag": print_of(content, today), "changed_at": max(since, dates.at_tokyo(today, dt.time()))}
    return answer(
        request,
        **told,
        cache=FOR_ITS_READER,
        language=row.person.language,
        write=lambda: write(row, calendar, _address_of(name, token)),
    )
