"""Who founds a school is guessed from the list, and stays as the desk or a file has said."""

import pytest
from django.core.management import CommandError, call_command

from outreach.schools.founders import guess_founder, kind_by_name
from outreach.schools.models import Board, School
from outreach.schools.naming import municipality_of, taken_apart

pytestmark = pytest.mark.django_db

CODES = "school_code,school_type_code,prefecture_code,founder_code,name"
WEST = "D101210100013"


@pytest.mark.parametrize(
    ("type_code", "prefecture", "founder", "name", "address", "kind", "body"),
    [
        ("D1", "13", "2", "東京都立日比谷高等学校", "", "prefecture", "東京都教育委員会"),
        ("D1", "01", "2", "北海道札幌西高等学校", "", "prefecture", "北海道教育委員会"),
        ("D1", "20", "2", "長野県長野高等学校", "", "prefecture", "長野県教育委員会"),
        ("D1", "07", "2", "ふたば未来学園高等学校", "", "prefecture", "福島県教育委員会"),
        ("D1", "40", "2", "福岡県立嘉穂総合高等学校嘉麻市立校舎", "", "prefecture", "福岡県教育委員会"),
        ("D1", "14", "2", "横浜市立東高等学校", "", "municipality", "横浜市教育委員会"),
        ("C1", "24", "2", "四日市市立中部中学校", "", "municipality", "四日市市教育委員会"),
        ("D1", "01", "2", "市立札幌旭丘高等学校", "", "municipality", "札幌市教育委員会"),
        ("D1", "01", "2", "市立函館高等学校", "北海道函館市柳町", "municipality", "函館市教育委員会"),
        ("D1", "01", "2", "北海道ニセコ高等学校", "", "municipality", "ニセコ町教育委員会"),
        ("D1", "39", "2", "高知商業高等学校", "", "municipality", "高知市教育委員会"),
        ("D1", "10", "2", "利根沼田学校組合立利根商業高等学校", "", "municipality", "利根沼田学校組合教育委員会"),
        ("C1", "13", "2", "東京都立川市立立川第一中学校", "", "municipality", "立川市教育委員会"),
        ("D1", "13", "2", "東京都立立川高等学校", "", "prefecture", "東京都教育委員会"),
        ("B1", "01", "2", "中央小学校", "北海道余市郡余市町黒川町", "municipality", "余市町教育委員会"),
        ("D1", "13", "3", "かけはし学園高等学校", "", "private_affairs", "東京都私学担当課"),
        ("D1", "01", "3", "北海道科学大学高等学校", "", "private_affairs", "北海道私学担当課"),
        ("D1", "11", "1", "筑波大学附属坂戸高等学校", "", "national", "国立大学法人筑波大学"),
        ("D1", "23", "1", "名古屋大学教育学部附属高等学校", "", "national", "国立大学法人東海国立大学機構"),
        ("G1", "42", "1", "佐世保工業高等専門学校", "", "national", "独立行政法人国立高等専門学校機構"),
        ("G1", "28", "2", "神戸市立工業高等専門学校", "", "other", "神戸市公立大学法人"),
        ("G1", "27", "2", "大阪公立大学工業高等専門学校", "", "other", "公立大学法人大阪"),
        ("D1", "28", "2", "兵庫県立大学附属高等学校", "", "other", "兵庫県公立大学法人"),
        ("D1", "10", "2", "高崎市立高崎経済大学附属高等学校", "", "municipality", "高崎市教育委員会"),
        ("A2", "14", "2", "横浜市立みどりこども園", "", "other", "横浜市"),
        ("H1", "11", "2", "埼玉県立高等看護学院", "", "other", "埼玉県"),
    ],
)
def test_the_founder_is_guessed_by_rule(type_code, prefecture, founder, name, address, kind, body):
    guess = guess_founder(
        type_code=type_code, prefecture_code=prefecture, founder_code=founder, name=name, address=address
    )
    assert (guess.kind, guess.name_ja) == (kind, body)


@pytest.mark.parametrize(
    ("type_code", "prefecture", "founder", "name"),
    [
        ("D1", "40", "2", "福岡県公立三井中央高等学校"),
        ("B1", "13", "2", "中央小学校"),
        ("D1", "20", "2", "市立どこか高等学校"),
        ("F1", "13", "3", "かけはし大学"),
        ("H1", "13", "1", "国立看護学校"),
    ],
)
def test_nothing_is_guessed_where_no_rule_fits(type_code, prefecture, founder, name):
    assert guess_founder(type_code=type_code, prefecture_code=prefecture, founder_code=founder, name=name) is None


def test_a_body_with_schools_in_several_prefectures_is_one():
    guesses = {
        guess_founder(type_code="D1", prefecture_code=prefecture, founder_code="1", name=name).key
        for prefecture, name in (("11", "筑波大学附属坂戸高等学校"), ("13", "筑波大学附属駒場高等学校"))
    }
    assert guesses == {("08", "国立大学法人筑波大学")}


