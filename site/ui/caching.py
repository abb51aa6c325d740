"""Pages that are the same for every stranger: made once, answered from memory, 304 where the browser has them."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import translation

SECONDS = 30
View = Callable[..., HttpResponse]


def for_strangers(view: View) -> View:
    """Keep the page for half a minute, so that a rush of strangers costs the database nothing.

    Whoever carries a session, a message or a query gets a page of their own. A figure on such a page is at most half a
    minute old; /reach/ is never kept. The ETag is that of the bytes: it stays as long as the page says the same.
    """

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or request.META.get("QUERY_STRING") or carries_something(request):
            return view(request, *args, **kwargs)
        address = repr((request.get_host(), request.path, translation.get_language()))
        key = "page:" + hashlib.sha256(address.encode()).hexdigest()
        found = cache.get(key)
        if found is None:
            response = view(request, *args, **kwargs)
            if hasattr(response, "render"):
                response = response.render()
            if response.status_code != 200 or response.cookies or response.streaming:
                return response
            body = response.content
            found = body, response.headers["Content-Type"], f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            cache.set(key, found, SECONDS)
        body, kind, etag = found
        asked = {part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")}
        response = HttpResponseNotModified() if etag in asked else HttpResponse(body, content_type=kind)
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = "no-cache"
        return response

    return kept


def carries_something(request: HttpRequest) -> bool:
    return bool({settings.SESSION_COOKIE_NAME, "messages"} & request.COOKIES.keys())
