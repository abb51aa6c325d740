"""What ambassadors tell of their time: weekly hours, single days, stays, conditions."""

import datetime as dt
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from outreach.ambassadors.models import Ambassador
from outreach.availability.models import BUFFER_CHOICES, Conditions, DayException, Weekday
from outreach.availability.telling import Clocks
from outreach.schools.places import prefecture_choices
from ui import dates
from ui.forms import ClockField, CountField, DayField, HouseForm
from ui.templatetags.kakehashi import city

TOKYO = "Asia/Tokyo"
ABROAD = "abroad"


class EndField(ClockField):
    """A clock time at which something ends: 24:00 is midnight."""

    def to_python(self, value: Any) -> dt.time | None:
        text = str(value or "").strip()
        return dt.time() if text in {"24:00", "24", "２４:００", "24時", "２４：００"} else super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return "24:00" if value == dt.time() else super().prepare_value(value)


@lru_cache(maxsize=4)
def zone_choices(language: str) -> list[tuple[str, str]]:
    """Every place whose clock somebody may live by: ドイツ（Berlin）, Japan first."""
    territories = Locale.parse(language).territories
    zones = get_global("zone_territories")
    known = [
        (zone, f"{territories.get(zones[zone], zones[zone])}（{city(zone)}）")
        for zone in available_timezones()
        if zone in zones and zone != TOKYO and "/" in zone and not zone.startswith("Etc/")
    ]
    return [(TOKYO, f"{territories['JP']}（Tokyo）"), *sorted(known, key=lambda pair: (pair[1], pair[0]))]


class _OfPerson(HouseForm):
    """Asks for a zone only of somebody who lives by another clock than Japan's."""

    zone = forms.ChoiceField(label=gettext_lazy("どこの時刻で書きますか"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, person: Ambassador, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        if person.time_zone == TOKYO:
            del self.fields["zone"]
            return
        own = _("%(place)sの時刻") % {"place": city(person.time_zone)}
        self.fields["zone"].choices = [(person.time_zone, own), (TOKYO, _("日本の時刻"))]
        self.fields["zone"].initial = person.time_zone

    @property
    def chosen_zone(self) -> str:
        return self.cleaned_data.get("zone") or TOKYO

    def clocks_of(self, data: dict[str, Any]) -> Clocks | None:
        """Both clock times or none; says what is missing."""
        since, until = data.get("from_time"), data.get("until_time")
        if "from_time" in self.errors or "until_time" in self.errors:
            return None
        if (since is None) != (until is None):
            missing = "from_time" if since is None else "until_time"
            self.add_error(missing, _("始まりと終わりの両方を書いてください。"))
        elif since is not None and since == until and until != dt.time():
            self.add_error("until_time", _("始まりと終わりが同じ時刻です。"))
        elif since is not None:
            return Clocks(since, until)
        return None


class WeeklyForm(_OfPerson):
    """Weekdays and the hours that they share."""

    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("曜日"),
        choices=Weekday.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("曜日を1つは選んでください。")},
    )
    from_time = ClockField(label=gettext_lazy("始まり"), help_text=gettext_lazy("例：9:00"))
    until_time = EndField(label=gettext_lazy("終わり"), help_text=gettext_lazy("例：17:00。夜の12時は24:00"))
    valid_from = DayField(
        label=gettext_lazy("この日から"), required=False, help_text=gettext_lazy("空ければ、いまから。")
    )
    valid_until = DayField(
        label=gettext_lazy("この日まで"), required=False, help_text=gettext_lazy("空ければ、変えるまで続きます。")
    )
    field_order = ("weekdays", "from_time", "until_time", "zone", "valid_from", "valid_until")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.clocks = self.clocks_of(data)
        if data.get("valid_from") and data.get("valid_until") and data["valid_until"] < data["valid_from"]:
            self.add_error("valid_until", _("「この日から」より後の日にしてください。"))
        return data

    def told(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "weekdays": [int(day) for day in data["weekdays"]],
            "clocks": self.clocks,
            "zone": self.chosen_zone,
            "valid_from": data.get("valid_from"),
            "valid_until": data.get("valid_until"),
        }


class _Days(HouseForm):
    """From a day until a day; the last may be left empty for a single one."""

    def check_days(self, data: dict[str, Any]) -> None:
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("初日より後の日にしてください。"))
        elif first and (last or first) < dates.today():
            self.add_error(
                "last_day" if last else "first_day",
                _("%(day)sは過ぎた日です。") % {"day": dates.day_words(last or first)},
            )


