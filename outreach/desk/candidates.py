"""Which ambassadors could answer a request, with the reason for each in plain facts.

A constant number of queries, however many ambassadors there are.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from outreach.ambassadors import conduct
from outreach.ambassadors.models import Ambassador, Appointment
from outreach.availability.actions import blocked_span
from outreach.availability.models import Hold
from outreach.availability.outlook import Outlook
from outreach.requests.models import Format, Hand, IntakeRules, Kind, Request, RulesOfYears, Slot
from outreach.schools.models import search_key
from outreach.visits.actions import buffers_for, lesson_of
from outreach.visits.models import Offer, Participation
from outreach.visits.states import OfferState
from ui import dates
from ui.words import listed


@dataclass
class Candidate:
    """One ambassador beside a request: the slots on which they are free, and what speaks for or against."""

    ambassador: Ambassador
    free_slots: list[Slot] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    visits_this_year: int = 0
    shared_competences: int = 0
    same_prefecture: bool = False
    # Has raised a hand for this request.
    has_hand: bool = False
    # Kept free by nothing but the hours they have told or their outside calendars, which a reason lifts.
    doubtful_slots: list[Slot] = field(default_factory=list)
    # How many of `against` a reason lifts.
    liftable: int = 0
    # Content (教材・動画) has a due date and no slots: it needs nobody's time.
    needs_no_slot: bool = False

    @property
    def free_words(self) -> str:
        return listed(slot.rank_words for slot in self.free_slots)

    @property
    def can_be_asked(self) -> bool:
        return bool(self.free_slots or self.needs_no_slot) and not self.against

    @property
    def needs_a_reason(self) -> bool:
        """Only limits, hours or outside calendars speak against asking: the desk may lift them and says why."""
        return bool(self.free_slots or self.doubtful_slots) and 0 < self.liftable == len(self.against)

    @property
    def order(self) -> tuple:
        return (
            not self.can_be_asked,
            not self.needs_a_reason,
            not self.has_hand,
            -len(self.free_slots),
            -len(self.doubtful_slots),
            -self.shared_competences,
            not self.same_prefecture,
            self.visits_this_year,
            self.ambassador.name_kana,
        )


class Fullness:
    """How full everybody's months and years are already: two queries for all of them together."""

    def __init__(self, request: Request, slots: list[Slot], rules: dict[int, IntakeRules | None]) -> None:
        self.rules = rules
        self.months = {(slot.day.year, slot.day.month) for slot in slots}
        self.requests: dict[tuple[int, Any], set[int]] = defaultdict(set)
        bounds = [dates.fiscal_year_bounds(year) for year in rules]
        span = (min(first for first, _last in bounds), max(last for _first, last in bounds))
        visits = Participation.objects.filter(
            left_at__isnull=True, visit__slot__isnull=False, visit__day__range=span
        ).exclude(Q(visit__state__in=("cancelled", "not_held")) | Q(visit__request=request))
        offers = Offer.objects.waiting().filter(slots__day__range=span).exclude(request=request)
        for rows in (
            visits.values_list("ambassador_id", "visit__request_id", "visit__day"),
            offers.values_list("ambassador_id", "request_id", "slots__day"),
        ):
            for ambassador_id, request_id, day in rows:
                self.requests[ambassador_id, dates.fiscal_year_of(day)].add(request_id)
                self.requests[ambassador_id, (day.year, day.month)].add(request_id)

    def words(self, person: Ambassador) -> str:
        """Which limit one more visit would pass, shortly; "" when none."""
        for year, rules in self.rules.items():
            most = person.most_per_year or (rules.most_per_year if rules else None)
            if most and len(self.requests[person.pk, year]) >= most:
                return _("年度の上限（%(most)s件）") % {"most": most}
        for year, month in sorted(self.months):
            rules = self.rules[dates.fiscal_year_of(dt.date(year, month, 1))]
            most = person.most_per_month or (rules.most_per_month if rules else None)
            if most and len(self.requests[person.pk, (year, month)]) >= most:
                return _("%(month)s月の上限（%(most)s件）") % {"month": month, "most": most}
        return ""


def candidates(request: Request, *, words: str = "", slots: list[Slot] | None = None) -> list[Candidate]:
    """All ambassadors, those who can be asked first; order: free slots, competences, near, fewest visits.

    `slots` names the days when they are not all that the host still wishes for.
    """
    if slots is None:
        slots = [slot for slot in request.open_slots() if not slot.is_past]
    found = _candidates(request, words, slots)
    accepted = conduct.who_accepted()
    hands = set(Hand.objects.filter(request=request, lowered_at__isnull=True).values_list("ambassador_id", flat=True))
    for candidate in found:
        if candidate.ambassador.pk in hands:
            candidate.has_hand = True
            candidate.notes.insert(0, _("手を挙げています"))
        if accepted is not None and candidate.ambassador.pk not in accepted:
            candidate.notes.append(_("行動規範に未同意"))
    return sorted(found, key=lambda candidate: candidate.order) if hands else found


