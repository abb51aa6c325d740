"""Around every view: the language of the address, a lock waited for too long, an address that only a button opens."""

import logging
import random
import time
from collections.abc import Callable

from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from ui.errors import busy, only_pressed

logger = logging.getLogger(__name__)

RETRIES = 2
# PostgreSQL's words: lock not available, deadlock detected, serialization failure.
LOCK_STATES = {"55P03", "40P01", "40001"}


class WithoutCookiesMiddleware:
    """Addresses that programs read (settings.WITHOUT_COOKIES) know no session: whoever asks gets the same answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(settings.WITHOUT_COOKIES):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        response = self.get_response(request)
        del response.headers["Vary"]
        return response


class AddressLanguageMiddleware:
    """Activates the language of the address, so that one address always says the same thing.

    Addresses that exist only once (/cms/, feeds) speak the person's own language, Japanese for strangers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_path(request.path_info) or "ja"
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


class LockWaitMiddleware:
    """A view that waited too long for a locked row is tried twice more, then answered 503 with Retry-After.

    Whatever it had begun was rolled back with its transaction, so trying again is safe.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not is_lock_wait(exception) or connection.in_atomic_block or request.resolver_match is None:
            return None
        view, arguments, named = request.resolver_match
        for attempt in range(1, RETRIES + 1):
            # Not all at once again: those who waited for the same row spread a little.
            time.sleep(random.uniform(0.05, 0.2) * attempt)
            try:
                return view(request, *arguments, **named)
            except OperationalError as again:
                if not is_lock_wait(again):
                    raise
        logger.warning("busy: %s %s waited for a lock %s times", request.method, request.path, RETRIES + 1)
        return busy(request)


class PressedOnlyMiddleware:
    """Whoever opens the address of a button as a page is led back to where the button stands.

    It happens after signing in again, by a reload, or by the link to the other language on a page with an error.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code != 405
            or request.method != "GET"
            or "text/html" not in request.headers.get("Accept", "")
        ):
            return response
        page = only_pressed(request)
        page.headers["Allow"] = response.headers.get("Allow", "POST")
        return page


def is_lock_wait(error: Exception) -> bool:
    """Whether the database gave up waiting for somebody else's row, or broke a tie between two who waited."""
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.__cause__, "sqlstate", "") in LOCK_STATES or "database is locked" in str(error)
