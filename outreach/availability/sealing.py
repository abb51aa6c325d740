"""The address of a calendar lies in the database sealed: a copy of the database opens nobody's calendar."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(text: str) -> str:
    return _safe().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """What was sealed; None when it was sealed under a SECRET_KEY that this house no longer knows."""
    try:
        return _safe().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _safe() -> MultiFernet:
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"outreach.calendar_address:" + key.encode()).digest()))
            for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        ]
    )
