"""Keeping and freeing an ambassador's time. Callers hold the ambassador's row lock."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from outreach.availability.guards import FREE, says
from outreach.availability.models import Hold
from outreach.lives import TooLate
from ui import dates

# From when until when nothing else can be.
Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Buffers:
    """Minutes that belong to the lesson before and after it."""

    before: int
    after: int


def blocked_span(starts_at: dt.datetime, ends_at: dt.datetime, buffers: Buffers) -> Span:
    return starts_at - dt.timedelta(minutes=buffers.before), ends_at + dt.timedelta(minutes=buffers.after)


def in_the_way(ambassador_id: int, request_id: int, spans: list[Span]) -> list[Hold]:
    """Holds of the same person for other requests that touch one of these times, earliest first."""
    others = Hold.objects.alive().filter(ambassador_id=ambassador_id).exclude(request_id=request_id).order_by()
    # One look-up by the index for each time, all in one query: OR would leave it to the database to find that out.
    first, *further = [others.touching(*span) for span in spans] or [others.none()]
    return sorted(first.union(*further) if further else first, key=lambda hold: hold.starts_at)


def keep(
    times: list[tuple[Any, Buffers]],
    *,
    ambassador: Any,
    request: Any,
    expires_at: dt.datetime | None = None,
    **owner: Any,
) -> None:
    """Keep the person's time for these slots, each with its buffers, for their owner: `offer=`, `visit=`, `reschedule=`.

    Raises: TooLate when the database says that one of the times is taken by another request; then none is kept.
    """
    spans = [blocked_span(slot.starts_at, slot.ends_at, buffers) for slot, buffers in times]
    holds = [
        Hold(
            ambassador=ambassador,
            request=request,
            slot=slot,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            buffer_before=buffers.before,
            buffer_after=buffers.after,
            blocked_from=blocked_from,
            blocked_until=blocked_until,
            expires_at=expires_at,
            **owner,
        )
        for (slot, buffers), (blocked_from, blocked_until) in zip(times, spans, strict=True)
    ]
    try:
        with transaction.atomic():
            Hold.objects.bulk_create(holds)
    except IntegrityError as refusal:
        if not says(refusal, FREE):
            raise
        taken = (hold for hold, span in zip(holds, spans, strict=True) if in_the_way(ambassador.pk, request.pk, [span]))
        when = next(taken, holds[0]).starts_at
        raise TooLate(
            _("%(name)sさんの%(when)sは、ほかの予定で埋まりました。ほかの日時か、ほかの推進大使を選んでください。")
            % {"name": ambassador.name, "when": dates.moment_words(when)}
        ) from None


def put(hold: Hold, slot: Any, buffers: Buffers) -> None:
    """Move a kept time to another slot; the database refuses a place that is taken."""
    hold.slot, hold.starts_at, hold.ends_at = slot, slot.starts_at, slot.ends_at
    hold.buffer_before, hold.buffer_after = buffers.before, buffers.after
    hold.blocked_from, hold.blocked_until = blocked_span(slot.starts_at, slot.ends_at, buffers)
    hold.save()


def let_go(holds: Any) -> int:
    """The time of these holds is free again; returns how many were let go."""
    return holds.filter(is_holding=True).update(is_holding=False, let_go_at=timezone.now())


def let_go_of_expired(ambassador_ids: list[int]) -> None:
    """Time whose offer or proposal ran out is free by the clock; the row says so from now on."""
    let_go(Hold.objects.filter(ambassador_id__in=ambassador_ids, is_holding=True, expires_at__lte=timezone.now()))
