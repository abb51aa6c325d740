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


def keep(
    *,
    ambassador: Any,
    request: Any,
    slot: Any,
    buffers: Buffers,
    expires_at: dt.datetime | None = None,
    **owner: Any,
) -> Hold:
    """Keep the person's time for a slot, in the name of its owner: `offer=`, `visit=` or `reschedule=`.

    Raises: TooLate when the database says that the time is taken by another request.
    """
    blocked_from, blocked_until = blocked_span(slot.starts_at, slot.ends_at, buffers)
    try:
        with transaction.atomic():
            return Hold.objects.create(
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
    except IntegrityError as refusal:
        if not says(refusal, FREE):
            raise
        raise TooLate(
            _("%(name)sさんの%(when)sは、ほかの予定で埋まりました。ほかの日時か、ほかの推進大使を選んでください。")
            % {"name": ambassador.name, "when": dates.moment_words(slot.starts_at)}
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
