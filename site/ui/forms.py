"""Forms as this house shows them: label, hint, error, field; typed text is never lost."""

import datetime as dt
import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from ui import dates

# What is missing is said as something to do.
FILL_IN = _("必須の項目です。ここに書いてください。")
TICK = _("必須の項目です。ここに印を付けてください。")
CHOOSE = _("必須の項目です。ここから選んでください。")
NO_PUPIL_NAMES = _("児童生徒の氏名・名簿・座席表は入れないでください。")

_PLAIN_INPUTS = (
    forms.TextInput,
    forms.Textarea,
    forms.Select,
    forms.PasswordInput,
    forms.EmailInput,
    forms.NumberInput,
    forms.DateInput,
)


class HouseForm(forms.Form):
    """Base of every form: our classes on the inputs, full-width digits and stray blanks forgiven."""

    required_css_class = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field)


def dress(field: forms.Field) -> None:
    """Give a field's widget the class of its look; the browser's own checks stay off, ours speak both languages."""
    field.widget.use_required_attribute = lambda initial: False
    if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
        is_choice = isinstance(field.widget, forms.Select | forms.RadioSelect | forms.CheckboxSelectMultiple)
        is_tick = isinstance(field.widget, forms.CheckboxInput)
        field.error_messages["required"] = CHOOSE if is_choice else TICK if is_tick else FILL_IN
    if isinstance(field.widget, _PLAIN_INPUTS) and not isinstance(field.widget, forms.CheckboxInput):
        classes = field.widget.attrs.get("class", "")
        if "input" not in classes.split():
            field.widget.attrs["class"] = f"input {classes}".strip()


# Kanji of names that Unicode holds for compatibility: its normal forms would make another character of them.
_OWN_KANJI = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")


def folded(text: str) -> str:
    """Full-width letters and digits as plain ones (NFKC), without characters nobody can see; kanji as they were typed."""
    parts = _OWN_KANJI.split(text)
    text = "".join(part if place % 2 else unicodedata.normalize("NFKC", part) for place, part in enumerate(parts))
    return "".join(mark for mark in text if mark in "\n\t" or _can_be_seen(mark)).strip()


def _can_be_seen(mark: str) -> bool:
    """No control character; kanji of the second and third plane are seen even where they are newer than our tables."""
    return unicodedata.category(mark)[0] != "C" or 0x20000 <= ord(mark) < 0x3FFFE


class LineField(forms.CharField):
    """One line of text: NFKC, no control characters."""

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return " ".join(folded(text).split()) if text else text


class ProseField(forms.CharField):
    """Several lines of text about a lesson or a plan; never about a named pupil."""

    def __init__(self, *, max_length: int = 2000, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        hint = kwargs.pop("help_text", "")
        kwargs["help_text"] = _joined(hint, NO_PUPIL_NAMES) if hint else NO_PUPIL_NAMES
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if not text:
            return text
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return "".join(mark for mark in text if mark == "\n" or _can_be_seen(mark)).strip()


def _joined(first: Any, second: Any) -> Any:
    from django.utils.functional import lazystr
    from django.utils.text import format_lazy

    return format_lazy("{}　{}", lazystr(first), second)


class PhoneField(LineField):
    """A telephone number: full-width digits and every kind of dash are forgiven."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}))
        super().__init__(max_length=30, **kwargs)

    def to_python(self, value: Any) -> str:
        phone = super().to_python(value)
        if not phone:
            return phone
        for dash in "ー―−‐–—":
            phone = phone.replace(dash, "-")
        if sum(mark.isdigit() for mark in phone) < 9 or not set(phone) <= set("0123456789+-() 内線.,ext"):
            raise ValidationError(
                _("「%(value)s」は電話番号として読めません。例：03-0000-0000（内線 123）"), params={"value": phone[:30]}
            )
        return phone


class AddressField(forms.EmailField):
    """A mail address: full-width letters are forgiven, capitals make no difference, nothing but one address fits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("メールアドレス"))
        super().__init__(
            max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}), **kwargs
        )

    def to_python(self, value: Any) -> str:
        address = super().to_python(value)
        return folded(address).lower() if address else address


