"""Requests that are no lesson at a school: a contest, an event, content; their pages and what these ask."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from outreach.requests.forms import MOST_AMBASSADORS, ContactFields, wants_nothing
from outreach.requests.models import Format, IntakeRules, Kind, Request, current_rules
from outreach.requests.rules import hosts_of
from ui import dates
from ui.forms import CountField, DayField, HouseForm, LineField, ProseField, refuse_past_day

KINDS = (Kind.CONTEST, Kind.EVENT, Kind.CONTENT)
# Where no rules say it: so many days an ambassador needs to make something.
DAYS_TO_MAKE = 14


def pages_of(kind: str) -> tuple[str, ...]:
    """The pages of the request form; content has a due day among what is asked, and no page of days."""
    return ("school", "lesson", "confirm") if kind == Kind.CONTENT else ("school", "dates", "lesson", "confirm")


def page_titles(kind: str) -> dict[str, str]:
    if kind == Kind.SCHOOL_VISIT:
        titles = {"school": _("学校と担当者"), "dates": _("希望日時"), "lesson": _("授業の内容"), "confirm": _("確認")}
    else:
        titles = {
            "school": _("申込み元と担当者"),
            "dates": _("希望日時"),
            "lesson": _("お願いしたいこと"),
            "confirm": _("確認"),
        }
    return {page: titles[page] for page in pages_of(kind)}


def about_kinds(user: User, chosen: str = "") -> list[dict[str, Any]]:
    """What this person may ask for besides what they have chosen: kind, name, and what it is for."""
    words = {
        Kind.SCHOOL_VISIT: _("推進大使が学校に来て、またはオンラインで、授業や講演をします。"),
        Kind.CONTEST: _("アイデアやビジネスプランのコンテストで、発表を聞いて講評します。"),
        Kind.EVENT: _("講演会やシンポジウムなどの催しに登壇します。"),
        Kind.CONTENT: _("授業で使う教材や動画を作ります。納期までに届けます。"),
    }
    kinds = list(Kind) if user.school_ids else list(KINDS)
    return [{"kind": kind.value, "name": kind.label, "words": words[kind]} for kind in kinds if kind != chosen]


class HostPageForm(ContactFields):
    """In whose name somebody asks, and how to reach them by day."""

    host = forms.ChoiceField(
        label=gettext_lazy("申込み元"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("この申込み元は選べません。もう一度選んでください。")},
    )
    field_order = ("host", "takes_over", "contact_phone", "contact_hours")

    def __init__(self, *args: Any, user: User, asked: Request | None = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, asked=asked, **kwargs)
        if asked is not None:
            del self.fields["host"]
            return
        self.hosts = {str(host.public_id): host for host in hosts_of(user)}
        self.fields["host"].choices = [(key, host.name) for key, host in self.hosts.items()]
        if len(self.hosts) == 1:
            key, self.only_host = next(iter(self.hosts.items()))
            self.fields["host"].initial = key
            self.fields["host"].widget = forms.HiddenInput()

    def chosen_host(self) -> Any:
        return self.hosts[self.cleaned_data["host"]]


class OccasionForm(HouseForm):
    """What an ambassador is asked for at a contest or an event, or which content they are asked to make."""

    title = LineField(label=gettext_lazy("名称"), max_length=120)
    aims = ProseField(label=gettext_lazy("お願いしたいこと"), max_length=1000)
    due_on = DayField(
        label=gettext_lazy("納期"), help_text=gettext_lazy("この日までに、成果の置き場所（リンク）を受け取ります。")
    )
    audience = LineField(label=gettext_lazy("対象"), required=False, max_length=200)
    people_expected = CountField(
        label=gettext_lazy("見込みの人数"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("おおよそでかまいません。"),
    )
    ambassadors_wanted = CountField(
        label=gettext_lazy("推進大使の人数"),
        min_value=1,
        max_value=MOST_AMBASSADORS,
        help_text=gettext_lazy("5人まで頼めます。"),
    )
    format = forms.ChoiceField(label=gettext_lazy("形式"), choices=Format.choices, widget=forms.RadioSelect)
    place = LineField(label=gettext_lazy("会場"), required=False, max_length=120)
    access = LineField(label=gettext_lazy("最寄りの駅・停留所と行き方"), required=False, max_length=200)
    equipment = LineField(label=gettext_lazy("使える設備"), required=False, max_length=200)
    wishes = ProseField(label=gettext_lazy("そのほかの希望"), required=False, max_length=1000, rows=3)

    def __init__(self, *args: Any, request: Request, is_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules: IntakeRules | None = current_rules()
        self.is_content = request.kind == Kind.CONTENT
        at_a_place = ("people_expected", "ambassadors_wanted", "format", "place", "access", "equipment")
        for name in at_a_place if self.is_content else ("due_on",):
            del self.fields[name]
        self.fields["title"].help_text, self.fields["audience"].help_text = self._examples(request.kind)
        if self.is_content:
            self.fields["wishes"].label = _("参考にしてほしい例や、そのほかの希望")
        if is_draft:
            wants_nothing(self)

    @staticmethod
    def _examples(kind: str) -> tuple[str, str]:
        return {
            Kind.CONTEST: (_("例：第3回 高校生ビジネスプランコンテスト 最終審査"), _("例：県内の高校生")),
            Kind.EVENT: (_("例：地域の起業家と語る会"), _("例：中学生と保護者、教職員")),
            Kind.CONTENT: (_("例：起業家に聞く 10分の動画"), _("例：中学校の総合的な学習の時間で使う生徒")),
        }[Kind(kind)]

    @classmethod
    def initial_of(cls, request: Request) -> dict[str, Any]:
        return {name: getattr(request, name) for name in cls.base_fields}

    @property
    def first_due_day(self) -> dt.date:
        """The first day that can be asked for: making something takes time."""
        days = max(DAYS_TO_MAKE, self.rules.days_ahead if self.rules else 0)
        return dates.today() + dt.timedelta(days=days)

    def clean_due_on(self) -> dt.date | None:
        day = self.cleaned_data["due_on"]
        if day is None:
            return None
        refuse_past_day(day)
        if day < self.first_due_day:
            raise ValidationError(
                _("作る時間が要るので、%(day)s以降の日にしてください。"),
                params={"day": dates.day_words(self.first_due_day)},
            )
        last = dates.fiscal_year_bounds(dates.fiscal_year_of(self.first_due_day))[1]
        if day > last:
            raise ValidationError(
                _("%(day)sは次の年度です。%(last)sまでの日を選んでください。"),
                params={"day": dates.day_words(day, year=True), "last": dates.day_words(last, year=True)},
            )
        return day

    def fields_of_request(self) -> dict[str, Any]:
        """What the request says from now on; what a draft leaves open stays as it was."""
        told = dict(self.cleaned_data)
        for name in ("ambassadors_wanted", "format"):
            if name in told and not told[name]:
                del told[name]
        return told
