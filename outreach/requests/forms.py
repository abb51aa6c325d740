"""The pages of the request form: school and contact, wanted days, the lesson."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from curriculum import facts as curriculum
from outreach.requests.actions import GroupWish, SlotWish
from outreach.requests.models import Format, IntakeRules, Kind, Request, Slot, Theme, current_rules, grade_label
from outreach.requests.rules import may_name_contact
from outreach.schools.bells import bell_stages, bell_times_of
from outreach.schools.models import BellTime, School
from outreach.schools.places import Course, Stage, grades_of
from ui import dates
from ui.forms import (
    ClockField,
    CountField,
    DayField,
    HouseForm,
    LineField,
    PhoneField,
    ProseField,
    dress,
    refuse_past_day,
)

MOST_COMPETENCES = 3
MOST_AMBASSADORS = 5
LONGEST_OCCASION = 8 * 60


class ApprovalFields(HouseForm):
    """校長の了承: the principal's name and the day; neither is needed to send the request, both may follow."""

    principal_name = LineField(
        label=gettext_lazy("校長の氏名"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("校長の了承がまだのときは、空けておけます。申し込んだあとからでも書けます。"),
    )
    principal_agreed_on = DayField(
        label=gettext_lazy("校長が了承した日"),
        required=False,
        is_past=True,
        help_text=gettext_lazy("例：2026-11-20、11/20"),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        day = data.get("principal_agreed_on")
        if day and day > dates.today():
            self.add_error(
                "principal_agreed_on",
                _("%(day)sはこれからの日です。了承した日を書いてください。") % {"day": dates.day_words(day)},
            )
        if day and not data.get("principal_name") and "principal_name" not in self.errors:
            self.add_error("principal_name", _("校長の氏名を書いてください。"))
        return data


class LaterApprovalForm(ApprovalFields):
    """The same after the request was sent, by somebody who knows now."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["principal_name"].required = True
        self.fields["principal_name"].help_text = gettext_lazy("まだのときは、空けたまま申込みへ戻ってください。")
        self.fields["principal_name"].error_messages["required"] = gettext_lazy("校長の氏名を書いてください。")


class SuccessorForm(HouseForm):
    """Who of the host's verified people is the contact from now on."""

    successor = forms.ChoiceField(
        label=gettext_lazy("新しい担当者"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("新しい担当者を選んでください。"),
            "invalid_choice": gettext_lazy("この人は選べません。"),
        },
    )

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.public_id): person for person in people}
        self.fields["successor"].choices = [(key, person.get_full_name()) for key, person in self.people.items()]

    def chosen(self) -> User:
        return self.people[self.cleaned_data["successor"]]


