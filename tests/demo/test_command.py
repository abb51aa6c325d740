"""`demo` fills an empty database once, and never touches another."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from demo import world
from demo.models import DemoMark, forget_mark, is_demo
from outreach.models import School
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db

LIST = (
    "school_code,school_type_code,school_type,prefecture_code,prefecture,founder_code,founder,name\n"
    "D101210100013,D1,高等学校,01,北海道,2,公立,北海道札幌西高等学校\n"
)


@pytest.fixture(autouse=True)
def small_and_forgotten(monkeypatch):
    """The small world is enough here; and no other test meets what this process remembers of the mark."""
    whole, small = world.build, "people"
    monkeypatch.setattr(world, "build", lambda seed: whole(seed, small))
    forget_mark()
    yield
    forget_mark()


def test_a_database_with_people_is_refused_and_kept(people):
    before = rows()
    with pytest.raises(CommandError, match="people and 12 schools and no mark of the demo"):
        call_command("demo")
    assert rows() == before
    assert not is_demo()


def test_an_empty_database_is_filled_and_marked(empty_house, capsys):
    call_command("demo")
    said = capsys.readouterr().out
    assert is_demo() and DemoMark.objects.get().seed == 1
    assert world.PASSWORD in said
    assert [one.email for one in world.ACCOUNTS if one.email not in said] == []
    assert said.splitlines()[-1].startswith("demo: made 12 schools, ")


def test_the_second_time_nothing_changes(empty_house, capsys):
    call_command("demo")
    before = rows()
    call_command("demo")
    assert rows() == before
    assert "nothing changed" in capsys.readouterr().out.splitlines()[-1]


def test_when_it_fails_in_the_middle_nothing_is_left(empty_house, monkeypatch):
    def fail(seed):
        User.objects.create(email="half@demo.example")
        raise RuntimeError("in the middle")

    before = rows()
    monkeypatch.setattr(world, "build", fail)
    with pytest.raises(RuntimeError):
        call_command("demo")
    assert rows() == before


def test_a_real_list_is_imported_beside_the_invented_schools(empty_house, tmp_path):
    place = tmp_path / "schools.csv"
    place.write_text(LIST, encoding="utf-8")
    call_command("demo", "--schools", str(place))
    assert School.objects.count() == 13
    assert School.objects.get(school_code="D101210100013").name_ja == "北海道札幌西高等学校"


def test_a_missing_list_is_told_before_anything_is_made(empty_house, tmp_path):
    with pytest.raises(CommandError, match=r"There is no file .*missing\.csv"):
        call_command("demo", "--schools", str(tmp_path / "missing.csv"))
    assert not User.objects.exists()
