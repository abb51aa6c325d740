"""Named places: where a lower part shows something of an upper one without knowing it.

A lower part declares a place here and asks it; upper parts register in their `ready()`.
Nothing else reaches up.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


class Place:
    """A named list of callables, asked in the order of their rank."""

    def __init__(self, name: str, what: str) -> None:
        self.name = name
        self.what = what
        self._entries: list[tuple[int, Callable[..., Any]]] = []

    def register(self, entry: Callable[..., Any], rank: int = 50) -> None:
        """Add an entry; a lower rank is shown earlier. Registering the same entry twice changes nothing."""
        if all(known is not entry for _, known in self._entries):
            self._entries.append((rank, entry))
            self._entries.sort(key=lambda pair: pair[0])

    def ask(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Yield every entry's answer that is not None."""
        for _, entry in self._entries:
            answer = entry(*args, **kwargs)
            if answer is not None:
                yield answer

    def entries(self) -> list[tuple[int, Callable[..., Any]]]:
        return list(self._entries)

    def first(self, *args: Any, **kwargs: Any) -> Any:
        return next(self.ask(*args, **kwargs), None)


@dataclass(frozen=True)
class PageForm:
    """A form that stands on a page of the CMS; it is sent to an address of the part that offers it."""

    template: str
    title: str
    context: dict[str, Any] = field(default_factory=dict)


menu = Place("menu", "entries of the main menu: (request) → MenuEntry or None")
page_links = Place("page_links", "pages that editors put into the menus: () → list of PageLink")
banners = Place("banners", "what everybody must know at once: () → list of Strip")
page_form = Place("page_form", "a form that an editor puts on a page: (request, name) → PageForm or None")
in_sitemap = Place("in_sitemap", "public addresses for search engines: () → list of (address maker, changed)")
my_page = Place("my_page", "what waits and what comes next on /my/: (user) → MyPanel or None")
my_links = Place("my_links", "further pages of a person, named beside their page: (user) → PageLink or None")
visit_page = Place("visit_page", "parts of the page of a visit: (request, visit, parties) → VisitPart or None")
home_figures = Place("home_figures", "figures of the home page: () → list of figures")
home_intake = Place("home_intake", "whether requests are taken now: () → Intake")
home_usual_days = Place("home_usual_days", "how long an answer usually takes: () → UsualDays or None")
open_matters = Place(
    "open_matters", "what is still in a person's name where they belong: (membership) → list of MyLine"
)
matters_of_person = Place(
    "matters_of_person", "what others still expect of a person, wherever it is: (user) → list of MyLine"
)
account_paused = Place("account_paused", "what ends for good when an account is paused: (person, by) → None")
other_roles = Place(
    "other_roles", "what people are beside what their memberships say: (list of users) → {id: words} of those who are"
)
tick_jobs = Place("tick_jobs", "what is done from time to time: () → a sentence or None")
health = Place("health", "what /healthz reports: () → (name, value, is_well)")
letter_given_up = Place("letter_given_up", "who is told of a letter that cannot be sent: (letter) → None")
is_demo = Place("is_demo", "whether this database holds the invented world: () → bool")
desk_contact = Place("desk_contact", "how to reach the desk: () → DeskContact")
