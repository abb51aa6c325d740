"""Connecting an outside calendar, and what can be changed about one."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ui.forms import NO_PUPIL_NAMES, HouseForm, LineField


class ChangeCalendarForm(HouseForm):
    """What the owner calls it, and whether whole days of it count."""

    name = LineField(
        label=_("名前"),
        required=False,
        max_length=60,
        help_text=format_lazy("{}　{}", _("あなたと秘書だけに見えます。例：会社の予定"), NO_PUPIL_NAMES),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    counts_all_day = forms.BooleanField(
        label=_("終日の予定も、訪問できない時間にする"),
        required=False,
        initial=True,
        help_text=_("誕生日や祝日など、終日の予定が多いカレンダーでは外してください。"),
    )


class CalendarForm(ChangeCalendarForm):
    """The secret address of a calendar elsewhere."""

    field_order = ("address", "name", "counts_all_day")

    address = forms.CharField(
        label=_("カレンダーのアドレス"),
        max_length=2100,
        help_text=_(
            "https:// か webcal:// で始まる、ICS形式（iCal形式）のアドレス。暗号化して保存し、次からは一部だけを表示します。"
        ),
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )
