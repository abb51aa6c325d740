"""A life is a table: which verb leads from where to where, and who may say it.

The guard, the buttons on a page, the tests and the drawing in `docs/lives.md` all come from the tables in the
subjects' `states.py`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ui.refusals import NotAllowed
from ui.words import listed


class Party(models.TextChoices):
    """In whose name somebody acts on a thing."""

    SCHOOL = "school", _("学校")
    BOARD = "board", _("教育委員会")
    AMBASSADOR = "ambassador", _("推進大使")
    COORDINATOR = "coordinator", _("事務局")
    SYSTEM = "system", _("システム")


SCHOOL, BOARD, AMBASSADOR = Party.SCHOOL, Party.BOARD, Party.AMBASSADOR
COORDINATOR, SYSTEM = Party.COORDINATOR, Party.SYSTEM


class TooLate(NotAllowed):
    """Somebody was faster: the state or the time is another one than the page showed. Answered with 409."""


@dataclass(frozen=True)
class Move:
    """One line of a life: `verb` leads from any of `sources` to `target`, said by one of `who`.

    `label` is the button's word; without one there is no button. `guard` refuses with a sentence or returns "".
    """

    verb: str
    sources: frozenset[str]
    target: str
    who: frozenset[Party]
    label: Any = ""
    past: Any = ""
    guard: Callable[[Any], str] | None = None
    needs_reason: bool = False
    is_grave: bool = False


@dataclass(frozen=True)
class Life:
    """All moves of one kind of thing."""

    name: str
    states: type[models.TextChoices]
    moves: tuple[Move, ...]
    _by_verb: dict[str, list[Move]] = field(init=False, repr=False, hash=False, compare=False)

    def __post_init__(self) -> None:
        by_verb: dict[str, list[Move]] = {}
        for move in self.moves:
            by_verb.setdefault(move.verb, []).append(move)
        object.__setattr__(self, "_by_verb", by_verb)

    @property
    def verbs(self) -> list[str]:
        return list(self._by_verb)

    def find(self, verb: str, state: str) -> Move | None:
        """The move of this verb from this state, or None when the table has none."""
        return next((move for move in self._by_verb.get(verb, ()) if state in move.sources), None)

    def word_for(self, verb: str) -> Any:
        moves = self._by_verb.get(verb)
        return (moves[0].past or moves[0].label) if moves else verb

    def buttons(self, thing: Any, parties: Iterable[Party]) -> list[Move]:
        """The moves somebody acting for `parties` may make now, in table order."""
        parties = set(parties)
        return [
            move
            for move in self.moves
            if thing.state in move.sources
            and move.label
            and move.who & parties
            and not (move.guard and move.guard(thing))
        ]


def move(verb: str, sources: set[str], target: str, who: set[Party], **more: Any) -> Move:
    return Move(verb, frozenset(sources), target, frozenset(who), **more)


def check(life: Life, thing: Any, verb: str, parties: Iterable[Party]) -> Move:
    """The move that `verb` would make now, in the name of one of `parties`.

    Raises: NotAllowed, with words for the person, when the table, the party or the guard says no.
    """
    found = life.find(verb, thing.state)
    if found is None:
        raise TooLate(
            _("いまは「%(state)s」なので、この操作はできません。画面を開き直して、いまの状態を確かめてください。")
            % {"state": thing.get_state_display()}
        )
    if not found.who & set(parties):
        raise NotAllowed(
            _("この操作ができるのは%(who)sです。困ったときは事務局に連絡してください。")
            % {"who": listed(str(Party(who).label) for who in sorted(found.who))}
        )
    if found.guard and (refusal := found.guard(thing)):
        raise NotAllowed(refusal)
    return found
