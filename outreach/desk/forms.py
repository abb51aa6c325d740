"""What the desk writes: an offer, the rules of a year, one ambassador's limits, a school, a request for somebody else."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership, Role, User
from outreach.ambassadors.models import Ambassador
from outreach.availability.actions import Buffers
from outreach.requests.forms import DatesPageForm
from outreach.requests.models import Channel, Entry, Format, IntakeMode, IntakeRules, Kind, Request, RulesOfYears, Slot
from outreach.schools.forms import SchoolSettingsForm
from outreach.schools.models import Board, BoardKind, School
from outreach.visits.actions import buffers_for
from outreach.visits.forms import ReportForm
from ui import dates
from ui.forms import AddressField, CountField, DayField, HouseForm, LineField, PhoneField, ProseField, refuse_past_day

MOST_AMBASSADORS = 10


class OfferForm(HouseForm):
    """Ask one ambassador about some of the wanted days; once a day is fixed, about that one only."""

    ambassador = forms.ModelChoiceField(
        Ambassador.objects.active(),
        to_field_name="public_id",
        label=gettext_lazy("推進大使"),
        error_messages={
            "required": gettext_lazy("打診する推進大使を選んでください。"),
            "invalid_choice": gettext_lazy("この推進大使は選べません。"),
        },
    )
    slots = forms.ModelMultipleChoiceField(
        Slot.objects.none(),
        to_field_name="public_id",
        label=gettext_lazy("打診する希望日時"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("希望日時を1つは選んでください。")},
    )
    expires_on = DayField(
        label=gettext_lazy("返事の期限"),
        required=False,
    )
    message = ProseField(label=gettext_lazy("ひとこと"), required=False, max_length=500, rows=2)
    override_reason = ProseField(
        label=gettext_lazy("きまりを超える理由"),
        required=False,
        max_length=500,
        rows=2,
        help_text=gettext_lazy(
            "上限に達している人に打診するときや、前後の余裕を短くするときに書いてください。記録に残ります。"
        ),
    )
    buffer_before = CountField(label=gettext_lazy("前の余裕（分）"), required=False, max_value=600)
    buffer_after = CountField(label=gettext_lazy("後の余裕（分）"), required=False, max_value=600)
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: Request, slots: list[Slot], **kwargs: Any) -> None:
        """`slots` are the days that can be asked about now, best first."""
        super().__init__(*args, **kwargs)
        self.asked, self.open_slots, self.rules = request, slots, RulesOfYears()
        rules = self.rules.of(request.fiscal_year)
        self.fields["expires_on"].help_text = _(
            "この日の終わりまで。空ければ、推進大使の住む所で%(days)s営業日後までになります。"
        ) % {"days": rules.offer_days if rules else 5}
        if request.kind == Kind.CONTENT:
            for name in ("slots", "buffer_before", "buffer_after"):
                del self.fields[name]
            return
        self.fields["slots"].queryset = Slot.objects.filter(pk__in=[slot.pk for slot in slots]).order_by("rank")
        usual = self._usual(slots[0]) if slots else None
        if usual:
            self.fields["buffer_before"].initial, self.fields["buffer_after"].initial = usual.before, usual.after

    def _usual(self, slot: Slot) -> Buffers:
        return buffers_for(self.asked, slot, self.rules)

    @classmethod
    def initial_of(cls, slots: list[Slot], asked_for: QueryDict) -> dict[str, Any]:
        """All open days, or those and the ambassador that the address names."""
        named = [slot.public_id for slot in slots if str(slot.public_id) in asked_for.getlist("slots")]
        return {
            "form_key": uuid.uuid4(),
            "slots": named or [slot.public_id for slot in slots],
            "ambassador": asked_for.get("ambassador", ""),
        }

    def clean_expires_on(self) -> dt.date | None:
        day = self.cleaned_data["expires_on"]
        if day is not None and day < dates.today():
            raise ValidationError(_("%(day)sは過ぎた日です。"), params={"day": dates.day_words(day)})
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.buffers = self._buffers(data)
        if self.buffers and not data.get("override_reason"):
            for slot in data.get("slots") or ():
                usual = self._usual(slot)
                if self.buffers.before < usual.before or self.buffers.after < usual.after:
                    self.add_error(
                        "override_reason",
                        _("前後の余裕は、きまりでは%(before)s分と%(after)s分です。短くするときは理由を書いてください。")
                        % {"before": usual.before, "after": usual.after},
                    )
                    break
        return data

    def _buffers(self, data: dict[str, Any]) -> Buffers | None:
        """The minutes of this offer alone; None where the year's rules say the same."""
        if not self.open_slots or "buffer_before" not in self.fields:
            return None
        usual = self._usual(self.open_slots[0])
        before, after = data.get("buffer_before"), data.get("buffer_after")
        wanted = Buffers(usual.before if before is None else before, usual.after if after is None else after)
        return None if wanted == usual else wanted

    def expires_at(self) -> dt.datetime | None:
        day = self.cleaned_data.get("expires_on")
        return dates.end_of_day(day) if day else None

    @property
    def details_open(self) -> bool:
        """Whether something stands among the details that the reader should see."""
        if "override_reason" in self.fields and (self["override_reason"].errors or self["override_reason"].value()):
            return True
        names = ("buffer_before", "buffer_after")
        return any(
            self[name].errors or (self.is_bound and str(self[name].value()) != str(self.fields[name].initial))
            for name in names
            if name in self.fields
        )


