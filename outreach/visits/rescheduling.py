"""Moving a visit: a proposal whose new time is held beside the old one until everybody agrees."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from outreach.ambassadors.rules import spoken_for
from outreach.availability import actions as time
from outreach.availability.models import Hold
from outreach.availability.outlook import Outlook
from outreach.lives import NotAllowed, Party, TooLate, check
from outreach.requests.actions import SlotWish, begin, close_ranks, slot_of
from outreach.requests.models import Channel, RulesOfYears, Slot
from outreach.visits import ledger, letters
from outreach.visits.locking import (
    close_proposal,
    lock_ambassadors,
    open_visit,
    post_all,
    reschedule_step,
    take_back_offers,
    visit_step,
    waiting_offers,
    write_down_expired_proposals,
)
from outreach.visits.models import Reschedule, Standing, Visit
from outreach.visits.rules import parties_of_visit
from outreach.visits.states import LIFE_OF_A_RESCHEDULE, RescheduleState, VisitState, time_is_not_held
from outreach.visits.suitability import buffers_for, obstacle
from ui import dates

# A day that came by a move was nobody's wish: its rank leaves those of the wishes free.
BEHIND_ALL_WISHES = 100


@transaction.atomic
def propose(visit: Visit, *, by: User, wish: SlotWish, reason: str, override_reason: str = "") -> Reschedule:
    """A new day is asked of everybody; its time is held beside the old one until the last word or the end.

    Raises: NotAllowed when somebody cannot come on that day; TooLate when their time was just taken.
    """
    visit = open_visit(visit)
    parties = parties_of_visit(by, visit)
    party = _proposer(visit, parties)
    if not reason.strip():
        raise NotAllowed(_("理由を書いてください。相手と事務局に伝わります。"))
    people = lock_ambassadors(ambassador.pk for ambassador in visit.present_ambassadors)
    write_down_expired_proposals(visit)
    slot, rules = _new_slot(visit, wish), RulesOfYears()
    outlook = Outlook(people.values(), [slot])
    for person in people.values():
        found = obstacle(person, visit.request, [slot], rules=rules, outlook=outlook, has_agreed=True)
        if found and not (found.can_be_lifted and override_reason and party == Party.COORDINATOR):
            raise found.refusal()
    try:
        with transaction.atomic():
            reschedule = Reschedule.objects.create(
                visit=visit,
                slot=slot,
                old_slot=visit.slot,
                reason=reason.strip(),
                override_reason=override_reason,
                proposed_by=by,
                proposed_for=party,
                expires_at=_end_of_proposal(visit, slot, rules),
                school_agreed_at=timezone.now() if party == Party.SCHOOL else None,
            )
    except IntegrityError:
        raise TooLate(
            _("日時変更の相談がもう出ています。先に、訪問のページでその相談に返事をするか、取り消してください。")
        ) from None
    reschedule.visit = visit
    if party == Party.AMBASSADOR:
        reschedule.agreed.set(spoken_for(by, list(people.values())))
    for person in people.values():
        time.keep(
            [(slot, buffers_for(visit.request, slot, rules, person, outlook))],
            ambassador=person,
            request=visit.request,
            reschedule=reschedule,
            expires_at=reschedule.expires_at,
        )
    begin(
        reschedule,
        LIFE_OF_A_RESCHEDULE,
        "propose",
        by=by,
        party=party,
        request=visit.request,
        visit=visit,
        reschedule=reschedule,
        reason=reschedule.reason,
    )
    post_all(letters.reschedule_proposed(reschedule))
    return reschedule


def _proposer(visit: Visit, parties: set[Party]) -> Party:
    """In whose name the proposal is made; refuses when the visit cannot move."""
    party = next((p for p in (Party.SCHOOL, Party.AMBASSADOR, Party.COORDINATOR) if p in parties), None)
    if party is None:
        raise NotAllowed(_("日時の変更を相談できるのは、学校、担当の推進大使、事務局です。"))
    if visit.state != VisitState.CONFIRMED:
        raise TooLate(_("訪問は「%(state)s」です。日時は変えられません。") % {"state": visit.state_words})
    if refusal := time_is_not_held(visit):
        raise NotAllowed(refusal)
    return party


def _new_slot(visit: Visit, wish: SlotWish) -> Slot:
    if wish.starts_at <= timezone.now():
        raise NotAllowed(_("%(day)sは過ぎた日時です。") % {"day": dates.moment_words(wish.starts_at)})
    if (wish.starts_at, wish.ends_at) == (visit.starts_at, visit.ends_at):
        raise NotAllowed(_("いまと同じ日時です。変えたい日時を選んでください。"))
    highest = visit.request.slots.aggregate(highest=Max("rank"))["highest"] or 0
    slot = slot_of(visit.request, wish, max(highest, BEHIND_ALL_WISHES) + 1, Slot.Origin.MOVED)
    slot.save()
    return slot


def _end_of_proposal(visit: Visit, slot: Slot, rules: RulesOfYears) -> dt.datetime:
    """As long as an offer, but never past the beginning of either lesson."""
    of_year = rules.of(visit.fiscal_year)
    days = dt.timedelta(days=of_year.offer_days if of_year else 5)
    return min(dates.end_of_day(dates.today() + days), visit.starts_at, slot.starts_at)


def _open_reschedule(reschedule: Reschedule) -> Reschedule:
    visit = open_visit(reschedule.visit)
    lock_ambassadors(ambassador.pk for ambassador in visit.present_ambassadors)
    reschedule = Reschedule.objects.select_related("slot", "old_slot", "proposed_by").get(pk=reschedule.pk)
    reschedule.visit = visit
    return reschedule


def _answering(visit: Visit, by: User) -> set[Party]:
    """In whose name this person may answer; the desk speaks for a host that has no account."""
    parties = parties_of_visit(by, visit)
    speaks_for_host = Party.COORDINATOR in parties and visit.request.channel != Channel.SITE
    return parties & {Party.SCHOOL, Party.AMBASSADOR} | ({Party.SCHOOL} if speaks_for_host else set())


@transaction.atomic
def agree(reschedule: Reschedule, *, by: User) -> Reschedule:
    """One more says yes; with the last one the visit moves, in the same transaction."""
    reschedule = _open_reschedule(reschedule)
    visit = reschedule.visit
    parties = _answering(visit, by)
    check(LIFE_OF_A_RESCHEDULE, reschedule, "agree", parties)
    missing = reschedule.still_asked()
    now = timezone.now()
    own = spoken_for(by, [person for person in missing if person is not None])
    speaks_for_school = Party.SCHOOL in parties and None in missing
    if not own and not speaks_for_school:
        return reschedule  # said twice is said once
    reschedule.agreed.add(*own)
    if speaks_for_school:
        reschedule.school_agreed_at = now
        reschedule.save(update_fields=["school_agreed_at"])
    reschedule._prefetched_objects_cache = {}
    if reschedule.still_asked():
        reschedule_step(reschedule, "agree", by=by, parties=parties)
    else:
        _swap(reschedule, by=by, parties=parties)
    return reschedule


def _swap(reschedule: Reschedule, *, by: User, parties: set[Party]) -> None:
    """The old time goes and the new one is the visit's: the same visit, its calendar entry one version later."""
    visit, slot, old = reschedule.visit, reschedule.slot, reschedule.old_slot
    time.let_go(Hold.objects.filter(reschedule=reschedule))
    reschedule_step(reschedule, "swap", by=by, parties=parties)
    people = {person.pk: person for person in visit.present_ambassadors}
    outlook, rules = Outlook(people.values(), [slot]), RulesOfYears()
    for hold in Hold.objects.filter(visit=visit, is_holding=True):
        time.put(hold, slot, buffers_for(visit.request, slot, rules, people[hold.ambassador_id], outlook))
    moved = visit_step(visit, "move", by=by, parties=parties, reason=reschedule.reason)
    visit.slot, visit.day, visit.starts_at, visit.ends_at = slot, slot.day, slot.starts_at, slot.ends_at
    visit.zone, visit.fiscal_year = slot.zone, dates.fiscal_year_of(slot.day)
    visit.sequence += 1
    visit.reminders_sent = 0
    visit.save(
        update_fields=["slot", "day", "starts_at", "ends_at", "zone", "fiscal_year", "sequence", "reminders_sent"]
    )
    old.dropped_at = moved.at
    old.save(update_fields=["dropped_at"])
    close_ranks(visit.request)
    take_back_offers(waiting_offers(visit.request), by=by, parties=parties, reason=letters.VISIT_MOVED)
    ledger.write(visit, moved, Standing.BOOKED)
    post_all(letters.moved(visit, old, reschedule.reason))


