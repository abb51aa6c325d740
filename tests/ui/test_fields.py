"""What people type is forgiven where its meaning is clear, and refused with a sentence where it is not."""

import datetime as dt
import unicodedata

import pytest
import time_machine
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from ui.forms import ClockField, CountField, DayField, LineField, ProseField

WIDE = str.maketrans("0123456789-/:.", "０１２３４５６７８９－／：．")
texts = st.one_of(
    st.text(max_size=60),
    st.text("0123456789０１２３４５６７８９-－ー/年月日.時分:人,+ ", max_size=30),
    st.lists(st.integers(-(10**30), 10**30).map(str), max_size=4).map("-".join),
    st.lists(st.integers(-(10**30), 10**30).map(str), max_size=4).map(":".join),
)


def reads(field, text: str):
    """The value, or None when the field refused with a sentence; anything else is a fault."""
    try:
        return field.clean(text)
    except ValidationError as refusal:
        assert all(refusal.messages)
        return None


@pytest.mark.parametrize(
    "typed",
    [
        "2027-01-18",
        "2027/1/18",
        "2027.1.18",
        "2027年1月18日",
        "２０２７年１月１８日",
        "２０２７－０１－１８",
        "20270118",
        " 2027-1-18 ",
    ],
)
def test_a_day_is_read_as_people_type_it(typed):
    assert DayField().clean(typed) == dt.date(2027, 1, 18)


@pytest.mark.parametrize("typed", ["1月18日", "1/18", "１－１８"])
def test_a_day_without_its_year_is_the_next_one(typed):
    with time_machine.travel(dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)):
        assert DayField().clean(typed) == dt.date(2027, 1, 18)


@pytest.mark.parametrize("typed", ["11月20日", "11/20"])
def test_a_day_that_must_have_been_is_the_last_one(typed):
    with time_machine.travel(dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)):
        assert DayField(is_past=True).clean(typed) == dt.date(2026, 11, 20)
        assert DayField(is_past=True).clean("12/24") == dt.date(2025, 12, 24)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("令和9年1月18日", dt.date(2027, 1, 18)),
        ("令和元年5月1日", dt.date(2019, 5, 1)),
        ("㋿9年1月18日", dt.date(2027, 1, 18)),
        ("R9.1.18", dt.date(2027, 1, 18)),
        ("Ｒ９/１/１８", dt.date(2027, 1, 18)),
        ("r9-1-18", dt.date(2027, 1, 18)),
        ("平成31年4月30日", dt.date(2019, 4, 30)),
    ],
)
def test_a_year_is_read_in_its_era_too(typed, day):
    assert DayField().clean(typed) == day


@pytest.mark.parametrize("typed", ["2027-13-01", "2027-02-29", "2月31日", "20270230", "٢٠٢٧-٠١"])
def test_a_day_that_does_not_exist_is_named(typed):
    with pytest.raises(ValidationError, match=f"「{typed}」という日はありません"):
        DayField().clean(typed)


@pytest.mark.parametrize("typed", ["明日", "2027-1-18-2", "27年", "\x00", "-"])
def test_what_is_no_day_is_refused_with_an_example(typed):
    with pytest.raises(ValidationError, match="2027-01-18"):
        DayField().clean(typed)


@given(texts)
@example("99999999999999999999-1-1")
@example("2027-1-99999999999999999999")
def test_a_day_field_reads_or_refuses_whatever_is_typed(text):
    value = reads(DayField(), text)
    assert value is None or isinstance(value, dt.date)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_a_day_shown_in_its_field_is_read_back(day):
    field = DayField()
    assert field.clean(field.prepare_value(day)) == day
    assert field.clean(day.isoformat().translate(WIDE)) == day


@pytest.mark.parametrize(
    ("typed", "count"), [("74", 74), ("７４", 74), ("1,234", 1234), ("１，２３４人", 1234), (" 0 ", 0), ("74人", 74)]
)
def test_a_number_of_people_is_read_as_people_type_it(typed, count):
    assert CountField().clean(typed) == count


@pytest.mark.parametrize(
    "typed", ["たくさん", "-1", "1.5", "3001", "99999999999999999999", "1e3", "7 4", "\x00", "０ｘ１０"]
)
def test_what_is_no_number_of_people_is_refused(typed):
    with pytest.raises(ValidationError):
        CountField().clean(typed)


@given(texts)
@example("9" * 5000)
def test_a_count_field_reads_or_refuses_whatever_is_typed(text):
    value = reads(CountField(required=False), text)
    assert value is None or 0 <= value <= 3000


@pytest.mark.parametrize("typed", ["9:40", "09:40", "0940", "940", "９：４０", "9時40分", "９時４０分"])
def test_a_clock_time_is_read_as_people_type_it(typed):
    assert ClockField().clean(typed) == dt.time(9, 40)


@pytest.mark.parametrize("typed", ["24:00", "9:60", "朝", "9:-5", "-9:40", "9:4:0", "12345", ":40", "\x00"])
def test_what_is_no_clock_time_is_refused_with_an_example(typed):
    with pytest.raises(ValidationError, match="9:40"):
        ClockField().clean(typed)


@given(texts)
@example("99999999999999999999:00")
@example("9:99999999999999999999")
def test_a_clock_field_reads_or_refuses_whatever_is_typed(text):
    value = reads(ClockField(required=False), text)
    assert value is None or isinstance(value, dt.time)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("　ＡＢＣ　１２３ ", "ABC 123"),
        ("山田\r\nBcc: x@example.jp", "山田 Bcc: x@example.jp"),
        ("a\x00b\u200bc\u202ed", "abcd"),
        ("ｶﾞｯｺｳ", "ガッコウ"),
        ("<b>74</b> 😀", "<b>74</b> 😀"),
    ],
)
def test_a_line_is_one_line_in_one_spelling(typed, kept):
    assert LineField().clean(typed) == kept


def unseen(text: str) -> list[str]:
    """Control characters and the like; kanji newer than our tables are no such thing."""
    return [mark for mark in text if unicodedata.category(mark)[0] == "C" and not 0x20000 <= ord(mark) < 0x3FFFE]


@given(st.text(max_size=300))
@example("\U0003134b")
def test_a_line_holds_no_character_that_nobody_sees(text):
    kept = reads(LineField(required=False, max_length=10_000), text)
    assert kept is None or not unseen(kept)
    assert kept is None or (kept == " ".join(kept.split()) and LineField(required=False).to_python(kept) == kept)


@given(st.text(max_size=300))
def test_prose_keeps_its_line_breaks_and_no_other_control_character(text):
    kept = reads(ProseField(required=False, max_length=10_000), text)
    assert kept is None or not unseen(kept.replace("\n", ""))


def test_prose_asks_for_no_names_of_pupils():
    assert "児童生徒の氏名" in str(ProseField().help_text)
    assert "児童生徒の氏名" in str(ProseField(help_text="例：ねらい").help_text)
