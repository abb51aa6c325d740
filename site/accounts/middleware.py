"""What holds for every page of a signed-in person: it is theirs alone, and staff have a second factor."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_cache_control, patch_vary_headers

from accounts.security import way_to_second_factor


class PrivatePagesMiddleware:
    """Pages for signed-in people are never stored; all pages vary by cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ("Cookie",))
        return response


class SecondFactorMiddleware:
    """Where the house requires it, staff without a second factor see the pages to set one up and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        way = way_to_second_factor(request) if settings.REQUIRE_MFA else None
        return HttpResponseRedirect(way) if way else self.get_response(request)
