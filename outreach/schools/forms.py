"""Finding one's school and saying that one belongs there; vouching for somebody; what a school says about itself."""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Vouching
from outreach.schools.bells import MOST_PERIODS
from outreach.schools.models import BellTime, Board, School, schools_now
from outreach.schools.places import prefecture_choices
from ui.dates import clock_words
from ui.forms import ClockField, HouseForm, LineField, PhoneField, ProseField, dress

MOST_SHOWN = 50
_KANJI = re.compile(r"[一-龯々]")
MOST_CLOSED_SHOWN = 5


@dataclass(frozen=True)
class ClosedSchool:
    """A school that is no more, and the one it has become, where that is known."""

    school: School
    now: School | None


class SchoolSearchForm(HouseForm):
    """Prefecture and part of the name; both are remembered in the address."""

    prefecture = forms.ChoiceField(label=_("都道府県"), required=False)
    name = LineField(
        label=_("学校名の一部"),
        required=False,
        max_length=60,
        help_text=_("漢字で書いてください。例：「札幌西」"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prefecture"].choices = [("", _("選んでください")), *prefecture_choices()]

    def was_asked(self) -> bool:
        return self.is_valid() and bool(self.cleaned_data["prefecture"] or self.cleaned_data["name"])

    def found(self) -> list[School]:
        """At most fifty schools, the best first, and one more, so that the page can say there are others."""
        words = self.cleaned_data["name"]
        found = list(self._in_prefecture(School.objects.open()).matching(words).best_first(words)[: MOST_SHOWN + 1])
        names = Counter(school.name_ja for school in found)
        for school in found:
            school.has_namesake = names[school.name_ja] > 1
        return found

    def found_closed(self) -> list[ClosedSchool]:
        """Closed schools of that name, and what has become of them; looked for only by name."""
        words = self.cleaned_data["name"]
        if not words:
            return []
        closed = self._in_prefecture(School.objects.closed()).matching(words).best_first(words)
        closed = list(closed[:MOST_CLOSED_SHOWN])
        now = schools_now(closed)
        return [ClosedSchool(school, now.get(school.pk)) for school in closed]

    @property
    def nothing_found(self) -> str:
        """Why there may be none, and what to try."""
        words = self.cleaned_data["name"]
        if words and not _KANJI.search(words):
            return _(
                "「%(words)s」では見つかりません。学校の一覧には、ふりがなのない学校が多くあります。漢字で書いてみてください。"
            ) % {"words": words}
        return _(
            "その名前の学校は見つかりません。短くするか、都道府県を変えてみてください。それでもないときは事務局に連絡してください。"
        )

    def _in_prefecture(self, schools: Any) -> Any:
        code = self.cleaned_data["prefecture"]
        return schools.filter(prefecture_code=code) if code else schools


class JoinSchoolForm(HouseForm):
    """Which school, and as whom."""

    school = forms.ModelChoiceField(
        School.objects.none(),
        to_field_name="public_id",
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": _("この学校は見つかりません。もう一度探してください。"),
            "required": _("学校を選んでください。"),
        },
    )
    position = LineField(label=_("職名"), required=False, max_length=80, help_text=_("例：教諭（探究主任）"))
    phone = PhoneField(
        label=_("学校の代表電話番号"),
        help_text=_(
            "事務局は、学校が公開している代表番号に一度電話して、所属を確かめます。番号が違うときは、おたずねします。"
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Which schools are open is a question of today, not of the day this process began.
        self.fields["school"].queryset = School.objects.open()


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
    """How the desk itself has made sure. Colleagues vouch on a page of their own, listed domains by themselves."""

    how = forms.ChoiceField(
        label=_("確認の方法"),
        choices=[(way.value, way.label) for way in (Vouching.CALL, Vouching.DESK)],
        widget=forms.RadioSelect,
        error_messages={"required": _("どのように確認したかを選んでください。")},
    )
    note = ProseField(
        label=_("確認の記録"), rows=3, max_length=500, help_text=_("いつ、どの番号に電話し、だれが答えたか。")
    )


class SchoolSettingsForm(HouseForm):
    """What a school says about itself."""

    main_mail = forms.EmailField(
        label=_("学校の代表メールアドレス"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("担当者が異動しても届くアドレスです。なければ空けておいてください。"),
        error_messages={"invalid": _("メールアドレスとして読めません。例：daihyo@school.example.jp")},
    )
    may_be_named = forms.BooleanField(
        label=_("学校名の公表に同意する"),
        required=False,
        help_text=_(
            "実施が確定した訪問を、学校名とともに紹介することがあります。児童生徒の人数は公表しません。いつでも取り消せます。"
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    @classmethod
    def initial_of(cls, school: School) -> dict[str, Any]:
        return {name: getattr(school, name) for name in cls.base_fields}

    def told(self) -> dict[str, Any]:
        """What this person changed on the page they saw: somebody else may have changed the rest meanwhile."""
        seen = {name for name in self.fields if self.add_prefix(f"initial-{name}") in self.data}
        return {
            name: value for name, value in self.cleaned_data.items() if name in self.changed_data or name not in seen
        }

    def clean(self) -> dict[str, Any]:
        """An empty line takes an address away; a line that did not arrive at all changes nothing."""
        for name in ("main_mail", "main_phone"):
            if name in self.fields and name not in self.data:
                self.add_error(name, gettext("この欄が届きませんでした。画面を開き直して、もう一度送ってください。"))
        return super().clean()


class BellTimesForm(HouseForm):
    """The periods of one stage: from and until, up to eight. A row left empty is no period."""

    def __init__(self, *args: Any, bells: list[BellTime], **kwargs: Any) -> None:
        initial = {}
        for bell in bells:
            initial[f"from_{bell.period}"], initial[f"until_{bell.period}"] = bell.starts_at, bell.ends_at
        super().__init__(*args, initial=initial, **kwargs)
        for period in range(1, MOST_PERIODS + 1):
            for name, label in (("from", gettext("%(period)s限の始まり")), ("until", gettext("%(period)s限の終わり"))):
                field = ClockField(label=label % {"period": period}, required=False)
                dress(field)
                self.fields[f"{name}_{period}"] = field

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"period": period, "from": self[f"from_{period}"], "until": self[f"until_{period}"]}
            for period in range(1, MOST_PERIODS + 1)
        ]

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        self.periods: list[tuple[int, dt.time, dt.time]] = []
        for period in range(1, MOST_PERIODS + 1):
            begins, ends = told.get(f"from_{period}"), told.get(f"until_{period}")
            names = {f"from_{period}", f"until_{period}"}
            if names & set(self.errors) or not (begins or ends):
                continue
            if begins is None or ends is None:
                missing = f"from_{period}" if begins is None else f"until_{period}"
                self.add_error(
                    missing, gettext("%(period)s限は、始まりと終わりの両方を書いてください。") % {"period": period}
                )
            elif ends <= begins:
                self.add_error(
                    f"until_{period}",
                    gettext("%(period)s限の終わり（%(ends)s）が、始まり（%(begins)s）より前です。")
                    % {"period": period, "ends": clock_words(ends), "begins": clock_words(begins)},
                )
            elif self.periods and begins < self.periods[-1][2]:
                before, _begins, ended = self.periods[-1]
                self.add_error(
                    f"from_{period}",
                    gettext("%(period)s限は、%(before)s限の終わり（%(ended)s）のあとに始まるようにしてください。")
                    % {"period": period, "before": before, "ended": clock_words(ended)},
                )
            else:
                self.periods.append((period, begins, ends))
        if not self.errors and not self.periods:
            self.add_error(
                "from_1",
                gettext("時限を1つは書いてください。標準の時程でよいときは「標準の時程に戻す」を押してください。"),
            )
        return told
