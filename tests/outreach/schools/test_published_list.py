"""The 学校コード一覧 comes in as the ministry publishes it: titles, line breaks in the header, compound values, several parts."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership
from outreach.schools.models import Board, School
from ui import dates

pytestmark = pytest.mark.django_db

TITLE = "令和7年度 学校コード一覧（令和7年5月1日現在・確定版）,,,,,,,,,,,"
HEADER = (
    '学校コード,学校種,"都道府県\n番号","設置\n区分","本分\n校",学校名,学校所在地,郵便番号,"属性情報\n設定年月日",'
    '"属性情報\n廃止年月日","旧学校\n調査番号","移行後の\n学校コード"'
)
WEST, SOUTH, OLD = "D101210100013", "D101210100022", "D101210100031"
WEST_ROW = f"{WEST},D1(高校),01(北海道),2(公),1(本),北海道札幌西高等学校,北海道札幌市中央区宮の森４条８丁目,0640954,2021/05/01,,1234,"
SOUTH_ROW = (
    f"{SOUTH},D1(高校),01(北海道),2(公),2(分),北海道札幌南高等学校,北海道札幌市中央区南18条,064-0918,2021/05/01,,,"
)
OLD_ROW = f"{OLD},D1(高校),01(北海道),2(公),9(廃),北海道札幌旧高等学校,札幌市,,2021/05/01,2024/03/31,,{WEST}"


@pytest.fixture(autouse=True)
def no_schools_yet(db):
    Membership.objects.filter(school__isnull=False).delete()
    School.objects.all().delete()
    Board.objects.exclude(memberships__isnull=False).delete()


@pytest.fixture
def write(tmp_path):
    """A file of these rows under the published head; gives its path."""

    def write(*rows: str, name: str = "list.csv", encoding: str = "cp932", head: tuple[str, ...] = (TITLE, HEADER)):
        path = tmp_path / name
        path.write_bytes("\r\n".join([*head, *rows, ""]).encode(encoding))
        return path

    return write


@pytest.fixture
def run(capsys):
    """Import these files; gives (summary line, complaints)."""

    def run(*arguments) -> tuple[str, list[str]]:
        call_command("import_schools", *arguments)
        said = capsys.readouterr()
        return said.out.splitlines()[-1], said.err.splitlines()

    return run


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_the_published_file_is_read_as_it_is(write, run, encoding):
    said, complaints = run(write(WEST_ROW, SOUTH_ROW, OLD_ROW, encoding=encoding))
    assert (said, complaints) == ("schools: 3 rows read, 3 new, 0 changed, 0 unchanged, 0 bad", [])
    west = School.objects.get(school_code=WEST)
    assert (west.type_code, west.prefecture_code, west.founder_code, west.is_branch) == ("D1", "01", "2", False)
    assert (west.address, west.postal_code) == ("北海道札幌市中央区宮の森４条８丁目", "064-0954")
    assert (west.opened_on, west.closed_on, west.municipality) == (dt.date(2021, 5, 1), None, "札幌市")
    assert School.objects.get(school_code=SOUTH).is_branch


def test_a_second_run_changes_nothing(write, run):
    path = write(WEST_ROW, SOUTH_ROW, OLD_ROW)
    run(path)
    before = list(School.objects.order_by("pk").values())
    assert run(path)[0].startswith("schools: 3 rows read, nothing changed, 3 as before, 0 bad")
    assert list(School.objects.order_by("pk").values()) == before


def test_a_closed_school_keeps_its_day_and_leads_to_its_successor(write, run):
    run(write(OLD_ROW, WEST_ROW))
    old = School.objects.get(school_code=OLD)
    assert (old.closed_on, old.is_closed, old.successor.school_code) == (dt.date(2024, 3, 31), True, WEST)
    assert list(School.objects.open().values_list("school_code", flat=True)) == [WEST]


def test_a_school_that_will_close_is_still_open(write, run):
    day = dates.today() + dt.timedelta(days=30)
    run(write(WEST_ROW.replace("2021/05/01,,", f"2021/05/01,{day:%Y/%m/%d},")))
    assert School.objects.open().get().closed_on == day


def test_several_parts_are_one_list_and_successors_lie_in_any_of_them(write, run):
    east, west = write(OLD_ROW, name="east.csv"), write(WEST_ROW, SOUTH_ROW, name="west.csv", encoding="utf-8-sig")
    said, complaints = run(east, west)
    assert (said.split(";")[0], complaints) == ("schools: 3 rows read, 3 new, 0 changed, 0 unchanged, 0 bad", [])
    assert School.objects.get(school_code=OLD).successor.school_code == WEST


def test_a_successor_that_comes_with_a_later_file_is_joined_then(write, run):
    said, _complaints = run(write(OLD_ROW, name="east.csv"))
    assert "1 whose successor is in no list" in said
    run(write(WEST_ROW, name="west.csv"))
    assert School.objects.get(school_code=OLD).successor.school_code == WEST


def test_a_bad_row_names_its_file_when_there_are_several(write, run):
    bad = WEST_ROW.replace("01(北海道)", "99(どこか)")
    _said, complaints = run(write(SOUTH_ROW, name="a.csv"), write(bad, SOUTH_ROW, name="b.csv"))
    # The header of each part takes lines 2 to 8, because seven of its cells are broken into two lines.
    assert complaints == [
        "b.csv line 10: prefecture '99(どこか)' is unknown. Write a code from 01 to 47, or a name such as 北海道.",
        (
            f"b.csv line 11: school_code '{SOUTH}' stands in a.csv line 10 already. "
            "Remove one of the two lines; the first is kept."
        ),
    ]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (WEST_ROW.replace("2021/05/01", "2021/13/01"), "opened_on '2021/13/01' is no day."),
        (WEST_ROW.replace("0640954", "12"), "postal_code '12' is no postal code."),
        (WEST_ROW.replace("1(本)", "5(?)"), "branch '5(?)' is unknown."),
        (WEST_ROW.replace(",1234,", f",1234,{WEST}"), f"successor_code '{WEST}' is the school itself."),
        (WEST_ROW.replace(",1234,", ",1234,XYZ"), "successor_code 'XYZ' is no 学校コード"),
        (
            WEST_ROW.replace("1(本)", "9(廃)").replace("2021/05/01", ""),
            "branch '9(廃)' says that the school is closed, but no day stands there.",
        ),
        (WEST_ROW.replace("D1(高校)", "Q1(何か)"), "school_type 'Q1(何か)' is unknown."),
    ],
)
def test_a_bad_value_is_told_with_its_remedy_and_stops_nothing(write, run, row, complaint):
    said, (told,) = run(write(row, SOUTH_ROW))
    assert told.startswith(f"line 10: {complaint}") and told.endswith(".")
    assert said.startswith("schools: 2 rows read, 1 new, 0 changed, 0 unchanged, 1 bad")
    assert School.objects.get().school_code == SOUTH


def test_a_school_marked_closed_without_a_day_takes_the_day_it_was_told(write, run):
    run(write(OLD_ROW.replace("2024/03/31", "")))
    assert School.objects.get().closed_on == dt.date(2021, 5, 1)


def test_a_line_break_inside_a_row_is_read_and_an_open_quotation_mark_swallows_nothing(write, run):
    broken = WEST_ROW.replace("北海道札幌市中央区", '"北海道札幌市\n中央区').replace("８丁目", '８丁目"')
    unclosed = OLD_ROW.replace("北海道札幌旧", '"北海道札幌旧')
    said, complaints = run(write(broken, unclosed, SOUTH_ROW))
    assert said.startswith("schools: 3 rows read, 2 new, 0 changed, 0 unchanged, 1 bad")
    assert complaints == [
        "line 12: cannot be read as CSV (unexpected end of data). Check its quotation marks and its line end."
    ]
    assert School.objects.get(school_code=WEST).address == "北海道札幌市 中央区宮の森４条８丁目"


def test_a_dry_run_of_the_published_file_tells_what_would_change(write, capsys):
    call_command("import_schools", write(WEST_ROW))
    changed = WEST_ROW.replace("0640954", "0640955").replace("2021/05/01,,", "2021/05/01,2026/03/31,")
    before = list(School.objects.values())
    capsys.readouterr()
    call_command("import_schools", write(changed), "--dry-run")
    assert capsys.readouterr().out.splitlines()[0] == (
        f"changed: {WEST} postal_code 064-0954 → 064-0955, closed_on (empty) → 2026-03-31"
    )
    assert list(School.objects.values()) == before


def test_strict_keeps_nothing_of_any_part(write):
    parts = write(SOUTH_ROW, name="a.csv"), write(WEST_ROW.replace("2(公)", "7(?)"), name="b.csv")
    with pytest.raises(CommandError, match="1 bad.*Nothing was kept"):
        call_command("import_schools", *parts, "--strict")
    assert (School.objects.exists(), Board.objects.filter(name_ja="北海道教育委員会").exists()) == (False, False)


def test_one_file_that_is_no_list_keeps_nothing_of_the_others(write, tmp_path):
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04\x14\x00")
    with pytest.raises(CommandError, match="Open it in a spreadsheet, save it as CSV in UTF-8 and import that"):
        call_command("import_schools", write(WEST_ROW), tmp_path / "book.xlsx")
    assert not School.objects.exists()


def test_what_a_plain_file_does_not_name_stays(write, run, tmp_path):
    run(write(OLD_ROW, WEST_ROW))
    before = list(School.objects.order_by("pk").values())
    plain = tmp_path / "plain.csv"
    plain.write_text(
        f"school_code,school_type,prefecture,founder,name\n{OLD},高等学校,北海道,公立,北海道札幌旧高等学校\n",
        encoding="utf-8",
    )
    run(plain)
    assert list(School.objects.order_by("pk").values()) == before


def test_columns_may_be_missing_or_moved_and_the_head_may_be_longer(write, run):
    head = ("", "学校コード一覧,,", "※注意,,", "学校名,学校コード,学校種,設置区分,都道府県番号")
    run(write(f"西,{WEST},D1(高校),公,1(北海道)", head=head, encoding="utf-8"))
    assert School.objects.get().name_ja == "西"


def test_a_published_file_without_its_columns_says_which_line_lacks_which(write):
    path = write(f"{WEST},西", head=(TITLE, "学校コード,学校名"), encoding="utf-8")
    with pytest.raises(
        CommandError, match="line 2 lacks school_type_code or school_type, prefecture_code or prefecture"
    ):
        call_command("import_schools", path)
