"""What ambassadors have told of their time, read once for all who are looked at, and why a lesson would not fit in."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from outreach.ambassadors.models import Ambassador
from outreach.availability import intervals, travel
from outreach.availability.actions import Buffers, Span
from outreach.availability.hours import Whereabouts, blocked_spans, whereabouts
from outreach.availability.models import BusyBlock, Conditions, DayException, FreeBlock, Stay
from outreach.schools.places import prefecture_name
from ui import dates

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Doubt:
    """Why somebody would rather not come then: a whole sentence, and a word or two beside their name."""

    sentence: str
    short: str


@dataclass(frozen=True)
class Lesson:
    """A lesson that might be: its moments, its day in Japan, where, and whether somebody has to come."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    day: dt.date
    prefecture_code: str = ""
    is_online: bool = False


class Outlook:
    """What these people have told about the days of these lessons. Nothing is read before it is asked for."""

    def __init__(self, people: Iterable[Ambassador], lessons: Iterable[Any]) -> None:
        self.people = {person.pk: person for person in people}
        moments = [moment for lesson in lessons for moment in (lesson.starts_at, lesson.ends_at)]
        # No buffer is longer than ten hours.
        self.first, self.last = (min(moments) - DAY, max(moments) + DAY) if moments else (None, None)

    def _of_these(self, rows: Any) -> Any:
        # For many people the days alone are condition enough.
        return rows.filter(ambassador__in=list(self.people)) if len(self.people) <= 20 else rows

    @cached_property
    def _conditions(self) -> dict[int, Conditions]:
        told = {key: person._state.fields_cache.get("conditions", ...) for key, person in self.people.items()}
        if all(row is not ... for row in told.values()):
            return {key: row for key, row in told.items() if row is not None}
        return {row.ambassador_id: row for row in self._of_these(Conditions.objects.all())}

    @cached_property
    def _stays(self) -> dict[int, list[Stay]]:
        return _by_person(self._of_these(Stay.objects.all()))

    @cached_property
    def _free(self) -> dict[int, list[Span]]:
        rows = self._of_these(FreeBlock.objects.filter(starts_at__lt=self.last, ends_at__gt=self.first))
        return _spans(rows.order_by().values_list("ambassador_id", "starts_at", "ends_at"))

    @cached_property
    def _busy(self) -> dict[int, list[Span]]:
        rows = self._of_these(BusyBlock.objects.filter(starts_at__lt=self.last, ends_at__gt=self.first))
        return _spans(rows.order_by().values_list("ambassador_id", "starts_at", "ends_at"))

    @cached_property
    def _blocked(self) -> dict[int, list[DayException]]:
        days = DayException.objects.filter(
            kind=DayException.Kind.BLOCKED,
            first_day__lte=self.last.date() + DAY,
            last_day__gte=self.first.date() - DAY,
        )
        return _by_person(self._of_these(days))

    def conditions(self, person: Ambassador) -> Conditions | None:
        """None: nothing was ever told."""
        return self._conditions.get(person.pk)

    def where(self, person: Ambassador, day: dt.date) -> Whereabouts:
        return whereabouts(person, self._stays.get(person.pk, ()) if self.conditions(person) else (), day)

    def comes_in_person(self, person: Ambassador, lesson: Lesson) -> bool:
        """Whether somebody who may choose would come on that day."""
        where = self.where(person, lesson.day)
        return where.in_person and not travel.is_too_far(self.conditions(person), where, lesson.prefecture_code)

    def buffers(self, person: Ambassador, lesson: Lesson, usual: int) -> Buffers:
        """Minutes kept on each side of the lesson; `usual` is what the rules of the year say."""
        return travel.buffers(
            self.conditions(person),
            self.where(person, lesson.day),
            is_online=lesson.is_online,
            usual=usual,
            prefecture_code=lesson.prefecture_code,
        )

    def doubt(self, person: Ambassador, lesson: Lesson, kept: Span) -> Doubt | None:
        """Why this person would rather not give the lesson; `kept` is its time with the buffers. None: nothing is known."""
        name = person.name
        if conditions := self.conditions(person):
            if (lesson.day - dates.today()).days < conditions.notice_days:
                words = {"name": name, "days": conditions.notice_days}
                return Doubt(_("%(name)sさんは、%(days)s日前までの打診を希望しています。") % words, _("日が近い"))
            if not self._is_free(person, lesson, conditions):
                words = {"name": name, "when": dates.moment_words(lesson.starts_at)}
                return Doubt(_("%(name)sさんは%(when)sを空き時間にしていません。") % words, _("空き時間の外"))
            if not lesson.is_online and (found := self._cannot_come(person, lesson, conditions)):
                return found
        if busy := next((span for span in self._busy.get(person.pk, ()) if _meet(span, kept)), None):
            words = {"name": name, "when": dates.moment_words(busy[0])}
            return Doubt(
                _("%(name)sさんの外部カレンダーでは、%(when)sからほかの予定があります。") % words, _("外部の予定あり")
            )
        return None

    def _is_free(self, person: Ambassador, lesson: Lesson, conditions: Conditions) -> bool:
        """By the hours told; where none are told, or not so far ahead, by the days that are blocked."""
        if conditions.free_until is not None and lesson.day <= conditions.free_until:
            return intervals.covers(self._free.get(person.pk, ()), lesson.starts_at, lesson.ends_at)
        blocked = blocked_spans(self._blocked.get(person.pk, ()), lesson.day - DAY, lesson.day + DAY)
        return not any(_meet(span, (lesson.starts_at, lesson.ends_at)) for span in blocked)

    def _cannot_come(self, person: Ambassador, lesson: Lesson, conditions: Conditions) -> Doubt | None:
        where = self.where(person, lesson.day)
        if not where.in_person:
            place = prefecture_name(where.prefecture_code) or _("海外")
            words = {"name": person.name, "day": dates.day_words(lesson.day), "place": place}
            return Doubt(
                _("%(name)sさんは%(day)sは%(place)sにいて、対面では訪問できません。") % words, _("その日は対面できない")
            )
        if travel.is_too_far(conditions, where, lesson.prefecture_code):
            words = {"name": person.name, "km": conditions.farthest_km}
            return Doubt(_("%(name)sさんが対面で行ける距離（%(km)s km）を超えます。") % words, _("遠い"))
        return None


def _meet(span: Span, other: Span) -> bool:
    return span[0] < other[1] and span[1] > other[0]


def _spans(rows: Iterable[tuple[int, dt.datetime, dt.datetime]]) -> dict[int, list[Span]]:
    found = defaultdict(list)
    for ambassador_id, since, until in rows:
        found[ambassador_id].append((since, until))
    return found


def _by_person(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found = defaultdict(list)
    for row in rows:
        found[row.ambassador_id].append(row)
    return found
