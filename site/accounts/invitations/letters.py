"""The letter that carries an invitation: a secret, sent at once and wiped."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import Invitation
from outbox.actions import post_secret


def send(invitation: Invitation, token: str) -> None:
    """To the address alone; whether somebody has an account with it makes no difference."""
    language = invitation.language
    with translation.override(language):
        text = render_to_string(
            f"accounts/letters/invitation.{language}.txt",
            {
                "invitation": invitation,
                "page": reverse("invitation", args=[token]),
                "site_url": settings.SITE_URL,
                "home_of_letters": settings.SITE_URL + ("/en" if language == "en" else ""),
            },
        )
    subject, _gap, body = text.strip().partition("\n")
    post_secret(to_address=invitation.address, subject=subject, body=body.strip() + "\n", language=language)
