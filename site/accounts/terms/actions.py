"""Accepting the terms."""

from typing import TYPE_CHECKING

from accounts.terms.models import TermsAcceptance, TermsVersion

if TYPE_CHECKING:
    from accounts.models import User


def accept(version: TermsVersion | None, *, by: "User") -> None:
    """The person keeps to this version from now on. Twice changes nothing; a house without terms asks nobody."""
    if version is not None:
        TermsAcceptance.objects.get_or_create(user=by, version=version)


def must_accept(person: "User") -> TermsVersion | None:
    """The version in force, if this person has accepted nothing since the last one that asks everybody."""
    asking = TermsVersion.objects.asking()
    if asking is None:
        return None
    accepted = person.terms_acceptances.filter(
        version__in_force_from__gte=asking.in_force_from, version__number__gte=asking.number
    )
    return None if accepted.exists() else TermsVersion.objects.in_force()
