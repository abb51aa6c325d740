"""Who has opened a concern, and how much may come from one place in an hour."""

import datetime as dt
import hashlib
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import ModelLogEntry

READ = "kakehashi.read_concern"
STAYS_OPEN = dt.timedelta(hours=12)
HOUR = 3600
# A class or a staff room leaves through one address; a concern must get through whatever else does.
MOST_IN_AN_HOUR = {"question": 60, "concern": 200}


def may_read(user: Any, inquiry: Any) -> bool:
    """Whether this coordinator sees what was written: of a concern, once they have said that they open it."""
    if not user.is_coordinator:
        return False
    if not inquiry.is_concern:
        return True
    openings = ModelLogEntry.objects.for_instance(inquiry).filter(action=READ, user=user)
    return openings.filter(timestamp__gt=timezone.now() - STAYS_OPEN).exists()


def is_too_much(request: HttpRequest, kind: str) -> bool:
    """Counts one more from this address. Only the cache knows of it, for an hour, and not the address itself."""
    address = get_adapter().get_client_ip(request)
    key = "inquiries:" + hashlib.sha256(f"{kind} {address}".encode()).hexdigest()
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key) > MOST_IN_AN_HOUR[kind]
    except ValueError:
        # The hour ended between the two: this is the first of the next one.
        return False
