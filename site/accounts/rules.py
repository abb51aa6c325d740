"""Who may open which room. A function not granted answers 403; a foreign thing answers 404."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from accounts.models import User

View = Callable[..., HttpResponse]


def only(test: "Callable[[User], bool]") -> Callable[[View], View]:
    """A view for people of whom `test` holds: strangers are sent to sign in, others are refused."""

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not test(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _coordinates(user: "User") -> bool:
    return user.is_coordinator


def _reads_metrics(user: "User") -> bool:
    return user.reads_metrics


coordinators_only = only(_coordinates)
readers_of_metrics_only = only(_reads_metrics)
