"""The verbs of an ambassador: how often they go at most."""

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import User
from outreach.ambassadors.models import Ambassador
from outreach.lives import NotAllowed


@transaction.atomic
def set_limits(
    ambassador: Ambassador, *, by: User, most_per_month: int | None, most_per_year: int | None
) -> Ambassador:
    """From now on this ambassador is asked for at most so many visits; empty: as many as the year's rules say."""
    if not by.is_coordinator:
        raise NotAllowed(_("上限を変えられるのは事務局です。"))
    # The same row is locked by whoever asks this person, so no question slips past the new number.
    row = Ambassador.objects.select_for_update(of=("self",)).get(pk=ambassador.pk)
    before = {"most_per_month": row.most_per_month, "most_per_year": row.most_per_year}
    after = {"most_per_month": most_per_month, "most_per_year": most_per_year}
    if before != after:
        row.most_per_month, row.most_per_year = most_per_month, most_per_year
        row.save(update_fields=["most_per_month", "most_per_year"])
        log(row, "kakehashi.set_limits", user=by, data={"before": before, "after": after})
    return row
