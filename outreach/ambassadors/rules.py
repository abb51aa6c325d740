"""Who speaks for an ambassador: they themselves, and the assistants they have named."""

from typing import Any

from django.apps import apps
from django.db.models import Q


def assisted_by(user: Any) -> set[int]:
    """The ambassadors whose assistant this person is today, by id; read once per request, as memberships are."""
    if "_assisted" not in user.__dict__:
        links = apps.get_model("outreach", "Assistant").objects.of(user)
        user.__dict__["_assisted"] = set(links.values_list("ambassador_id", flat=True))
    return user.__dict__["_assisted"]


def speaks_for(user: Any, ambassador: Any) -> bool:
    """Whether this person answers offers and acts on visits in the ambassador's name."""
    if user is None or not user.is_active:
        return False
    return ambassador.user_id == user.pk or ambassador.pk in assisted_by(user)


def spoken_for(user: Any, ambassadors: list[Any]) -> list[Any]:
    """Those of these ambassadors for whom the person speaks, the person's own self first."""
    if user is None or not user.is_active or not ambassadors:
        return []
    own = [person for person in ambassadors if person.user_id == user.pk]
    others = [person for person in ambassadors if person.user_id != user.pk]
    return own + [person for person in others if person.pk in assisted_by(user)]


def those_spoken_for(user: Any) -> list[Any]:
    """Every ambassador in whose name this person acts: their own self first, then those they assist, by id."""
    wanted = Q(user=user) | Q(pk__in=assisted_by(user))
    rows = apps.get_model("outreach", "Ambassador").objects.filter(wanted).order_by("pk")
    return sorted(rows, key=lambda person: person.user_id != user.pk)


def speaks_for_somebody(user: Any) -> bool:
    return bool(assisted_by(user)) or apps.get_model("outreach", "Ambassador").objects.filter(user=user).exists()
