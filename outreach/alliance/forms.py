"""Finding one's organisation and saying that one belongs there."""

from django import forms
from django.utils.translation import gettext_lazy as _

from outreach.alliance.models import Organisation
from ui.forms import HouseForm, LineField, PhoneField

MOST_SHOWN = 50


class OrganisationSearchForm(HouseForm):
    """Part of the name; without any, all are shown."""

    name = LineField(
        label=_("名称の一部"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def found(self) -> list[Organisation]:
        """At most fifty and one more, so that the page can say there are others."""
        words = self.cleaned_data["name"] if self.is_bound and self.is_valid() else ""
        return list(Organisation.objects.taking_part().matching(words)[: MOST_SHOWN + 1])


class JoinOrganisationForm(HouseForm):
    """Which organisation, and as whom."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        to_field_name="public_id",
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": _("この機関は見つかりません。もう一度探してください。"),
            "required": _("参画機関を選んでください。"),
        },
    )
    position = LineField(label=_("部署・職名"), max_length=80, help_text=_("例：地域連携部 主任"))
    phone = PhoneField(
        label=_("職場の電話番号"), help_text=_("事務局が公表されている番号に一度電話して、所属を確かめます。")
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.taking_part()