class RulesForm(HouseForm):
    """A new version of a year's intake rules."""

    opens_on = DayField(label=gettext_lazy("受付の始まり"))
    closes_on = DayField(label=gettext_lazy("受付の終わり"))
    mode = forms.ChoiceField(label=gettext_lazy("受付の方法"), choices=IntakeMode.choices, widget=forms.RadioSelect)
    slots_wanted = CountField(label=gettext_lazy("希望日時の数"), min_value=1, max_value=5)
    days_ahead = CountField(label=gettext_lazy("何日先から希望できるか"), max_value=120)
    answer_days = CountField(label=gettext_lazy("回答希望日までの最短日数"), max_value=90)
    offer_days = CountField(label=gettext_lazy("打診に答える日数（営業日）"), min_value=1, max_value=30)
    board_days = CountField(
        label=gettext_lazy("教育委員会が確かめる日数"),
        min_value=1,
        max_value=30,
        help_text=gettext_lazy("経由の申込みだけに使います。この日数が過ぎると、事務局が代わりに受け付けられます。"),
    )
    travel_buffer = CountField(label=gettext_lazy("対面の前後の余裕（分）"), max_value=600)
    online_buffer = CountField(label=gettext_lazy("オンラインの前後の余裕（分）"), max_value=240)
    most_per_month = CountField(
        label=gettext_lazy("推進大使1人の月の上限"),
        required=False,
        min_value=1,
        max_value=31,
        help_text=gettext_lazy("空ければ、上限はありません。推進大使ごとの上限があるときは、そちらが優先します。"),
    )
    most_per_year = CountField(
        label=gettext_lazy("推進大使1人の年度の上限"),
        required=False,
        min_value=1,
        max_value=200,
        help_text=gettext_lazy("空ければ、上限はありません。"),
    )
    only_ministry_verifies = forms.BooleanField(
        label=gettext_lazy("報告の確定は、文部科学省の担当者だけが行う"), required=False
    )
    note = LineField(label=gettext_lazy("変えた理由"), max_length=300)

    @classmethod
    def initial_of(cls, rules: IntakeRules | None) -> dict[str, Any]:
        names = [name for name in cls.base_fields if name != "note"]
        return {name: getattr(rules, name) for name in names} if rules else {}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("opens_on") and data.get("closes_on") and data["closes_on"] < data["opens_on"]:
            self.add_error("closes_on", _("受付の終わりは、始まりより後にしてください。"))
        return data


class LimitsForm(HouseForm):
    """How often one ambassador goes at most."""

    most_per_month = CountField(
        label=gettext_lazy("月の上限（件）"),
        required=False,
        min_value=1,
        max_value=31,
        help_text=gettext_lazy("空ければ、年度のきまりの数になります。"),
    )
    most_per_year = CountField(
        label=gettext_lazy("年度の上限（件）"),
        required=False,
        min_value=1,
        max_value=200,
        help_text=gettext_lazy("空ければ、年度のきまりの数になります。"),
    )


class AppointmentForm(HouseForm):
    """An ambassador's time in office."""

    from_day = DayField(label=gettext_lazy("任命の始まり"))
    until = DayField(
        label=gettext_lazy("任命の終わり"), help_text=gettext_lazy("ふつうは年度の終わり（3月31日）までです。")
    )


class EndAppointmentForm(HouseForm):
    """Earlier than was said."""

    until = DayField(label=gettext_lazy("任命の最後の日"))
    reason = ProseField(
        label=gettext_lazy("理由"),
        max_length=500,
        rows=2,
        help_text=gettext_lazy("記録にだけ残り、本人には伝わりません。終わりが変わったことはメールで伝わります。"),
    )