@transaction.atomic
def refuse(reschedule: Reschedule, *, by: User, note: str = "") -> Reschedule:
    """Somebody cannot come on the new day: the visit stays where it was."""
    reschedule = _open_reschedule(reschedule)
    parties = _answering(reschedule.visit, by)
    check(LIFE_OF_A_RESCHEDULE, reschedule, "refuse", parties)
    taken = close_proposal(reschedule, "refuse", by=by, parties=parties, reason=note)
    post_all(letters.reschedule_refused(reschedule, note, letters.spoken_by(reschedule.visit, taken)))
    return reschedule


@transaction.atomic
def withdraw_proposal(reschedule: Reschedule, *, by: User) -> Reschedule:
    """Whoever proposed the new day, or the desk, takes the question back."""
    reschedule = _open_reschedule(reschedule)
    parties = parties_of_visit(by, reschedule.visit)
    if Party.COORDINATOR not in parties and reschedule.proposed_for not in parties:
        raise NotAllowed(_("相談を取り消せるのは、持ちかけた側と事務局です。"))
    check(LIFE_OF_A_RESCHEDULE, reschedule, "withdraw", parties)
    close_proposal(reschedule, "withdraw", by=by, parties=parties)
    post_all(letters.reschedule_ended(reschedule, ""))
    return reschedule


def expire_reschedules() -> str:
    """Write down the proposals whose moment has passed; the visits have stayed where they were."""
    count = 0
    over = Reschedule.objects.filter(state=RescheduleState.OPEN, expires_at__lte=timezone.now())
    for found in list(over.select_related("visit__request")):
        with transaction.atomic():
            count += write_down_expired_proposals(open_visit(found.visit))
    return f"{count} proposals expired"


__all__: list[Any] = ["agree", "expire_reschedules", "propose", "refuse", "withdraw_proposal"]
