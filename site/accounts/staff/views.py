"""People and roles, as the desk sees and changes them."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import ModelLogEntry

from accounts.models import DESK_ROLES, Membership, Role, User
from accounts.once import once
from accounts.rules import coordinators_only
from accounts.second_factor import second_factors
from accounts.security import recently_signed_in
from accounts.staff import actions
from accounts.staff.forms import GrantForm, ReasonForm
from accounts.staff.rules import may_give_roles, may_pause, superusers_only
from ui import dates, places
from ui.forms import folded
from ui.refusals import NotAllowed

PAGE_LENGTH = 50
LONGEST_SEARCH = 60
MOST_ACTS = 50
FACES_OF_A_PERSON = ("name", "name_kana", "email")


# ── reading ───────────────────────────────────────────────────────────────────
@coordinators_only
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with an account, by ふりがな."""
    words = folded(request.GET.get("q", "")[:LONGEST_SEARCH])
    lists = {
        "": _("すべての人"),
        "desk": _("事務局・閲覧者・編集者"),
        "ending": _("役割が90日以内に終わる人"),
        "paused": _("利用を止めている人"),
    }
    name = request.GET.get("list") if request.GET.get("list") in lists else ""
    rows = _listed(name)
    for word in words.split()[:5]:
        rows = rows.filter(_any_contains(word))
    here = Membership.objects.current().select_related("school", "board", "organisation")
    rows = rows.prefetch_related(Prefetch("memberships", here, to_attr="roles_today")).order_by("name_kana", "pk")
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    beside = _other_roles(page.object_list)
    for row in page:
        row.other_roles = beside.get(row.pk, [])
    return render(
        request,
        "accounts/staff/people.html",
        {
            "page": page,
            "words": words,
            "lists": lists.items(),
            "list": name,
            "is_filtered": bool(words or name),
            "ending": _listed("ending").count(),
        },
    )


def _listed(name: str) -> QuerySet[User]:
    desk = Membership.objects.current().filter(person=OuterRef("pk"), role__in=DESK_ROLES)
    if name == "desk":
        return User.objects.filter(Q(is_superuser=True) | Exists(desk))
    if name == "ending":
        return User.objects.filter(Exists(desk.filter(until__lte=dates.today() + actions.RENEWED_AHEAD)))
    if name == "paused":
        return User.objects.filter(is_active=False)
    return User.objects.all()


def _other_roles(people: Iterable[User]) -> dict[int, list[str]]:
    """What other parts of the house know people as, by id."""
    found: dict[int, list[str]] = defaultdict(list)
    for roles in places.other_roles.ask(list(people)):
        for pk, words in roles.items():
            found[pk].append(words)
    return found


def _matters(person: User) -> list[Any]:
    """What others still expect of a person: it hangs while they are out."""
    return [line for lines in places.matters_of_person.ask(person) for line in lines]


def _any_contains(word: str) -> Q:
    found = Q()
    for name in FACES_OF_A_PERSON:
        found |= Q(**{f"{name}__icontains": word})
    return found


@coordinators_only
@require_safe
def person(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One person: roles from when until when, how they sign in, and who changed what."""
    row = get_object_or_404(User, public_id=public_id)
    kinds = {"totp": _("認証アプリ"), "webauthn": _("パスキー")}
    factors = sorted({kinds[kind] for kind in second_factors(row).values_list("type", flat=True)})
    gives_roles = may_give_roles(request.user, row)
    rows = row.memberships.select_related("school", "board", "organisation").order_by("-from_day", "-pk")
    return render(
        request,
        "accounts/staff/person.html",
        {
            "person": row,
            "factors": factors,
            "lines": [_line(membership, gives_roles) for membership in rows],
            "other_roles": _other_roles([row])[row.pk],
            "matters": [] if row.is_active else _matters(row),
            "acts": [_told(entry) for entry in _acts(row)],
            "gives_roles": gives_roles,
            "may_pause": may_pause(request.user, row),
            "is_oneself": row == request.user,
        },
    )


def _line(membership: Membership, gives_roles: bool) -> dict[str, Any]:
    today = dates.today()
    runs = membership.from_day <= today and (membership.until is None or membership.until >= today)
    is_ours = runs and gives_roles and membership.role in DESK_ROLES
    soon = membership.until is None or membership.until - actions.RENEWED_AHEAD <= today
    ends_soon = runs and membership.role in DESK_ROLES and soon
    return {
        "membership": membership,
        "runs": runs,
        "ends_soon": ends_soon,
        "may_end": is_ours,
        "may_renew": is_ours and ends_soon,
    }


def _acts(person: User) -> QuerySet[ModelLogEntry]:
    entries = ModelLogEntry.objects.for_instance(person).select_related("user")
    return entries.filter(action__startswith="kakehashi.").order_by("-timestamp", "-pk")[:MOST_ACTS]


def _told(entry: ModelLogEntry) -> dict[str, Any]:
    told = entry.data or {}
    until = told.get("until")
    return {
        "what": entry.message,
        "role": Role(told["role"]).label if told.get("role") in Role.values else "",
        "until": dt.date.fromisoformat(until) if until else None,
        "reason": told.get("reason", ""),
        "by": entry.user.get_full_name() if entry.user else "",
        "at": entry.timestamp,
    }


# ── changing ──────────────────────────────────────────────────────────────────
@superusers_only
@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
@once
def grant(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Give a role of the desk."""
    row = get_object_or_404(User, public_id=public_id)
    form = GrantForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            actions.grant_role(
                row,
                told["role"],
                by=request.user,
                body_name=told["body_name"],
                reason=told["reason"],
                is_ministry=told["is_ministry"],
            )
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)sさんに役割を付けました。本人にメールで伝えました。") % {"name": row})
            return redirect("people:person", row.public_id)
    return render(
        request,
        "accounts/staff/grant.html",
        {"form": form, "person": row, "until": actions.last_day_of_a_role()},
        status=422 if form.is_bound else 200,
    )


