"""Who reads and writes the messages of a visit, in whose name, and until when."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from outreach.lives import Party
from outreach.visits.rules import parties_of_visit
from outreach.visits.states import VisitState
from ui import dates

# In whose name somebody writes who could do it in several; boards and readers of figures are not among them.
PARTIES = (Party.SCHOOL, Party.AMBASSADOR, Party.COORDINATOR)
DAYS_AFTER = 90


def parties_in(user: User, visit: Any) -> list[Party]:
    """In whose name this person may read and write here; empty for everybody whom the messages do not concern."""
    found = parties_of_visit(user, visit)
    return [party for party in PARTIES if party in found]


def closed_words(visit: Any) -> str:
    """Why nothing can be written any more, or nothing.

    Messages are open from the confirmation until 90 days after the visit: long enough for photographs, thanks and fees,
    not so long that a thread becomes the place where a school and an ambassador go on by themselves. A cancelled visit
    stays readable.
    """
    if visit.state == VisitState.CANCELLED:
        return _("訪問が中止になったので、新しいメッセージは書けません。これまでのメッセージは読めます。")
    last = visit.ends_at + dt.timedelta(days=DAYS_AFTER)
    if last < timezone.now():
        day = dates.day_words(dates.in_tokyo(last).date(), year=True)
        return _("メッセージを書けるのは%(day)sまででした。これまでのメッセージは読めます。") % {"day": day}
    return ""
