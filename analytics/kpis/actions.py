"""Setting a target."""

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import User
from analytics.kpis.models import Target
from outreach.facts import NotAllowed


@transaction.atomic
def set_target(target: Target, *, by: User, amount: int, stages: list[str], note: str) -> Target:
    """A new version of the target holds from now on; what was shown before can still be explained.

    Raises: NotAllowed for anyone but a coordinator.
    """
    if not by.is_coordinator:
        raise NotAllowed(_("目標を変えられるのは事務局です。"))
    newest = (
        Target.objects.select_for_update()
        .filter(kpi=target.kpi, from_year=target.from_year, until_year=target.until_year)
        .order_by("-version")
        .first()
    )
    made = Target.objects.create(
        kpi=target.kpi,
        from_year=target.from_year,
        until_year=target.until_year,
        amount=amount,
        stages=stages,
        version=newest.version + 1,
        made_by=by,
        note=note,
    )
    log(made, "kakehashi.set_target", user=by, data={"amount": amount, "version": made.version, "note": note})
    return made
