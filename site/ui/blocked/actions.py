"""Verbs: note what was stopped; forget it after a while."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from ui.blocked.models import BlockedSource
from ui.blocked.told import Told

AT_MOST = 1000
KEPT_FOR = dt.timedelta(days=30)


def note(told: Told) -> None:
    """It is counted in its row. When there are too many rows, the one seen least and longest ago makes room."""
    row = {"directive": told.directive, "source": told.source, "page": told.page}
    again = {"count": F("count") + 1, "last_seen_at": timezone.now()}
    if BlockedSource.objects.filter(**row).update(**again):
        return
    if BlockedSource.objects.count() >= AT_MOST:
        BlockedSource.objects.order_by("count", "last_seen_at", "pk")[0].delete()
    try:
        with transaction.atomic():
            BlockedSource.objects.create(**row)
    except IntegrityError:
        # Another page told the same a moment ago.
        BlockedSource.objects.filter(**row).update(**again)


def forget_old() -> str:
    """What no browser has told for a month is gone."""
    count, _each = BlockedSource.objects.filter(last_seen_at__lt=timezone.now() - KEPT_FOR).delete()
    return f"{count} blocked sources forgotten"
