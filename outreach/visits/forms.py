"""Answering an offer, asking for another day, and reporting a visit."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outreach.requests.forms import SlotsForm
from outreach.requests.models import Format, Kind, Slot, current_rules, grade_label
from outreach.schools.models import School
from outreach.schools.places import grades_of
from outreach.visits.actions import GroupCount
from outreach.visits.models import Group, Offer, Visit
from ui import dates
from ui.forms import NO_PUPIL_NAMES, CountField, HouseForm, ProseField, dress


def on_both_clocks(slot: Slot, zone: str) -> str:
    """A slot as people say it; for somebody abroad also on their own clock."""
    if zone == "Asia/Tokyo":
        return str(slot)
    at_home = dates.moment_words(slot.starts_at, zone=ZoneInfo(zone))
    return _("%(slot)s（現地では%(home)sから）") % {"slot": slot, "home": at_home}


class AcceptForm(HouseForm):
    """Which of the offered days, and a word to the school."""

    slot = forms.ModelChoiceField(
        Slot.objects.none(),
        to_field_name="public_id",
        label=gettext_lazy("引き受ける日時"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": gettext_lazy("引き受ける日時を選んでください。"),
            "invalid_choice": gettext_lazy("この打診にない日時です。打診の日時から選んでください。"),
        },
    )
    note = ProseField(label=gettext_lazy("学校と事務局に伝えたいこと"), required=False, max_length=500, rows=3)
    # Shown when an outside calendar has something at that time.
    despite_calendar = forms.BooleanField(label=gettext_lazy("それでも引き受ける"), required=False)

    def __init__(self, *args: Any, offer: Offer, visit: Visit | None = None, **kwargs: Any) -> None:
        """`visit` is the one somebody else has accepted already: its day is the only one left."""
        super().__init__(*args, **kwargs)
        if offer.without_slots:
            del self.fields["slot"], self.fields["despite_calendar"]
            return
        asked = offer.slots.order_by("rank")
        open_slots = [slot for slot in asked if not slot.is_past and not slot.dropped_at]
        if visit is not None:
            open_slots = [slot for slot in open_slots if slot.pk == visit.slot_id]
        # Whoever chose a day that has gone meanwhile is told so by the verb; shown are those still there.
        self.fields["slot"].queryset = asked
        zone = offer.ambassador.time_zone
        self.fields["slot"].choices = [(slot.public_id, on_both_clocks(slot, zone)) for slot in open_slots]
        if len(open_slots) == 1:
            self.fields["slot"].initial = open_slots[0].public_id


class DeclineForm(HouseForm):
    """Not this time; perhaps on another of the days the host wishes for."""

    could_do = forms.ModelMultipleChoiceField(
        Slot.objects.none(),
        to_field_name="public_id",
        label=gettext_lazy("次の日時なら都合がつく"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("学校のほかの希望日時のうち、予定が空いている日です。選ぶと事務局に伝わります。"),
        error_messages={
            "invalid_choice": gettext_lazy("選べない日時です。もう一度選んでください。"),
            "invalid_pk_value": gettext_lazy("選べない日時です。もう一度選んでください。"),
        },
    )
    note = ProseField(
        label=gettext_lazy("見送る理由や、ほかに空いている日"),
        required=False,
        max_length=500,
        rows=3,
        help_text=gettext_lazy("書かなくてもかまいません。事務局だけが読みます。"),
    )

    def __init__(self, *args: Any, offer: Offer, other_days: list[Slot], **kwargs: Any) -> None:
        super().__init__(*args, prefix="decline", **kwargs)
        if other_days:
            zone = offer.ambassador.time_zone
            self.fields["could_do"].queryset = Slot.objects.filter(pk__in=[slot.pk for slot in other_days])
            self.fields["could_do"].choices = [(slot.public_id, on_both_clocks(slot, zone)) for slot in other_days]
        else:
            del self.fields["could_do"]


class MoveForm(SlotsForm):
    """Another day for a visit: a day with periods of the school or clock times in Japan, and why."""

    reason = ProseField(
        label=gettext_lazy("日時を変えたい理由"),
        max_length=500,
        rows=3,
        help_text=gettext_lazy("相手と事務局に伝わります。"),
    )

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        self.visit = visit
        super().__init__(*args, request=visit.request, **kwargs)
        self.rules = current_rules(visit.fiscal_year)

    def ranks_to_ask(self) -> list[int]:
        return [1]

    def labels(self, rank: int) -> dict[str, str]:
        return {
            "day": _("変更後の日付"),
            "periods": _("変更後の時限"),
            "from": _("変更後の始まりの時刻"),
            "until": _("変更後の終わりの時刻"),
        }

    @property
    def first_day(self) -> dt.date:
        # Those who know each other already need no two weeks to find each other.
        return dates.today()

    def nothing_chosen(self) -> str:
        return _("変更後の日付を書いてください。")


class RefuseForm(HouseForm):
    note = ProseField(
        label=gettext_lazy("伝えたいこと"),
        required=False,
        max_length=500,
        rows=3,
        help_text=gettext_lazy("書かなくてもかまいません。相手と事務局に伝わります。"),
    )


class CommentForm(HouseForm):
    comment = ProseField(
        label=gettext_lazy("ひとこと"), max_length=1000, rows=4, help_text=gettext_lazy("学校と事務局が読みます。")
    )


class PageAddressField(forms.URLField):
    """A page that people can open; it is shown to them and never fetched."""

    default_validators = [URLValidator(schemes=("http", "https"))]


class ReportForm(HouseForm):
    """Who was there, per grade; prefilled from what the request expected."""

    format = forms.ChoiceField(
        label=gettext_lazy("実際の形式"),
        widget=forms.RadioSelect,
        choices=[c for c in Format.choices if c[0] != Format.EITHER],
    )
    comment = ProseField(
        label=gettext_lazy("授業のようす"),
        required=False,
        max_length=1000,
        rows=4,
        help_text=gettext_lazy("生徒の反応や、次に生かせること。事務局と推進大使が読みます。"),
    )
    may_be_quoted = forms.BooleanField(
        label=gettext_lazy("授業のようすを、事務局の確認のうえで公表してよい"), required=False
    )

    people = CountField(label=gettext_lazy("参加した人数"), min_value=1, max_value=100_000)
    ambassadors_present = CountField(label=gettext_lazy("来た大使の人数"), min_value=1, max_value=20)
    link = PageAddressField(
        label=gettext_lazy("成果の置き場所"),
        max_length=500,
        assume_scheme="https",
        help_text=gettext_lazy("見られるページのアドレス。例：https://www.example.ed.jp/video"),
        error_messages={"invalid": gettext_lazy("アドレスとして読めません。例：https://www.example.ed.jp/video")},
    )

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visit = visit
        self.kind = visit.request.kind
        latest = visit.latest_report()
        self.rows: list[dict[str, Any]] = []
        self._keep_what_the_kind_asks()
        if self.kind == Kind.SCHOOL_VISIT:
            self._ask_for_groups(latest)
        self.order_fields(
            [*(name for name in self.fields if name not in self.base_fields), "people", "ambassadors_present", "link"]
        )
        if not self.is_bound:
            self.initial.setdefault("format", latest.format if latest else visit.format)
            if latest:
                self.initial.update(
                    comment=latest.comment,
                    may_be_quoted=latest.may_be_quoted,
                    people=latest.people,
                    ambassadors_present=latest.ambassadors_present,
                    link=latest.link,
                )
            else:
                self.initial.setdefault("people", visit.request.people_expected)
                self.initial.setdefault("ambassadors_present", len(visit.present_ambassadors) or 1)

    def _keep_what_the_kind_asks(self) -> None:
        """Pupils per grade for a school visit, a link for content, a number of people for the rest."""
        superfluous = {
            Kind.SCHOOL_VISIT: ("people", "ambassadors_present", "link"),
            Kind.CONTENT: ("people", "ambassadors_present", "format"),
        }.get(self.kind, ())
        for name in superfluous:
            del self.fields[name]
        if self.kind == Kind.SCHOOL_VISIT:
            return
        comment = self.fields["comment"]
        comment.label = _("当日のようす") if self.kind != Kind.CONTENT else _("できあがりについて")
        comment.help_text = format_lazy("{}　{}", _("事務局と推進大使が読みます。"), NO_PUPIL_NAMES)
        self.fields["may_be_quoted"].label = _("書いたことを、事務局の確認のうえで公表してよい")
        self.fields["link"].required = self.kind == Kind.CONTENT

    def _ask_for_groups(self, latest: Any) -> None:
        planned = {(g.school_id, g.stage, g.grade): g for g in self.visit.request.planned_groups.all()}
        before = {(g.school_id, g.stage, g.grade): g for g in latest.groups.all()} if latest else {}
        met = earlier_meetings(self.visit)
        for school in self.schools():
            for stage, grade, division in grades_of(school.type_code):
                key = (school.pk, stage, grade)
                self._ask_for_group(school, key, division, planned.get(key), before.get(key), met.get(key), latest)

    def schools(self) -> list[School]:
        """The school that asked, then those that take part in a joint lesson."""
        asked = [self.visit.school] if self.visit.school else []
        return [*asked, *self.visit.participating_schools.order_by("name_ja")]

    def _ask_for_group(
        self,
        school: School,
        key: tuple[int, str, int],
        division: str,
        planned: Any,
        reported: Any,
        earlier: tuple[Any, int] | None,
        latest: Any,
    ) -> None:
        _school_id, stage, grade = key
        is_host = school.pk == self.visit.school_id
        suffix = f"{stage}_{grade}" if is_host else f"{stage}_{grade}_{school.school_code}"
        words = grade_label(stage, grade, division)
        named = words if is_host else f"{school.name} {words}"
        initial = reported.present if reported else (planned.expected if planned and not latest else None)
        row = {
            "name": f"present_{suffix}",
            "words": words,
            "school": school,
            "is_planned": planned is not None or reported is not None,
            "expected": planned.expected if planned else None,
            "met": None,
            "stage": stage,
            "grade": grade,
        }
        present = CountField(label=_("%(group)sの出席人数") % {"group": named}, required=False, initial=initial)
        self.fields[row["name"]] = present
        dress(present)
        if earlier:
            row["met"] = f"met_{suffix}"
            field = CountField(
                label=_("%(group)sのうち、今年度すでに大使に会った人数") % {"group": named},
                required=False,
                initial=reported.already_met if reported else None,
                help_text=_(
                    "%(day)sの訪問で、この学年の%(count)s人が会っています。同じ人がいなければ0と書いてください。"
                )
                % {"day": dates.day_words(earlier[0]), "count": earlier[1]},
            )
            self.fields[row["met"]] = field
            dress(field)
        self.rows.append(row)

    def planned_rows(self) -> list[dict[str, Any]]:
        return [self._bound(row) for row in self.rows if row["is_planned"]]

    def other_rows(self) -> list[dict[str, Any]]:
        return [self._bound(row) for row in self.rows if not row["is_planned"]]

    def other_rows_have_something(self) -> bool:
        return any(row["present"].value() or row["present"].errors for row in self.other_rows())

    def _bound(self, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "present": self[row["name"]], "met_field": self[row["met"]] if row["met"] else None}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.groups: list[GroupCount] = []
        for row in self.rows:
            present, met = data.get(row["name"]), data.get(row["met"]) if row["met"] else 0
            if row["met"] and present and met is None and row["met"] not in self.errors:
                self.add_error(row["met"], _("人数を書いてください。同じ人がいなければ0です。"))
                continue
            if met and met > (present or 0):
                self.add_error(
                    row["met"],
                    _("出席した%(present)s人より多くはなりません。人数を確かめてください。")
                    % {"present": present or 0},
                )
                continue
            if present:
                self.groups.append(
                    GroupCount(row["stage"], row["grade"], present, met or 0, school_id=row["school"].pk)
                )
        if self.rows and not self.groups and not self.errors:
            first = next((row["name"] for row in self.rows if row["is_planned"]), self.rows[0]["name"])
            raise ValidationError(
                {
                    first: _(
                        "出席した人数を1つは書いてください。授業がなかったときは、前の画面の「実施しなかった」を選んでください。"
                    )
                }
            )
        return data

    def told(self) -> dict[str, Any]:
        """What the report says besides its groups."""
        names = ("format", "comment", "may_be_quoted", "people", "ambassadors_present", "link")
        return {name: self.cleaned_data[name] for name in names if name in self.fields}


def earlier_meetings(visit: Visit) -> dict[tuple[int, str, int], tuple[Any, int]]:
    """Grades that an ambassador met before in this fiscal year: (day, pupils) by school, stage and grade.

    Named is the latest visit to each; of a joint lesson every school is looked up.
    """
    groups = (
        Group.objects.filter(
            Q(school=visit.school_id) | Q(school__in=visit.participating_schools.all()),
            report__visit__fiscal_year=visit.fiscal_year,
            report__visit__starts_at__lt=visit.starts_at,
            report__visit__state__in=("reported", "verified", "corrected"),
        )
        .exclude(report__visit=visit)
        .order_by("report__visit__starts_at", "report__version")
        .values_list("school_id", "stage", "grade", "report__visit__day", "present")
    )
    return {(school_id, stage, grade): (day, present) for school_id, stage, grade, day, present in groups}
