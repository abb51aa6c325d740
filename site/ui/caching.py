"""Pages that are the same for every stranger: made once, answered from memory, 304 where the browser has them."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone, translation

SECONDS = 30
KEPT = 300
ROUND = "pages:round"
View = Callable[..., HttpResponse]


def for_strangers(view: View) -> View:
    """Let the page be kept for half a minute, so that a rush of strangers costs the database nothing.

    A figure on such a page is at most half a minute old; /reach/ is never kept.
    """

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.may_be_kept = True
        return response

    return marked


def current_round() -> str:
    """What is in memory belongs to a round; with the next one everything of the last is forgotten."""
    return cache.get_or_set(ROUND, lambda: uuid.uuid4().hex, None)


def forget_pages() -> None:
    """A page, a menu or a banner has changed: strangers see it at once wherever this memory is shared."""
    cache.delete(ROUND)


def kept(name: str, read: Callable[[], Any], seconds: int = KEPT) -> Any:
    """What is the same for every reader of a language until a page changes, five minutes at most; nothing is not kept.

    Where servers share no memory, a change is seen by the others only after these seconds: few for titles of pages.
    """
    key = f"pages:{current_round()}:{name}:{translation.get_language()}"
    found = cache.get(key)
    if found is None:
        found = read()
        if found is not None:
            cache.set(key, found, seconds)
    return found


def kept_briefly(name: str, read: Callable[[], Any]) -> Any:
    """A figure beside the words of a page: half a minute old at most, whoever asks; the same in each language."""
    return cache.get_or_set(f"briefly:{name}:{translation.get_language()}", read, SECONDS)


def seconds_to_keep(response: HttpResponse) -> int:
    """Half a minute, or less where the page itself ends sooner (`kept_until`)."""
    until: dt.datetime | None = getattr(response, "kept_until", None)
    if until is None:
        return SECONDS
    return max(0, min(SECONDS, int((until - timezone.now()).total_seconds())))


class FromMemoryMiddleware:
    """Answers strangers with the page another stranger was given, headers and all, before anything else is asked.

    Whoever carries a session, a message or a query gets a page of their own. The ETag is that of the bytes: it stays
    as long as the page says the same. The address alone decides the language, so it is the whole key.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or request.META.get("QUERY_STRING") or carries_something(request):
            return self.get_response(request)
        key = "page:" + hashlib.sha256(f"{current_round()} {request.get_host()} {request.path}".encode()).hexdigest()
        found = cache.get(key)
        if found is None:
            response = self.get_response(request)
            if not getattr(response, "may_be_kept", False) or response.status_code != 200 or response.cookies:
                return response
            seconds = seconds_to_keep(response)
            body = response.content
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            found = body, etag, {**response.headers, "ETag": etag, "Cache-Control": "no-cache"}
            cache.set(key, found, seconds)
        body, etag, headers = found
        asked = {part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")}
        response = HttpResponseNotModified() if etag in asked else HttpResponse(body)
        for name, value in headers.items():
            if response.status_code == 200 or name not in {"Content-Type", "Content-Length"}:
                response.headers[name] = value
        return response


def carries_something(request: HttpRequest) -> bool:
    return bool({settings.SESSION_COOKIE_NAME, "messages"} & request.COOKIES.keys())
