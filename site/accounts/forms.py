"""The account forms of allauth, dressed as the house's forms."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import doors
from accounts.invitations.rules import remembered
from accounts.models import User
from accounts.terms.actions import accept
from accounts.terms.models import TermsVersion
from ui.forms import HouseForm, LineField, dress, folded

_KANA = re.compile(r"^[ぁ-ゖァ-ヺー・\s　A-Za-z.\-']+$")


FOLDED = frozenset({"email", "login", "code"})
DASHES = "ー―−‐–—"  # what a Japanese keyboard writes for the dash of a code


class Dressed:
    """Gives allauth's fields the house's look and drops placeholders that repeat the label."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        if self.data:
            # A Japanese keyboard writes addresses and codes full-width.
            self.data = self.data.copy()
            for name in FOLDED.intersection(self.data):
                self.data[name] = folded(self.data[name])
            if "code" in self.data:
                for dash in DASHES:
                    self.data["code"] = self.data["code"].replace(dash, "-")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            dress(field)
        for name in ("email", "login"):
            if name in self.fields:
                self.fields[name].label = _("メールアドレス")
        if "login" in self.fields:
            self.fields["login"].widget.attrs["autocomplete"] = "username"


class PersonFields(forms.Form):
    """Who is signing up."""

    name = LineField(label=_("氏名"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    name_kana = LineField(
        label=_("ふりがな"), max_length=120, help_text=_("ひらがなで書いてください。例：やまだ はなこ")
    )

    def clean_name_kana(self) -> str:
        kana = self.cleaned_data["name_kana"]
        if not _KANA.match(kana):
            raise ValidationError(
                _("「%(value)s」はふりがなとして読めません。ひらがなで書いてください。"), params={"value": kana[:40]}
            )
        # One spelling in the list: katakana becomes hiragana.
        return "".join(chr(ord(mark) - 0x60) if "ァ" <= mark <= "ヶ" else mark for mark in kana)

    def signup(self, request: Any, user: Any) -> None:
        """Called by allauth after the account is saved; the adapter has stored everything already."""


class NameForm(PersonFields, HouseForm):
    """One's own name, put right."""


def _words_of_accepting(version: TermsVersion) -> SafeString:
    """The text of the box, which opens the terms beside the form, so that nothing typed is lost."""
    return format_html(
        _(
            '<a href="{}" target="_blank">利用規約（第{}版）<span class="hide">新しいタブで開きます。</span></a>に同意する'
        ),
        version.get_absolute_url(),
        version.number,
    )


class SignupForm(Dressed, PersonFields, allauth_forms.SignupForm):
    """Through one of the doors. Whoever comes by an invitation signs up with the address it was sent to."""

    field_order = ["name", "name_kana", "email", "password1", "terms"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = TermsVersion.objects.in_force()
        if self.terms is not None:
            self.fields["terms"] = forms.BooleanField(label=_words_of_accepting(self.terms))
            dress(self.fields["terms"])
        self.door = doors.asked_for(context.request)
        self.invitation = remembered(context.request) if self.door == doors.INVITED else None
        if self.invitation is not None:
            # A disabled field keeps what we say, whatever is sent.
            self.initial["email"] = self.invitation.address
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("招待のメールが届いたアドレスです。")

    def clean(self) -> dict[str, Any]:
        if self.door == doors.INVITED and self.invitation is None:
            raise ValidationError(_("招待が見つかりません。招待のメールのリンクを、もう一度開いてください。"))
        return super().clean()

    def signup(self, request: Any, user: User) -> None:
        """Called by allauth after the account is saved: what was accepted is kept with it."""
        accept(self.terms, by=user)

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Somebody new, or a letter to whoever has this address; neither answer comes sooner."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class LoginForm(Dressed, allauth_forms.LoginForm):
    pass


class ResetPasswordForm(Dressed, allauth_forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(Dressed, allauth_forms.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(Dressed, allauth_forms.ChangePasswordForm):
    pass


class AddEmailForm(Dressed, allauth_forms.AddEmailForm):
    pass


class ReauthenticateForm(Dressed, allauth_forms.ReauthenticateForm):
    pass


class RequestLoginCodeForm(Dressed, allauth_forms.RequestLoginCodeForm):
    pass


class ConfirmLoginCodeForm(Dressed, allauth_forms.ConfirmLoginCodeForm):
    pass


class ConfirmEmailVerificationCodeForm(Dressed, allauth_forms.ConfirmEmailVerificationCodeForm):
    pass


class SetPasswordForm(Dressed, allauth_forms.SetPasswordForm):
    pass


class ChangeEmailForm(Dressed, allauth_forms.ChangeEmailForm):
    pass


# ── the second factor ─────────────────────────────────────────────────────────
class UsedOnce(Dressed):
    """A code of the app signs in once, although its neighbours in time count as well."""

    # Three codes of 30 seconds are good at a time; allauth remembers a used one for 30 seconds only.
    REMEMBERED_FOR = 120

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("コード")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code"}

    def clean_code(self) -> str:
        code = super().clean_code()
        kind = getattr(self, "authenticator", None)
        if kind is not None and kind.type == Authenticator.Type.RECOVERY_CODES:
            return code
        mark = f"second-factor:{self.user.pk}:{''.join(mark for mark in code if mark.isdigit())}"
        if not cache.add(mark, True, self.REMEMBERED_FOR):
            raise get_mfa_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(UsedOnce, mfa_forms.AuthenticateForm):
    pass


class ReauthenticateByCodeForm(UsedOnce, mfa_forms.ReauthenticateForm):
    pass


class ActivateTotpForm(UsedOnce, totp_forms.ActivateTOTPForm):
    def clean_code(self) -> str:
        code = super().clean_code()
        # Whoever sets the app up has used it: this sign-in need not be proved by it once more.
        record_authentication(context.request, self.user, "mfa", type="totp")
        return code


class DeactivateTotpForm(Dressed, totp_forms.DeactivateTOTPForm):
    pass


@contextmanager
def passkey_as_expected() -> Iterator[None]:
    """What a browser sends is believed to be no passkey when it cannot be read as one."""
    try:
        yield
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as trouble:
        if getattr(trouble, "code", "incorrect_code") != "incorrect_code":
            raise
        words = _("パスキーで確かめられませんでした。もう一度押すか、ほかの方法を使ってください。")
        raise ValidationError(words, code="incorrect_passkey") from trouble


class AddPasskeyForm(Dressed, passkey_forms.AddWebAuthnForm):
    field_order = ["name", "passwordless", "credential"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = LineField(label=_("名前"), required=False, max_length=60, initial=self.initial["name"])
        self.fields["name"].help_text = _("あとで見分けるための名前です。例：職員室のパソコン")
        dress(self.fields["name"])
        self.fields["passwordless"].label = _("パスワードの代わりにも使う")
        self.fields["passwordless"].help_text = _("この端末の指紋・顔・暗証番号だけで、ログインできるようになります。")

    def clean(self) -> dict[str, Any]:
        with passkey_as_expected():
            told = super().clean()
        if not self.errors:
            record_authentication(context.request, self.user, "mfa", type="webauthn")
        return told


class AuthenticateByPasskeyForm(passkey_forms.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        with passkey_as_expected():
            return super().clean_credential()


class ReauthenticateByPasskeyForm(AuthenticateByPasskeyForm, passkey_forms.ReauthenticateWebAuthnForm):
    pass


class LoginByPasskeyForm(AuthenticateByPasskeyForm, passkey_forms.LoginWebAuthnForm):
    pass


class RenamePasskeyForm(Dressed, passkey_forms.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = LineField(label=_("名前"), max_length=60)
        dress(self.fields["name"])
