"""Keeping and freeing an ambassador's time. Callers hold the ambassador's row lock."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from outreach.availability.models import Hold


@dataclass(frozen=True)
class Buffers:
    """Minutes that belong to the lesson before and after it."""

    before: int
    after: int


def blocked_span(starts_at: dt.datetime, ends_at: dt.datetime, buffers: Buffers) -> tuple[dt.datetime, dt.datetime]:
    return starts_at - dt.timedelta(minutes=buffers.before), ends_at + dt.timedelta(minutes=buffers.after)


def in_the_way(
    ambassador_id: int, request_id: int, starts_at: dt.datetime, ends_at: dt.datetime, buffers: Buffers
) -> Hold | None:
    """A hold of the same person for another request that touches this time, or None."""
    span = blocked_span(starts_at, ends_at, buffers)
    return (
        Hold.objects.alive()
        .filter(ambassador_id=ambassador_id)
        .exclude(request_id=request_id)
        .touching(*span)
        .order_by("starts_at")
        .first()
    )


def keep(*, ambassador, request, slot, offer, buffers: Buffers, expires_at: dt.datetime | None) -> Hold:
    """Keep the person's time for a slot of an offer."""
    blocked_from, blocked_until = blocked_span(slot.starts_at, slot.ends_at, buffers)
    return Hold.objects.create(
        ambassador=ambassador,
        request=request,
        slot=slot,
        offer=offer,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        buffer_before=buffers.before,
        buffer_after=buffers.after,
        blocked_from=blocked_from,
        blocked_until=blocked_until,
        expires_at=expires_at,
    )


def let_go(holds) -> int:
    """The time of these holds is free again; returns how many were let go."""
    return holds.filter(is_holding=True).update(is_holding=False, let_go_at=timezone.now())
