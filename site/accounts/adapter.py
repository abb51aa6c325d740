"""How allauth works in this house: letters through the outbox, people land in their own language."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.doors import keep, page_behind
from accounts.invitations.rules import IN_SESSION
from accounts.memberships.actions import vouch_by_address
from accounts.models import User
from accounts.security import proved_recently
from accounts.terms.actions import must_accept
from outbox.actions import post_secret


def home_of(user: User) -> str:
    """Where a person lands after signing in: /my/ in their own language."""
    with translation.override(user.language):
        return reverse("my")


def where_next(request: HttpRequest, user: User) -> str:
    """Where somebody goes on who came in just now: to their invitation, to the choice of their place, or home."""
    if not isinstance(user, User):
        return reverse("my")
    with translation.override(user.language):
        if must_accept(user) is not None:
            return reverse("accept_terms")
        if IN_SESSION in request.session:
            return reverse("my_invitation")
        if not user.current_memberships and (view := page_behind(request)):
            return reverse(view)
    return home_of(user)


def at_our_house(url: Any) -> Any:
    """The same address at the public name of this house: a forged Host header must not reach a letter."""
    parts = urlsplit(str(url or ""))
    if not parts.netloc:
        return url
    return settings.SITE_URL + urlunsplit(("", "", parts.path, parts.query, parts.fragment))


class AccountAdapter(DefaultAccountAdapter):
    """Mail with secrets goes through the outbox, at once and wiped afterwards."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # Said after wrong passwords and after wrong codes alike.
        "too_many_login_attempts": gettext_lazy(
            "続けてまちがえたので、いったん止めました。少し待ってから、メールアドレスとパスワードでログインしてください。メールのコードは、ログインすると新しく届きます。"
        ),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        person = context.get("user") or User.objects.filter(email__iexact=email).first()
        language = person.language if isinstance(person, User) and person.pk else translation.get_language() or "ja"
        with translation.override(language):
            context = {name: at_our_house(value) if name.endswith("_url") else value for name, value in context.items()}
            words = {"email": email, "site_url": settings.SITE_URL, "desk_mail": settings.DESK_MAIL, **context}
            subject = render_to_string(f"{template_prefix}_subject.txt", words)
            body = render_to_string(f"{template_prefix}_message.txt", words)
        post_secret(
            to_address=email,
            subject=subject,
            body=body.strip() + "\n",
            language=language,
            person=person if isinstance(person, User) and person.pk else None,
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        """For limits and the list of devices. Fewer addresses than proxies: it came past them, so only the line counts."""
        try:
            return super().get_client_ip(request)
        except ImproperlyConfigured:
            return request.META["REMOTE_ADDR"]

    def is_safe_url(self, url: str | None) -> bool:
        """Where somebody may be led afterwards: a path of this house, and nothing a browser could read as more."""
        return bool(url) and url.startswith("/") and url.isprintable() and url_has_allowed_host_and_scheme(url, None)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A sign-in of this minute is proof enough: nobody types the password twice in a row."""
        return super().is_reauthentication_required(app=app, **kwargs) and not proved_recently(context.request)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": _("パスワードで確かめる"),
            "mfa_reauthenticate": _("認証アプリか予備のコードで確かめる"),
            "mfa_reauthenticate:webauthn": _("パスキーで確かめる"),
        }
        return [way | {"description": words[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return where_next(request, request.user)

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return where_next(request, request.user)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A confirmed address in a listed domain vouches for whatever of its owner waits there."""
        is_confirmed = super().confirm_email(request, email_address)
        if is_confirmed:
            vouch_by_address(email_address.user)
        return is_confirmed

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return "/en/" if translation.get_language() == "en" else "/"

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user = super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        user.name = form.cleaned_data["name"]
        user.name_kana = form.cleaned_data["name_kana"]
        user.language = translation.get_language() or "ja"
        keep(request, form.door)
        if commit:
            user.save()
        return user


__all__ = ["AccountAdapter", "home_of"]
