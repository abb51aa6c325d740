"""Each person's own page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.log_actions import log

from accounts.adapter import home_of
from accounts.doors import DOORS
from accounts.forms import NameForm
from accounts.memberships.rules import verified_places, waiting_colleagues
from accounts.second_factor import second_factors
from ui import places


@login_required
@require_safe
def my(request: HttpRequest) -> HttpResponse:
    """What waits for me, and what comes next; whoever has no place yet is led to choose one."""
    panels = list(places.my_page.ask(request.user))
    has_place = bool(verified_places(request.user))
    return render(
        request,
        "accounts/my.html",
        {
            "panels": panels,
            "memberships": request.user.current_memberships,
            "doors": DOORS.values(),
            "waiting_colleagues": waiting_colleagues(request.user).count() if has_place else 0,
            "has_place": has_place,
            "links": list(places.my_links.ask(request.user)),
        },
    )


@login_required
@require_safe
def my_security(request: HttpRequest) -> HttpResponse:
    """How this person gets in: address, password, second factor, and the devices that are signed in."""
    kinds = second_factors(request.user).order_by("type").values_list("type", flat=True).distinct()
    words = {"totp": _("認証アプリ"), "webauthn": _("パスキー")}
    return render(
        request,
        "accounts/security.html",
        {
            "address": request.user.email,
            "has_password": request.user.has_usable_password(),
            "factors": [words[kind] for kind in kinds],
            "sign_ins": max(1, request.user.usersession_set.count()),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_name(request: HttpRequest) -> HttpResponse:
    """People change names and mistype them; what it was before stays in the records."""
    person = request.user
    before = {"name": person.name, "name_kana": person.name_kana}
    form = NameForm(request.POST if request.method == "POST" else None, initial=before)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data != before:
            with transaction.atomic():
                person.name, person.name_kana = form.cleaned_data["name"], form.cleaned_data["name_kana"]
                person.save(update_fields=["name", "name_kana"])
                log(person, "kakehashi.rename", user=person, data={"reason": f"{before['name']} → {person.name}"})
        messages.success(request, _("氏名とふりがなを保存しました。"))
        return redirect("my_security")
    return render(request, "accounts/name.html", {"form": form}, status=422 if form.is_bound else 200)


@login_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Letters and sign-in use this language from now on."""
    language = request.POST.get("language")
    if language in {"ja", "en"}:
        request.user.language = language
        request.user.save(update_fields=["language"])
        return HttpResponseRedirect(home_of(request.user))
    return HttpResponseRedirect(reverse("my"))


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """From the CMS to the one door of the house; whoever is in already and may not edit pages goes home."""
    if request.user.is_authenticated:
        return redirect("my")
    return redirect(f"{reverse('account_login')}?{request.GET.urlencode()}")
