"""Links to a new password. allauth.account.forms asks for this module by name: nobody else imports it."""

from typing import Any

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator


class ResetTokens(EmailAwarePasswordResetTokenGenerator):
    """A link to a new password dies when all sign-ins of the person are ended, like them."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}:{user.sign_in_round}"
