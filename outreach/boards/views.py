"""The rooms of a board: its requests, its schools, what it begins for them, and its municipalities as counts."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, Count, Exists, OuterRef, Q, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.once import once
from accounts.security import recently_signed_in
from outreach.boards import actions, counts, table
from outreach.boards.forms import (
    MOST_AT_ONCE,
    ForSchoolsForm,
    askable_schools,
    filters_of,
    months_to_choose,
    years_to_choose,
)
from outreach.boards.news import news_of
from outreach.boards.rules import boards_open_to, boards_spoken_for, has_municipalities
from outreach.lives import NotAllowed
from outreach.requests.models import Request
from outreach.requests.states import RequestState
from outreach.schools.models import Board, Route, School
from outreach.visits.models import Visit
from ui import dates
from ui.csv_files import csv_file
from ui.forms import folded

PAGE_LENGTH = 50
LONGEST_SEARCH = 60


def _board(request: HttpRequest, public_id: uuid.UUID) -> Board:
    """The board, if its room is open to this person; anything else answers like a missing one."""
    return get_object_or_404(boards_open_to(request.user), public_id=public_id)


def _own_board(request: HttpRequest, public_id: uuid.UUID) -> Board:
    """The board in whose name this person acts. The desk sees the room, and does not act in it."""
    board = _board(request, public_id)
    if not boards_spoken_for(request.user).filter(pk=board.pk).exists():
        raise PermissionDenied
    return board


def _tabs(board: Board, current: str) -> list[dict[str, Any]]:
    tabs = [
        ("room", _("申込み"), reverse("boards:room", args=[board.public_id])),
        ("schools", _("設置する学校"), reverse("boards:schools", args=[board.public_id])),
    ]
    if has_municipalities(board):
        tabs.append(("municipalities", _("市区町村"), reverse("boards:municipalities", args=[board.public_id])))
    return [{"label": label, "url": url, "is_current": name == current} for name, label, url in tabs]


def _frame(request: HttpRequest, board: Board, current: str) -> dict[str, Any]:
    """What every page of a room shows: its tabs, the route, and whether this person acts here."""
    return {
        "board": board,
        "tabs": _tabs(board, current),
        "speaks": board.pk in request.user.verified_board_ids,
    }


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """To the one room this person has, or a choice of several."""
    boards = list(boards_spoken_for(request.user).order_by("name_ja"))
    if len(boards) == 1:
        return redirect("boards:room", boards[0].public_id)
    if not boards and request.user.is_coordinator:
        return redirect("desk:boards")
    if not boards:
        raise PermissionDenied
    return render(request, "outreach/boards/list.html", {"boards": boards})


@login_required
@require_safe
def room(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The requests of the board's schools in one table, and how much they have reached."""
    return _room(request, _board(request, public_id))


def _room(request: HttpRequest, board: Board, problem: str = "", status: int = 200) -> HttpResponse:
    """`problem` says why nothing was sent on; what was ticked stays ticked."""
    filters = filters_of(request.GET, board)
    rows = table.requests_of(board, request.user)
    page = Paginator(table.in_order(table.filtered(rows, filters)), PAGE_LENGTH).get_page(request.GET.get("page"))
    lines = table.lines(list(page))
    year = filters.year or dates.fiscal_year_of(dates.today())
    with_board = rows.filter(state=RequestState.WITH_BOARD, school__board=board).count()
    return render(
        request,
        "outreach/boards/room.html",
        {
            **_frame(request, board, "room"),
            "page": page,
            "lines": lines,
            "filters": filters,
            "states": table.STATES.items(),
            "years": years_to_choose(),
            "months": [(month, table.Filters(month=month).first_day) for month in months_to_choose()],
            "year": year,
            "counts": counts.own_counts(board, year),
            "with_board": with_board,
            "may_pass_on": any(line.is_waiting for line in lines),
            "news": news_of(board) if board.route == Route.COPY else [],
            "problem": problem,
            "ticked": set(request.POST.getlist("requests")),
            "query": urlencode(_said(request)),
        },
        status=status,
    )


def _said(request: HttpRequest) -> list[tuple[str, str]]:
    """The filters of the address, for the file with the same rows."""
    return [(name, request.GET[name]) for name in ("state", "school", "month", "year") if request.GET.get(name)]


