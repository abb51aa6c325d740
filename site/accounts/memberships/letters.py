"""What is told about belonging somewhere, to whom. The words are in `templates/accounts/letters/`."""

from typing import Any

from django.urls import reverse
from django.utils import translation

from accounts.models import Membership, Role, User
from outbox.actions import Draft


def desk_people() -> list[User]:
    """Everyone who coordinates today."""
    members = Membership.objects.current().filter(role=Role.COORDINATOR, person__is_active=True)
    return list(User.objects.filter(pk__in=members.values("person_id")).order_by("pk"))


def arrived(membership: Membership) -> list[Draft]:
    """The desk learns that somebody says they belong to a place."""
    return _to_desk(membership, "membership_arrived")


def vouched(membership: Membership) -> list[Draft]:
    """The person learns it; where a colleague vouched, the desk does too."""
    told = [_draft(membership, "membership_vouched", membership.person, "my")]
    if membership.verified_how == "colleague":
        told += _to_desk(membership, "membership_vouched_desk")
    return told


def left(membership: Membership, open_matters: list[Any]) -> list[Draft]:
    """The person went by themselves: a word for them, and what is left behind for the desk."""
    return [_draft(membership, "membership_left", membership.person, "my")] + _to_desk(
        membership, "membership_left_desk", open_matters=open_matters
    )


def ended(membership: Membership) -> list[Draft]:
    return [_draft(membership, "membership_ended", membership.person, "my")]


def _to_desk(membership: Membership, news: str, **context: Any) -> list[Draft]:
    return [
        _draft(membership, news, person, "desk:membership", membership.public_id, **context)
        for person in desk_people()
        if person.pk != membership.person_id
    ]


def _draft(membership: Membership, news: str, person: User, view: str, *args: Any, **context: Any) -> Draft:
    with translation.override(person.language):
        page = reverse(view, args=args)
    return Draft(
        key=f"membership:{membership.public_id}:{news}:{person.pk}",
        to=person,
        template=f"accounts/letters/{news}",
        context={"membership": membership, "page": page, **context},
    )
