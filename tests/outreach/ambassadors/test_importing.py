"""Ambassadors come in from a list as often as one likes, and a broken line stops nothing."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from outbox.models import Letter
from outreach.ambassadors.importing import HEADER, KNOWN
from outreach.models import Acceptance, Ambassador, Appointment, Facet, OldSlug, ProfileProposal
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db

HEAD = "name,name_kana,mail,from_day"
ICHI = "架橋 一,かきょう はじめ,ichi@example.jp,2026-04-01"
NI = "架橋 二,かきょう じ,ni@example.jp,2026-04-01"
PLACE = "prefecture"
WHOLE = ",".join(KNOWN)
ANNA = (
    "アンナ・ベルク,あんな・べるく,Anna Berg,anna@example.jp,,海の会社 代表,Founder of a sea farm,,DE,Europe/Berlin,"
    "0,1,ja;en;ドイツ語,story;アイデアを形にする,high;中学生,1.2;2.5,2026-04-01,2027-03-31"
)


@pytest.fixture(autouse=True)
def no_ambassadors_yet(db):
    for table in (Acceptance, Appointment, Facet, OldSlug, ProfileProposal):
        table.objects.all().delete()
    Ambassador.competences.through.objects.all().delete()
    Ambassador.objects.all().delete()


@pytest.fixture
def run(capsys, tmp_path):
    """Import these lines; gives what was said: (last line of the output, complaints)."""

    def run(*lines: str | bytes, options: tuple[str, ...] = (), encoding: str = "utf-8") -> tuple[str, list[str]]:
        path = tmp_path / "ambassadors.csv"
        path.write_bytes(
            b"".join((line if isinstance(line, bytes) else line.encode(encoding)) + b"\n" for line in lines)
        )
        call_command("import_ambassadors", path, *options)
        said = capsys.readouterr()
        return said.out.splitlines()[-1], said.err.splitlines()

    return run


def placed(line: str, place: str = "13") -> str:
    return f"{line},{place}"


SHORT = f"{HEAD},{PLACE}"


def test_a_line_becomes_an_account_a_card_and_an_appointment(run):
    said = run(WHOLE, ANNA)
    assert said == ("ambassadors: 1 rows read, 1 new, 0 changed, 0 unchanged, 0 bad", [])
    person = Ambassador.objects.get()
    assert (person.slug, person.name_ja, person.name_en, person.name_kana) == (
        "anna-berg",
        "アンナ・ベルク",
        "Anna Berg",
        "あんな・べるく",
    )
    assert (person.country_code, person.time_zone, person.prefecture_code) == ("DE", "Europe/Berlin", "")
    assert (person.visits_in_person, person.visits_online) == (False, True)
    assert sorted(person.facets.values_list("kind", "value")) == [
        ("language", "de"),
        ("language", "en"),
        ("language", "ja"),
        ("stage", "high"),
        ("stage", "junior_high"),
        ("theme", "ideas"),
        ("theme", "story"),
    ]
    assert sorted(person.competences.values_list("code", flat=True)) == ["1.2", "2.5"]
    assert list(person.appointments.values_list("from_day", "until")) == [(dt.date(2026, 4, 1), dt.date(2027, 3, 31))]
    assert not person.user.has_usable_password()
    assert not Letter.objects.exists()


def test_who_was_imported_signs_in_by_a_code(run, client: Client):
    run(SHORT, placed(ICHI))
    client.post("/accounts/login/code/", {"email": "ichi@example.jp"})
    letter = Letter.objects.get(to_address="ichi@example.jp")
    code = next(
        line.strip() for line in letter.body.splitlines() if len(line.strip()) in range(6, 10) and line[0] != "　"
    )
    answer = client.post("/accounts/login/code/confirm/", {"code": code})
    assert answer.status_code == 302
    assert client.get("/my/profile/").status_code == 200
    assert EmailAddress.objects.get(email="ichi@example.jp").verified


def test_the_end_of_the_fiscal_year_is_the_usual_end(run):
    run(SHORT, placed(ICHI.replace("2026-04-01", "2026年10月1日")))
    assert Appointment.objects.get().until == dt.date(2027, 3, 31)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_encodings_of_spreadsheets_are_read(run, encoding):
    head = "\ufeff" if encoding == "utf-8-sig" else ""
    run(head + SHORT, placed(ICHI), encoding="utf-8" if encoding == "utf-8-sig" else encoding)
    assert Ambassador.objects.get().name_ja == "架橋 一"


def test_the_same_list_again_changes_nothing(run):
    run(WHOLE, ANNA)
    before = rows()
    said = run(WHOLE, ANNA)
    assert said == ("ambassadors: 1 rows read, nothing changed, 1 as before, 0 bad", [])
    assert rows() == before


def test_what_the_list_says_anew_is_taken_over_and_what_it_does_not_say_stays(run):
    run(WHOLE, ANNA)
    said = run(f"{SHORT},headline_ja", "アンナ・ベルク,あんな・べるく,ANNA@example.jp,2026-04-01,,山の会社 代表")
    assert said == (
        "ambassadors: 1 rows read, 1 changed".replace("1 changed", "0 new, 1 changed, 0 unchanged, 0 bad"),
        [],
    )
    person = Ambassador.objects.get()
    assert (person.headline_ja, person.headline_en, person.slug) == (
        "山の会社 代表",
        "Founder of a sea farm",
        "anna-berg",
    )
    assert person.facets.count() == 7
    assert "山の会社" in person.search_text


def test_the_next_year_is_one_more_appointment(run):
    run(SHORT, placed(ICHI))
    run(SHORT, placed(ICHI.replace("2026-04-01", "2027-04-01")))
    assert [a.from_day.year for a in Appointment.objects.order_by("from_day")] == [2026, 2027]


def test_somebody_with_an_account_keeps_it(run, school_contact):
    run(SHORT, f"佐倉 美帆,さくら みほ,{school_contact.email},2026-04-01,13")
    school_contact.refresh_from_db()
    assert Ambassador.objects.get().user == school_contact
    assert school_contact.has_usable_password()


def test_slugs_are_proposed_from_the_roman_name_and_never_given_twice(run):
    head = f"{SHORT},name_en"
    run(head, f"{placed(ICHI)},Hajime Kakyo", f"{placed(NI)},Hajime Kakyo")
    assert sorted(Ambassador.objects.values_list("slug", flat=True)) == ["hajime-kakyo", "hajime-kakyo-2"]


def test_a_new_slug_leaves_the_old_one_taken(run):
    run(f"{SHORT},slug", f"{placed(ICHI)},ichi")
    run(f"{SHORT},slug", f"{placed(ICHI)},hajime")
    said = run(f"{SHORT},slug", f"{placed(NI)},ichi")
    assert "slug 'ichi' is taken" in said[1][0]
    assert OldSlug.objects.get().slug == "ichi"
    assert not User.objects.filter(email="ni@example.jp").exists()


BAD = [
    ("架橋 一,かきょう はじめ,ichi,2026-04-01,13", "mail 'ichi' is no mail address"),
    ("架橋 一,,ichi@example.jp,2026-04-01,13", "name_kana '' is empty"),
    (",かきょう,ichi@example.jp,2026-04-01,13", "name '' is empty"),
    ("架橋 一,Kakyo,ichi@example.jp,2026-04-01,13", "is no ふりがな"),
    ("架橋 一,かきょう,ichi@example.jp,きょう,13", "from_day 'きょう' is no day"),
    ("架橋 一,かきょう,ichi@example.jp,,13", "from_day '' is empty"),
    ("架橋 一,かきょう,ichi@example.jp,2026-04-01,48", "prefecture '48' is unknown"),
    ("架橋 一,かきょう,ichi@example.jp,2026-04-01,", "prefecture '' is empty"),
    (f"{'あ' * 81},かきょう,ichi@example.jp,2026-04-01,13", "has 81 characters, more than 80"),
    ("架橋\u200b一,かきょう,ichi@example.jp,2026-04-01,13", "U+200B"),
    ("架橋 一,かきょう,ichi@example.jp", "has 3 cells"),
    (b"\xff\xfe\xff,\xff", "is not text in UTF-8"),
    ('架橋 "一,かきょう,ichi@example.jp,2026-04-01,"13', "cannot be read as CSV"),
]


@pytest.mark.parametrize(("line", "words"), BAD, ids=range(len(BAD)))
def test_a_bad_line_is_named_with_its_remedy_and_the_good_ones_are_kept(run, line, words):
    said, complaints = run(SHORT, line, placed(NI))
    assert said == "ambassadors: 2 rows read, 1 new, 0 changed, 0 unchanged, 1 bad"
    (complaint,) = complaints
    assert complaint.startswith("line 2: ")
    assert words in complaint
    assert complaint.count(". ") >= 1  # the remedy follows
    assert Ambassador.objects.get().name_ja == "架橋 二"


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("themes", "story;money", "themes 'money' is unknown"),
        ("stages", "大学生", "stages '大学生' is unknown"),
        ("languages", "xx", "languages 'xx' is unknown"),
        ("competences", "9.9", "competences '9.9' is no competence"),
        ("in_person", "maybe", "in_person 'maybe' is neither yes nor no"),
        ("until", "2026-03-31", "until '2026-03-31' is before from_day"),
        ("slug", "Ichi San", "slug 'Ichi San' is taken, was taken before, or is no address"),
        ("country", "DE", "contradicts the prefecture"),
    ],
)
def test_what_is_wrong_in_one_column_is_said(run, column, value, words):
    _said, complaints = run(f"{SHORT},{column}", f"{placed(ICHI)},{value}")
    assert words in complaints[0]
    assert not User.objects.filter(email="ichi@example.jp").exists()


@pytest.mark.parametrize(
    ("country", "zone", "words"),
    [("XX", "Europe/Berlin", "country 'XX' is no country"), ("DE", "Mars/Base", "time_zone 'Mars/Base' is unknown"),
     ("DE", "", "time_zone '' is empty")],
)  # fmt: skip
def test_abroad_needs_a_country_and_a_zone_that_exist(run, country, zone, words):
    _said, complaints = run(f"{HEAD},country,time_zone", f"{ICHI},{country},{zone}")
    assert words in complaints[0]


def test_an_appointment_that_overlaps_is_refused(run):
    run(SHORT, placed(ICHI))
    _said, complaints = run(SHORT, placed(ICHI.replace("2026-04-01", "2026-10-01")))
    assert "overlaps the appointment from 2026-04-01 until 2027-03-31" in complaints[0]
    assert Appointment.objects.count() == 1


def test_the_same_person_twice_is_kept_once(run):
    _said, complaints = run(SHORT, placed(ICHI), placed(ICHI.replace("ichi@", "ICHI@")))
    assert "stands in line 2 already" in complaints[0]
    assert Ambassador.objects.count() == 1


def test_strict_keeps_nothing_when_one_line_is_bad(run):
    before = rows()
    with pytest.raises(CommandError, match="Nothing was kept"):
        run(SHORT, placed(ICHI), "x", options=("--strict",))
    assert rows() == before


def test_a_dry_run_tells_and_writes_nothing(run, capsys):
    before = rows()
    said, _complaints = run(SHORT, placed(ICHI), options=("--dry-run",))
    assert said == "ambassadors: 1 rows read, 1 new, 0 changed, 0 unchanged, 0 bad (dry run: nothing was written)"
    assert rows() == before


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("",), "is empty, or its line 1 is"),
        (("name,mail",), "lacks name_kana, from_day"),
        ((f"{SHORT},password", "x"), "unknown: 'password'"),
        ((f"{SHORT},name", "x"), "names name twice"),
        ((SHORT,), "holds no ambassador"),
        ((b"PK\x03\x04", "x"), "Excel workbook"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(run, lines, words):
    with pytest.raises(CommandError, match=words):
        run(*lines)


def test_a_file_that_is_not_there_is_named(capsys):
    with pytest.raises(CommandError, match="nowhere.csv does not exist"):
        call_command("import_ambassadors", "nowhere.csv")


def test_the_help_names_every_column():
    assert set(KNOWN) <= set(HEADER.replace(",", " ").split())