@login_required
@require_POST
@once
def pass_on(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Several requests that wait for the board go on to the desk with one press."""
    board = _own_board(request, public_id)
    keys = [key for key in map(_uuid_or_none, request.POST.getlist("requests")[:PAGE_LENGTH]) if key]
    rows = list(table.requests_of(board, request.user).filter(school__board=board, public_id__in=keys))
    if not rows:
        return _room(request, board, _("事務局に送る申込みを選んでください。何も送っていません。"), status=422)
    result = actions.pass_on_several(rows, by=request.user)
    if not result.done:
        words = _("選んだ申込みは送れませんでした。%(why)s") % {"why": result.refused[0][1]}
        return _room(request, board, words, status=409)
    count = len(result.done)
    messages.success(
        request,
        ngettext(
            "%(count)s件を事務局に送りました。学校にもメールで伝えました。",
            "%(count)s件を事務局に送りました。学校にもメールで伝えました。",
            count,
        )
        % {"count": count},
    )
    for row, why in result.refused:
        messages.warning(request, _("%(number)sは送れませんでした。%(why)s") % {"number": row.number, "why": why})
    return redirect("boards:room", board.public_id)


@login_required
@require_safe
def schools(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The schools the board founded, those that asked this year first, then those with a contact; each with its figures."""
    board = _board(request, public_id)
    words = folded(request.GET.get("q", "")[:LONGEST_SEARCH])
    year = dates.fiscal_year_of(dates.today())
    asks = Request.objects.filter(school=OuterRef("pk"), fiscal_year=year).exclude(state=RequestState.DRAFT)
    place = Case(
        When(Exists(asks), then=0), When(Exists(actions.contacts().filter(school=OuterRef("pk"))), then=1), default=2
    )
    rows = School.objects.filter(board=board).matching(words)
    rows = rows.order_by(place, "name_kana", "name_ja", "school_code")
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    ids = [school.pk for school in page]
    sent = Request.objects.filter(school__in=ids, fiscal_year=year).exclude(state=RequestState.DRAFT)
    asked = dict(sent.order_by().values_list("school").annotate(count=Count("pk")))
    held = Visit.objects.filter(school__in=ids, fiscal_year=year, state__in=table.COUNTED)
    verified = dict(held.order_by().values_list("school").annotate(count=Count("pk")))
    known = actions.contacts_of(ids)
    lines = [
        {
            "school": school,
            "asked": asked.get(school.pk, 0),
            "verified": verified.get(school.pk, 0),
            "has_contact": school.pk in known,
        }
        for school in page
    ]
    return render(
        request,
        "outreach/boards/schools.html",
        {**_frame(request, board, "schools"), "page": page, "lines": lines, "words": words, "year": year},
    )


@login_required
@require_safe
def municipalities(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A prefecture's municipalities as counts, and nothing else of them."""
    board = _board(request, public_id)
    if not has_municipalities(board):
        raise Http404
    years = years_to_choose()
    asked = request.GET.get("year", "")
    year = int(asked) if asked in {str(one) for one in years} else dates.fiscal_year_of(dates.today())
    return render(
        request,
        "outreach/boards/municipalities.html",
        {
            **_frame(request, board, "municipalities"),
            "found": counts.municipalities(board, year),
            "year": year,
            "years": years,
            "least_schools": counts.LEAST_SCHOOLS,
            "least_pupils": counts.LEAST_PUPILS,
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def ask(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The same lesson is begun for several schools; each finishes its own."""
    board = _own_board(request, public_id)
    words = folded(request.GET.get("q", "")[:LONGEST_SEARCH])
    found = list(askable_schools(board).matching(words).order_by("name_kana", "name_ja")[: MOST_AT_ONCE + 1])
    form = ForSchoolsForm(
        request.POST or None,
        board=board,
        shown=found[:MOST_AT_ONCE],
        initial={"schools": request.GET.getlist("school")[:MOST_AT_ONCE]},
    )
    if request.method == "POST" and form.is_valid():
        lesson = dict(form.cleaned_data)
        try:
            begun = actions.begin_for_schools(board, lesson.pop("schools"), by=request.user, **lesson)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                ngettext(
                    "%(count)s校の下書きを作り、学校の担当者にメールで知らせました。日時と人数は、学校が書き足せます。",
                    "%(count)s校の下書きを作り、学校の担当者にメールで知らせました。日時と人数は、学校が書き足せます。",
                    len(begun),
                )
                % {"count": len(begun)},
            )
            return redirect(f"{reverse('boards:room', args=[board.public_id])}?state=draft")
    return render(
        request,
        "outreach/boards/ask.html",
        {
            **_frame(request, board, "ask"),
            "form": form,
            "words": words,
            "has_more": len(found) > MOST_AT_ONCE,
            "most": MOST_AT_ONCE,
            "has_schools": bool(found) or bool(words),
        },
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_safe
def visit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One visit of one of the board's schools: when, where, who comes, what was reported; no contact data, no messages."""
    open_here = Q(school__board__in=boards_open_to(request.user)) | Q(request__board__in=boards_open_to(request.user))
    rows = Visit.objects.filter(open_here).select_related(
        "slot", "school__board", "request__school", "request__board", "request__organisation"
    )
    row = get_object_or_404(rows.prefetch_related("participations__ambassador"), public_id=public_id)
    reports = row.reports.prefetch_related("groups__school").order_by("-version")
    return render(
        request,
        "outreach/boards/visit.html",
        {
            "visit": row,
            "asked": row.request,
            "board": row.school.board if row.school else row.request.board,
            "ambassadors": row.present_ambassadors,
            "report": reports.first(),
        },
    )


@login_required
@require_safe
def export(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The table with its filters as a file, for the board's own people."""
    return _export(request, _own_board(request, public_id))


@recently_signed_in
def _export(request: HttpRequest, board: Board) -> HttpResponse:
    """Rows about many schools leave the house: only for whoever has signed in a short while ago."""
    # There is one address for the file, in no language; it speaks that of the person.
    with translation.override(request.user.language):
        rows = table.filtered(table.requests_of(board, request.user), filters_of(request.GET, board))
        rows = rows.order_by("-created_at", "-pk")
        return csv_file(f"kakehashi-requests-{dates.today():%Y%m%d}", table.heading(), list(table.cells(rows)))


def _uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
