"""The schools as the desk sees them: found by place, name or code; their founder, marks, people and requests."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import ModelLogEntry

from accounts.models import Membership
from accounts.rules import coordinators_only
from outreach.desk.forms import FounderForm, SchoolFactsForm
from outreach.lives import NotAllowed
from outreach.requests.models import Request
from outreach.schools import actions
from outreach.schools.importing import FORM_OF_A_CODE
from outreach.schools.models import BoardSource, School, schools_now
from outreach.schools.places import PREFECTURES, prefecture_choices
from ui.forms import folded

PAGE_LENGTH = 50
MOST_PAGES = 40
MOST_SHOWN = 20
LONGEST_SEARCH = 60


class ShortPaginator(Paginator):
    """Counts no further than it leads: nobody turns a thousand pages, and counting a whole country costs time."""

    @cached_property
    def count(self) -> int:
        return min(self._reached, self.most)

    @cached_property
    def _reached(self) -> int:
        return self.object_list.order_by()[: self.most + 1].count()

    @property
    def most(self) -> int:
        return self.per_page * MOST_PAGES

    @property
    def is_more(self) -> bool:
        return self._reached > self.most


def _founder_choices() -> list[tuple[str, str]]:
    return [("guessed", _("推定のまま")), ("none", _("設置者なし")), ("known", _("確認・登録済み"))]


def _by_founder(rows: QuerySet[School], founder: str) -> QuerySet[School]:
    if founder == "guessed":
        return rows.filter(board_source=BoardSource.GUESSED)
    if founder == "none":
        return rows.filter(board__isnull=True)
    return rows.filter(board__isnull=False).exclude(board_source=BoardSource.GUESSED) if founder == "known" else rows


@coordinators_only
@require_safe
def schools(request: HttpRequest) -> HttpResponse:
    """All schools, closed ones too; a code, or part of one, finds its school as well."""
    words = folded(request.GET.get("q", "")[:LONGEST_SEARCH])
    prefecture = request.GET.get("prefecture", "")
    prefecture = prefecture if prefecture in PREFECTURES else ""
    choices = _founder_choices()
    founder = request.GET.get("founder", "")
    founder = founder if founder in dict(choices) else ""
    rows = School.objects.select_related("board")
    code = words.upper()
    if FORM_OF_A_CODE.fullmatch(code):
        rows = rows.filter(Q(school_code=code) | Q(successor_code=code))
    elif len(code) >= 4 and code[0].isalpha() and code[1:].isascii() and code[1:].isdigit():
        rows = rows.filter(school_code__startswith=code)
    else:
        rows = rows.matching(words).best_first(words)
    if prefecture:
        rows = rows.filter(prefecture_code=prefecture)
    paginator = ShortPaginator(_by_founder(rows, founder), PAGE_LENGTH)
    return render(
        request,
        "outreach/desk/schools.html",
        {
            "page": paginator.get_page(request.GET.get("page")),
            "is_more": paginator.is_more,
            "most": paginator.most,
            "words": words,
            "prefecture": prefecture,
            "prefectures": prefecture_choices(),
            "founder": founder,
            "founders": choices,
            "is_filtered": bool(words or prefecture or founder),
        },
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def school(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One school: what the list says, and what the desk knows beside it."""
    row = get_object_or_404(School.objects.select_related("board", "successor"), public_id=public_id)
    form = SchoolFactsForm(request.POST if request.method == "POST" else None, initial=SchoolFactsForm.initial_of(row))
    is_sent = request.method == "POST"
    if is_sent and form.is_valid():
        try:
            actions.set_facts(row, by=request.user, **form.told())
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("印と連絡先を保存しました。"))
            return redirect("desk:school", row.public_id)
    return render(request, "outreach/desk/school.html", _shown(request, row, form), status=422 if is_sent else 200)


def _shown(request: HttpRequest, row: School, form: SchoolFactsForm) -> dict[str, Any]:
    asked = Request.objects.visible_to(request.user).filter(school=row).order_by("-created_at", "-pk")
    asked = list(asked[: MOST_SHOWN + 1])
    people = Membership.objects.filter(school=row).select_related("person")
    return {
        "school": row,
        "form": form,
        "now": schools_now([row]).get(row.pk),
        "predecessors": row.predecessors.order_by("-closed_on", "pk")[:MOST_SHOWN],
        "memberships": people.order_by("person__name_kana", "pk")[:PAGE_LENGTH],
        "requests": asked[:MOST_SHOWN],
        "more_requests": len(asked) > MOST_SHOWN,
        "has_own_bells": row.bell_times.exists(),
        "entries": ModelLogEntry.objects.for_instance(row).select_related("user").order_by("-timestamp")[:10],
    }


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def founder(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Who founds the school; kept over every import of the list."""
    row = get_object_or_404(School.objects.select_related("board"), public_id=public_id)
    form = FounderForm(request.POST or None, school=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_founder(
                row, by=request.user, reason=form.cleaned_data["reason"], board=form.cleaned_data["board"], new=form.new
            )
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("設置者を改めました。名簿を読み直しても変わりません。"))
            return redirect("desk:school", row.public_id)
    return render(
        request,
        "outreach/desk/school_founder.html",
        {"school": row, "form": form},
        status=422 if request.method == "POST" else 200,
    )
