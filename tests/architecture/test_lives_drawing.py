"""docs/lives.md is what the tables say."""

from django.core.management import call_command

from outreach.management.commands.draw_lives import LIVES, PLACE, drawing


def test_the_page_is_the_drawing_of_the_tables():
    assert PLACE.read_text(encoding="utf-8") == drawing(), "run `python manage.py draw_lives`"


def test_every_move_stands_in_its_table():
    lines = [line.split(" | ")[0] for line in drawing().splitlines() if line.startswith("| `")]
    assert lines == [f"| `{move.verb}`" for _title, life in LIVES for move in life.moves]


def test_printing_the_drawing_writes_nothing(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("outreach.management.commands.draw_lives.PLACE", tmp_path / "lives.md")
    call_command("draw_lives", "--print")
    assert capsys.readouterr().out == drawing()
    assert list(tmp_path.iterdir()) == []
