"""Making and renaming a feed."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from outreach.calendars.models import Scope
from ui.forms import NO_PUPIL_NAMES, HouseForm, LineField


class NameForm(HouseForm):
    name = LineField(
        label=_("名前"),
        max_length=60,
        help_text=format_lazy(
            "{}　{}",
            _("どのカレンダーで使うか、自分で分かる名前にします。例：スマートフォン、職場のOutlook"),
            NO_PUPIL_NAMES,
        ),
    )


class FeedForm(NameForm):
    scope = forms.ChoiceField(
        label=_("見せる範囲"),
        choices=Scope.choices,
        initial=Scope.FULL,
        widget=forms.RadioSelect,
        help_text=_("ほかの人も見るカレンダーに入れるときは「予定の有無だけ」を選びます。"),
    )
