"""Accepting the terms."""

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from accounts.terms.models import TermsAcceptance, TermsVersion
from ui.caching import kept
from ui.context import PageLink

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


def links_to_terms() -> list[PageLink]:
    """The terms stand below every page of a house that has some."""
    has_terms = kept("terms", lambda: TermsVersion.objects.begun().exists())
    return [PageLink(gettext("利用規約"), reverse("terms"), in_footer=True)] if has_terms else []
