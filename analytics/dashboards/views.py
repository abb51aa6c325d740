"""Public reach, the dashboard, the visits behind a figure, and the targets."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules import coordinators_only, readers_of_metrics_only
from analytics.kpis import figures
from analytics.kpis.actions import set_target
from analytics.kpis.forms import TargetForm
from analytics.kpis.models import Key, Target
from outreach import facts
from ui import dates
from ui.forms import DayField

STANDING_WORDS = {
    "verified": gettext_lazy("確定"),
    "reported": gettext_lazy("速報"),
    "awaiting": gettext_lazy("報告待ち"),
    "planned": gettext_lazy("予定"),
}


@require_safe
def reach(request: HttpRequest) -> HttpResponse:
    """The public figures with what they count and since when."""
    return render(request, "analytics/reach.html", {"reach": figures.reach()})


def _as_of(request: HttpRequest) -> tuple[dt.datetime, str]:
    """The moment asked for in the address: the end of that day in Japan, never later than now; and a complaint."""
    text = request.GET.get("as_of", "").strip()
    if not text:
        return timezone.now(), ""
    try:
        day = DayField().clean(text)
        return min(
            dates.at_tokyo(day + dt.timedelta(days=1), dt.time()) - dt.timedelta(microseconds=1), timezone.now()
        ), ""
    except (ValidationError, OverflowError):
        return timezone.now(), _("「%(value)s」は日付として読めません。いまの値を示しています。例：2026-11-20") % {
            "value": text[:20]
        }


def _year(request: HttpRequest, as_of: dt.datetime) -> int:
    present = dates.fiscal_year_of(dates.in_tokyo(as_of).date())
    text = request.GET.get("year", "")
    if text.isascii() and text.isdigit() and 2023 <= int(text) <= present:
        return int(text)
    return present


@readers_of_metrics_only
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The figures as of a day; each opens the visits behind it."""
    as_of, complaint = _as_of(request)
    year = _year(request, as_of)
    present = dates.fiscal_year_of(dates.today())
    if not complaint and request.GET.get("year", "").isdigit() and int(request.GET["year"][:6]) > year:
        complaint = _("その時点では%(year)sまでしかありません。%(year)sを示しています。") % {
            "year": dates.fiscal_year_name(year)
        }
    return render(
        request,
        "analytics/dashboard.html",
        {
            "reach": figures.reach(as_of, year),
            "complaint": complaint,
            "as_of_text": request.GET.get("as_of", "")[:20],
            "as_of_day": dates.in_tokyo(as_of).date().isoformat(),
            "year": year,
            "years": [(y, dates.fiscal_year_name(y)) for y in range(present, 2022, -1)],
            "may_edit": request.user.is_coordinator,
        },
    )


@readers_of_metrics_only
@require_safe
def behind(request: HttpRequest, key: str) -> HttpResponse:
    """The visits a figure consists of; their amounts add up to it."""
    standing = request.GET.get("standing", "verified")
    if standing not in figures.STANDINGS:
        raise Http404
    as_of, _complaint = _as_of(request)
    year = _year(request, as_of)
    try:
        years, measure, stages = figures.behind(key, as_of, year)
    except KeyError:
        raise Http404 from None
    ledger_standings, is_over = figures.standing_filter(standing)
    rows = facts.visits_behind(
        as_of, years, measure=measure, standings=ledger_standings, stages=stages, is_over=is_over
    )
    totals = {row["visit_id"]: row["total"] for row in rows}
    visits = facts.visits().filter(pk__in=totals).with_what_a_list_shows().order_by("-starts_at", "-pk")
    page = Paginator(visits, 100).get_page(request.GET.get("page"))
    reach_now = figures.reach(as_of, year)
    figure = getattr(reach_now, key)
    return render(
        request,
        "analytics/behind.html",
        {
            "figure": figure,
            "standing": standing,
            "standing_words": STANDING_WORDS[standing],
            "page": page,
            "lines": [(visit, totals[visit.pk]) for visit in page],
            "total": sum(totals.values()),
            "reach": reach_now,
            "as_of_day": request.GET.get("as_of", "")[:20],
            "year": year,
        },
    )


@readers_of_metrics_only
@require_safe
def targets(request: HttpRequest) -> HttpResponse:
    """The targets that hold now, and their earlier versions."""
    year = dates.fiscal_year_of(dates.today())
    current = [t for t in (Target.objects.for_year(key, year) for key in Key.values) if t]
    return render(
        request,
        "analytics/targets.html",
        {
            "current": current,
            "versions": Target.objects.select_related("made_by")[:50],
            "may_edit": request.user.is_coordinator,
        },
    )


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def target(request: HttpRequest, kpi: str) -> HttpResponse:
    """A new version of one target."""
    row = Target.objects.for_year(kpi, dates.fiscal_year_of(dates.today()))
    if row is None:
        raise Http404
    form = TargetForm(request.POST or None, target=row)
    if request.method == "POST" and form.is_valid():
        made = set_target(
            row,
            by=request.user,
            amount=form.cleaned_data["amount"],
            stages=form.cleaned_data.get("stages", row.stages),
            note=form.cleaned_data["note"],
        )
        messages.success(
            request, _("目標を改めました（第%(version)s版）。すぐに使われます。") % {"version": made.version}
        )
        return redirect("targets")
    return render(request, "analytics/target.html", {"form": form, "target": row})
