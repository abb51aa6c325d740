"""Bell times (時程) of a school: its own, or the default of its stage."""

from outreach.schools.models import BellTime, School
from outreach.schools.places import grades_of


def bell_times_of(school: School) -> list[BellTime]:
    """The periods a school can choose from, in order; own bell times win over the default."""
    stage = grades_of(school.type_code)[-1][0]
    own = list(school.bell_times.order_by("period"))
    if own:
        return own
    return list(BellTime.objects.filter(school__isnull=True, stage=stage).order_by("period"))
