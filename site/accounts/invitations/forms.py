"""Inviting a colleague."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from ui.forms import AddressField, HouseForm

WHAT_A_ROLE_DOES = {
    Role.CONTACT: _("学校担当者（学校の申込みと訪問を、いっしょに見て操作します）"),
    Role.MEMBER: _("一員（参画機関の申込みを、いっしょに見て操作します）"),
    Role.ADMIN: _("管理者（一員としての操作に加えて、ほかの人を招待できます）"),
}


class InviteForm(HouseForm):
    """One address; as what, where there is a choice."""

    address = AddressField(
        label=_("招待する方のメールアドレス"),
        help_text=_("この方だけが使うアドレスを書いてください。リンクは、このアドレスの利用登録でだけ使えます。"),
    )
    role = forms.ChoiceField(label=_("役割"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = roles
        self.fields["role"].choices = [(role.value, WHAT_A_ROLE_DOES[role]) for role in roles]
        self.fields["role"].initial = roles[0]
        if len(roles) == 1:
            del self.fields["role"]

    def chosen_role(self) -> str:
        return self.cleaned_data.get("role") or self.roles[0]
