"""Finding one's school and saying that one belongs there; vouching for somebody."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Vouching
from outreach.schools.models import Board, School
from outreach.schools.places import prefecture_choices
from ui.forms import HouseForm, LineField, PhoneField, ProseField

MOST_SHOWN = 50


class SchoolSearchForm(HouseForm):
    """Prefecture and part of the name; both are remembered in the address."""

    prefecture = forms.ChoiceField(label=_("都道府県"), required=False)
    name = LineField(
        label=_("学校名の一部"),
        required=False,
        max_length=60,
        help_text=_("例：「札幌西」。「高校」と書いても見つかります。"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prefecture"].choices = [("", _("選んでください")), *prefecture_choices()]

    def was_asked(self) -> bool:
        return self.is_valid() and bool(self.cleaned_data["prefecture"] or self.cleaned_data["name"])

    def found(self) -> list[School]:
        """At most fifty schools and one more, so that the page can say there are others."""
        schools = School.objects.open()
        if self.cleaned_data["prefecture"]:
            schools = schools.filter(prefecture_code=self.cleaned_data["prefecture"])
        return list(schools.matching(self.cleaned_data["name"])[: MOST_SHOWN + 1])


class JoinSchoolForm(HouseForm):
    """Which school, and as whom."""

    school = forms.ModelChoiceField(
        School.objects.open(),
        to_field_name="public_id",
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": _("この学校は見つかりません。もう一度探してください。"),
            "required": _("学校を選んでください。"),
        },
    )
    position = LineField(label=_("職名"), required=False, max_length=80, help_text=_("例：教諭（探究主任）"))
    phone = PhoneField(label=_("学校の代表電話番号"), help_text=_("事務局がこの番号に一度電話して、所属を確かめます。"))


class BoardSearchForm(HouseForm):
    """Prefecture and part of the name, as for schools."""

    prefecture = forms.ChoiceField(label=_("都道府県"), required=False)
    name = LineField(
        label=_("名称の一部"),
        required=False,
        max_length=60,
        help_text=_("例：「世田谷区」「私学」"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prefecture"].choices = [("", _("選んでください")), *prefecture_choices()]

    def was_asked(self) -> bool:
        return self.is_valid() and bool(self.cleaned_data["prefecture"] or self.cleaned_data["name"])

    def found(self) -> list[Board]:
        """At most fifty boards and one more, so that the page can say there are others."""
        boards = Board.objects.all()
        if self.cleaned_data["prefecture"]:
            boards = boards.filter(prefecture_code=self.cleaned_data["prefecture"])
        for word in self.cleaned_data["name"].split()[:5]:
            boards = boards.filter(Q(name_ja__icontains=word) | Q(name_en__icontains=word))
        return list(boards[: MOST_SHOWN + 1])


class JoinBoardForm(HouseForm):
    """Which board, and as whom."""

    board = forms.ModelChoiceField(
        Board.objects.all(),
        to_field_name="public_id",
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": _("この設置者は見つかりません。もう一度探してください。"),
            "required": _("設置者を選んでください。"),
        },
    )
    position = LineField(label=_("職名"), max_length=80, help_text=_("例：指導主事、私学係 主査"))
    phone = PhoneField(
        label=_("職場の電話番号"), help_text=_("事務局が公表されている番号に一度電話して、所属を確かめます。")
    )


class VouchForm(HouseForm):
    how = forms.ChoiceField(
        label=_("確認の方法"),
        choices=[c for c in Vouching.choices if c[0] != Vouching.COLLEAGUE],
        initial=Vouching.CALL,
        widget=forms.RadioSelect,
    )
    note = ProseField(
        label=_("確認の記録"), rows=3, max_length=500, help_text=_("いつ、どの番号に、だれが確かめたか。")
    )
