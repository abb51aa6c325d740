"""Who may arrange what a school says about itself."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User
    from outreach.schools.models import School


def may_arrange(user: "User", school: "School") -> bool:
    """The school's own people for whom somebody has vouched, and the desk in their stead."""
    return user.is_authenticated and (user.is_coordinator or school.pk in user.verified_school_ids)
