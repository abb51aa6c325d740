"""Lists as files: what a spreadsheet reads, and what it must not run."""

import csv
import io

import pytest

from ui.csv_files import csv_file, csv_text, harmless


@pytest.mark.parametrize(
    "cell", ["=1+1", "+81-3", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1＋1", "＋1", "－1", "＠A"]
)
def test_what_would_be_a_formula_begins_with_an_apostrophe(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "said"), [("東京", "東京"), ("a=b", "a=b"), (-3, "-3"), (None, ""), ("", ""), (0, "0")]
)
def test_everything_else_stays_as_it_is(cell, said):
    assert harmless(cell) == said


def test_a_file_begins_with_its_mark_and_keeps_commas_quotes_and_lines_in_their_cells():
    cells = ["a,b", 'say "x"', "two\nlines"]
    text = "".join(csv_text(["=heading", "b", "c"], [cells]))
    assert text.startswith("\ufeff'=heading,b,c")
    assert list(csv.reader(io.StringIO(text)))[1] == cells


def test_the_answer_names_the_file_and_leaves_line_by_line():
    answer = csv_file("list", ["a"], ([number] for number in range(3)))
    assert answer.streaming
    assert answer.headers["Content-Disposition"] == 'attachment; filename="list.csv"'
    assert b"".join(answer.streaming_content).decode() == "\ufeffa\r\n0\r\n1\r\n2\r\n"
