"""When an ambassador can come: their page, on which they or their assistants tell it."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import only
from outreach.ambassadors.models import Ambassador
from outreach.ambassadors.rules import speaks_for_somebody, those_spoken_for
from outreach.availability import telling
from outreach.availability.forms import ConditionsForm, ExceptionForm, StayForm, WeeklyForm
from outreach.availability.models import DayException, FreeBlock, Stay, WeeklyRule
from outreach.lives import NotAllowed
from outreach.schools.places import prefecture_name
from ui import dates

PREVIEW_DAYS = 14


@dataclass(frozen=True)
class Part:
    """One thing that is told on the page: its form, its verb, its rows, and what is said when it was done."""

    form: Callable[..., forms.Form]
    verb: Callable[..., Any]
    done: Any
    rows: type | None = None


PARTS = {
    "weekly": Part(WeeklyForm, telling.add_weekly, gettext_lazy("毎週の空き時間を登録しました。"), WeeklyRule),
    "days": Part(ExceptionForm, telling.add_exception, gettext_lazy("この日の都合を登録しました。"), DayException),
    "stays": Part(StayForm, telling.add_stay, gettext_lazy("滞在を登録しました。"), Stay),
    "conditions": Part(ConditionsForm, telling.set_conditions, gettext_lazy("引き受ける条件を改めました。")),
}


those_who_tell = only(speaks_for_somebody)


def _person(request: HttpRequest, public_id: uuid.UUID | None) -> tuple[Ambassador, list[Ambassador]]:
    people = those_spoken_for(request.user)
    if public_id is None:
        return people[0], people
    person = next((one for one in people if one.public_id == public_id), None)
    if person is None:
        raise Http404
    return person, people


@those_who_tell
@require_safe
def show(request: HttpRequest, public_id: uuid.UUID | None = None) -> HttpResponse:
    """The next days as they follow from what was told, and all that was told, each with its form."""
    return _show(request, *_person(request, public_id))


def _form(part: str, person: Ambassador, data: Any = None) -> forms.Form:
    made = PARTS[part].form
    if part == "conditions":
        return made(data, initial=ConditionsForm.of(person), prefix=part)
    # Several forms stand on one page: each has names of its own.
    return made(data, prefix=part, **({"person": person} if part != "stays" else {}))


def _show(
    request: HttpRequest, person: Ambassador, people: list[Ambassador], sent: str = "", form: forms.Form | None = None
) -> HttpResponse:
    shown = {part: form if part == sent else _form(part, person) for part in PARTS}
    today = dates.today()
    return render(
        request,
        "outreach/availability/show.html",
        {
            "person": person,
            "others": [one for one in people if one.pk != person.pk],
            "is_own": person.user_id == request.user.pk,
            "is_abroad": person.time_zone != "Asia/Tokyo",
            "days": coming_days(person),
            "tells_hours": FreeBlock.objects.filter(ambassador=person).exists(),
            "rules": person.weekly_rules.all(),
            "exceptions": person.day_exceptions.filter(last_day__gte=today),
            "stays": [stay for stay in person.stays.all() if stay.last_day is None or stay.last_day >= today],
            "forms": shown,
            "sent": sent,
            "sent_form": form,
        },
        status=422 if sent else 200,
    )


@dataclass(frozen=True)
class FreeDay:
    """A day with its free stretches in words, in Japan and where the person lives, and the place of that day."""

    day: dt.date
    spans: list[str]
    at_home: list[str]
    place: str
    in_person: bool
    holiday: str


def coming_days(person: Ambassador) -> list[FreeDay]:
    """The free stretches of the next two weeks, by day; days without any are left out."""
    until = dates.at_tokyo(dates.today() + dt.timedelta(days=PREVIEW_DAYS), dt.time())
    rows = FreeBlock.objects.filter(
        ambassador=person, ends_at__gt=dates.at_tokyo(dates.today(), dt.time()), starts_at__lt=until
    )
    zone = ZoneInfo(person.time_zone)
    found = []
    for day, blocks in groupby(rows.order_by("starts_at"), key=lambda row: dates.in_tokyo(row.starts_at).date()):
        stretches = list(blocks)
        first = stretches[0]
        found.append(
            FreeDay(
                day,
                [_clocks(row, dates.TOKYO) for row in stretches],
                [_clocks(row, zone) for row in stretches] if person.time_zone != "Asia/Tokyo" else [],
                prefecture_name(first.prefecture_code),
                first.in_person and person.visits_in_person,
                dates.holiday_name(day),
            )
        )
    return found


def _clocks(row: FreeBlock, zone: ZoneInfo) -> str:
    """9:00–17:00; midnight at the end is 24:00; on the clock of elsewhere with the day, because it may be another."""
    until = dates.clock_words(row.ends_at, zone)
    words = f"{dates.clock_words(row.starts_at, zone)}–{'24:00' if until == '0:00' else until}"
    if zone == dates.TOKYO:
        return words
    return f"{dates.day_words(row.starts_at.astimezone(zone).date())} {words}"


@those_who_tell
@require_POST
def tell(request: HttpRequest, public_id: uuid.UUID, part: str) -> HttpResponse:
    """One more thing is told; what was typed wrong is shown again in its place."""
    person, people = _person(request, public_id)
    if part not in PARTS:
        raise Http404
    form = _form(part, person, request.POST)
    if form.is_valid():
        try:
            PARTS[part].verb(person, by=request.user, **form.told())
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, str(PARTS[part].done))
            return redirect("availability:of", person.public_id)
    return _show(request, person, people, part, form)


@those_who_tell
@require_POST
def take_away(request: HttpRequest, part: str, public_id: uuid.UUID) -> HttpResponse:
    """What was told holds no longer."""
    rows = PARTS[part].rows if part in PARTS else None
    if rows is None:
        raise Http404
    theirs = rows.objects.select_related("ambassador").filter(ambassador__in=those_spoken_for(request.user))
    row = get_object_or_404(theirs, public_id=public_id)
    try:
        telling.take_away(row, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("消しました。空き時間を計算し直しました。"))
    return redirect("availability:of", row.ambassador.public_id)