@pytest.mark.parametrize(
    ("address", "prefecture", "municipality"),
    [
        ("北海道札幌市西区宮の沢", "01", "札幌市"),
        ("余市郡余市町黒川町", "01", "余市町"),
        ("群馬県佐波郡玉村町下新田", "10", "玉村町"),
        ("佐賀県杵島郡大町町大字", "41", "大町町"),
        ("奈良県大和郡山市城内町", "29", "大和郡山市"),
        ("三重県四日市市西新地", "24", "四日市市"),
        ("東京都武蔵村山市", "13", "武蔵村山市"),
        ("東京都三宅島三宅村", "13", "三宅村"),
        ("東京都千代田区九段北", "13", "千代田区"),
        ("京都府京都市中京区", "26", "京都市"),
        ("", "13", ""),
    ],
)
def test_an_address_tells_its_municipality(address, prefecture, municipality):
    assert municipality_of(address, prefecture) == municipality


def test_people_find_a_school_without_its_owner():
    own_names = [
        taken_apart(name, code, "2").own_name
        for name, code in (("東京都立日比谷高等学校", "13"), ("横浜市立東高等学校", "14"), ("宮城県泉高等学校", "04"))
    ]
    assert own_names == ["日比谷高等学校", "東高等学校", "泉高等学校"]


# ── kept over imports ─────────────────────────────────────────────────────────
@pytest.fixture
def imported(tmp_path, capsys):
    """Imports this name for the school of the code; gives the school."""

    def imported(name: str = "北海道札幌西高等学校") -> School:
        path = tmp_path / "schools.csv"
        path.write_text(f"{CODES}\n{WEST},D1,01,2,{name}\n", encoding="utf-8")
        call_command("import_schools", path)
        return School.objects.get(school_code=WEST)

    return imported


@pytest.fixture
def founders(tmp_path, capsys):
    """Imports these lines about founders; gives (summary line, complaints)."""

    def founders(*lines: str, options: tuple[str, ...] = ()) -> tuple[str, list[str]]:
        path = tmp_path / "founders.csv"
        path.write_text("\n".join(["学校コード,設置者", *lines, ""]), encoding="utf-8")
        capsys.readouterr()
        call_command("import_schools", "--founders", path, *options)
        said = capsys.readouterr()
        return said.out.splitlines()[-1], said.err.splitlines()

    return founders


def test_a_guess_is_marked_and_follows_the_list(imported):
    school = imported()
    assert (school.board.name_ja, school.board_source, school.board_is_guessed) == ("北海道教育委員会", "guessed", True)
    moved = imported("札幌市立札幌西高等学校")
    assert (moved.board.name_ja, moved.board.kind, moved.board_source) == (
        "札幌市教育委員会",
        "municipality",
        "guessed",
    )


def test_a_correction_is_kept_over_imports(imported):
    school = imported()
    board = Board.objects.create(kind="other", prefecture_code="01", name_ja="架橋学校組合")
    for source in ("desk", "file", ""):
        School.objects.update(board=board, board_source=source)
        school = imported("北海道札幌別高等学校")
        assert (school.board, school.board_source, school.name_ja) == (board, source, "北海道札幌別高等学校")
        imported()


def test_a_file_corrects_founders_and_may_be_read_again(imported, founders):
    imported()
    line = f"{WEST},札幌市教育委員会"
    assert founders(line) == ("founders: 1 rows read, 1 new, 1 changed, 0 unchanged, 0 bad", [])
    school = imported()
    assert (school.board.name_ja, school.board.kind, school.board_source) == (
        "札幌市教育委員会",
        "municipality",
        "file",
    )
    assert founders(line) == ("founders: 1 rows read, nothing changed, 1 as before, 0 bad", [])


def test_what_the_desk_has_said_goes_before_a_file(imported, founders):
    imported()
    School.objects.update(board_source="desk")
    said, _complaints = founders(f"{WEST},札幌市教育委員会")
    assert said.endswith("1 stay as the desk has set them")
    assert School.objects.get(school_code=WEST).board.name_ja == "北海道教育委員会"


def test_bad_lines_about_founders_are_told_and_stop_nothing(imported, founders):
    imported()
    said, complaints = founders("D101210100022,札幌市教育委員会", f"{WEST},", f"{WEST},札幌市教育委員会")
    assert said == "founders: 3 rows read, 1 new, 1 changed, 0 unchanged, 2 bad"
    assert complaints == [
        "line 2: school_code 'D101210100022' is in no list that was imported. Import the ministry's list first.",
        "line 3: board '' is empty. Write a name such as 横浜市教育委員会.",
    ]
    with pytest.raises(CommandError, match="Nothing was kept"):
        founders(f"{WEST},旭川市教育委員会", f"{WEST},", options=("--strict",))
    assert not Board.objects.filter(name_ja="旭川市教育委員会").exists()


def test_a_dry_run_about_founders_writes_nothing(imported, founders):
    imported()
    assert founders(f"{WEST},札幌市教育委員会", options=("--dry-run",))[0].endswith("(dry run: nothing was written)")
    assert School.objects.get(school_code=WEST).board.name_ja == "北海道教育委員会"
    assert not Board.objects.filter(name_ja="札幌市教育委員会").exists()


def test_the_kind_of_a_body_follows_its_name():
    names = ("東京都教育委員会", "横浜市教育委員会", "東京都私学担当課", "国立大学法人筑波大学", "架橋学校組合")
    kinds = ["prefecture", "municipality", "private_affairs", "national", "other"]
    assert [kind_by_name(name) for name in names] == kinds