def _role_or_404(public_id: uuid.UUID) -> Membership:
    return get_object_or_404(
        Membership.objects.filter(role__in=DESK_ROLES).select_related("person"), public_id=public_id
    )


@superusers_only
@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def renew(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One more fiscal year."""
    row = _role_or_404(public_id)
    return _reason_page(
        request,
        row.person,
        title=_("役割の期限を更新する"),
        lead=_("%(name)sさんの「%(role)s」を、次の3月31日まで続けます。本人にメールで伝わります。")
        % {"name": row.person, "role": row.get_role_display()},
        hint=_("本人へのメールにも載ります。"),
        act=lambda reason: actions.renew_role(row, by=request.user, reason=reason),
        done=_("期限を更新しました。本人にメールで伝えました。"),
    )


@superusers_only
@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def end(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The role ends now."""
    row = _role_or_404(public_id)
    return _reason_page(
        request,
        row.person,
        title=_("役割を終える"),
        lead=_("%(name)sさんの「%(role)s」を、いま終えます。次に開くページから使えません。本人にメールで伝わります。")
        % {"name": row.person, "role": row.get_role_display()},
        hint=_("本人へのメールにも載ります。"),
        act=lambda reason: actions.end_role(row, by=request.user, reason=reason),
        done=_("役割を終えました。本人にメールで伝えました。"),
        is_grave=True,
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def pause(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The person is out at once."""
    row = get_object_or_404(User, public_id=public_id)
    return _reason_page(
        request,
        row,
        title=_("利用を止める"),
        lead=_(
            "%(name)sさんは、すべての端末ですぐにログアウトになり、再開するまでログインできません。本人にメールで伝わり、"
            "ほかのお知らせは届かなくなります。推進大使は、打診の候補からも外れます。"
        )
        % {"name": row},
        hint=_("記録にだけ残り、本人には伝わりません。"),
        act=lambda reason: actions.deactivate(row, by=request.user, reason=reason),
        done=_("利用を止めました。本人にメールで伝えました。"),
        is_grave=True,
        matters=_matters(row),
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def reopen(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The person may sign in again."""
    row = get_object_or_404(User, public_id=public_id)
    return _reason_page(
        request,
        row,
        title=_("利用を再開する"),
        lead=_("%(name)sさんは、また今までどおりログインできます。本人にメールで伝わります。") % {"name": row},
        hint=_("記録にだけ残り、本人には伝わりません。"),
        act=lambda reason: actions.reactivate(row, by=request.user, reason=reason),
        done=_("利用を再開しました。本人にメールで伝えました。"),
    )


@superusers_only
@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def forget_factor(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The device is lost: the person sets up another one."""
    row = get_object_or_404(User, public_id=public_id)
    return _reason_page(
        request,
        row,
        title=_("2段階目の確認を取り消す"),
        lead=_(
            "%(name)sさんの認証アプリ・パスキー・予備のコードを消し、すべての端末をログアウトします。"
            "電話など、メールとは別の方法で本人と確かめてから行ってください。"
        )
        % {"name": row},
        hint=_("どのように本人と確かめたか。例：登録の電話番号にかけて、上司とも話した"),
        act=lambda reason: actions.forget_second_factor(row, by=request.user, reason=reason),
        done=_("2段階目の確認を取り消しました。本人にメールで伝えました。"),
        is_grave=True,
    )


def _reason_page(
    request: HttpRequest,
    person: User,
    *,
    title: str,
    lead: str,
    hint: str,
    act: Callable[[str], Any],
    done: str,
    is_grave: bool = False,
    matters: Sequence[Any] = (),
) -> HttpResponse:
    """Ask why, then act; a refusal stands above the form and nothing typed is lost."""
    form = ReasonForm(request.POST if request.method == "POST" else None, hint=hint)
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect("people:person", person.public_id)
    back = reverse("people:person", args=[person.public_id])
    return render(
        request,
        "accounts/staff/reason.html",
        {"form": form, "title": title, "lead": lead, "back": back, "is_grave": is_grave, "matters": matters},
        status=422 if form.is_bound else 200,
    )
