"""Who knows whom: colleagues of one place, and what a verified one may do for the others."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Membership, Role, User

ROLES_OF_COLLEAGUES = {
    "school": (Role.CONTACT,),
    "board": (Role.BOARD_MEMBER,),
    "organisation": (Role.MEMBER, Role.ADMIN),
}


def verified_places(user: User) -> list[Membership]:
    """Where this person belongs today and somebody has vouched for it: schools, boards and organisations."""
    return [place for place in user.current_memberships if place.verified_at and place.place is not None]


def same_place(membership: Membership) -> Q:
    return Q(school_id=membership.school_id, board_id=membership.board_id, organisation_id=membership.organisation_id)


def colleagues(membership: Membership) -> QuerySet[Membership]:
    """The others who belong to the same place today, by ふりがな."""
    rows = Membership.objects.current().filter(same_place(membership), person__is_active=True)
    rows = rows.exclude(person_id=membership.person_id).select_related("person", "school", "board", "organisation")
    return rows.order_by("person__name_kana", "person__name", "pk")


def waiting_colleagues(user: User) -> QuerySet[Membership]:
    """People whom this person could vouch for: they say they belong where this person does."""
    where = Q(pk__in=())
    for place in verified_places(user):
        where |= same_place(place)
    rows = Membership.objects.waiting_for_a_voucher().filter(where, person__is_active=True).exclude(person=user)
    return rows.select_related("person", "school", "board", "organisation").order_by("asked_at", "pk")


def knows(user: User, membership: Membership) -> bool:
    """Whether this person is a verified colleague at that place."""
    if not user.is_active or membership.person_id == user.pk or membership.place is None:
        return False
    return any(place.place == membership.place for place in verified_places(user))


def speaks_for(user: User, place: Any) -> bool:
    """Whether this person belongs to the place today and somebody has vouched for it."""
    return user.is_active and any(own.place == place for own in verified_places(user))
