"""What is told about an ambassador's card, their pause and their assistants, to whom."""

import datetime as dt

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import Membership, Role, User
from outbox.actions import Draft, post_secret
from outreach.ambassadors.models import Ambassador, Appointment, Assistant, ProfileProposal


def _page(language: str, view: str, *args) -> str:
    with translation.override(language):
        return reverse(view, args=args)


def _draft(key: str, news: str, person: User, view: str, *args, **context) -> Draft:
    return Draft(
        key=f"{key}:{news}:{person.pk}",
        to=person,
        template=f"outreach/letters/{news}",
        context={"page": _page(person.language, view, *args), **context},
    )


def profile_proposed(proposal: ProfileProposal) -> list[Draft]:
    """The desk learns that new words or a new photo wait to be read."""
    desk = Membership.objects.current().filter(role=Role.COORDINATOR, person__is_active=True)
    return [
        _draft(_of(proposal), "profile_proposed", person, "desk:profile", proposal.public_id, proposal=proposal)
        for person in User.objects.filter(pk__in=desk.values("person_id")).order_by("pk")
    ]


def profile_approved(proposal: ProfileProposal) -> list[Draft]:
    ambassador = proposal.ambassador
    return [
        _draft(
            _of(proposal), "profile_approved", ambassador.user, "ambassadors:card", ambassador.slug, proposal=proposal
        )
    ]


def profile_declined(proposal: ProfileProposal) -> list[Draft]:
    person = proposal.ambassador.user
    return [_draft(_of(proposal), "profile_declined", person, "ambassadors:profile", proposal=proposal)]


def _of(proposal: ProfileProposal) -> str:
    return f"profile:{proposal.public_id}:{proposal.version}"


def paused(ambassador: Ambassador) -> list[Draft]:
    key = f"ambassador:{ambassador.public_id}:{ambassador.paused_at:%Y%m%d%H%M%S%f}"
    return [_draft(key, "ambassador_paused", ambassador.user, "my", ambassador=ambassador)]


def resumed(ambassador: Ambassador, since: str) -> list[Draft]:
    key = f"ambassador:{ambassador.public_id}:{since}"
    return [_draft(key, "ambassador_resumed", ambassador.user, "my", ambassador=ambassador)]


def appointment_ended(appointment: Appointment, before: dt.date) -> list[Draft]:
    ambassador = appointment.ambassador
    key = f"ambassador:{ambassador.public_id}:{appointment.from_day}:{before}:{appointment.until}"
    return [_draft(key, "appointment_ended", ambassador.user, "my", appointment=appointment, before=before)]


def tell_assistant(assistant: Assistant, news: str) -> None:
    """To the address that was named, whether or not somebody has an account with it: the letter is the same."""
    language = assistant.ambassador.user.language
    with translation.override(language):
        text = render_to_string(
            f"outreach/letters/{news}.{language}.txt",
            {
                "assistant": assistant,
                "ambassador": assistant.ambassador,
                "page": _page(language, "my"),
                "sign_up": _page(language, "account_signup"),
                "site_url": settings.SITE_URL,
                "home_of_letters": settings.SITE_URL + ("/en" if language == "en" else ""),
            },
        )
    subject, _gap, body = text.strip().partition("\n")
    post_secret(to_address=assistant.email, subject=subject, body=body.strip() + "\n", language=language)
