"""What somebody is told when the desk changes their role or their sign-in."""

import uuid
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils import translation

from accounts.models import Membership, User
from outbox.actions import Draft


def role_granted(membership: Membership, *, reason: str) -> Draft:
    return _of_role(membership, "role_granted", reason)


def role_renewed(membership: Membership, *, reason: str) -> Draft:
    return _of_role(membership, "role_renewed", reason)


def role_ended(membership: Membership, *, reason: str) -> Draft:
    return _of_role(membership, "role_ended", reason)


def paused(person: User) -> Draft:
    """The reason stays with the desk: it may concern somebody else."""
    return replace(_draft(person, "account_paused", "home"), even_when_paused=True)


def reopened(person: User) -> Draft:
    return _draft(person, "account_reopened", "account_login")


def second_factor_forgotten(person: User) -> Draft:
    return _draft(person, "second_factor_forgotten", "account_login")


def _of_role(membership: Membership, news: str, reason: str) -> Draft:
    with translation.override(membership.person.language):
        role = str(membership.get_role_display())
    return _draft(membership.person, news, "my", membership=membership, role=role, reason=reason.strip())


def _draft(person: User, news: str, view: str, **context: Any) -> Draft:
    with translation.override(person.language):
        page = "/" if view == "home" else reverse(view)
    # Each act is news of its own, however often it happens.
    return Draft(
        key=f"person:{person.public_id}:{news}:{uuid.uuid4()}",
        to=person,
        template=f"accounts/letters/{news}",
        context={"page": page, **context},
    )
