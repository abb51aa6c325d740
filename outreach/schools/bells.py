"""Bell times (時程) of a school: its own, or the default of its stage."""

from outreach.schools.models import BellTime, School
from outreach.schools.places import Stage, grades_of

MOST_PERIODS = 8


def bell_stages(school: School) -> list[str]:
    """The stages for which the school may have bell times of its own, the one that its requests use last."""
    stages = dict.fromkeys(stage for stage, _grade, _word in grades_of(school.type_code))
    # All years of a 高専 follow the same bells.
    stages.pop(Stage.TECHNICAL_COLLEGE, None)
    return list(stages)


def bell_times_of(school: School, stage: str = "") -> list[BellTime]:
    """The periods a school can choose from, in order; own bell times win over the default of the stage."""
    stage = stage or bell_stages(school)[-1]
    own = list(school.bell_times.filter(stage=stage).order_by("period"))
    return own or default_bell_times(stage)


def default_bell_times(stage: str) -> list[BellTime]:
    return list(BellTime.objects.filter(school__isnull=True, stage=stage).order_by("period"))