class CardAddressForm(HouseForm):
    """Under which address the card lies, and whether everybody sees it."""

    slug = LineField(
        label=gettext_lazy("紹介ページのアドレス"),
        max_length=60,
        help_text=gettext_lazy("半角の英小文字、数字、ハイフン。変えると、前のアドレスからは新しいページに移ります。"),
    )
    is_public = forms.BooleanField(label=gettext_lazy("紹介ページを公開する"), required=False)


class DecideForm(HouseForm):
    """Publish what an ambassador has written, or say why not."""

    PUBLISH, DECLINE = "publish", "decline"

    decision = forms.ChoiceField(
        label=gettext_lazy("この変更をどうしますか"),
        choices=((PUBLISH, gettext_lazy("公開する")), (DECLINE, gettext_lazy("今回は公開しない"))),
        widget=forms.RadioSelect,
    )
    reason = ProseField(
        label=gettext_lazy("公開しない理由"),
        required=False,
        max_length=1000,
        rows=3,
        help_text=gettext_lazy("公開しないときは必ず書いてください。本人にメールで伝わります。"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=1_000_000)

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        if told.get("decision") == self.DECLINE and not told.get("reason"):
            self.add_error("reason", gettext_lazy("公開しない理由を書いてください。本人に伝わります。"))
        return told


class ConductForm(HouseForm):
    """The code of conduct of a year, one point a line."""

    fiscal_year = forms.TypedChoiceField(label=gettext_lazy("年度"), coerce=int)
    body_ja = ProseField(
        label=gettext_lazy("本文"), max_length=5000, rows=12, help_text=gettext_lazy("1行に1つずつ書きます。")
    )
    body_en = ProseField(label=gettext_lazy("本文（英語）"), required=False, max_length=8000, rows=12)
    asks_again = forms.BooleanField(
        label=gettext_lazy("もう一度同意してもらう"),
        required=False,
        help_text=gettext_lazy("選ぶと、全員が新しい文に同意するまで、次の打診を引き受けられません。"),
    )
    note = LineField(label=gettext_lazy("変えた理由"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = dates.fiscal_year_of(dates.today())
        self.fields["fiscal_year"].choices = [(y, dates.fiscal_year_name(y)) for y in (year, year + 1)]


class ForHostForm(HouseForm):
    """Who called, by which way, and what is written down for them."""

    NOBODY = "nobody"

    entry = forms.ChoiceField(
        label=gettext_lazy("登録のしかた"),
        choices=Entry.choices,
        initial=Entry.ASKED,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "申込み：これから推進大使を探します。調整済み：日時と推進大使がもう決まっています。事後登録：訪問が終わっています。"
        ),
    )
    kind = forms.ChoiceField(label=gettext_lazy("種類"), widget=forms.RadioSelect)
    contact = forms.ChoiceField(label=gettext_lazy("学校担当者"), widget=forms.RadioSelect)
    caller_name = LineField(
        label=gettext_lazy("連絡してきた人"),
        required=False,
        max_length=80,
        help_text=gettext_lazy(
            "このサイトの利用者でないときは、名前と職名を書いてください。児童生徒の氏名は書かないでください。"
        ),
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("受けた方法"),
        choices=[choice for choice in Channel.choices if choice[0] != Channel.SITE],
        initial=Channel.PHONE,
        widget=forms.RadioSelect,
    )
    contact_phone = PhoneField(label=gettext_lazy("日中の電話番号"))
    contact_hours = LineField(label=gettext_lazy("電話に出やすい時間"), required=False, max_length=60)
    evidence = ProseField(
        label=gettext_lazy("根拠"),
        required=False,
        max_length=1000,
        rows=3,
        help_text=gettext_lazy("事後登録のときは、実施がわかるもの（学校だより、実施報告書など）を書いてください。"),
    )

    def __init__(self, *args: Any, school: School | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {}
        if school is None:
            # The desk asks in its own name: nobody of a school has called, though somebody else may have.
            del self.fields["contact"]
            self.fields["kind"].choices = [choice for choice in Kind.choices if choice[0] != Kind.SCHOOL_VISIT]
            return
        del self.fields["kind"]
        members = Membership.objects.current().filter(school=school, role=Role.CONTACT, verified_at__isnull=False)
        self.people = {str(member.person_id): member.person for member in members.select_related("person")[:50]}
        self.fields["contact"].choices = [
            *((key, person.get_full_name()) for key, person in self.people.items()),
            (self.NOBODY, _("利用者でない人")),
        ]
        self.fields["contact"].initial = next(iter(self.people), self.NOBODY)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("contact") == self.NOBODY and not data.get("caller_name") and "caller_name" not in self.errors:
            self.add_error("caller_name", _("連絡してきた人の名前を書いてください。"))
        if data.get("entry") == Entry.AFTERWARDS and not data.get("evidence") and "evidence" not in self.errors:
            self.add_error("evidence", _("事後登録には、実施がわかる根拠を書いてください。"))
        return data

    def contact_person(self) -> User | None:
        return self.people.get(self.cleaned_data.get("contact", ""))


class DeskDatesForm(DatesPageForm):
    """The days of a request that the desk writes down: the intake window and the days of notice do not bind it.

    What was agreed beforehand, or was held already, has one day; only what was held may lie in the past.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.asked.entry != Entry.ASKED:
            del self.fields["answer_by"]

    def ranks_to_ask(self) -> list[int]:
        return super().ranks_to_ask() if self.asked.entry == Entry.ASKED else [1]

    def labels(self, rank: int) -> dict[str, str]:
        if self.asked.entry == Entry.ASKED:
            return super().labels(rank)
        if self.asked.entry == Entry.AFTERWARDS:
            return {
                "day": _("訪問した日付"),
                "periods": _("訪問した時限"),
                "from": _("始まりの時刻"),
                "until": _("終わりの時刻"),
            }
        return {
            "day": _("決まった日付"),
            "periods": _("決まった時限"),
            "from": _("始まりの時刻"),
            "until": _("終わりの時刻"),
        }

    def nothing_chosen(self) -> str:
        if self.asked.entry == Entry.AFTERWARDS:
            return _("訪問した日付を書いてください。")
        return super().nothing_chosen() if self.asked.entry == Entry.ASKED else _("決まった日付を書いてください。")

    @cached_property
    def _example(self) -> dt.date:
        if self.asked.entry != Entry.AFTERWARDS:
            return super()._example
        return self._school_day_from(dates.today() - dt.timedelta(days=7), step=-1)

    @property
    def first_day(self) -> dt.date:
        return dates.today()

    @property
    def first_answer_day(self) -> dt.date:
        return dates.today()

    def _check_day(self, day: dt.date, *, is_school_day: bool) -> None:
        if self.asked.entry != Entry.AFTERWARDS:
            refuse_past_day(day)
        elif day > dates.today():
            raise ValidationError(
                _("%(day)sはこれからの日です。事後登録では、終わった訪問の日を書いてください。"),
                params={"day": dates.day_words(day)},
            )


class OtherKindForm(HouseForm):
    """What is asked for when it is not a lesson at a school: a contest, an event, content."""

    title = LineField(label=gettext_lazy("名称"), max_length=120)
    aims = ProseField(label=gettext_lazy("お願いしたいこと"), max_length=1000)
    format = forms.ChoiceField(label=gettext_lazy("形式"), choices=Format.choices, widget=forms.RadioSelect)
    ambassadors_wanted = CountField(label=gettext_lazy("推進大使の人数"), min_value=1, max_value=20)
    audience = LineField(label=gettext_lazy("対象"), required=False, max_length=200)
    people_expected = CountField(label=gettext_lazy("見込みの人数"), required=False, max_value=100_000)
    place = LineField(label=gettext_lazy("教室・会場"), required=False, max_length=120)
    due_on = DayField(label=gettext_lazy("納期"))
    wishes = ProseField(label=gettext_lazy("そのほかの希望"), required=False, max_length=1000, rows=3)

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("format", "place") if request.kind == Kind.CONTENT else ("due_on",):
            del self.fields[name]

    @classmethod
    def initial_of(cls, request: Request) -> dict[str, Any]:
        return {name: getattr(request, name) for name in cls.base_fields}

    def clean_due_on(self) -> dt.date:
        day = self.cleaned_data["due_on"]
        refuse_past_day(day)
        return day


class ArrangedForm(HouseForm):
    """Who goes, or went, to a visit that both sides have agreed on."""

    ambassadors = forms.ModelMultipleChoiceField(
        Ambassador.objects.active(),
        to_field_name="public_id",
        label=gettext_lazy("担当大使"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("担当する推進大使を選んでください。"),
            "invalid_choice": gettext_lazy("この推進大使は選べません。"),
            "invalid_pk_value": gettext_lazy("この推進大使は選べません。"),
        },
    )
    override_reason = ProseField(
        label=gettext_lazy("きまりを超える理由"),
        required=False,
        max_length=500,
        rows=2,
        help_text=gettext_lazy("上限に達している人を選ぶときに書いてください。記録に残ります。"),
    )

    def clean_ambassadors(self) -> Any:
        chosen = self.cleaned_data["ambassadors"]
        if len(chosen) > MOST_AMBASSADORS:
            raise ValidationError(_("一度に登録できるのは%(count)s人までです。"), params={"count": MOST_AMBASSADORS})
        return chosen


class CorrectForm(ReportForm):
    """A verified report, written anew; why stands first."""

    reason = ProseField(
        label=gettext_lazy("訂正の理由"),
        max_length=200,
        rows=3,
        help_text=gettext_lazy("だれから、どのように聞いたか。学校と推進大使に伝わり、前の版も残ります。"),
    )


class BehalfForm(ReportForm):
    """The report of a school that sent none, written by the desk; where it is known from stands first."""

    on_behalf_source = LineField(
        label=gettext_lazy("代わりに入力する根拠"),
        max_length=200,
        help_text=gettext_lazy("だれから、どのように聞いたか。例：教頭の先生から電話で、12月15日"),
    )


class SchoolFactsForm(SchoolSettingsForm):
    """What the desk knows of a school beside the ministry's list."""

    is_remote = forms.BooleanField(label=gettext_lazy("離島・へき地"), required=False)
    main_phone = PhoneField(
        label=gettext_lazy("代表番号"),
        required=False,
        help_text=gettext_lazy("学校が公開している番号です。所属の確認にはこの番号を使います。"),
    )


class FounderForm(HouseForm):
    """Who founds a school: a body of the list, or a new one."""

    board = forms.ModelChoiceField(
        Board.objects.none(),
        to_field_name="public_id",
        label=gettext_lazy("設置者"),
        required=False,
        empty_label=gettext_lazy("選んでください"),
        help_text=gettext_lazy("同じ都道府県の設置者と、国立大学法人などが並びます。"),
        error_messages={
            "invalid_choice": gettext_lazy("この設置者は選べません。"),
            "invalid_pk_value": gettext_lazy("この設置者は選べません。"),
        },
    )
    new_name = LineField(
        label=gettext_lazy("新しい設置者の名称"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("例：架橋市教育委員会"),
    )
    new_kind = forms.ChoiceField(label=gettext_lazy("新しい設置者の種類"), required=False)
    reason = ProseField(
        label=gettext_lazy("改める理由"),
        rows=2,
        max_length=300,
        help_text=gettext_lazy("例：学校に電話で確認、11月20日"),
    )

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = Q(prefecture_code=school.prefecture_code) | Q(kind=BoardKind.NATIONAL)
        self.fields["board"].queryset = Board.objects.filter(near).order_by("kind", "name_ja")
        self.fields["new_kind"].choices = [("", _("選んでください")), *BoardKind.choices]
        self.new: tuple[str, str] | None = None

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        board, name, kind = told.get("board"), told.get("new_name"), told.get("new_kind")
        if self.errors:
            return told
        if board and name:
            self.add_error("new_name", _("一覧から選ぶか、新しい名称を書くか、どちらか一つにしてください。"))
        elif not board and not name:
            self.add_error("board", _("設置者を選ぶか、一覧にないときは名称を書いてください。"))
        elif name and not kind:
            self.add_error("new_kind", _("新しい設置者の種類を選んでください。"))
        elif name:
            self.new = (kind, name)
        return told


class DomainForm(HouseForm):
    """A domain that only people of one place have addresses in."""

    domain = LineField(
        label=gettext_lazy("メールのドメイン"),
        max_length=190,
        help_text=gettext_lazy("@ より後ろ。例：sakura-h.example.ed.jp"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    note = LineField(
        label=gettext_lazy("確かめた方法"),
        max_length=300,
        help_text=gettext_lazy("例：学校のサイトに載っているアドレス、11月20日に電話で確認"),
    )


class DeskInviteForm(HouseForm):
    """One address, and for roles of the desk the body the person works for."""

    address = AddressField(label=gettext_lazy("招待する方のメールアドレス"))
    body_name = LineField(
        label=gettext_lazy("勤務先の名称"), max_length=120, help_text=gettext_lazy("例：文部科学省、受託団体の名称")
    )
    language = forms.ChoiceField(
        label=gettext_lazy("メールの言語"),
        choices=(("ja", "日本語"), ("en", "English")),
        widget=forms.RadioSelect,
        initial="ja",
    )

    def __init__(self, *args: Any, has_place: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_place:
            del self.fields["body_name"]