class ContactFields(HouseForm):
    """How to reach the contact person by day; whoever goes on with a colleague's draft may become the contact."""

    contact_phone = PhoneField(
        label=gettext_lazy("日中の電話番号"), help_text=gettext_lazy("決まったあと、担当する推進大使にも伝わります。")
    )
    contact_hours = LineField(
        label=gettext_lazy("電話に出やすい時間"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("例：12:40–13:20、16時以降"),
    )
    takes_over = forms.BooleanField(
        required=False,
        help_text=gettext_lazy("お知らせと控えは、担当者に届きます。電話番号も自分のものに直してください。"),
    )

    def __init__(
        self, *args: Any, user: User, asked: Request | None = None, is_draft: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        # What is missing is told before the request is sent.
        self.fields["contact_phone"].required = not is_draft
        if asked is None or asked.contact_id == user.pk or not may_name_contact(user, asked):
            del self.fields["takes_over"]
        else:
            self.fields["takes_over"].label = _("わたし（%(name)s）が担当者になる") % {"name": user.get_full_name()}


class SchoolPageForm(ContactFields, ApprovalFields):
    """Which of the person's schools asks, how to reach the contact person by day, and whether the principal agrees."""

    school = forms.ModelChoiceField(
        School.objects.none(),
        to_field_name="public_id",
        label=gettext_lazy("学校"),
        widget=forms.RadioSelect,
        empty_label=None,
    )
    field_order = ("school", "takes_over", "contact_phone", "contact_hours", "principal_name", "principal_agreed_on")

    def __init__(self, *args: Any, user: User, asked: Request | None = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, asked=asked, **kwargs)
        if asked is not None:
            del self.fields["school"]
            return
        schools = School.objects.filter(pk__in=user.school_ids)
        self.fields["school"].queryset = schools
        if len(user.school_ids) == 1:
            self.only_school = schools[0]
            self.fields["school"].initial = self.only_school.public_id
            self.fields["school"].widget = forms.HiddenInput()


def wants_nothing(form: forms.Form) -> None:
    """A draft may be saved half written; what is written must still be readable."""
    for field in form.fields.values():
        field.required = False


def _stage_of(request: Request) -> str:
    """Whose bells ring: where a school has several stages and the pupils are of one of them, that one."""
    stages = bell_stages(request.school)
    if len(stages) == 1:
        return stages[0]
    planned = set(request.planned_groups.filter(school=request.school_id).values_list("stage", flat=True)) & set(stages)
    return planned.pop() if len(planned) == 1 else stages[-1]


def bells_of(request: Request) -> list[BellTime]:
    """The periods by which a school names the hours of its lessons; contests and events follow no bell."""
    if request.kind != Kind.SCHOOL_VISIT or not request.school:
        return []
    return bell_times_of(request.school, _stage_of(request))


class SlotsForm(HouseForm):
    """Days with periods of the school's bell times, or clock times: what every page shares that asks for a day."""

    def __init__(self, *args: Any, request: Request, is_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_draft = is_draft
        self.asked = request
        # Contests and events follow no bell and may fall on a holiday.
        self.is_lesson = request.kind == Kind.SCHOOL_VISIT
        self.bells = bells_of(request)
        self.rules: IntakeRules | None = current_rules()
        self.ranks = self.ranks_to_ask()
        for rank in self.ranks:
            self._ask_for_slot(rank)
        if is_draft:
            wants_nothing(self)
        self.order_fields([name for name in self.fields if name not in self.base_fields])

    @property
    def most_slots(self) -> int:
        return self.rules.slots_wanted if self.rules else 3

    def ranks_to_ask(self) -> list[int]:
        return list(range(1, self.most_slots + 1))

    def labels(self, rank: int) -> dict[str, str]:
        """What each question about one day is called."""
        return {
            "day": _("第%(rank)s希望の日付") % {"rank": rank},
            "periods": _("第%(rank)s希望の時限") % {"rank": rank},
            "from": _("第%(rank)s希望の始まりの時刻") % {"rank": rank},
            "until": _("第%(rank)s希望の終わりの時刻") % {"rank": rank},
        }

    def _ask_for_slot(self, rank: int) -> None:
        labels = self.labels(rank)
        self.fields[f"day_{rank}"] = DayField(
            label=labels["day"],
            required=False,
            help_text=_("例：%(day)s（%(short)sとも書けます）")
            % {"day": self._example.isoformat(), "short": f"{self._example.month}/{self._example.day}"},
        )
        self.fields[f"periods_{rank}"] = forms.MultipleChoiceField(
            label=labels["periods"],
            required=False,
            choices=[(str(bell.period), _("%(period)s限") % {"period": bell.period}) for bell in self.bells],
            widget=forms.CheckboxSelectMultiple,
            help_text=_("続けて2コマまで選べます。"),
            error_messages={"invalid_choice": _("この学校の時程にない時限です。もう一度選んでください。")},
        )
        self.fields[f"from_{rank}"] = ClockField(label=labels["from"], required=False)
        self.fields[f"until_{rank}"] = ClockField(label=labels["until"], required=False)
        self.fields[f"school_day_{rank}"] = forms.BooleanField(label=_("授業のある休日"), required=False)
        if not self.is_lesson:
            del self.fields[f"periods_{rank}"], self.fields[f"school_day_{rank}"]
        for name in self._names_of(rank).values():
            dress(self.fields[name])

    def _names_of(self, rank: int) -> dict[str, str]:
        """The fields of one day that are there, by what they ask."""
        names = {what: f"{what}_{rank}" for what in ("day", "periods", "from", "until", "school_day")}
        return {what: name for what, name in names.items() if name in self.fields}

    @property
    def first_day(self) -> dt.date:
        """The first day that can be wished for."""
        return dates.today() + dt.timedelta(days=self.rules.days_ahead if self.rules else 0)

    @cached_property
    def _example(self) -> dt.date:
        return self._school_day_from(
            dates.today() + dt.timedelta(days=max(28, self.rules.days_ahead if self.rules else 0))
        )

    @staticmethod
    def _school_day_from(day: dt.date, step: int = 1) -> dt.date:
        while not dates.is_school_weekday(day):
            day += dt.timedelta(days=step)
        return day

    @staticmethod
    def initial_slots(slots: Iterable[Slot]) -> dict[str, Any]:
        """These days, asked for again from the first rank on."""
        initial: dict[str, Any] = {}
        for rank, slot in enumerate(slots, start=1):
            initial[f"day_{rank}"] = slot.day
            initial[f"school_day_{rank}"] = slot.is_school_day
            if slot.first_period is not None:
                initial[f"periods_{rank}"] = [str(p) for p in range(slot.first_period, slot.last_period + 1)]
            else:
                initial[f"from_{rank}"] = dates.in_tokyo(slot.starts_at).time()
                initial[f"until_{rank}"] = dates.in_tokyo(slot.ends_at).time()
        return initial

    def slot_fields(self) -> Iterator[dict[str, Any]]:
        """One dictionary of bound fields per rank, for the page."""
        for rank in self.ranks:
            names = {what: self[name] for what, name in self._names_of(rank).items()}
            value = names["day"].value()
            day = (
                value if isinstance(value, dt.date) else self.cleaned_data.get(f"day_{rank}") if self.is_bound else None
            )
            yield {
                "rank": rank,
                "day_words": dates.day_words(day, year=True) if isinstance(day, dt.date) else "",
                "has_errors": any(field.errors for field in names.values()),
                "uses_clock": not self.bells or bool(names["from"].value() or names["until"].value()),
                **names,
            }

    def slots_that_stay(self) -> list[Slot]:
        """Days wished for already, beside which the new ones will stand."""
        return []

    def nothing_chosen(self) -> str:
        return _("第1希望の日付を書いてください。")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.wishes: list[SlotWish] = []
        self.read: dict[int, SlotWish] = {}
        seen = {(slot.starts_at, slot.ends_at) for slot in self.slots_that_stay()}
        for rank in self.ranks:
            wish = self._wish(rank, data)
            if wish is None:
                continue
            if any(wish.starts_at < until and wish.ends_at > since for since, until in seen):
                self.add_error(f"day_{rank}", _("ほかの希望と同じ日時です。違う日か時限を選んでください。"))
                continue
            seen.add((wish.starts_at, wish.ends_at))
            self.wishes.append(wish)
            self.read[rank] = wish
        if not self.wishes and not self._some_day_is_wrong() and not self.is_draft:
            self.add_error(f"day_{self.ranks[0]}" if self.ranks else None, self.nothing_chosen())
        years = {dates.fiscal_year_of(wish.day) for wish in self.wishes}
        if len(years) > 1:
            self.add_error(None, _("希望日時は同じ年度の中で選んでください。4月以降の分は、別に申し込めます。"))
        return data

    def wishes_by_rank(self) -> dict[int, SlotWish]:
        """The wanted days that could be read, whatever else was wrong, by the rank in which they were typed."""
        self.is_valid()
        return dict(self.read)

    def _some_day_is_wrong(self) -> bool:
        """Whether a date was written that cannot be used: then that is what has to be mended first."""
        return any(name in self.errors for rank in self.ranks for name in self._names_of(rank).values())

    def _wish(self, rank: int, data: dict[str, Any]) -> SlotWish | None:
        """The wanted day of one rank; None when nothing, or nothing usable, was written."""
        day, periods = data.get(f"day_{rank}"), sorted(int(p) for p in data.get(f"periods_{rank}") or [])
        since, until = data.get(f"from_{rank}"), data.get(f"until_{rank}")
        if any(f"{name}_{rank}" in self.errors for name in ("day", "periods", "from", "until")):
            return None
        if day is None:
            if periods or since or until:
                self.add_error(f"day_{rank}", _("日付を書いてください。"))
            return None
        try:
            self._check_day(day, is_school_day=bool(data.get(f"school_day_{rank}")))
        except ValidationError as problem:
            self.add_error(f"day_{rank}", problem)
            return None
        if since or until:
            return self._clock_wish(rank, day, since, until, bool(data.get(f"school_day_{rank}")))
        if not self.is_lesson:
            self.add_error(f"from_{rank}", _("始まりと終わりの時刻を書いてください。"))
            return None
        if not periods:
            self.add_error(f"periods_{rank}", _("時限を選んでください。時限で書けないときは、時刻を書いてください。"))
            return None
        if len(periods) > 2 or periods[-1] - periods[0] + 1 != len(periods):
            self.add_error(f"periods_{rank}", _("時限は、続けて2コマまで選べます。"))
            return None
        by_period = {bell.period: bell for bell in self.bells}
        first, last = by_period[periods[0]], by_period[periods[-1]]
        return SlotWish(
            day,
            dates.at_tokyo(day, first.starts_at),
            dates.at_tokyo(day, last.ends_at),
            periods[0],
            periods[-1],
            bool(data.get(f"school_day_{rank}")),
        )

    def _clock_wish(
        self, rank: int, day: dt.date, since: dt.time | None, until: dt.time | None, is_school_day: bool
    ) -> SlotWish | None:
        if since is None or until is None:
            self.add_error(
                f"from_{rank}" if since is None else f"until_{rank}", _("始まりと終わりの時刻を、両方書いてください。")
            )
            return None
        minutes = (until.hour - since.hour) * 60 + until.minute - since.minute
        if self.is_lesson and not 30 <= minutes <= 180:
            self.add_error(f"until_{rank}", _("授業は30分から3時間までです。始まりと終わりの時刻を確かめてください。"))
            return None
        if not 30 <= minutes <= LONGEST_OCCASION:
            self.add_error(f"until_{rank}", _("30分から8時間までです。始まりと終わりの時刻を確かめてください。"))
            return None
        return SlotWish(day, dates.at_tokyo(day, since), dates.at_tokyo(day, until), None, None, is_school_day)

    def _check_day(self, day: dt.date, *, is_school_day: bool) -> None:
        refuse_past_day(day)
        rules = self.rules
        if rules is not None:
            earliest = self.first_day
            last_day = dates.fiscal_year_bounds(rules.fiscal_year)[1]
            if day > last_day:
                raise ValidationError(
                    _("%(day)sは次の年度です。%(last)sまでの日を選んでください。"),
                    params={"day": dates.day_words(day, year=True), "last": dates.day_words(last_day, year=True)},
                )
            if day < earliest:
                raise ValidationError(
                    _("推進大使の準備のため、%(day)s以降の日を選んでください。"),
                    params={"day": dates.day_words(earliest)},
                )
        holiday = dates.holiday_name(day)
        if self.is_lesson and not is_school_day and (day.weekday() >= 5 or holiday):
            raise ValidationError(
                _("%(day)sは%(what)sです。平日を選ぶか、「授業のある休日」に印を付けてください。"),
                params={
                    "day": dates.day_words(day),
                    "what": holiday or (_("土曜日") if day.weekday() == 5 else _("日曜日")),
                },
            )


class DatesPageForm(SlotsForm):
    """Ranked days with periods; the day an answer is needed."""

    answer_by = DayField(
        label=gettext_lazy("回答希望日"),
    )
    times_note = ProseField(label=gettext_lazy("日時について伝えたいこと"), required=False, max_length=500, rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer_by"].help_text = _(
            "この日までにお返事します。それまで上の日時を空けておいてください。"
            "%(first)s以降で、いちばん早い希望日より前の日を選べます。"
        ) % {"first": dates.day_words(self.first_answer_day)}

    @property
    def first_answer_day(self) -> dt.date:
        """The first day by which an answer can be asked for."""
        return dates.today() + dt.timedelta(days=self.rules.answer_days if self.rules else 0)

    @classmethod
    def initial_of(cls, request: Request) -> dict[str, Any]:
        return {
            "answer_by": request.answer_by,
            "times_note": request.times_note,
            **cls.initial_slots(request.open_slots()),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self._check_answer_by(data)
        return data

    def _check_answer_by(self, data: dict[str, Any]) -> None:
        answer_by = data.get("answer_by")
        if answer_by is None or "answer_by" in self.errors:
            return
        earliest = self.first_answer_day
        days = [*(wish.day for wish in self.wishes), *(slot.day for slot in self.slots_that_stay())]
        if answer_by < earliest:
            self.add_error(
                "answer_by",
                _("大使を探す時間が要ります。%(day)s以降の日にしてください。") % {"day": dates.day_words(earliest)},
            )
        elif days and answer_by >= min(days):
            self.add_error(
                "answer_by",
                _("希望日時より前の日にしてください。いちばん早い希望は%(day)sです。")
                % {"day": dates.day_words(min(days))},
            )


class MoreDatesForm(DatesPageForm):
    """Further days behind those that are there, up to the set number; the day an answer is needed may move."""

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"answer_by": request.answer_by})
        super().__init__(*args, request=request, **kwargs)
        del self.fields["times_note"]

    def slots_that_stay(self) -> list[Slot]:
        return [slot for slot in self.asked.open_slots() if not slot.is_past]

    def ranks_to_ask(self) -> list[int]:
        highest = max((slot.rank for slot in self.asked.open_slots()), default=0)
        free = max(0, self.most_slots - len(self.slots_that_stay()))
        return list(range(highest + 1, highest + free + 1))

    def nothing_chosen(self) -> str:
        return _("加える日時を1つは選んでください。")

    def _check_answer_by(self, data: dict[str, Any]) -> None:
        # Who only adds a day need not promise to keep the others free for longer.
        until_now = self.asked.answer_by
        if until_now is None or until_now < dates.today() or data.get("answer_by") != until_now:
            super()._check_answer_by(data)


class ReopenForm(DatesPageForm):
    """A request that had ended is asked again: its days still ahead are there already."""

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        kwargs.setdefault("initial", self._initial_of(request))
        super().__init__(*args, request=request, **kwargs)
        del self.fields["times_note"]

    @classmethod
    def _initial_of(cls, request: Request) -> dict[str, Any]:
        ahead = [slot for slot in request.open_slots() if not slot.is_past]
        answer_by = request.answer_by if request.answer_by and request.answer_by > dates.today() else None
        return {"answer_by": answer_by, **cls.initial_slots(ahead)}


class DueDateForm(HouseForm):
    """Content that had ended is asked for again: by when."""

    due_on = DayField(label=gettext_lazy("納期"))

    def clean_due_on(self) -> dt.date:
        day = self.cleaned_data["due_on"]
        refuse_past_day(day)
        return day


class LessonPageForm(HouseForm):
    """What the lesson is about, who takes part, where it is held."""

    format = forms.ChoiceField(label=gettext_lazy("形式"), choices=Format.choices, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=gettext_lazy("テーマ"), choices=Theme.choices, widget=forms.RadioSelect)
    aims = ProseField(
        label=gettext_lazy("授業のねらい"),
        max_length=1000,
        help_text=gettext_lazy("生徒にどうなってほしいか。2、3文で十分です。"),
    )
    competences = forms.ModelMultipleChoiceField(
        None,
        to_field_name="code",
        label=gettext_lazy("育てたい資質・能力"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("3つまで。迷うときは選ばなくてかまいません。"),
    )
    lesson_name = LineField(
        label=gettext_lazy("位置づける教科・時間"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("例：総合的な探究の時間"),
    )
    course = forms.ChoiceField(label=gettext_lazy("課程"), required=False, choices=Course.choices)
    class_words = LineField(
        label=gettext_lazy("組や参加のしかた"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("例：2年3組・4組、学年全体、希望者"),
    )
    ambassadors_wanted = CountField(
        label=gettext_lazy("推進大使の人数"),
        required=False,
        min_value=1,
        max_value=MOST_AMBASSADORS,
        help_text=gettext_lazy("ふつうは1人です。学級ごとに話を聞くときなどは、5人まで頼めます。"),
    )
    place_text = LineField(
        label=gettext_lazy("授業を行う場所（住所）"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "学校の一覧に、この学校の住所がありません。推進大使が行き先を調べられるように書いてください。"
        ),
    )
    place = LineField(label=gettext_lazy("教室・会場"), required=False, max_length=120)
    equipment = LineField(
        label=gettext_lazy("使える設備"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("例：プロジェクター、スピーカー、生徒1人1台の端末"),
    )
    access = LineField(label=gettext_lazy("最寄りの駅・停留所と行き方"), required=False, max_length=200)
    wishes = ProseField(label=gettext_lazy("そのほかの希望"), required=False, max_length=1000, rows=3)

    def __init__(self, *args: Any, request: Request, is_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_draft = is_draft
        self.grades = list(grades_of(request.school.type_code))
        self.fields["competences"].queryset = curriculum.competences()
        if not any(stage == Stage.HIGH for stage, _grade, _word in self.grades):
            del self.fields["course"]
        if request.school.address and not request.place_text:
            del self.fields["place_text"]
        ask_for_grades(self, request, request.school)
        if is_draft:
            wants_nothing(self)

    @classmethod
    def initial_of(cls, request: Request) -> dict[str, Any]:
        groups = [group for group in request.planned_groups.all() if group.school_id == request.school_id]
        return {
            "format": request.format,
            "theme": request.theme,
            "aims": request.aims,
            "course": request.course,
            "competences": [c.code for c in request.competences.all()],
            "lesson_name": request.lesson_name,
            "class_words": groups[0].label if groups else "",
            "ambassadors_wanted": request.ambassadors_wanted,
            "place": request.place,
            "place_text": request.place_text,
            "equipment": request.equipment,
            "access": request.access,
            "wishes": request.wishes,
        }

    def grade_fields(self) -> list[Any]:
        return [self[f"grade_{stage}_{grade}"] for stage, grade, _word in self.grades]

    def clean_competences(self) -> Any:
        chosen = self.cleaned_data["competences"]
        if len(chosen) > MOST_COMPETENCES:
            raise ValidationError(_("%(count)sつ選んでいます。3つまでにしてください。"), params={"count": len(chosen)})
        return chosen

    def groups(self) -> list[GroupWish]:
        label = self.cleaned_data.get("class_words", "")
        return [
            GroupWish(stage, grade, count, label)
            for stage, grade, _word in self.grades
            if (count := self.cleaned_data.get(f"grade_{stage}_{grade}"))
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first = f"grade_{self.grades[0][0]}_{self.grades[0][1]}"
        if not self.is_draft and not self.groups() and not any(name.startswith("grade_") for name in self.errors):
            self.add_error(first, _("参加する人数を、学年ごとに1つは書いてください。おおよそでかまいません。"))
        return data

    def fields_of_request(self) -> dict[str, Any]:
        names = (
            "format",
            "theme",
            "aims",
            "lesson_name",
            "place_text",
            "place",
            "equipment",
            "access",
            "wishes",
            "course",
        )
        wanted = self.cleaned_data.get("ambassadors_wanted") or 1
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data} | {
            "ambassadors_wanted": wanted
        }


def ask_for_grades(form: HouseForm, request: Request, school: School) -> None:
    """One number for each grade of this school, as the request expects it until now."""
    expected = {
        (group.stage, group.grade): group.expected
        for group in request.planned_groups.all()
        if group.school_id == school.pk
    }
    for stage, grade, division in grades_of(school.type_code):
        label = grade_label(stage, grade, division)
        field = CountField(label=label, required=False, initial=expected.get((stage, grade)), max_value=3000)
        dress(field)
        form.fields[f"grade_{stage}_{grade}"] = field


class JointSchoolForm(HouseForm):
    """How many pupils of another school take part in the same lesson, per grade."""

    def __init__(self, *args: Any, request: Request, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grades = list(grades_of(school.type_code))
        ask_for_grades(self, request, school)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.groups = [
            GroupWish(stage, grade, count)
            for stage, grade, _word in self.grades
            if (count := data.get(f"grade_{stage}_{grade}"))
        ]
        if not self.groups and not self.errors:
            self.add_error(
                next(iter(self.fields)), _("参加する人数を、学年ごとに1つは書いてください。おおよそでかまいません。")
            )
        return data


class ReasonForm(HouseForm):
    """A reason that the other side will read."""

    reason = ProseField(
        label=gettext_lazy("理由"), max_length=500, rows=3, help_text=gettext_lazy("相手と事務局に伝わります。")
    )
