"""The ambassadors as the desk sees them: how often each goes at most, and whether they pause."""

import datetime as dt
import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules import coordinators_only
from outreach.ambassadors import actions
from outreach.ambassadors.models import Ambassador
from outreach.desk.forms import LimitsForm
from outreach.lives import NotAllowed
from outreach.requests.models import current_rules
from outreach.visits.models import Participation
from ui import dates
from ui.forms import folded

PAGE_LENGTH = 50
FACES_OF_A_NAME = ("name_ja", "name_kana", "name_en", "headline_ja")


@coordinators_only
@require_safe
def ambassadors(request: HttpRequest) -> HttpResponse:
    """Everybody who is or was appointed, by ふりがな, with their limits and how often they have gone this year."""
    year = dates.fiscal_year_of(dates.today())
    words = folded(request.GET.get("q", "")[:60])
    rows = Ambassador.objects.all()
    for word in words.split()[:5]:
        rows = rows.filter(_any_contains(word))
    paginator = Paginator(rows.order_by("name_kana", "pk"), PAGE_LENGTH)
    page = paginator.get_page(request.GET.get("page"))
    people = [person.pk for person in page]
    counted = dict(_visits_in(year, people))
    until = dict(
        Ambassador.objects.filter(pk__in=people).values_list("pk").annotate(last=Max("appointments__until")).order_by()
    )
    rules = current_rules(year)
    lines = [
        {
            "person": person,
            "visits": counted.get(person.pk, 0),
            "until": until.get(person.pk),
            "month": person.most_per_month or (rules.most_per_month if rules else None),
            "year": person.most_per_year or (rules.most_per_year if rules else None),
        }
        for person in page
    ]
    return render(
        request, "outreach/desk/ambassadors.html", {"page": page, "lines": lines, "words": words, "year": year}
    )


def _any_contains(word: str) -> Q:
    found = Q()
    for name in FACES_OF_A_NAME:
        found |= Q(**{f"{name}__icontains": word})
    return found


def _visits_in(year: int, people: list[int]) -> list[tuple[int, int]]:
    """How many visits of this fiscal year each has taken or will take: (ambassador, count)."""
    taken = Participation.objects.filter(ambassador__in=people, left_at__isnull=True, visit__fiscal_year=year).exclude(
        visit__state__in=("cancelled", "not_held")
    )
    return list(taken.values_list("ambassador").annotate(count=Count("pk")).order_by())


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def ambassador(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One ambassador: the limits of their own, which go before those of the year."""
    person = get_object_or_404(Ambassador.objects.select_related("user"), public_id=public_id)
    year = dates.fiscal_year_of(dates.today())
    limits = {"most_per_month": person.most_per_month, "most_per_year": person.most_per_year}
    form = LimitsForm(request.POST or None, initial=limits)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_limits(person, by=request.user, **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)sさんの上限を改めました。") % {"name": person.name})
            return redirect("desk:ambassador", person.public_id)
    coming = (
        Participation.objects.filter(ambassador=person, left_at__isnull=True, visit__fiscal_year=year)
        .exclude(visit__state__in=("cancelled", "not_held"))
        .select_related("visit__request__school", "visit__request__board", "visit__request__organisation")
        .order_by("-visit__day", "-visit__pk")
    )
    visits = [participation.visit for participation in coming]
    months: dict[dt.date, int] = {}
    for visit in visits:
        first = visit.day.replace(day=1)
        months[first] = months.get(first, 0) + 1
    return render(
        request,
        "outreach/desk/ambassador.html",
        {
            "person": person,
            "form": form,
            "rules": current_rules(year),
            "year": year,
            "visits": visits[:PAGE_LENGTH],
            "count": len(visits),
            "this_month": months.get(dates.today().replace(day=1), 0),
            "appointments": person.appointments.all()[:10],
        },
    )
