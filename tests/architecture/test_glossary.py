"""The glossary and the code use the same words."""

from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import translation

from outbox.models import LetterState
from outreach.inquiries.states import InquiryState
from outreach.requests.states import RequestState
from outreach.visits.states import OfferState, RescheduleState, VisitState

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
APPS = ("ui", "accounts", "outbox", "curriculum", "outreach", "analytics")
STATES = (RequestState, OfferState, VisitState, RescheduleState, InquiryState, LetterState)


def rows(text: str) -> list[list[str]]:
    """The cells of every line of every table, heads and rules left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row, below in pairwise([*cells, [""]]) if not is_rule(row) and not is_rule(below)]


def is_rule(row: list[str]) -> bool:
    return all(cell and not cell.strip("-") for cell in row)


def glossary() -> str:
    return GLOSSARY.read_text(encoding="utf-8")


def states_part() -> str:
    return glossary().partition("<!-- states -->")[2].partition("<!-- /states -->")[0]


def models() -> list:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


def in_both_languages(word: object) -> list[str]:
    said = []
    for language in ("ja", "en"):
        with translation.override(language):
            said.append(str(word))
    return said


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_table_has_its_line_with_its_words_on_screen(model):
    lines = [row for row in rows(glossary()) if f"`{model.__name__}`" in row[0]]
    said = [[row[1].partition("（")[0], row[2]] for row in lines]
    assert said == [in_both_languages(model._meta.verbose_name)]


def test_the_states_are_those_of_the_code_in_their_order_and_words():
    wanted = [
        [f"`{kind.__name__}`", f"`{state}`", *in_both_languages(state.label)] for kind in STATES for state in kind
    ]
    assert [row[:4] for row in rows(states_part())] == wanted


def test_every_line_says_its_word_in_english_and_what_it_means():
    assert [row for row in rows(glossary()) if not all(row)] == []
