"""`draw_lives`: writes docs/lives.md from the tables of the lives, so that the drawing never differs from the code."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from outreach.inquiries.states import LIFE_OF_AN_INQUIRY
from outreach.lives import Life, Move, Party
from outreach.requests.states import LIFE_OF_A_REQUEST
from outreach.visits.states import LIFE_OF_A_RESCHEDULE, LIFE_OF_A_VISIT, LIFE_OF_AN_OFFER

PLACE = Path(settings.BASE_DIR) / "docs" / "lives.md"
LIVES = (
    ("A request（派遣の申込み）", LIFE_OF_A_REQUEST),
    ("An offer（打診）", LIFE_OF_AN_OFFER),
    ("A visit（訪問授業）", LIFE_OF_A_VISIT),
    ("Moving a visit（日時変更の相談）", LIFE_OF_A_RESCHEDULE),
    ("An inquiry（問い合わせ）", LIFE_OF_AN_INQUIRY),
)

HEAD = """\
# Lives

How a request, an offer, a visit and an inquiry move from state to state. Drawn by `python manage.py draw_lives` from the
tables in the `states.py` of requests, visits and inquiries in `outreach`; change the tables, then draw again. A test holds this
page and the tables together. The words stand in [glossary.md](glossary.md).

A move without a button is part of another act: accepting an offer also books its request. "Refused while" names the
guard that can say no although the table says yes.
"""


def drawing() -> str:
    """The whole page, always with the Japanese words."""
    with translation.override("ja"):
        return "\n".join([HEAD, *(_chapter(title, life) for title, life in LIVES)])


def _chapter(title: str, life: Life) -> str:
    lines = [f"## {title}", "", "```mermaid", *_diagram(life), "```", "", *_table(life), ""]
    if idle := [state for state in life.states if state not in _used(life)]:
        names = ", ".join(_named(life, state) for state in idle)
        lines += [f"No move leads here yet: {names}.", ""]
    return "\n".join(lines)


def _used(life: Life) -> set[str]:
    return {state for move in life.moves for state in (*move.sources, move.target)}


def _in_order(life: Life, states: frozenset[str]) -> list[str]:
    return [state for state in life.states.values if state in states]


def _named(life: Life, state: str) -> str:
    return f"`{life.states(state).value}` {life.states(state).label}"


def _word(move: Move) -> Any:
    return move.label or move.past


def _diagram(life: Life) -> Iterator[str]:
    used, left = _used(life), {state for move in life.moves for state in move.sources}
    states = _in_order(life, frozenset(used))
    yield "stateDiagram-v2"
    for state in states:
        yield f"    {state} : {life.states(state).label} ({state})"
    yield f"    [*] --> {states[0]}"
    for move in life.moves:
        for source in _in_order(life, move.sources):
            yield f"    {source} --> {move.target} : {move.verb} {_word(move)}".rstrip()
    for state in states:
        if state not in left:
            yield f"    {state} --> [*]"


def _table(life: Life) -> Iterator[str]:
    yield "| verb | button | from | to | who may | needs a reason | refused while |"
    yield "|---|---|---|---|---|---|---|"
    for move in life.moves:
        sources = ", ".join(_named(life, state) for state in _in_order(life, move.sources))
        who = ", ".join(f"{party.value} {party.label}" for party in Party if party in move.who)
        refused = move.guard.__name__.replace("_", " ") if move.guard else "—"
        cells = (
            f"`{move.verb}`",
            str(move.label) or "—",
            sources,
            _named(life, move.target),
            who,
            "yes" if move.needs_reason else "no",
            refused,
        )
        yield f"| {' | '.join(cells)} |"


class Command(BaseCommand):
    help = "Draws docs/lives.md from the tables of the lives."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--print", action="store_true", dest="print_it", help="print the page, write nothing")

    def handle(self, *args: Any, print_it: bool, **options: Any) -> None:
        page = drawing()
        if print_it:
            self.stdout.write(page, ending="")
            return
        try:
            PLACE.write_text(page, encoding="utf-8")
        except OSError as failure:
            raise CommandError(f"{PLACE} cannot be written: {failure.strerror}. Use --print instead.") from failure
        self.stdout.write(f"lives: {len(LIVES)} drawn in {PLACE}")
