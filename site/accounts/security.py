"""How sure we are who sits there: the second factor of staff, and whether somebody proved themselves just now."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.http import urlencode

from accounts.second_factor import second_factors

View = Callable[..., HttpResponse]

ALWAYS_OPEN = frozenset({"account_logout"})
WITHOUT_A_FACTOR = ALWAYS_OPEN | {
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
}
WITHOUT_PROOF = ALWAYS_OPEN | {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}


def recently_signed_in(view: View) -> View:
    """A view for people who have proved themselves within some minutes; others do so first and then go on.

    What a form had sent is kept meanwhile and done after the proof. Stands below the decorator that says who may.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ask_for_proof(request)
        return view(request, *args, **kwargs)

    return guarded


def ask_for_proof(request: HttpRequest) -> None:
    """Leads whoever signed in some time ago to proving it once more. Raises: ReauthenticationRequired."""
    if not proved_recently(request):
        raise ReauthenticationRequired


def proved_recently(request: HttpRequest) -> bool:
    """By signing in or by proving it once more; a clock that was set back proves nothing."""
    moments = [record["at"] for record in get_authentication_records(request, request.user)]
    return any(0 <= time.time() - moment < REAUTHENTICATION_TIMEOUT for moment in moments)


def used_second_factor(request: HttpRequest) -> bool:
    """Whether this sign-in was made with one, recovery codes included."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def way_to_second_factor(request: HttpRequest) -> str | None:
    """Where a member of staff must go before anything else opens; None when nothing stands in the way."""
    person = request.user
    if not person.is_authenticated or not person.needs_second_factor:
        return None
    kinds = set(second_factors(person).values_list("type", flat=True))
    if kinds and used_second_factor(request):
        return None
    if _name_of(request) in (WITHOUT_PROOF if kinds else WITHOUT_A_FACTOR):
        return None
    if not kinds:
        return _in_their_language(request, "mfa_index")
    page = "mfa_reauthenticate" if "totp" in kinds else "mfa_reauthenticate_webauthn"
    back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
    return _in_their_language(request, page) + back


def _in_their_language(request: HttpRequest, name: str) -> str:
    with translation.override(request.user.language):
        return reverse(name)


def _name_of(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None
