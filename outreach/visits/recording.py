"""What the desk writes down for others: a request by telephone, a day already agreed, a visit held elsewhere."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from outreach.ambassadors.models import Ambassador
from outreach.lives import NotAllowed, Party
from outreach.requests.actions import locked, step, take_up
from outreach.requests.actions import submit as submit_request
from outreach.requests.models import Channel, Entry, Kind, Request
from outreach.requests.rules import parties_of
from outreach.requests.states import RequestState
from outreach.visits import ledger, letters
from outreach.visits.locking import lock_ambassadors, post_all
from outreach.visits.models import Standing, Visit
from outreach.visits.offering import confirm, new_visit
from outreach.visits.suitability import obstacle
from ui import dates


@transaction.atomic
def start_for_host(
    host: dict[str, Any],
    *,
    by: User,
    contact: User | None,
    caller_name: str = "",
    channel: str = Channel.PHONE,
    entry: str = Entry.ASKED,
    kind: str = Kind.SCHOOL_VISIT,
    **fields: Any,
) -> Request:
    """A draft that the desk fills in for a host (`school=`, `board=` or `organisation=`), channel and caller noted.

    Without an account of the host, letters for it go to the coordinator who entered it, to be passed on.
    """
    if not by.is_coordinator:
        raise NotAllowed(_("代わりに申込みを入力できるのは事務局です。"))
    if not caller_name and contact is None:
        raise NotAllowed(_("連絡してきた人の名前を書いてください。"))
    if entry == Entry.AFTERWARDS and not fields.get("evidence"):
        raise NotAllowed(_("事後登録には、実施がわかる根拠を書いてください。"))
    return Request.objects.create(
        **host,
        kind=kind,
        entered_by=by,
        contact=contact or by,
        caller_name=caller_name or contact.get_full_name(),
        channel=channel,
        entry=entry,
        fiscal_year=dates.fiscal_year_of(dates.today()),
        **fields,
    )


@transaction.atomic
def book_arranged(request: Request, *, by: User, ambassadors: list[Ambassador], override_reason: str = "") -> Visit:
    """Both sides agreed on the day before, or the visit was held: it is confirmed without an offer.

    The ambassadors' time is kept like any other, so an overlap is refused here too.
    """
    request = locked(request)
    if Party.COORDINATOR not in parties_of(by, request) or request.entry == Entry.ASKED:
        raise NotAllowed(_("調整済みの訪問を登録できるのは事務局です。"))
    if request.state == RequestState.DRAFT:
        request = take_up(submit_request(request, by=by, tell=False), by=by, tell=False)
        request = locked(request)
    slots = request.open_slots()
    if len(slots) != 1:
        raise NotAllowed(_("決まった日時を1つだけ書いてください。いまは%(count)s個あります。") % {"count": len(slots)})
    if not ambassadors:
        raise NotAllowed(_("担当する推進大使を選んでください。"))
    people = lock_ambassadors(person.pk for person in ambassadors)
    for person in people.values():
        found = obstacle(person, request, slots, has_agreed=True)
        if found and not (found.can_be_lifted and override_reason):
            raise found.refusal()
    visit = new_visit(request, slots[0], list(people.values()), at=timezone.now())
    request.ambassadors_wanted = len(people)
    request.save(update_fields=["ambassadors_wanted", "updated_at"])
    visit.request = request
    news = confirm(visit, by=by, party=Party.COORDINATOR)
    step(request, "book", by=by, parties={Party.COORDINATOR}, reason=override_reason, visit=visit)
    ledger.write(visit, news, Standing.BOOKED)
    if request.entry != Entry.AFTERWARDS:
        # Of a visit that has been, its people know; they hear of it again with its report.
        post_all(letters.confirmed(visit))
    return visit
