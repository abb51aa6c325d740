"""What the app on a phone does: six digits from a secret and the time (RFC 6238)."""

import base64
import hashlib
import hmac
import re
import time

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from accounts.models import User
from demo.people import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def app_code(secret: str = SECRET, at: float | None = None) -> str:
    moment = int(time.time() if at is None else at) // 30
    digest = hmac.new(base64.b32decode(secret), moment.to_bytes(8, "big"), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def with_app(person: User) -> Authenticator:
    """The person has the app already."""
    return TOTP.activate(person, SECRET).instance


def signed_in(person: User, **more: str) -> Client:
    """By the page, with the password, and with a code when the person has the app."""
    client = Client()
    answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD}, **more)
    assert answer.status_code == 302
    if "2fa" in answer.headers["Location"]:
        answer = client.post(answer.headers["Location"], {"code": app_code()})
        assert answer.status_code == 302
    return client


def proved(client: Client, person: User) -> Client:
    """Signed in without the page, as if by the password just now.

    The session is written as Django and allauth write it, and nothing else is: walks sign in thousands of times.
    """
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: person.get_session_auth_hash(),
            AUTHENTICATION_METHODS_SESSION_KEY: [{"method": "password", "at": time.time()}],
            _AUTHENTICATION_METHODS_USER_SESSION_KEY: user_id_to_str(person),
        }
    )
    session.create()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def secret_on(page: str) -> str:
    """The letters that stand beside the picture."""
    (secret,) = re.findall(r'qr__secret">([A-Z2-7]+)<', page)
    return secret
