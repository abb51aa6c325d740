"""A form that creates something does its work once, however often it is sent."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from accounts.models import FormKey

View = Callable[..., HttpResponse]
KEPT_FOR = dt.timedelta(days=7)


def once(view: View) -> View:
    """The form's key (`{% form_key %}` in the template) and the view's changes are written in one transaction.

    Sent again with the same words, the person is led to where the first answer lay; with other words they are told
    that this form was used. A view under `once` answers a refusal with a page, not with a redirect: then the key is
    forgotten and the form may be sent again.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = key_of(request)
        if request.method != "POST" or key is None or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        mark = {"person": request.user, "key": key}
        said = print_of(request)
        if known := FormKey.objects.filter(**mark).first():
            return _again(request, known, said)
        try:
            with transaction.atomic():
                response = view(request, *args, **kwargs)
                is_done = 300 <= response.status_code < 400
                if is_done:
                    FormKey.objects.create(**mark, body_print=said, answer=response.headers["Location"])
                else:
                    transaction.set_rollback(True)
        except IntegrityError:
            # The same form, sent a moment ago, was done first: what this one did is taken back.
            if (known := FormKey.objects.filter(**mark).first()) is None:
                raise
            return _again(request, known, said)
        if not is_done and (known := FormKey.objects.filter(**mark).first()):
            # Refused because its twin has done it already.
            return _again(request, known, said)
        return response

    return guarded


def key_of(request: HttpRequest) -> uuid.UUID | None:
    """The key the form carried, or None."""
    try:
        return uuid.UUID(request.POST.get("form_key", ""))
    except ValueError:
        return None


def print_of(request: HttpRequest) -> str:
    """A print of what the form said and to which address, without its tokens."""
    told = hashlib.sha256(request.path.encode())
    for name in sorted(set(request.POST) - {"csrfmiddlewaretoken", "form_key"}):
        told.update(repr((name, request.POST.getlist(name))).encode())
    return told.hexdigest()


def _again(request: HttpRequest, known: FormKey, said: str) -> HttpResponse:
    if known.body_print == said and known.answer:
        return HttpResponseRedirect(known.answer)
    return render(request, "accounts/form_used.html", {"answer": known.answer}, status=409)


def forget_old_keys() -> str:
    """Keys older than some days are gone: nobody sends such a form again."""
    count, _each = FormKey.objects.filter(made_at__lt=timezone.now() - KEPT_FOR).delete()
    return f"{count} form keys forgotten"
