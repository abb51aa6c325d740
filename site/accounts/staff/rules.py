"""Who may change what about whom: nobody about themselves, and roles of the desk only a superuser."""

from accounts.models import DESK_ROLES, User
from accounts.rules import only


def may_give_roles(by: User, person: User) -> bool:
    """Roles of the desk are given, renewed and ended by a superuser, never one's own."""
    return by.is_active and by.is_superuser and by.pk != person.pk


def may_pause(by: User, person: User) -> bool:
    """The desk pauses anybody but its own people; those are a superuser's business."""
    if not by.is_coordinator or by.pk == person.pk:
        return False
    return by.is_superuser or not (person.is_superuser or person.has_role(*DESK_ROLES))


def _is_superuser(user: User) -> bool:
    return user.is_active and user.is_superuser


superusers_only = only(_is_superuser)
