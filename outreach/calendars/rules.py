"""Who has a calendar here."""

from typing import Any

from outreach.ambassadors.rules import assisted_by


def is_asked(user: Any) -> bool:
    """Whether offers come to this person: as an ambassador, or as somebody's assistant."""
    return bool(getattr(user, "ambassador", None) or assisted_by(user))


def may_subscribe(user: Any) -> bool:
    """Ambassadors, their assistants, and people of a host for whom somebody has vouched; others have no visits."""
    if not user.is_authenticated or not user.is_active:
        return False
    return bool(user.verified_school_ids or user.verified_board_ids or user.verified_organisation_ids or is_asked(user))


def may_open_feeds(user: Any) -> bool:
    """Also whoever still has an address from before: they can end it."""
    return may_subscribe(user) or (user.is_authenticated and user.is_active and user.feeds.living().exists())
