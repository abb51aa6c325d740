"""Answering an offer and reporting a visit."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outreach.requests.models import Format, Slot, grade_label
from outreach.schools.places import grades_of
from outreach.visits.actions import GroupCount
from outreach.visits.models import Group, Offer, Visit
from ui import dates
from ui.forms import CountField, HouseForm, ProseField, dress


class SlotChoice(forms.ModelChoiceField):
    """Slots as people say them; for somebody abroad also on their own clock."""

    zone = "Asia/Tokyo"

    def label_from_instance(self, slot: Slot) -> str:
        if self.zone == "Asia/Tokyo":
            return str(slot)
        at_home = dates.moment_words(slot.starts_at, zone=ZoneInfo(self.zone))
        return _("%(slot)s（現地では%(home)sから）") % {"slot": slot, "home": at_home}


class AcceptForm(HouseForm):
    """Which of the offered days, and a word to the school."""

    slot = SlotChoice(
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

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_slots = [slot for slot in offer.slots.all() if not slot.is_past and not slot.dropped_at]
        self.fields["slot"].zone = offer.ambassador.time_zone
        self.fields["slot"].queryset = offer.slots.filter(pk__in=[slot.pk for slot in open_slots]).order_by("rank")
        if len(open_slots) == 1:
            self.fields["slot"].initial = open_slots[0].public_id


class DeclineForm(HouseForm):
    note = ProseField(
        label=gettext_lazy("見送る理由や、ほかに空いている日"),
        required=False,
        max_length=500,
        rows=3,
        help_text=gettext_lazy("書かなくてもかまいません。事務局だけが読みます。"),
    )


class CommentForm(HouseForm):
    comment = ProseField(
        label=gettext_lazy("ひとこと"), max_length=1000, rows=4, help_text=gettext_lazy("学校と事務局が読みます。")
    )


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

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visit = visit
        latest = visit.latest_report()
        self.planned = {(g.stage, g.grade): g for g in visit.request.planned_groups.all()}
        before = {(g.stage, g.grade): g for g in latest.groups.all()} if latest else {}
        met = earlier_meetings(visit)
        self.rows: list[dict[str, Any]] = []
        for stage, grade, division in grades_of(visit.school.type_code):
            key = (stage, grade)
            planned, reported = self.planned.get(key), before.get(key)
            words = grade_label(stage, grade, division)
            initial = reported.present if reported else (planned.expected if planned and not latest else None)
            present = CountField(label=_("%(group)sの出席人数") % {"group": words}, required=False, initial=initial)
            name = f"present_{stage}_{grade}"
            self.fields[name] = present
            dress(present)
            row = {
                "name": name,
                "words": words,
                "is_planned": planned is not None or reported is not None,
                "expected": planned.expected if planned else None,
                "met": None,
                "stage": stage,
                "grade": grade,
            }
            if earlier := met.get(key):
                field = CountField(
                    label=_("%(group)sのうち、今年度すでに大使に会った人数") % {"group": words},
                    required=False,
                    initial=reported.already_met if reported else None,
                    help_text=_(
                        "%(day)sの訪問で、この学年の%(count)s人が会っています。同じ人がいなければ0と書いてください。"
                    )
                    % {"day": dates.day_words(earlier[0]), "count": earlier[1]},
                )
                self.fields[f"met_{stage}_{grade}"] = field
                dress(field)
                row["met"] = f"met_{stage}_{grade}"
            self.rows.append(row)
        if not self.is_bound:
            actual = latest.format if latest else visit.format
            self.initial.setdefault("format", actual)
            if latest:
                self.initial.update(comment=latest.comment, may_be_quoted=latest.may_be_quoted)

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
                self.groups.append(GroupCount(row["stage"], row["grade"], present, met or 0))
        if not self.groups and not self.errors:
            first = next((row["name"] for row in self.rows if row["is_planned"]), self.rows[0]["name"])
            raise ValidationError(
                {first: _("出席した人数を1つは書いてください。授業がなかったときは、事務局に連絡してください。")}
            )
        return data


def earlier_meetings(visit: Visit) -> dict[tuple[str, int], tuple[Any, int]]:
    """Grades of this school that an ambassador met before in this fiscal year: (day, pupils) of the latest visit."""
    groups = (
        Group.objects.filter(
            school=visit.school,
            report__visit__fiscal_year=visit.fiscal_year,
            report__visit__starts_at__lt=visit.starts_at,
            report__visit__state__in=("reported", "verified", "corrected"),
        )
        .exclude(report__visit=visit)
        .order_by("report__visit__starts_at", "report__version")
        .values_list("stage", "grade", "report__visit__day", "present")
    )
    return {(stage, grade): (day, present) for stage, grade, day, present in groups}
