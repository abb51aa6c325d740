"""Who can be asked about which day: appointment, format, limits, and time that is kept already."""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from outreach.ambassadors.models import Ambassador
from outreach.availability import actions as time
from outreach.lives import NotAllowed, TooLate
from outreach.requests.models import Format, IntakeRules, Kind, Request, Slot, current_rules
from outreach.visits.models import Offer, Participation
from outreach.visits.states import OfferState
from ui import dates

DEFAULT_BUFFERS = {Format.ONLINE: 15, Format.IN_PERSON: 90}


def buffers_for(request: Request, slot: Slot, rules: IntakeRules | None = None) -> time.Buffers:
    """Minutes kept before and after the lesson: the way there and back, or a short pause when online."""
    rules = rules or current_rules(dates.fiscal_year_of(slot.day))
    if request.format == Format.ONLINE:
        minutes = rules.online_buffer if rules else DEFAULT_BUFFERS[Format.ONLINE]
    else:
        minutes = rules.travel_buffer if rules else DEFAULT_BUFFERS[Format.IN_PERSON]
    return time.Buffers(minutes, minutes)


@dataclass(frozen=True)
class Obstacle:
    """Why somebody cannot be asked. A limit can be lifted with a reason, the rest cannot.

    Time that is taken may have been taken a moment ago: whoever raises it says `TooLate`.
    """

    words: str
    is_limit: bool = False
    is_taken: bool = False

    def refusal(self) -> NotAllowed:
        return TooLate(self.words) if self.is_taken else NotAllowed(self.words)


def obstacle(
    ambassador: Ambassador, request: Request, slots: Iterable[Slot], buffers: time.Buffers | None = None
) -> Obstacle | None:
    """What speaks against asking this person about these slots, or None; the ambassador's row is locked."""
    slots = list(slots)
    if ambassador.paused_at:
        return Obstacle(_("%(name)sさんは活動を休んでいます。") % {"name": ambassador.name})
    appointments = list(ambassador.appointments.values_list("from_day", "until"))
    if request.kind == Kind.CONTENT:
        # Made at home, without a time of its own: only the appointment must reach to the due day.
        return _not_appointed(ambassador, appointments, request.due_on)
    if request.format == Format.IN_PERSON and not ambassador.visits_in_person:
        return Obstacle(_("%(name)sさんの訪問はオンラインだけです。") % {"name": ambassador.name})
    if request.format == Format.ONLINE and not ambassador.visits_online:
        return Obstacle(_("%(name)sさんの訪問は対面だけです。") % {"name": ambassador.name})
    for slot in slots:
        if found := _not_appointed(ambassador, appointments, slot.day):
            return found
        kept = buffers or buffers_for(request, slot)
        if hold := time.in_the_way(ambassador.pk, request.pk, slot.starts_at, slot.ends_at, kept):
            return Obstacle(
                _("%(name)sさんは%(when)sにほかの予定を確保しています。")
                % {"name": ambassador.name, "when": dates.moment_words(hold.starts_at)},
                is_taken=True,
            )
    if words := limit_reached(ambassador, request, slots):
        return Obstacle(words, is_limit=True)
    return None


def _not_appointed(
    ambassador: Ambassador, appointments: list[tuple[dt.date, dt.date]], day: dt.date
) -> Obstacle | None:
    if any(since <= day <= until for since, until in appointments):
        return None
    return Obstacle(
        _("%(name)sさんは%(day)sには任命されていません。") % {"name": ambassador.name, "day": dates.day_words(day)}
    )


def limit_reached(ambassador: Ambassador, request: Request, slots: Iterable[Slot]) -> str:
    """Which limit of this person one more visit would pass, in words; "" when none.

    Counted are visits that were not cancelled, and requests about which the person is being asked now, once each.
    """
    days = sorted({slot.day for slot in slots})
    for year in sorted({dates.fiscal_year_of(day) for day in days}):
        rules = current_rules(year)
        most = ambassador.most_per_year or (rules.most_per_year if rules else None)
        if most and engagements(ambassador, request, *dates.fiscal_year_bounds(year)) >= most:
            return _("%(name)sさんは%(year)sの上限（%(most)s件）に達しています。") % {
                "name": ambassador.name,
                "year": dates.fiscal_year_name(year),
                "most": most,
            }
    for first in sorted({day.replace(day=1) for day in days}):
        rules = current_rules(dates.fiscal_year_of(first))
        most = ambassador.most_per_month or (rules.most_per_month if rules else None)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        if most and engagements(ambassador, request, first, last) >= most:
            return _("%(name)sさんは%(month)s月の上限（%(most)s件）に達しています。") % {
                "name": ambassador.name,
                "month": first.month,
                "most": most,
            }
    return ""


def engagements(ambassador: Ambassador, request: Request, first: dt.date, last: dt.date) -> int:
    """Requests other than this one that a person serves or is asked about between two days, both included."""
    visits = Participation.objects.filter(
        ambassador=ambassador, left_at__isnull=True, visit__slot__isnull=False, visit__day__range=(first, last)
    ).exclude(Q(visit__state__in=("cancelled", "not_held")) | Q(visit__request=request))
    offers = (
        Offer.objects.waiting()
        .filter(ambassador=ambassador, state=OfferState.SENT, slots__day__range=(first, last))
        .exclude(request=request)
    )
    return len(
        set(visits.values_list("visit__request_id", flat=True)) | set(offers.values_list("request_id", flat=True))
    )
