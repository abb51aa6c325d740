"""The ministry's list comes in as it is, as often as one likes, and a broken line stops nothing."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership
from outreach.schools.importing import PROGRESS_EVERY
from outreach.schools.models import School
from outreach.schools.reading import LONGEST_LINE

pytestmark = pytest.mark.django_db

FULL = "school_code,school_type_code,school_type,prefecture_code,prefecture,founder_code,founder,name"
CODES = "school_code,school_type_code,prefecture_code,founder_code,name"
NAMES = "school_code,school_type,prefecture,founder,name"
WEST = "D101210100013,D1,01,2,北海道札幌西高等学校"
SOUTH = "D101210100022,D1,01,2,北海道札幌南高等学校"
WEST_CODE, SOUTH_CODE = "D101210100013", "D101210100022"


@pytest.fixture(autouse=True)
def no_schools_yet(db):
    """The list comes into a house that knows no school."""
    Membership.objects.filter(school__isnull=False).delete()
    School.objects.all().delete()


@pytest.fixture
def run(capsys, tmp_path):
    """Import these lines; gives what was said: (last line of the output, complaints)."""

    def run(*lines: str | bytes, options: tuple[str, ...] = (), encoding: str = "utf-8") -> tuple[str, list[str]]:
        path = tmp_path / "schools.csv"
        path.write_bytes(
            b"".join((line if isinstance(line, bytes) else line.encode(encoding)) + b"\n" for line in lines)
        )
        call_command("import_schools", path, *options)
        said = capsys.readouterr()
        return said.out.splitlines()[-1], said.err.splitlines()

    return run


def codes() -> list[str]:
    return sorted(School.objects.values_list("school_code", flat=True))


def test_a_list_becomes_schools(run):
    said = run(FULL, f"{WEST_CODE},D1,高等学校,01,北海道,2,公立,北海道札幌西高等学校")
    school = School.objects.get()
    assert said == ("schools: 1 rows read, 1 new, 0 changed, 0 unchanged, 0 bad", [])
    assert (school.school_code, school.type_code, school.prefecture_code, school.founder_code, school.name_ja) == (
        WEST_CODE,
        "D1",
        "01",
        "2",
        "北海道札幌西高等学校",
    )


def test_an_imported_row_is_like_a_saved_one(run):
    run(CODES, WEST)
    imported = School.objects.get()
    saved = School(
        school_code=WEST_CODE, type_code="D1", prefecture_code="01", founder_code="2", name_ja=imported.name_ja
    )
    saved.id, saved.public_id, saved.updated_at = imported.id, imported.public_id, imported.updated_at
    saved.board, saved.board_source = imported.board, "guessed"
    saved.save()
    assert School.objects.values().get() == {
        field.attname: getattr(imported, field.attname) for field in saved._meta.fields
    }


def test_a_second_run_changes_nothing_and_says_so(run):
    run(CODES, WEST, SOUTH)
    before = list(School.objects.order_by("pk").values())
    said, _complaints = run(CODES, WEST, SOUTH)
    assert said == "schools: 2 rows read, nothing changed, 2 as before, 0 bad"
    assert list(School.objects.order_by("pk").values()) == before


def test_a_new_name_is_taken_over_and_what_the_desk_wrote_stays(run):
    run(CODES, WEST, SOUTH)
    west = School.objects.get(school_code=WEST_CODE)
    west.name_kana, west.may_be_named, west.main_phone = "さっぽろにし", True, "011-000-0000"
    west.save()
    said, _complaints = run(CODES, WEST.replace("札幌西", "新札幌"))
    now = School.objects.get(school_code=WEST_CODE)
    assert said == "schools: 1 rows read, 0 new, 1 changed, 0 unchanged, 0 bad"
    assert (now.pk, now.public_id, now.name_ja) == (west.pk, west.public_id, "北海道新札幌高等学校")
    assert (now.name_kana, now.may_be_named, now.main_phone) == ("さっぽろにし", True, "011-000-0000")
    assert [school.pk for school in School.objects.matching("さっぽろ 新札幌")] == [west.pk]
    assert codes() == [WEST_CODE, SOUTH_CODE]


@pytest.mark.parametrize(("encoding", "start"), [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("cp932", b"")])
def test_every_usual_encoding_is_read(run, encoding, start):
    run(start + CODES.encode(), WEST, encoding=encoding)
    assert School.objects.get().name_ja == "北海道札幌西高等学校"


def test_one_line_in_another_encoding_does_not_garble_the_others(run):
    said, complaints = run(CODES, WEST, SOUTH.encode("cp932"), "D101210100031,D1,01,2,市立札幌旭丘高等学校")
    assert said == "schools: 3 rows read, 2 new, 0 changed, 0 unchanged, 1 bad"
    assert complaints == ["line 3: is not text in UTF-8 at byte 23. Save the list as CSV in UTF-8 again."]
    assert codes() == [WEST_CODE, "D101210100031"]


def test_names_instead_of_codes_and_lost_zeros_are_understood(run):
    run(NAMES, f"{WEST_CODE},高等学校,北海道,公立,西")
    run(CODES, f" {SOUTH_CODE.lower()} ,Ｄ１,1,２, 　南　 ")
    assert list(School.objects.order_by("school_code").values_list("prefecture_code", "founder_code", "name_ja")) == [
        ("01", "2", "西"),
        ("01", "2", "南"),
    ]


def test_the_columns_may_stand_in_any_order_and_others_are_passed_over(run):
    run("name,note,founder_code,prefecture_code,school_type_code,school_code", f"西,あ,2,01,D1,{WEST_CODE}")
    assert School.objects.get().name_ja == "西"


def test_the_name_stays_as_the_ministry_writes_it_but_is_found_in_any_width(run):
    run(CODES, f"{WEST_CODE},D1,01,2,ＡＢＣ学園　高等学校")
    assert School.objects.get().name_ja == "ＡＢＣ学園　高等学校"
    assert School.objects.matching("abc学園").count() == 1


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (",D1,01,2,西", "school_code '' is empty. Copy it from the ministry's list."),
        (
            "D1012101000,D1,01,2,西",
            "school_code 'D1012101000' is no 学校コード (a letter and 12 digits). Copy it from the ministry's list.",
        ),
        (
            f"{WEST_CODE},Z9,01,2,西",
            "school_type_code 'Z9' is unknown. Write a code such as D1, or a name such as 高等学校.",
        ),
        (
            f"{WEST_CODE},D1,48,2,西",
            "prefecture_code '48' is unknown. Write a code from 01 to 47, or a name such as 北海道.",
        ),
        (f"{WEST_CODE},D1,01,,西", "founder_code '' is empty. Write 1, 2 or 3, or 国立, 公立 or 私立."),
        (
            f"{WEST_CODE},D1,02,2,西",
            (
                f"school_code '{WEST_CODE}' says 01 (北海道) for prefecture, but the row says 02 (青森県). "
                "Correct the one that is wrong."
            ),
        ),
        (
            f"{WEST_CODE},B1,01,2,西",
            (
                f"school_code '{WEST_CODE}' says D1 (高等学校) for school_type, but the row says B1 (小学校). "
                "Correct the one that is wrong."
            ),
        ),
        (f"{WEST_CODE},D1,01,2,　", "name '' is empty. Write the school's name."),
        (f"{WEST_CODE},D1,01,2,{'西' * 121}", f"name '{'西' * 60}…' has 121 characters, more than 120. Shorten it."),
        (
            f"{WEST_CODE},D1,01,2,西\x1b[31m",
            r"name '西\x1b[31m' holds a character that no name has (U+001B). Write the name again.",
        ),
        (f"{WEST_CODE},D1,01,2,西\x00", "holds a NUL byte. Remove it, or save the list as CSV again."),
        (
            f'{WEST_CODE},D1,01,2,"西',
            "cannot be read as CSV (unexpected end of data). Check its quotation marks and its line end.",
        ),
        (
            f"{WEST_CODE},D1,01",
            (
                "has 3 cells where line 1 names 5 columns. "
                "Check its commas; a cell that holds a comma needs quotation marks around it."
            ),
        ),
        (
            f"{WEST_CODE},D1,01,2,西,南",
            (
                "has 6 cells where line 1 names 5 columns. "
                "Check its commas; a cell that holds a comma needs quotation marks around it."
            ),
        ),
        ("西" * LONGEST_LINE, "is longer than 10,000 bytes. Check its line end and quotation marks."),
        (
            f"{SOUTH_CODE},D1,01,2,南",
            f"school_code '{SOUTH_CODE}' stands in line 2 already. Remove one of the two lines; the first is kept.",
        ),
    ],
)
def test_a_bad_line_is_told_and_stops_nothing(run, line, complaint):
    said, complaints = run(CODES, SOUTH, line, "D101210100031,D1,01,2,市立札幌旭丘高等学校")
    assert complaints == [f"line 3: {complaint}"]
    assert said == "schools: 3 rows read, 2 new, 0 changed, 0 unchanged, 1 bad"
    assert codes() == [SOUTH_CODE, "D101210100031"]


def test_a_name_that_contradicts_its_code_is_told(run):
    _said, complaints = run(FULL, f"{WEST_CODE},D1,小学校,01,北海道,2,公立,西")
    assert complaints == [
        (
            "line 2: school_type '小学校' contradicts school_type_code 'D1', which is 高等学校. Correct the one that is wrong."
        )
    ]
    assert codes() == []


def test_blank_lines_are_no_rows(run):
    said, complaints = run(f"{CODES},,", "", WEST, ",,,,", "  ", f"{SOUTH},,,")
    assert (said, complaints) == ("schools: 2 rows read, 2 new, 0 changed, 0 unchanged, 0 bad", [])


def test_an_unusual_check_digit_or_founder_is_a_warning(run):
    said, complaints = run(CODES, "D101210100019,D1,01,2,西", "D101210100022,D1,01,3,南")
    assert complaints == []
    assert said == (
        "schools: 2 rows read, 2 new, 0 changed, 0 unchanged, 0 bad; kept all the same: "
        "1 with an unusual check digit, 1 with another founder than the code says"
    )
    assert len(codes()) == 2


def test_strict_keeps_nothing_when_one_line_is_bad(run):
    run(CODES, WEST)
    with pytest.raises(CommandError, match="1 bad.*Nothing was kept"):
        run(CODES, WEST.replace("札幌西", "新札幌"), SOUTH, "X,D1,01,2,西", options=("--strict",))
    assert list(School.objects.values_list("name_ja", flat=True)) == ["北海道札幌西高等学校"]


def test_strict_keeps_a_list_without_bad_lines(run):
    run(CODES, WEST, SOUTH, options=("--strict",))
    assert codes() == [WEST_CODE, SOUTH_CODE]


def test_a_dry_run_shows_the_changes_and_makes_none(capsys, run, tmp_path):
    run(CODES, WEST)
    (tmp_path / "dry.csv").write_text(f"{CODES}\n{WEST.replace('札幌西', '新札幌')}\n{SOUTH}\n", encoding="utf-8")
    call_command("import_schools", tmp_path / "dry.csv", "--dry-run")
    assert capsys.readouterr().out.splitlines() == [
        f"changed: {WEST_CODE} name_ja 北海道札幌西高等学校 → 北海道新札幌高等学校",
        f"new: {SOUTH_CODE} 北海道札幌南高等学校",
        "schools: 2 rows read, 1 new, 1 changed, 0 unchanged, 0 bad (dry run: nothing was written)",
    ]
    assert list(School.objects.values_list("name_ja", flat=True)) == ["北海道札幌西高等学校"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty, or its line 1 is"),
        (b"\xef\xbb\xbf", "is empty, or its line 1 is"),
        (b"\n\n", "is empty, or its line 1 is"),
        (CODES.encode(), "names its columns but holds no school"),
        (
            WEST.encode(),
            "line 1 lacks school_code, name, school_type_code or school_type, prefecture_code or prefecture",
        ),
        (CODES.replace("name", "名称").encode(), "line 1 lacks name;"),
        (f"{CODES},name".encode(), "names name twice in line 1"),
        (b"PK\x03\x04\x14\x00", "is an Excel workbook or a zip file"),
        (CODES.encode("utf-16"), "is text in UTF-16"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is no list of schools: line 1"),
        (bytes(range(256)) * 10, "is no list of schools: line 1"),
        (b"x" * 1_000_000, "line 1 is longer than 10,000 bytes"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_the_reason(tmp_path, content, reason):
    path = tmp_path / "schools.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError) as refusal:
        call_command("import_schools", path)
    assert str(refusal.value).startswith(f"schools: nothing changed. {path} ")
    assert reason in str(refusal.value)


def test_a_folder_or_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CommandError, match="is not a file. Name a CSV file."):
        call_command("import_schools", tmp_path)
    with pytest.raises(CommandError, match="does not exist. Name a CSV file."):
        call_command("import_schools", tmp_path / "no.csv")


def test_a_long_list_shows_its_progress_and_asks_little_of_the_database(run, django_assert_max_num_queries):
    lines = [
        f"B1{place % 47 + 1:02d}2{place:07d}0,B1,{place % 47 + 1},2,第{place}小学校" for place in range(PROGRESS_EVERY)
    ]
    with django_assert_max_num_queries(20):
        said, told = run(CODES, *lines)
    assert told == ["schools: 5,000 rows read"]
    assert said.startswith("schools: 5,000 rows read, 5,000 new, 0 changed, 0 unchanged, 0 bad")
    assert School.objects.count() == PROGRESS_EVERY


def test_a_failure_in_the_middle_keeps_nothing(run, monkeypatch):
    run(CODES, WEST)
    monkeypatch.setattr("outreach.schools.importing.BATCH", 1)
    calls = []

    def fail_at_the_third(code: str) -> bool:
        calls.append(code)
        if len(calls) == 3:
            raise RuntimeError("the power is gone")
        return True

    monkeypatch.setattr("outreach.schools.importing.check_digit_is_usual", fail_at_the_third)
    with pytest.raises(RuntimeError):
        run(CODES, WEST.replace("札幌西", "新札幌"), SOUTH, "D101210100031,D1,01,2,市立札幌旭丘高等学校")
    assert list(School.objects.values_list("name_ja", flat=True)) == ["北海道札幌西高等学校"]


def test_the_help_names_the_columns(capsys):
    with pytest.raises(SystemExit):
        call_command("import_schools", "--help")
    assert "prefecture_code (or prefecture)" in " ".join(capsys.readouterr().out.split())
