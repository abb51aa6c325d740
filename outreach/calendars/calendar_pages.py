"""The calendar on the screen: a month, a week or a list, told apart by words, lines and grounds, not by colour alone."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from outreach.ambassadors.models import Ambassador
from outreach.ambassadors.rules import those_spoken_for
from outreach.availability.models import Weekday
from outreach.calendars.days import KINDS, Happening, Wanted, counts, happenings
from outreach.requests.models import Format
from outreach.schools.places import prefecture_choices
from ui import dates
from ui.forms import DayField, HouseForm

DAY = dt.timedelta(days=1)
LISTED_DAYS = 60
MOST_IN_A_CELL = 4
VIEWS = {
    "month": pgettext_lazy("calendar", "月"),
    "week": pgettext_lazy("calendar", "週"),
    "list": pgettext_lazy("calendar", "一覧"),
}
# What the month shows as more than a line of time.
LEGEND = {
    "set": gettext_lazy("訪問授業"),
    "ask": gettext_lazy("返事をするまで確保"),
    "move": gettext_lazy("相談が終わるまで確保"),
    "wish": gettext_lazy("お返事まで空けておく希望日時"),
    "road": gettext_lazy("前後の移動や準備"),
    "busy": gettext_lazy("外部カレンダー"),
    "off": gettext_lazy("訪問できない日"),
    "free": gettext_lazy("空き時間"),
}


class NarrowForm(HouseForm):
    """What the desk looks for; what cannot be read is left out."""

    prefecture = forms.ChoiceField(label=gettext_lazy("都道府県"), required=False)
    format = forms.ChoiceField(label=gettext_lazy("形式"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prefecture"].choices = [("", _("すべて")), *prefecture_choices()]
        self.fields["format"].choices = [("", _("すべて")), *Format.choices]

    def wanted(self) -> dict[str, str]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


@dataclass(frozen=True)
class Cell:
    """One day of the month as it is drawn."""

    day: dt.date
    is_out: bool
    is_off: bool
    is_today: bool
    holiday: str
    shown: list[Happening]
    more: int
    url: str

    @property
    def number(self) -> str:
        """The first of another month says which."""
        return f"{self.day.month}/{self.day.day}" if self.is_out and self.day.day == 1 else str(self.day.day)


@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Everything on the days of the person who looks; the desk sees all, narrowed down."""
    user = request.user
    view = request.GET.get("view", "month")
    if view not in VIEWS:
        raise Http404
    day = _day(request.GET.get("date"))
    people = those_spoken_for(user)
    person = _chosen(request, people)
    is_desk = user.is_coordinator and person is None
    form = NarrowForm(request.GET) if is_desk else None
    first, last = _span(view, day)
    wanted = Wanted(first, last, people=[person] if person else people, **(form.wanted() if form else {}))
    found = happenings(user, wanted, is_desk=is_desk)
    link = _Links(request, view, day, person, form.wanted() if form else {})
    month = day.replace(day=1)
    abroad = person or (people[0] if len(people) == 1 else None)
    return render(
        request,
        "outreach/calendars/calendar.html",
        {
            "view": view,
            "heading": _heading(view, first, last, month),
            "switch": [(label, link.to(view=name), name == view) for name, label in VIEWS.items()],
            "steps": [
                (_before(view), link.to(date=_step(view, day, -1))),
                (pgettext("calendar", "今日"), link.to(date=dates.today())),
                (_after(view), link.to(date=_step(view, day, 1))),
            ],
            "weeks": _weeks(month, found, link) if view == "month" else [],
            "weekdays": _weekdays(),
            "days": _listed(found, first, last, only_things=view == "list"),
            "summary": _summary(found.values()),
            "legend": [(kind, KINDS[kind], words) for kind, words in LEGEND.items() if kind in _kinds(found)],
            "zone": abroad.time_zone if abroad and abroad.time_zone != "Asia/Tokyo" else "",
            "form": form,
            "hidden": {"view": view, "date": day.isoformat()},
            "people": people if len(people) > 1 else [],
            "person": person,
            "link": link,
            "people_links": [(one, link.to(of=one.public_id), one == person) for one in people]
            if len(people) > 1
            else [],
            "tells": bool(people),
        },
    )


class _Links:
    """Addresses of the same calendar, seen otherwise."""

    def __init__(
        self, request: HttpRequest, view: str, day: dt.date, person: Ambassador | None, narrowed: dict[str, str]
    ) -> None:
        self.path = request.path
        self.kept: dict[str, Any] = {"view": view, "date": day.isoformat(), **narrowed}
        if person is not None and "of" in request.GET:
            self.kept["of"] = person.public_id

    def to(self, **changes: Any) -> str:
        changes = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in changes.items()}
        return f"{self.path}?{urlencode({**self.kept, **changes})}"


