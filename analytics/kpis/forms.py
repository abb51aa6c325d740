"""Setting a target on a screen."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analytics.kpis.models import Key, Target
from outreach.facts import Stage
from ui.forms import CountField, HouseForm, LineField


class TargetForm(HouseForm):
    amount = CountField(label=_("目標の値"), min_value=1, max_value=10_000_000)
    stages = forms.MultipleChoiceField(
        label=_("数える対象"),
        choices=Stage.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("数える対象を1つは選んでください。")},
    )
    note = LineField(label=_("変えた理由"), max_length=300)

    def __init__(self, *args: Any, target: Target, **kwargs: Any) -> None:
        super().__init__(*args, initial={"amount": target.amount, "stages": target.stages}, **kwargs)
        if target.kpi == Key.VISITS:
            del self.fields["stages"]
