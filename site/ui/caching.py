"""Pages that are the same for every stranger: made once, answered from memory, 304 where the browser has them."""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import translation

from ui import places

SECONDS = 300
View = Callable[..., HttpResponse]


def for_strangers(view: View) -> View:
    """Keep the page for up to five minutes, as long as nothing that public pages show has changed.

    `places.public_state` says what they show: the newest line of the ledger, the newest rules and targets, the newest
    publication. Whoever carries a session, a message or a query gets a page of their own.
    """

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or request.META.get("QUERY_STRING") or carries_something(request):
            return view(request, *args, **kwargs)
        now = int(time.time() // SECONDS)
        state = repr((request.path, translation.get_language(), request.get_host(), now, *places.public_state.ask()))
        key = "page:" + hashlib.sha256(state.encode()).hexdigest()
        # Of the state, not of the bytes: each process prints its own minute.
        etag = f'W/"{key[5:37]}"'
        found = cache.get(key)
        if found is None:
            response = view(request, *args, **kwargs)
            if hasattr(response, "render"):
                response = response.render()
            if response.status_code != 200 or response.cookies:
                return response
            found = response.content, response.headers["Content-Type"]
            cache.set(key, found, SECONDS)
        body, kind = found
        asked = {part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")}
        has_it = etag.removeprefix("W/") in asked
        response = HttpResponseNotModified() if has_it else HttpResponse(body, content_type=kind)
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = "no-cache"
        return response

    return kept


def carries_something(request: HttpRequest) -> bool:
    return bool({settings.SESSION_COOKIE_NAME, "messages"} & request.COOKIES.keys())
