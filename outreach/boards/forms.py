"""The forms of a board's room: filters, a search for schools, and a lesson for several schools at once."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Role
from outreach.boards.table import STATES, Filters
from outreach.requests.models import Format, Theme
from outreach.schools.models import Board, Route, School
from ui import dates
from ui.forms import HouseForm, LineField, ProseField

MOST_AT_ONCE = 50
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
YEARS_SHOWN = 3


def years_to_choose() -> list[int]:
    """The next fiscal year, this one and the ones before, newest first."""
    year = dates.fiscal_year_of(dates.today())
    return [year + 1, year, *(year - ago for ago in range(1, YEARS_SHOWN))]


def months_to_choose() -> list[str]:
    """From last April to the March after next, as the address writes them."""
    first = dates.fiscal_year_of(dates.today()) - 1
    return [
        f"{year if month >= 4 else year + 1}-{month:02d}"
        for year in range(first, first + 3)
        for month in (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)
    ]


def filters_of(asked: Any, board: Board) -> Filters:
    """What the address asks for, as far as it can be read."""
    state, month, year = asked.get("state", ""), asked.get("month", ""), asked.get("year", "")
    school = None
    try:
        school = School.objects.filter(
            board=board, public_id=forms.UUIDField().to_python(asked.get("school", ""))
        ).first()
    except ValidationError:
        pass
    return Filters(
        state if state in STATES else "",
        school,
        month if MONTH.fullmatch(month) else "",
        int(year) if year in {str(one) for one in years_to_choose()} else None,
    )


def askable_schools(board: Board) -> QuerySet[School]:
    """Open schools of the board where somebody can be reached."""
    known = Membership.objects.current().verified().filter(role=Role.CONTACT, school=OuterRef("pk"))
    return School.objects.open().filter(Exists(known), board=board)


class ForSchoolsForm(HouseForm):
    """The same lesson for several schools."""

    schools = forms.ModelMultipleChoiceField(
        School.objects.none(),
        to_field_name="public_id",
        label=_("学校"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("学校を1つは選んでください。"),
            "invalid_choice": _("この学校は選べません。一覧から選び直してください。"),
            "invalid_pk_value": _("この学校は選べません。一覧から選び直してください。"),
        },
    )
    format = forms.ChoiceField(
        label=_("形式"), choices=Format.choices, initial=Format.IN_PERSON, widget=forms.RadioSelect
    )
    theme = forms.ChoiceField(label=_("テーマ"), choices=Theme.choices, widget=forms.RadioSelect)
    aims = ProseField(
        label=_("授業のねらい"), max_length=600, rows=4, help_text=_("学校ごとの事情は、あとで学校が書き足せます。")
    )
    wishes = ProseField(label=_("そのほかの希望"), required=False, max_length=600, rows=3)

    def __init__(self, *args: Any, board: Board, shown: list[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["schools"].queryset = askable_schools(board)
        chosen = self._chosen() if self.is_bound else []
        # What was ticked before stays in sight, whatever was searched for since.
        names = {school.public_id: school for school in [*chosen, *shown]}
        self.fields["schools"].widget.choices = [(key, school.name) for key, school in names.items()]

    def _chosen(self) -> list[School]:
        keys = []
        for text in self.data.getlist("schools")[: MOST_AT_ONCE + 1]:
            try:
                keys.append(forms.UUIDField().to_python(text))
            except ValidationError:
                continue
        return list(self.fields["schools"].queryset.filter(public_id__in=keys))

    def clean_schools(self) -> list[School]:
        chosen = list(self.cleaned_data["schools"])
        if len(chosen) > MOST_AT_ONCE:
            raise ValidationError(
                _("一度に選べるのは%(most)s校までです。いまは%(count)s校です。"),
                params={"most": MOST_AT_ONCE, "count": len(chosen)},
            )
        return chosen


class RouteForm(HouseForm):
    """Which way the requests of a board's schools go, and why that changes."""

    route = forms.ChoiceField(label=_("申込みの経路"), choices=Route.choices, widget=forms.RadioSelect)
    reason = LineField(
        label=_("変える理由"),
        max_length=300,
        help_text=_("教育委員会の担当者に伝わり、記録に残ります。例：「来年度から経由にしたいとの連絡」"),
    )
