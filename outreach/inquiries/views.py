"""Writing to the desk: open to everybody, with an account or without."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.once import key_of
from outreach.inquiries import actions
from outreach.inquiries.forms import FORMS, InquiryForm
from outreach.inquiries.models import Kind
from outreach.inquiries.rules import is_too_much
from ui.places import PageForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def concern(request: HttpRequest) -> HttpResponse:
    """Tell the desk of something that worries; only what happened must be told."""
    return _write(request, Kind.CONCERN)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest) -> HttpResponse:
    """Ask the desk something; the answer comes by mail."""
    return _write(request, Kind.QUESTION)


@never_cache
@require_safe
def concern_sent(request: HttpRequest) -> HttpResponse:
    """It has arrived. The page is the same for everybody and knows nothing of what was written."""
    return render(request, "outreach/inquiries/concern_sent.html")


@never_cache
@require_safe
def question_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "outreach/inquiries/question_sent.html")


def _write(request: HttpRequest, kind: Kind) -> HttpResponse:
    status = 200
    form = FORMS[kind](request.POST if request.method == "POST" else None, initial=_known_of(request))
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if not is_too_much(request, kind):
                told = form.cleaned_data
                actions.send(kind=kind, language=get_language() or "ja", form_print=_form_print(request, form), **told)
                return redirect(f"inquiries:{kind}_sent")
            status = 429
            form.add_error(
                None,
                _(
                    "同じ場所からたくさん届いているため、いまは受け取れません。"
                    "書いた内容は残っています。1時間ほど待って送るか、事務局にメールか電話で知らせてください。"
                ),
            )
    return render(request, f"outreach/inquiries/{kind}.html", {"page_form": _shown(form)}, status=status)


def _shown(form: InquiryForm) -> dict[str, Any]:
    """What `parts/form.html` shows."""
    return {"form": form, "kind": form.kind, "action": reverse(f"inquiries:{form.kind}")}


def _known_of(request: HttpRequest) -> dict[str, str]:
    """Who is signed in need not type name and address; both can be emptied, and nothing else tells who sent it."""
    user = request.user
    return {"name": user.get_full_name(), "mail": user.email} if user.is_authenticated else {}


def _form_print(request: HttpRequest, form: InquiryForm) -> str | None:
    """The same form with the same words, sent twice, is one inquiry; with other words it is another one.

    Not `accounts.once`: that keeps who has sent what, and a concern may come from nobody.
    """
    key = key_of(request)
    told = sorted(form.cleaned_data.items())
    return hashlib.sha256(f"{key} {form.kind} {told}".encode()).hexdigest() if key else None


def part_of_page(request: HttpRequest, name: str) -> PageForm | None:
    """The same forms inside a page of the editors; an error is shown on the page of the form."""
    if name not in FORMS:
        return None
    title = _("ここに書いて知らせる") if name == Kind.CONCERN else _("ここに書いて問い合わせる")
    return PageForm("outreach/inquiries/parts/form.html", title, _shown(FORMS[name](initial=_known_of(request))))
