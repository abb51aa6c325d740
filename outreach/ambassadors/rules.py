"""Who speaks for an ambassador: they themselves, and the assistants they have named."""

from typing import Any


def speaks_for(user: Any, ambassador: Any) -> bool:
    """Whether this person answers offers and acts on visits in the ambassador's name."""
    if user is None or not user.is_active:
        return False
    return ambassador.user_id == user.pk or ambassador.assistants.all().of(user).exists()


def spoken_for(user: Any, ambassadors: list[Any]) -> list[Any]:
    """Those of these ambassadors for whom the person speaks, the person's own self first."""
    if user is None or not user.is_active or not ambassadors:
        return []
    own = [person for person in ambassadors if person.user_id == user.pk]
    others = [person for person in ambassadors if person.user_id != user.pk]
    links = others and type(others[0])._meta.get_field("assistants").related_model.objects.of(user)
    assisted = set(links.values_list("ambassador_id", flat=True)) if others else set()
    return own + [person for person in others if person.pk in assisted]
