"""The history of a request in words: who did what when, and what will come."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import ModelLogEntry

from outreach.lives import Life, Party
from outreach.requests.models import Kind, Request, Step
from outreach.requests.states import LIFE_OF_A_REQUEST

# Moves that only follow from another one: that one's line says the same, and says it better.
CONSEQUENCES = {
    *(("request", verb) for verb in ("book", "begin", "lose_one", "fall_through", "complete")),
    ("offer", "accept"),
    ("visit", "move"),
}
# The desk's own search, of which the host and the ambassador learn when it has found somebody.
INSIDE_THE_DESK = {
    *(("offer", verb) for verb in ("decline", "retract", "lapse", "expire")),
    ("visit", "replace"),
}
# What is no move of a life, but part of the story all the same.
ACTS = {
    "kakehashi.hand_over": gettext_lazy("担当者が代わりました"),
    "kakehashi.note_approval": gettext_lazy("校長の了承が書き加えられました"),
}
_lives: dict[str, Life] = {LIFE_OF_A_REQUEST.name: LIFE_OF_A_REQUEST}
_first_words: dict[tuple[str, str], Any] = {}


def know(life: Life, **first_words: Any) -> None:
    """A later subject teaches the history its life, and the words of the verbs by which its things begin."""
    _lives[life.name] = life
    _first_words.update({(life.name, verb): words for verb, words in first_words.items()})


@dataclass(frozen=True)
class Line:
    """One line of a history page."""

    what: str
    who: str
    when: Any
    reason: str = ""
    state: str = "done"


def words_of(step: Step, request: Request) -> str:
    words = _first_words.get((step.subject, step.verb))
    if (step.subject, step.verb) == ("visit", "confirm") and request.kind != Kind.SCHOOL_VISIT:
        return _("推進大使が決まりました")
    if words is None:
        life = _lives.get(step.subject)
        words = life.word_for(step.verb) if life else step.verb
    return str(words)


def history(request: Request, *, see_names: bool, hide_offers: bool = False) -> list[Line]:
    """Every step, oldest first. The host learns that an offer is out, not to whom; staff see names."""
    lines = _acts(request, see_names=see_names)
    for step in request.steps.select_related("by"):
        if (step.subject, step.verb) in CONSEQUENCES:
            continue
        if hide_offers and (step.subject, step.verb) in INSIDE_THE_DESK:
            continue
        who = str(Party(step.party).label)
        if step.party == Party.SCHOOL and request.school_id is None:
            who = request.host_name
        if see_names and step.by:
            who = _("%(name)s（%(party)s）") % {"name": step.by.get_full_name(), "party": who}
        lines.append(
            Line(words_of(step, request), who, step.at, "" if hide_offers and step.subject == "offer" else step.reason)
        )
    return sorted(lines, key=lambda line: line.when)


def _acts(request: Request, *, see_names: bool) -> list[Line]:
    """What happened to the request without moving it."""
    acts = ModelLogEntry.objects.for_instance(request).filter(action__in=ACTS).select_related("user")
    lines = []
    for act in acts:
        who = request.host_name if act.data.get("party") == Party.SCHOOL else str(Party.COORDINATOR.label)
        what = str(ACTS[act.action])
        if see_names and act.user:
            who = _("%(name)s（%(party)s）") % {"name": act.user.get_full_name(), "party": who}
        if see_names and act.data.get("to"):
            what = _("%(what)s：%(before)sさんから%(after)sさんへ") % {
                "what": what,
                "before": act.data["from"],
                "after": act.data["to"],
            }
        lines.append(Line(what, who, act.timestamp))
    return lines
