"""What is asked when a role or a sign-in is changed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import DESK_ROLES
from ui.forms import HouseForm, LineField, ProseField


class ReasonForm(HouseForm):
    """Why; the words stay in the person's history."""

    reason = ProseField(label=_("理由"), max_length=500, rows=3)

    def __init__(self, *args: Any, hint: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if hint:
            self.fields["reason"].help_text = f"{hint}　{self.fields['reason'].help_text}"


class GrantForm(HouseForm):
    """Which role, in the name of which body."""

    role = forms.ChoiceField(
        label=_("役割"),
        choices=[(role.value, role.label) for role in DESK_ROLES],
        widget=forms.RadioSelect,
        error_messages={"required": _("役割を選んでください。"), "invalid_choice": _("この役割は選べません。")},
    )
    body_name = LineField(
        label=_("所属する機関・部署"), max_length=120, help_text=_("例：文部科学省 産業連携・地域振興課")
    )
    is_ministry = forms.BooleanField(label=_("文部科学省の職員です"), required=False)
    reason = ProseField(
        label=_("理由"),
        max_length=500,
        rows=3,
        help_text=_("本人へのメールにも載ります。例：4月の異動で担当になった"),
    )
