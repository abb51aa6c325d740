"""Belonging to an organisation of the alliance: saying so."""

from django.utils.translation import gettext as _

from accounts.memberships import actions as memberships
from accounts.models import Membership, User
from outreach.alliance.models import Organisation
from outreach.lives import NotAllowed


def join_organisation(organisation: Organisation, *, by: User, position: str = "", phone: str = "") -> Membership:
    """The person says they work for the organisation; until somebody vouches, nothing of it is open to them."""
    if not Organisation.objects.taking_part().filter(pk=organisation.pk).exists():
        raise NotAllowed(_("%(name)sは、いまは参画していません。") % {"name": organisation.name})
    return memberships.join(organisation, by=by, position=position, phone=phone)