class DayField(forms.DateField):
    """A day, typed: 2027-01-18, 2027/1/18, 2027年1月18日, 令和9年1月18日, R9.1.18, 1/18, full-width digits too.

    A day without its year is the next one that comes; `is_past`: the last one that was.
    """

    default_error_messages = {"invalid": _("日付として読めません。例のように「2027-01-18」の形で書いてください。")}

    def __init__(self, *, is_past: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.TextInput(
                attrs={"class": "input--short", "autocomplete": "off", "data-weekday": "past" if is_past else ""}
            ),
        )
        super().__init__(**kwargs)
        self.is_past = is_past

    def to_python(self, value: Any) -> dt.date | None:
        day = value if value in self.empty_values or isinstance(value, dt.date) else self._read(value)
        if isinstance(day, dt.date) and not 1900 <= day.year <= 2100:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(day)

    def _read(self, value: Any) -> dt.date:
        text = unicodedata.normalize("NFKC", str(value)).strip().rstrip("日")
        text = _ERA.sub(lambda found: str(ERAS[found[1].lower()] + int(found[2].replace("元", "1"))), text)
        for mark in "/.年月ー−‐":
            text = text.replace(mark, "-")
        parts = [part.strip() for part in text.split("-")]
        try:
            if len(parts) == 3:
                return dt.date(*(int(part) for part in parts))
            if len(parts) == 2:
                month, day = int(parts[0]), int(parts[1])
                return past_day(month, day) if self.is_past else coming_day(month, day)
            if len(text) == 8 and text.isdigit():
                return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except (ValueError, OverflowError):
            if all(part.isdigit() and len(part) <= 8 for part in parts):
                raise ValidationError(
                    _("「%(value)s」という日はありません。日付を確かめてください。"),
                    params={"value": str(value)[:20]},
                    code="no_such_day",
                ) from None
        raise ValidationError(self.error_messages["invalid"], code="invalid")

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, dt.date) else value


# The year before the first of each era.
ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988}
_ERA = re.compile(r"^(令和|平成|[RHrh])\s*(元|\d{1,2})(?=\D)")


def past_day(month: int, day: int) -> dt.date:
    """A day without its year is the last one that was, today included."""
    today = dates.today()
    this_year = dt.date(today.year, month, day)
    return this_year if this_year <= today else dt.date(today.year - 1, month, day)


def coming_day(month: int, day: int) -> dt.date:
    """A day without its year is the next one that comes."""
    today = dates.today()
    this_year = dt.date(today.year, month, day)
    return this_year if this_year >= today else dt.date(today.year + 1, month, day)


class CountField(forms.IntegerField):
    """A number of people: full-width digits and thousands marks are forgiven."""

    default_error_messages = {"invalid": _("数字で書いてください。例：74")}

    def __init__(self, *, min_value: int = 0, max_value: int = 3000, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "input--count"})
        )
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)
        for check in self.validators:
            if isinstance(check, MaxValueValidator):
                check.message = _("%(limit_value)sまでの数で書いてください。")
            elif isinstance(check, MinValueValidator):
                check.message = _("%(limit_value)s以上の数で書いてください。")

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").strip().rstrip("人名")
            if len(value) > 12:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class ClockField(forms.Field):
    """A clock time, typed: 9:40, 0940, 9時40分, full-width digits too."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"class": "input--short", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> dt.time | None:
        text = unicodedata.normalize("NFKC", str(value or "")).strip().rstrip("分").replace("時", ":").replace(" ", "")
        if not text:
            return None
        if ":" not in text and text.isdigit() and len(text) in {3, 4}:
            text = f"{text[:-2]}:{text[-2:]}"
        hour, _colon, minute = text.partition(":")
        try:
            return dt.time(int(hour), int(minute or 0))
        except (ValueError, OverflowError):
            raise ValidationError(
                _("「%(value)s」は時刻として読めません。例：9:40"), params={"value": str(value)[:12]}, code="invalid"
            ) from None

    def prepare_value(self, value: Any) -> Any:
        return dates.clock_words(value) if isinstance(value, dt.time) else value


def refuse_past_day(day: dt.date) -> None:
    if day < dates.today():
        raise ValidationError(
            _("%(day)sは過ぎた日です。今日より後の日を選んでください。"),
            params={"day": dates.day_words(day)},
            code="past",
        )
