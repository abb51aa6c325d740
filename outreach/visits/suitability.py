"""Who can be asked about which day: appointment, format, limits, and time that is kept already."""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils.translation import gettext as _

from outreach.ambassadors.models import Ambassador
from outreach.availability import actions as time
from outreach.availability.models import Conditions
from outreach.availability.outlook import Lesson, Outlook
from outreach.lives import NotAllowed, TooLate
from outreach.requests.models import Format, Kind, Request, RulesOfYears, Slot
from outreach.visits.models import Offer, Participation
from outreach.visits.states import OfferState
from ui import dates

DEFAULT_BUFFERS = {Format.ONLINE: 15, Format.IN_PERSON: 90}


def usual_minutes(request: Request, slot: Slot, rules: RulesOfYears, *, is_online: bool) -> int:
    """Minutes that the rules of the year keep on each side of a lesson."""
    of_year = rules.of(dates.fiscal_year_of(slot.day))
    if is_online:
        return of_year.online_buffer if of_year else DEFAULT_BUFFERS[Format.ONLINE]
    return of_year.travel_buffer if of_year else DEFAULT_BUFFERS[Format.IN_PERSON]


def lesson_of(request: Request, slot: Slot, person: Ambassador | None = None, outlook: Outlook | None = None) -> Lesson:
    """The lesson on this slot; where the school has no wish, this person comes if they can on that day."""
    where = request.school.prefecture_code if request.school else ""
    lesson = Lesson(slot.starts_at, slot.ends_at, slot.day, where, is_online=request.format == Format.ONLINE)
    if request.format == Format.EITHER and person is not None and outlook is not None:
        lesson = replace(lesson, is_online=person.visits_online and not outlook.comes_in_person(person, lesson))
    return lesson


def buffers_for(
    request: Request,
    slot: Slot,
    rules: RulesOfYears | None = None,
    person: Ambassador | None = None,
    outlook: Outlook | None = None,
) -> time.Buffers:
    """Minutes kept before and after the lesson: the way there and back, or a short pause when online.

    For a person it is their own number, or the way from where they are on that day; for nobody in particular what the
    rules of the year say.
    """
    rules = rules or RulesOfYears()
    if person is None:
        minutes = usual_minutes(request, slot, rules, is_online=request.format == Format.ONLINE)
        return time.Buffers(minutes, minutes)
    outlook = outlook or Outlook([person], [slot])
    lesson = lesson_of(request, slot, person, outlook)
    return outlook.buffers(person, lesson, usual_minutes(request, slot, rules, is_online=lesson.is_online))


@dataclass(frozen=True)
class Obstacle:
    """Why somebody cannot be asked. Limits, hours and outside calendars can be lifted with a reason, the rest cannot.

    Time that is taken may have been taken a moment ago: whoever raises it says `TooLate`.
    """

    words: str
    can_be_lifted: bool = False
    is_taken: bool = False

    def refusal(self) -> NotAllowed:
        return TooLate(self.words) if self.is_taken else NotAllowed(self.words)


def obstacle(
    ambassador: Ambassador,
    request: Request,
    slots: Iterable[Slot],
    buffers: time.Buffers | None = None,
    rules: RulesOfYears | None = None,
    outlook: Outlook | None = None,
    has_agreed: bool = False,
) -> Obstacle | None:
    """What speaks against asking this person about these slots, or None; the ambassador's row is locked.

    What nothing can lift is said before what a reason lifts. Whoever has agreed to the day, or will be asked to, is not
    held to the hours they have told (`has_agreed`).
    """
    slots, rules = list(slots), rules or RulesOfYears()
    if ambassador.paused_at:
        return Obstacle(_("%(name)sさんは活動を休んでいます。") % {"name": ambassador.name})
    if not ambassador.user.is_active:
        return Obstacle(_("%(name)sさんの利用は止まっています。") % {"name": ambassador.name})
    appointments = list(ambassador.appointments.values_list("from_day", "until"))
    if request.kind == Kind.CONTENT:
        # Made at home, without a time of its own: only the appointment must reach to the due day.
        return _not_appointed(ambassador, appointments, request.due_on)
    if request.format == Format.IN_PERSON and not ambassador.visits_in_person:
        return Obstacle(_("%(name)sさんの訪問はオンラインだけです。") % {"name": ambassador.name})
    if request.format == Format.ONLINE and not ambassador.visits_online:
        return Obstacle(_("%(name)sさんの訪問は対面だけです。") % {"name": ambassador.name})
    outlook = outlook or Outlook([ambassador], slots)
    spans = [
        time.blocked_span(
            slot.starts_at, slot.ends_at, buffers or buffers_for(request, slot, rules, ambassador, outlook)
        )
        for slot in slots
    ]
    holds = time.in_the_way(ambassador.pk, request.pk, spans)
    for slot, (since, until) in zip(slots, spans, strict=True):
        if found := _not_appointed(ambassador, appointments, slot.day):
            return found
        if hold := next((hold for hold in holds if hold.blocked_from < until and hold.blocked_until > since), None):
            return Obstacle(
                _("%(name)sさんは%(when)sにほかの予定を確保しています。")
                % {"name": ambassador.name, "when": dates.moment_words(hold.starts_at)},
                is_taken=True,
            )
    for slot, span in zip(slots, spans, strict=True) if not has_agreed else ():
        if doubt := outlook.doubt(ambassador, lesson_of(request, slot, ambassador, outlook), span):
            return Obstacle(doubt.sentence, can_be_lifted=True)
    if words := limit_reached(ambassador, request, slots, rules, outlook):
        return Obstacle(words, can_be_lifted=True)
    return None


