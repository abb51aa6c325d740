"""Visits booked without a race: the stock of questions that ambassadors answer, and of requests that the desk asks about."""

import datetime as dt
import uuid
from collections.abc import Iterator

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.models import FormKey, User
from outbox.models import Letter
from outreach.models import (
    Ambassador,
    Hold,
    Offer,
    Participation,
    PlannedGroup,
    ReachEntry,
    Request,
    Slot,
    Step,
    Visit,
)
from outreach.requests.states import RequestState
from outreach.visits import actions
from outreach.visits.states import OfferState
from tests.bench import world
from tests.bench.databases import within
from tests.bench.rounds import Form, Subject
from tests.bench.servers import Server
from tests.bench.visitors import Visitor
from ui import dates

# Of each ambassador who signs in: waiting offers, each of three days of its own.
OFFERS = 16
# Requests that the desk asks about, each time somebody else.
TO_ASK = 16
WAITS, ASKABLE = "B-", "S-"
MINUTE = dt.timedelta(minutes=1)


def build() -> None:
    """Offers that wait for an answer and open requests that nobody was asked about yet."""
    desk = User.objects.get(email=world.COORDINATOR)
    bookers = Ambassador.objects.filter(user__email__in=world.BOOKERS).order_by("pk")
    waiting = iter(_open_requests(WAITS, len(world.BOOKERS) * OFFERS))
    for ambassador in bookers:
        for _ in range(OFFERS):
            request = next(waiting)
            actions.send_offer(request, by=desk, ambassador=ambassador, slots=request.slots.all())
    _open_requests(ASKABLE, TO_ASK)
    Letter.objects.all().delete()


def _open_requests(prefix: str, count: int) -> list[Request]:
    """One lesson each, wished for on three days that no other request of the same ambassador names."""
    contacts = [membership for membership in world.other_contacts() if membership.verified_at]
    now = timezone.now()
    requests = Request.objects.bulk_create(
        world.asked(
            contacts[n % len(contacts)].school,
            contacts[n % len(contacts)].person,
            number=f"{prefix}{n:05}",
            state=RequestState.OPEN,
            submitted_at=now,
            place_in_queue_at=now,
        )
        for n in range(count)
    )
    PlannedGroup.objects.bulk_create(world.planned(request) for request in requests)
    Slot.objects.bulk_create(
        slot for n, request in enumerate(requests) for slot in _three_days(request, 14 + 3 * (n % OFFERS))
    )
    return requests


def _three_days(request: Request, days_ahead: int) -> Iterator[Slot]:
    for rank in (1, 2, 3):
        day = dates.today() + world.DAY * (days_ahead + rank)
        begins = dates.at_tokyo(day, dt.time(10, 50))
        yield Slot(
            request=request,
            rank=rank,
            day=day,
            first_period=3,
            last_period=3,
            starts_at=begins,
            ends_at=begins + 50 * MINUTE,
        )


def take_back() -> None:
    """Whatever was answered waits again and nobody was asked since; in an order that the database allows."""
    with transaction.atomic():
        booked = list(
            Request.objects.filter(number__startswith=WAITS)
            .exclude(state=RequestState.OPEN)
            .values_list("pk", flat=True)
        )
        ReachEntry.objects.filter(visit__request__in=booked).delete()
        Participation.objects.filter(visit__request__in=booked).delete()
        end = Offer.objects.filter(pk=OuterRef("offer")).values("expires_at")[:1]
        Hold.objects.filter(request__in=booked).update(
            is_holding=True, let_go_at=None, visit=None, expires_at=Subquery(end)
        )
        Step.objects.filter(request__in=booked).exclude(verb="send").delete()
        Visit.objects.filter(request__in=booked).delete()
        Offer.objects.filter(request__in=booked).update(
            state=OfferState.SENT, version=0, accepted_slot=None, answered_at=None
        )
        Request.objects.filter(pk__in=booked).update(state=RequestState.OPEN, version=0)
        asked = Offer.objects.filter(request__number__startswith=ASKABLE)
        Step.objects.filter(offer__in=asked).delete()
        Hold.objects.filter(offer__in=asked).delete()
        asked.delete()
        Letter.objects.all().delete()
        FormKey.objects.all().delete()


def booked_visits() -> int:
    """How many of the stock's requests have become a visit."""
    return Visit.objects.filter(request__number__startswith=WAITS, participations__isnull=False).count()


def subjects(server: Server, desk: Visitor) -> list[Subject]:
    """The desk asks, and each ambassador accepts their own; the first of them alone is "accept", too."""
    with within(server.database):
        return [_asking(desk), *(_accepting(server, n, email) for n, email in enumerate(world.BOOKERS))]


def _asking(desk: Visitor) -> Subject:
    requests = Request.objects.filter(number__startswith=ASKABLE).order_by("pk").prefetch_related("slots")
    # From the end: those at the beginning answer offers of their own.
    people = Ambassador.objects.order_by("-pk").values_list("public_id", flat=True)
    pages, forms = {}, {}
    for request, ambassador in zip(requests, people, strict=False):
        page = f"/desk/requests/{request.public_id}/"
        pages[f"{page}offer/"] = page
        forms[f"{page}offer/"] = {
            "ambassador": str(ambassador),
            "slots": [str(slot.public_id) for slot in request.slots.all()],
            "message": "学校の希望に合うと考えました。",
            "buffer_before": "90",
            "buffer_after": "90",
        }
    desk.read_token(next(iter(pages.values())))
    return Subject("send_offer", desk, pages, form=_once(forms), status=302, put_back=take_back)


def _accepting(server: Server, n: int, email: str) -> Subject:
    visitor = Visitor(server)
    visitor.sign_in(email, world.PASSWORD)
    offers = Offer.objects.filter(ambassador__user__email=email, state=OfferState.SENT).order_by("pk")
    forms = {
        f"/offers/{offer.public_id}/accept/": {"slot": str(offer.slots.get(rank=1).public_id), "note": ""}
        for offer in offers.prefetch_related("slots")
    }
    visitor.read_token(next(iter(forms)).removesuffix("accept/"))
    name = f"accept_{n}" if n else "accept"
    pages = dict.fromkeys(forms, "/visits/*/")
    return Subject(name, visitor, pages, form=_once(forms), status=302, put_back=take_back)


def _once(forms: dict[str, Form]):
    """The form of an address, with a key of its own each time it is shown."""
    return lambda address: {**forms[address], "form_key": str(uuid.uuid4())}