def _day(text: str | None) -> dt.date:
    """The day that the address names; today when it names none that can be read."""
    try:
        day = DayField(required=False).clean(text)
    except forms.ValidationError:
        day = None
    return day or dates.today()


def _chosen(request: HttpRequest, people: list[Ambassador]) -> Ambassador | None:
    """Whose days: the only one's, or those the address names; somebody of whom the person does not tell is nobody."""
    asked = request.GET.get("of")
    if asked:
        try:
            wanted = uuid.UUID(asked)
        except ValueError:
            raise Http404 from None
        person = next((one for one in people if one.public_id == wanted), None)
        if person is None:
            raise Http404
        return person
    return people[0] if len(people) == 1 and not request.user.is_coordinator else None


def _span(view: str, day: dt.date) -> tuple[dt.date, dt.date]:
    if view == "month":
        first = day.replace(day=1)
        last = (first + 31 * DAY).replace(day=1) - DAY
        # Weeks begin on Sunday, as calendars in Japan do.
        return first - (first.weekday() + 1) % 7 * DAY, last + (5 - last.weekday()) % 7 * DAY
    if view == "week":
        first = day - (day.weekday() + 1) % 7 * DAY
        return first, first + 6 * DAY
    return day, day + (LISTED_DAYS - 1) * DAY


def _step(view: str, day: dt.date, direction: int) -> dt.date:
    if view == "month":
        first = day.replace(day=1)
        return (first - DAY).replace(day=1) if direction < 0 else (first + 31 * DAY).replace(day=1)
    return day + direction * (7 if view == "week" else LISTED_DAYS) * DAY


def _before(view: str) -> str:
    return {"month": _("前の月"), "week": _("前の週")}.get(view) or _("前の60日")


def _after(view: str) -> str:
    return {"month": _("次の月"), "week": _("次の週")}.get(view) or _("次の60日")


def _heading(view: str, first: dt.date, last: dt.date, month: dt.date) -> str:
    return dates.month_words(month) if view == "month" else f"{dates.day_words(first)}–{dates.day_words(last)}"


def _weekdays() -> list[tuple[str, str]]:
    """The letters over the columns and what they stand for, Sunday first."""
    full = [str(Weekday(number).label) for number in (6, 0, 1, 2, 3, 4, 5)]
    return [(name[:3] if name.isascii() else name[0], name) for name in full]


def _weeks(month: dt.date, found: dict[dt.date, list[Happening]], link: _Links) -> list[list[Cell]]:
    first, last = _span("month", month)
    cells = []
    for number in range((last - first).days + 1):
        day = first + number * DAY
        rows = found.get(day, [])
        # On a day with something of its own, that one is free beside it goes without saying.
        if any(one.kind in ("set", "ask", "move") for one in rows):
            rows = [one for one in rows if one.kind != "free"]
        cells.append(
            Cell(
                day,
                is_out=day.month != month.month,
                is_off=not dates.is_school_weekday(day),
                is_today=day == dates.today(),
                holiday=dates.holiday_name(day),
                shown=rows[:MOST_IN_A_CELL],
                more=max(0, len(rows) - MOST_IN_A_CELL),
                url=link.to(view="week", date=day),
            )
        )
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def _listed(
    found: dict[dt.date, list[Happening]], first: dt.date, last: dt.date, *, only_things: bool
) -> list[tuple[dt.date, str, list[Happening]]]:
    """The days with something on them, and of a week all days, each with the name of its holiday."""
    days = []
    for number in range((last - first).days + 1):
        day = first + number * DAY
        rows = [one for one in found.get(day, []) if one.is_thing or not only_things]
        if rows or not only_things:
            days.append((day, dates.holiday_name(day), rows))
    return days


def _kinds(found: dict[dt.date, list[Happening]]) -> set[str]:
    return {one.kind for rows in found.values() for one in rows}


def _summary(found: Any) -> str:
    told = counts(found)
    words = {
        "set": _("決定%(count)s件"),
        "ask": _("打診の日時%(count)s件"),
        "move": _("変更の相談%(count)s件"),
        "wish": _("希望日時%(count)s件"),
    }
    parts = [words[kind] % {"count": told[kind]} for kind in words if told.get(kind)]
    return "、".join(parts) or _("訪問授業も打診もありません。")
