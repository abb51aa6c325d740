"""Which ambassadors could answer a request, with the reason for each in plain facts.

A constant number of queries, however many ambassadors there are.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from outreach.ambassadors.models import Ambassador, Appointment
from outreach.availability.actions import blocked_span
from outreach.availability.models import Hold
from outreach.requests.models import Format, Request, Slot
from outreach.schools.models import search_key
from outreach.visits.actions import buffers_for
from outreach.visits.models import Offer
from outreach.visits.states import OfferState
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

    @property
    def free_words(self) -> str:
        return listed(slot.rank_words for slot in self.free_slots)

    @property
    def can_be_asked(self) -> bool:
        return bool(self.free_slots) and not self.against

    @property
    def order(self) -> tuple:
        return (
            not self.can_be_asked,
            -len(self.free_slots),
            -self.shared_competences,
            not self.same_prefecture,
            self.visits_this_year,
            self.ambassador.name_kana,
        )


def candidates(request: Request, *, words: str = "") -> list[Candidate]:
    """All ambassadors, those who can be asked first; order: free slots, competences, near, fewest visits."""
    slots = [slot for slot in request.open_slots() if not slot.is_past]
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
    if not slots:
        return [Candidate(person, against=[_("選べる希望日時がありません。")]) for person in people[:50]]
    appointments = defaultdict(list)
    for ambassador_id, since, until in Appointment.objects.filter(until__gte=min(s.day for s in slots)).values_list(
        "ambassador_id", "from_day", "until"
    ):
        appointments[ambassador_id].append((since, until))
    spans = {slot.pk: blocked_span(slot.starts_at, slot.ends_at, buffers_for(request, slot)) for slot in slots}
    busy = defaultdict(list)
    for ambassador_id, since, until in (
        Hold.objects.alive()
        .exclude(request=request)
        .touching(min(s[0] for s in spans.values()), max(s[1] for s in spans.values()))
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
    wanted = {competence.pk for competence in request.competences.all()}
    found = [
        _judge(
            person, request, slots, spans, appointments[person.pk], busy[person.pk], asked.get(person.pk, ""), wanted
        )
        for person in people
    ]
    found.sort(key=lambda candidate: candidate.order)
    return found


def _judge(person, request, slots, spans, appointments, busy, asked: str, wanted: set[int]) -> Candidate:
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
    for slot in slots:
        appointed = any(since <= slot.day <= until for since, until in appointments)
        taken = any(since < spans[slot.pk][1] and until > spans[slot.pk][0] for since, until in busy)
        if appointed and not taken:
            candidate.free_slots.append(slot)
    if not candidate.free_slots:
        candidate.against.append(_("希望日時に空きがない"))
    shared = [c for c in person.competences.all() if c.pk in wanted]
    candidate.shared_competences = len(shared)
    if shared:
        candidate.notes.append(_("希望の資質・能力が合う：%(names)s") % {"names": listed(shared)})
    if candidate.same_prefecture:
        candidate.notes.append(_("同じ都道府県"))
    candidate.notes.append(_("今年度の訪問 %(count)s件") % {"count": person.visit_count})
    return candidate