def _not_appointed(
    ambassador: Ambassador, appointments: list[tuple[dt.date, dt.date]], day: dt.date
) -> Obstacle | None:
    if any(since <= day <= until for since, until in appointments):
        return None
    return Obstacle(
        _("%(name)sさんは%(day)sには任命されていません。") % {"name": ambassador.name, "day": dates.day_words(day)}
    )


def limit_reached(
    ambassador: Ambassador,
    request: Request,
    slots: Iterable[Slot],
    rules: RulesOfYears | None = None,
    outlook: Outlook | None = None,
) -> str:
    """Which limit of this person one more visit would pass, in words; "" when none.

    Counted are visits that were not cancelled, and requests about which the person is being asked now, once each.
    """
    slots = list(slots)
    conditions = (outlook or Outlook([ambassador], slots)).conditions(ambassador)
    limits = _limits(ambassador, {slot.day for slot in slots}, rules or RulesOfYears(), conditions)
    if not limits:
        return ""
    engaged = engaged_days(
        ambassador, request, min(limit.first for limit in limits), max(limit.last for limit in limits)
    )
    for limit in limits:
        if len({asked for asked, day in engaged if limit.first <= day <= limit.last}) >= limit.most:
            return limit.words
    return ""


@dataclass(frozen=True)
class Limit:
    """At most so many requests between two days, both included; the words say that there are so many already."""

    most: int
    first: dt.date
    last: dt.date
    words: str


def _limits(
    ambassador: Ambassador, days: set[dt.date], rules: RulesOfYears, conditions: Conditions | None
) -> list[Limit]:
    """The limits that a visit on one of these days could pass: of the year first, then months, weeks and days."""
    found = []
    for year in sorted({dates.fiscal_year_of(day) for day in days}):
        of_year = rules.of(year)
        if most := ambassador.most_per_year or (of_year.most_per_year if of_year else None):
            words = _("%(name)sさんは%(year)sの上限（%(most)s件）に達しています。") % {
                "name": ambassador.name,
                "year": dates.fiscal_year_name(year),
                "most": most,
            }
            found.append(Limit(most, *dates.fiscal_year_bounds(year), words))
    for first in sorted({day.replace(day=1) for day in days}):
        of_year = rules.of(dates.fiscal_year_of(first))
        if most := ambassador.most_per_month or (of_year.most_per_month if of_year else None):
            words = _("%(name)sさんは%(month)s月の上限（%(most)s件）に達しています。") % {
                "name": ambassador.name,
                "month": first.month,
                "most": most,
            }
            last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
            found.append(Limit(most, first, last, words))
    if conditions and conditions.most_per_week:
        for monday in sorted({day - dt.timedelta(days=day.weekday()) for day in days}):
            words = _("%(name)sさんは%(day)sの週の上限（%(most)s件）に達しています。") % {
                "name": ambassador.name,
                "day": dates.day_words(monday),
                "most": conditions.most_per_week,
            }
            found.append(Limit(conditions.most_per_week, monday, monday + dt.timedelta(days=6), words))
    if conditions and conditions.most_per_day:
        for day in sorted(days):
            words = _("%(name)sさんは%(day)sの上限（%(most)s件）に達しています。") % {
                "name": ambassador.name,
                "day": dates.day_words(day),
                "most": conditions.most_per_day,
            }
            found.append(Limit(conditions.most_per_day, day, day, words))
    return found


def engaged_days(ambassador: Ambassador, request: Request, first: dt.date, last: dt.date) -> set[tuple[int, dt.date]]:
    """Requests other than this one that a person serves or is asked about between two days, with each of the days."""
    visits = Participation.objects.filter(
        ambassador=ambassador, left_at__isnull=True, visit__slot__isnull=False, visit__day__range=(first, last)
    ).exclude(Q(visit__state__in=("cancelled", "not_held")) | Q(visit__request=request))
    offers = (
        Offer.objects.waiting()
        .filter(ambassador=ambassador, state=OfferState.SENT, slots__day__range=(first, last))
        .exclude(request=request)
    )
    return {
        *visits.values_list("visit__request_id", "visit__day"),
        *offers.values_list("request_id", "slots__day"),
    }
