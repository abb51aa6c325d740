"""The terms in public, and the one page on which a signed-in person accepts them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.adapter import where_next
from accounts.terms.actions import accept, must_accept
from accounts.terms.models import TermsVersion
from ui.caching import for_strangers


@for_strangers
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """What is in force today, what comes next and what was."""
    version = TermsVersion.objects.in_force()
    if version is None:
        raise Http404
    return _page(request, version, in_force=version)


@for_strangers
@require_safe
def terms_version(request: HttpRequest, number: int) -> HttpResponse:
    """One version: of the past, of today or, for those who want to read it ahead, the next one."""
    version = TermsVersion.objects.filter(number=number).first()
    if version is None:
        raise Http404
    return _page(request, version, in_force=TermsVersion.objects.in_force())


def _page(request: HttpRequest, version: TermsVersion, *, in_force: TermsVersion | None) -> HttpResponse:
    return render(
        request,
        "accounts/terms/terms.html",
        {
            "version": version,
            "in_force": in_force,
            "others": TermsVersion.objects.exclude(pk=version.pk).only("number", "in_force_from"),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def accept_terms(request: HttpRequest) -> HttpResponse:
    """The terms with one button. Whoever has nothing to accept goes home; only what was read can be accepted."""
    version = must_accept(request.user)
    if version is None:
        return redirect("my")
    if request.method == "POST":
        if request.POST.get("version") == str(version.number):
            accept(version, by=request.user)
            messages.success(request, _("利用規約に同意しました。"))
            # On to where a person goes who has just come in: an invitation, the choice of a place, home.
            return redirect(where_next(request, request.user))
        messages.error(request, _("利用規約が新しくなりました。もう一度読んでから同意してください。"))
    return render(request, "accounts/terms/accept.html", {"version": version})