def _candidates(request: Request, words: str, slots: list[Slot]) -> list[Candidate]:
    people = list(
        Ambassador.objects.active()
        .prefetch_related("competences")
        .annotate(
            visit_count=Count(
                "participations",
                filter=Q(participations__visit__fiscal_year=request.fiscal_year, participations__left_at__isnull=True)
                & ~Q(participations__visit__state__in=("cancelled", "not_held")),
            )
        )
    )
    if words:
        key = search_key(words)
        people = [p for p in people if key in search_key(p.name_ja, p.name_kana, p.name_en, p.place, p.headline_ja)]
    if request.kind == Kind.CONTENT:
        return _for_content(request, people)
    if not slots:
        return [Candidate(person, against=[_("選べる希望日時がありません。")]) for person in people[:50]]
    appointments = defaultdict(list)
    for ambassador_id, since, until in Appointment.objects.filter(until__gte=min(s.day for s in slots)).values_list(
        "ambassador_id", "from_day", "until"
    ):
        appointments[ambassador_id].append((since, until))
    rules = RulesOfYears()
    outlook = Outlook(people, slots)
    busy = defaultdict(list)
    for ambassador_id, since, until in (
        Hold.objects.alive()
        .exclude(request=request)
        .touching(outlook.first, outlook.last)
        .values_list("ambassador_id", "blocked_from", "blocked_until")
    ):
        busy[ambassador_id].append((since, until))
    asked = {}
    for ambassador_id, state, expires_at in Offer.objects.filter(request=request).values_list(
        "ambassador_id", "state", "expires_at"
    ):
        waits = state == OfferState.SENT and expires_at > timezone.now()
        asked[ambassador_id] = (
            _("返事を待っています")
            if waits
            else (asked.get(ambassador_id) or (_("一度見送りました") if state == OfferState.DECLINED else ""))
        )
    full = Fullness(
        request, slots, {year: rules.of(year) for year in {dates.fiscal_year_of(slot.day) for slot in slots}}
    )
    wanted = {competence.pk for competence in request.competences.all()}
    found = [
        _judge(
            person,
            request,
            slots,
            (rules, outlook),
            appointments[person.pk],
            busy[person.pk],
            asked.get(person.pk, ""),
            wanted,
            full.words(person),
        )
        for person in people
    ]
    found.sort(key=lambda candidate: candidate.order)
    return found


def _for_content(request: Request, people: list[Ambassador]) -> list[Candidate]:
    """Whoever is appointed on the due day and not being asked already; those who share a competence first."""
    asked = set(Offer.objects.waiting().filter(request=request).values_list("ambassador_id", flat=True))
    appointed = set(Ambassador.objects.appointed_on(request.due_on).values_list("pk", flat=True))
    wanted = {competence.pk for competence in request.competences.all()}
    found = [
        Candidate(
            person,
            notes=[_("今年度の訪問 %(count)s件") % {"count": person.visit_count}],
            against=[
                words
                for words, applies in (
                    (_("納期の日に任命されていません"), person.pk not in appointed),
                    (_("返事を待っています"), person.pk in asked),
                )
                if applies
            ],
            visits_this_year=person.visit_count,
            shared_competences=sum(c.pk in wanted for c in person.competences.all()),
            needs_no_slot=True,
        )
        for person in people
    ]
    return sorted(found, key=lambda candidate: candidate.order)


def _judge(
    person,
    request,
    slots,
    told: tuple[RulesOfYears, Outlook],
    appointments,
    busy,
    asked: str,
    wanted: set[int],
    limit: str,
) -> Candidate:
    rules, outlook = told
    candidate = Candidate(
        person,
        visits_this_year=person.visit_count,
        same_prefecture=bool(request.school and person.prefecture_code == request.school.prefecture_code),
    )
    if request.format == Format.IN_PERSON and not person.visits_in_person:
        candidate.against.append(_("オンラインだけ"))
    if request.format == Format.ONLINE and not person.visits_online:
        candidate.against.append(_("対面だけ"))
    if asked == _("返事を待っています"):
        candidate.against.append(asked)
    elif asked:
        candidate.notes.append(asked)
    if limit:
        candidate.liftable += 1
        candidate.against.append(limit)
    doubts = {}
    for slot in slots:
        span = blocked_span(slot.starts_at, slot.ends_at, buffers_for(request, slot, rules, person, outlook))
        appointed = any(since <= slot.day <= until for since, until in appointments)
        taken = any(since < span[1] and until > span[0] for since, until in busy)
        if not appointed or taken:
            continue
        if doubt := outlook.doubt(person, lesson_of(request, slot, person, outlook), span):
            doubts[slot] = doubt.short
            candidate.doubtful_slots.append(slot)
        else:
            candidate.free_slots.append(slot)
    if candidate.free_slots:
        candidate.notes += [f"{slot.rank_words}：{short}" for slot, short in doubts.items()]
    elif doubts:
        candidate.liftable += 1
        candidate.against.append(listed(dict.fromkeys(doubts.values())))
    else:
        candidate.against.append(_("希望日時に空きがない"))
    shared = [c for c in person.competences.all() if c.pk in wanted]
    candidate.shared_competences = len(shared)
    if shared:
        candidate.notes.append(_("希望の資質・能力が合う：%(names)s") % {"names": listed(shared)})
    if candidate.same_prefecture:
        candidate.notes.append(_("同じ都道府県"))
    candidate.notes.append(_("今年度の訪問 %(count)s件") % {"count": person.visit_count})
    return candidate
