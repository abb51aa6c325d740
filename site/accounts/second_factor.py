"""The second factor: how allauth's `mfa` works in this house."""

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted, passkeys belong to the public name of the house, words are ours."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "コードが違います。アプリにいま出ている6桁の数字を入れてください。一度使ったコードは使えません。"
        ),
        "cannot_delete_authenticator": gettext_lazy(
            "いまの役割には2段階目の確認が要るため、最後の1つは止められません。先に別の方法を登録してください。"
        ),
        "cannot_generate_recovery_codes": gettext_lazy("予備のコードは、認証アプリかパスキーを登録してから作れます。"),
        "unverified_email": gettext_lazy("先に、確認を待っているメールアドレスを確かめてください。"),
    }

    def get_totp_issuer(self) -> str:
        return "Kakehashi"

    def _get_site_name(self) -> str:
        return "Kakehashi"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.SITE_URL).hostname, "name": self._get_site_name()}

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        return _("パスキー%(number)s") % {"number": user.authenticator_set.filter(type=type).count() + 1}

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        others = second_factors(authenticator.user).exclude(pk=authenticator.pk)
        return not authenticator.user.needs_second_factor or others.exists()

    def encrypt(self, text: str) -> str:
        return _safe().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _safe().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            # Kept under another SECRET_KEY: a secret nobody has, so that each code is simply wrong.
            return base64.b32encode(Fernet.generate_key()[:20]).decode()


def _safe() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"accounts.second_factor:" + key.encode()).digest()))
            for key in keys
        ]
    )


def second_factors(person: User) -> Any:
    """What this person has beside the password; recovery codes stand in for one and are none."""
    return person.authenticator_set.filter(type__in=("totp", "webauthn"))
