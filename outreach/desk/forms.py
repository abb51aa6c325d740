"""What the desk writes: filters, an offer, the rules of a year."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outreach.ambassadors.models import Ambassador
from outreach.requests.models import IntakeMode, IntakeRules, Request, Slot
from outreach.schools.places import prefecture_choices
from ui import dates
from ui.forms import CountField, DayField, HouseForm, LineField, ProseField


class QueueFilter(HouseForm):
    q = LineField(
        label=gettext_lazy("学校名・受付番号"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    prefecture = forms.ChoiceField(label=gettext_lazy("都道府県"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prefecture"].choices = [("", _("すべて")), *prefecture_choices()]


class OfferForm(HouseForm):
    """Ask one ambassador about some of the wanted days."""

    ambassador = forms.ModelChoiceField(
        Ambassador.objects.active(),
        to_field_name="public_id",
        label=gettext_lazy("推進大使"),
        error_messages={
            "required": gettext_lazy("打診する推進大使を選んでください。"),
            "invalid_choice": gettext_lazy("この推進大使は選べません。"),
        },
    )
    slots = forms.ModelMultipleChoiceField(
        Slot.objects.none(),
        to_field_name="public_id",
        label=gettext_lazy("打診する希望日時"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("希望日時を1つは選んでください。")},
    )
    expires_on = DayField(
        label=gettext_lazy("返事の期限"),
        required=False,
        help_text=gettext_lazy("この日の終わりまで。空ければ、きまりの日数になります。"),
    )
    message = ProseField(label=gettext_lazy("ひとこと"), required=False, max_length=500, rows=2)
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slots = [slot.pk for slot in request.open_slots() if not slot.is_past]
        self.fields["slots"].queryset = Slot.objects.filter(pk__in=slots).order_by("rank")

    def clean_expires_on(self) -> dt.date | None:
        day = self.cleaned_data["expires_on"]
        if day is not None and day < dates.today():
            raise ValidationError(_("%(day)sは過ぎた日です。"), params={"day": dates.day_words(day)})
        return day

    def expires_at(self) -> dt.datetime | None:
        day = self.cleaned_data.get("expires_on")
        return dates.at_tokyo(day + dt.timedelta(days=1), dt.time()) if day else None


class RulesForm(HouseForm):
    """A new version of a year's intake rules."""

    opens_on = DayField(label=gettext_lazy("受付の始まり"))
    closes_on = DayField(label=gettext_lazy("受付の終わり"))
    mode = forms.ChoiceField(label=gettext_lazy("受付の方法"), choices=IntakeMode.choices, widget=forms.RadioSelect)
    slots_wanted = CountField(label=gettext_lazy("希望日時の数"), min_value=1, max_value=5)
    days_ahead = CountField(label=gettext_lazy("何日先から希望できるか"), max_value=120)
    answer_days = CountField(label=gettext_lazy("回答希望日までの最短日数"), max_value=90)
    offer_days = CountField(label=gettext_lazy("打診に答える日数"), min_value=1, max_value=30)
    travel_buffer = CountField(label=gettext_lazy("対面の前後の余裕（分）"), max_value=600)
    online_buffer = CountField(label=gettext_lazy("オンラインの前後の余裕（分）"), max_value=240)
    note = LineField(label=gettext_lazy("変えた理由"), max_length=300)

    @classmethod
    def initial_of(cls, rules: IntakeRules | None) -> dict[str, Any]:
        names = [name for name in cls.base_fields if name != "note"]
        return {name: getattr(rules, name) for name in names} if rules else {}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("opens_on") and data.get("closes_on") and data["closes_on"] < data["opens_on"]:
            self.add_error("closes_on", _("受付の終わりは、始まりより後にしてください。"))
        return data
