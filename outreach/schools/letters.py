"""What is told about belonging to a school, to whom."""

from django.urls import reverse
from django.utils import translation

from accounts.models import Membership, Role, User
from outbox.actions import Draft


def arrived(membership: Membership) -> list[Draft]:
    """The desk learns that somebody says they belong to a school."""
    desk = Membership.objects.current().filter(role=Role.COORDINATOR, person__is_active=True)
    return [
        _draft(membership, "membership_arrived", person, "desk:membership", membership.public_id)
        for person in User.objects.filter(pk__in=desk.values("person_id")).order_by("pk")
    ]


def vouched(membership: Membership) -> list[Draft]:
    return [_draft(membership, "membership_vouched", membership.person, "my")]


def _draft(membership: Membership, news: str, person: User, view: str, *args) -> Draft:
    with translation.override(person.language):
        page = reverse(view, args=args)
    return Draft(
        key=f"membership:{membership.public_id}:{news}:{person.pk}",
        to=person,
        template=f"outreach/letters/{news}",
        context={"membership": membership, "page": page},
    )
