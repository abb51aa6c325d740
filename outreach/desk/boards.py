"""The boards as the desk sees them: which way their schools' requests go, and who speaks for them."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import ModelLogEntry

from accounts.models import Membership, Role
from accounts.rules import coordinators_only
from outreach.boards import actions
from outreach.boards.forms import RouteForm
from outreach.lives import NotAllowed
from outreach.requests.models import Request
from outreach.requests.states import RequestState
from outreach.schools.models import Board, Route, School
from outreach.schools.places import PREFECTURES, prefecture_choices, prefecture_name
from ui.forms import folded

PAGE_LENGTH = 50
LONGEST_SEARCH = 60
MOST_ENTRIES = 20


def _members(boards: list[int]) -> QuerySet[Membership]:
    return Membership.objects.current().filter(role=Role.BOARD_MEMBER, board__in=boards)


@coordinators_only
@require_safe
def boards(request: HttpRequest) -> HttpResponse:
    """Every board, by prefecture and name, with its route, its schools, its people and what waits for it."""
    words = folded(request.GET.get("q", "")[:LONGEST_SEARCH])
    prefecture, route = request.GET.get("prefecture", ""), request.GET.get("route", "")
    rows = Board.objects.all()
    for word in words.split()[:5]:
        rows = rows.filter(Q(name_ja__icontains=word) | Q(name_en__icontains=word))
    if prefecture in PREFECTURES:
        rows = rows.filter(prefecture_code=prefecture)
    if route in Route.values:
        rows = rows.filter(route=route)
    page = Paginator(rows.order_by("prefecture_code", "kind", "name_ja"), PAGE_LENGTH).get_page(request.GET.get("page"))
    ids = [board.pk for board in page]
    founded = School.objects.open().filter(board__in=ids)
    waiting = Request.objects.filter(school__board__in=ids, state=RequestState.WITH_BOARD)
    counts = {
        "schools": _counted(founded, "board"),
        "people": _counted(_members(ids).filter(verified_at__isnull=False), "board"),
        "waiting": _counted(waiting, "school__board"),
    }
    lines = [
        {
            "board": board,
            "prefecture": prefecture_name(board.prefecture_code),
            **{name: numbers.get(board.pk, 0) for name, numbers in counts.items()},
        }
        for board in page
    ]
    return render(
        request,
        "outreach/desk/boards.html",
        {
            "page": page,
            "lines": lines,
            "words": words,
            "prefecture": prefecture,
            "prefectures": prefecture_choices(),
            "route": route,
            "routes": Route.choices,
            "is_filtered": bool(words or prefecture or route),
        },
    )


def _counted(rows: QuerySet[Any], by: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(by).annotate(count=Count("pk")))


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def board(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One board; the route of its schools' requests is changed here, with a reason."""
    row = get_object_or_404(Board, public_id=public_id)
    form = RouteForm(request.POST or None, initial={"route": row.route})
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.set_route(
                row, form.cleaned_data["route"], by=request.user, reason=form.cleaned_data["reason"]
            )
        except NotAllowed as refusal:
            form.add_error("route", str(refusal))
        else:
            messages.success(
                request,
                _("%(board)sの経路を「%(route)s」に改めました。これからの申込みに使われます。")
                % {"board": changed.name, "route": changed.get_route_display()},
            )
            return redirect("desk:board", row.public_id)
    members = list(_members([row.pk]).select_related("person").order_by("person__name_kana", "pk"))
    return render(
        request,
        "outreach/desk/board.html",
        {
            "board": row,
            "prefecture": prefecture_name(row.prefecture_code),
            "form": form,
            "members": members,
            "speakers": [member for member in members if member.verified_at],
            "schools": School.objects.open().filter(board=row).count(),
            "waiting": Request.objects.filter(school__board=row, state=RequestState.WITH_BOARD).count(),
            "entries": _changes_of(row),
        },
    )


def _changes_of(row: Board) -> list[dict[str, Any]]:
    """Who changed the route, when, from what to what and why; the newest first."""
    words = {route.value: str(route.label) for route in Route}
    entries = ModelLogEntry.objects.for_instance(row).filter(action="kakehashi.set_route").select_related("user")
    return [
        {
            "at": entry.timestamp,
            "by": entry.user or "",
            "before": words.get(entry.data.get("before"), ""),
            "after": words.get(entry.data.get("after"), ""),
            "reason": entry.data.get("reason", ""),
        }
        for entry in entries.order_by("-timestamp", "-pk")[:MOST_ENTRIES]
    ]
