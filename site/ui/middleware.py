"""The address decides the language: bare is Japanese, /en/ is English, nothing is guessed."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation


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
