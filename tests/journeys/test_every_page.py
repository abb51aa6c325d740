"""Every page, as the person it is for sees it: in both languages, on a phone and on a desktop, by the rules for all."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.every_page import PAGES, Look
from tests.journeys.world_to_look_at import Looker, house

__all__ = ["house"]
AT_ONCE = 18
ALL = [look for looks in PAGES.values() for look in looks]
# Have the title of the page that they show in another state.
SHOW_ANOTHER_PAGE = ("page_preview", "terms_version", "accept_terms", "requests:edit", "desk:write")
# The pages are the same on every database; the browser sees no difference.
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def titles() -> dict[tuple[str, str, str], Look]:
    """Which page has told whose browser which title."""
    return {}


def parts() -> Iterator[Any]:
    """The groups, the large ones in two or three, so that no worker is left alone with one at the end."""
    for group, looks in PAGES.items():
        for first in range(0, len(looks), AT_ONCE):
            yield pytest.param(group, looks[first : first + AT_ONCE], id=f"{group} from {first + 1}")


@pytest.mark.parametrize(("group", "looks"), list(parts()))
def test_every_page_of(group, looks, house, browser, titles, pytestconfig):
    is_long = pytestconfig.getoption("--long")
    people: dict[str, Looker] = {}
    complaints: list[str] = []
    count = 0
    try:
        for look in looks:
            if look.who not in people:
                people[look.who] = Looker(browser, house, look.who)
            person = people[look.who]
            for language in ("ja", "en") if is_long or ALL.index(look) % 6 == 0 else ("ja",):
                walk(look, language, person, titles, is_long=is_long)
                count += 1
            complaints += [f"{look}: {complaint}" for complaint in person.complaints]
            person.complaints.clear()
    finally:
        for person in people.values():
            person.close()
    took = {part: sum(person.took[part] for person in people.values()) for part in ("page", "rules")}
    if is_long:
        doubts = [doubt for person in people.values() for doubt in person.doubts]
        print(f"{group}: {len(doubts)} things for a person to look at", *doubts, sep="\n  ")
    print(f"{group}: {count} looks, each " + ", ".join(f"{part} {took[part] / count:.2f} s" for part in took))
    assert complaints == []


def walk(look: Look, language: str, person: Looker, titles: dict[tuple[str, str, str], Look], *, is_long: bool) -> None:
    address = look.address(person.person, language)
    person.open(address, look.status)
    if look.typed:
        # Who has gone this way in one language is led to the page behind it in the other.
        for name, text in look.typed:
            field = person.page.locator(f"main [name={name}]")
            if field.count():
                field.fill(text)
                with person.page.expect_navigation():
                    field.press("Enter")
    elif person.page.url != person.base + address and "?" not in address and not look.leads_on:
        person.complain(f"{look}: was led here from {address}")
    facts = person.facts()
    if facts["language"] != (look.language or language):
        person.complain(f"says that it is in {facts['language']}")
    if facts["headings"] != 1:
        person.complain(f"{facts['headings']} main headings")
    known = titles.setdefault((look.who, language, facts["title"]), look)
    if known.name != look.name and look.name not in SHOW_ANOTHER_PAGE:
        person.complain(f"has the title of {known}: {facts['title']}")
    if is_long:
        person.look()
        return
    # Weighing colours takes longer than all else: on a phone for one page, on a desktop for the next. English has the
    # same markup and colours with longer words, which may stick out at every width: every day a sixth of the pages.
    here, there = (PHONE, DESKTOP) if ALL.index(look) % 2 else (DESKTOP, PHONE)
    if language == "ja":
        person.look(colours=(here,), words=False)
    else:
        person.look(colours=(), rules=(there,), words=False)