class ExceptionForm(_OfPerson, _Days):
    """Days, or hours of days, on which it is otherwise than every week."""

    kind = forms.ChoiceField(
        label=gettext_lazy("この日は"), choices=DayException.Kind.choices, widget=forms.RadioSelect, initial="blocked"
    )
    first_day = DayField(label=gettext_lazy("初日"), help_text=gettext_lazy("例：2026-12-28、12/28"))
    last_day = DayField(
        label=gettext_lazy("最終日"), required=False, help_text=gettext_lazy("1日だけのときは、空けておけます。")
    )
    from_time = ClockField(
        label=gettext_lazy("始まりの時刻"),
        required=False,
        help_text=gettext_lazy("1日じゅうのときは、空けておけます。"),
    )
    until_time = EndField(label=gettext_lazy("終わりの時刻"), required=False)
    field_order = ("kind", "first_day", "last_day", "from_time", "until_time", "zone")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.clocks = self.clocks_of(data)
        self.check_days(data)
        return data

    def told(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "kind": data["kind"],
            "first_day": data["first_day"],
            "last_day": data.get("last_day") or data["first_day"],
            "clocks": self.clocks,
            "zone": self.chosen_zone,
        }


class StayForm(_Days):
    """Where somebody is on some days: a place, and the days or a weekday."""

    place = forms.ChoiceField(label=gettext_lazy("場所"))
    weekday = forms.ChoiceField(
        label=gettext_lazy("毎週の曜日"),
        required=False,
        help_text=gettext_lazy("「火曜は東京」のように毎週のときに選んでください。"),
    )
    first_day = DayField(
        label=gettext_lazy("初日"), required=False, help_text=gettext_lazy("「2月3–14日は東京」のように日で書くとき。")
    )
    last_day = DayField(label=gettext_lazy("最終日"), required=False)
    in_person = forms.BooleanField(
        label=gettext_lazy("この場所から、対面で訪問できる"),
        required=False,
        initial=True,
        help_text=gettext_lazy("海外にいる日は、いつもオンラインになります。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [("", _("選ぶ")), *prefecture_choices(), (ABROAD, _("海外"))]
        self.fields["weekday"].choices = [("", _("毎週ではない")), *Weekday.choices]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.errors:
            return data
        if not data.get("weekday") and not data.get("first_day"):
            self.add_error("first_day", _("初日を書くか、毎週の曜日を選んでください。"))
        if data.get("last_day") and not data.get("first_day") and not data.get("weekday"):
            self.add_error("first_day", _("初日を書いてください。"))
        self.check_days(data)
        return data

    def told(self) -> dict[str, Any]:
        data = self.cleaned_data
        weekday = int(data["weekday"]) if data.get("weekday") else None
        last = data.get("last_day") or (data.get("first_day") if weekday is None else None)
        return {
            "prefecture_code": "" if data["place"] == ABROAD else data["place"],
            "in_person": data["in_person"],
            "weekday": weekday,
            "first_day": data.get("first_day"),
            "last_day": last,
        }


class MinutesField(forms.TypedChoiceField):
    """Minutes before and after a lesson, or what the rules of the year say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("", gettext_lazy("年度のきまりと移動の距離にまかせる"))]
            + [(str(minutes), f"{minutes}") for minutes in BUFFER_CHOICES],
            coerce=int,
            empty_value=None,
            required=False,
            **kwargs,
        )


class ConditionsForm(HouseForm):
    """What the ambassador wants kept when they are asked; all of it may stay empty."""

    notice_days = CountField(
        label=gettext_lazy("何日前までに打診を受けたいか"),
        required=False,
        max_value=120,
        help_text=gettext_lazy("これより近い日は、打診の候補から外します。"),
    )
    most_per_day = CountField(
        label=gettext_lazy("1日に引き受ける件数"),
        required=False,
        min_value=1,
        max_value=4,
        help_text=gettext_lazy("空ければ、上限はありません。"),
    )
    most_per_week = CountField(label=gettext_lazy("1週間に引き受ける件数"), required=False, min_value=1, max_value=14)
    buffer_in_person = MinutesField(label=gettext_lazy("対面の前後に空ける時間（分）"))
    buffer_online = MinutesField(label=gettext_lazy("オンラインの前後に空ける時間（分）"))
    farthest_km = CountField(
        label=gettext_lazy("対面で行ける距離（km）"),
        required=False,
        min_value=10,
        max_value=3000,
        help_text=gettext_lazy(
            "その日にいる場所からの直線距離。東京から大阪までが約400 kmです。空ければ、全国どこへでも。"
        ),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("ふだんいる場所の時刻"),
        help_text=gettext_lazy("日本のほかを選ぶと、日時を日本とこの場所の両方の時刻で表示します。"),
    )
    numbers = ("notice_days", "most_per_day", "most_per_week", "buffer_in_person", "buffer_online", "farthest_km")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = zone_choices((get_language() or "ja")[:2])

    @classmethod
    def of(cls, person: Ambassador) -> dict[str, Any]:
        """What holds now, as the form shows it."""
        row = Conditions.objects.filter(ambassador=person).first() or Conditions()
        told = {name: getattr(row, name) for name in cls.numbers}
        return {**told, "notice_days": row.notice_days or None, "time_zone": person.time_zone}

    def told(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {**{name: data[name] for name in self.numbers}, "notice_days": data["notice_days"] or 0} | {
            "time_zone": data["time_zone"]
        }
