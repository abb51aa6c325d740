"""Every page, as the person it is for sees it: in both languages, on a phone and on a desktop, by the rules for all."""

import pytest

from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.every_page import PAGES, Look
from tests.journeys.world_to_look_at import Looker, house

__all__ = ["house"]
# Have the title of the page that they show in another state.
SHOW_ANOTHER_PAGE = ("page_preview", "terms_version", "accept_terms", "requests:edit", "desk:write")
# The pages are the same on every database; the browser sees no difference.
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def titles() -> dict[tuple[str, str, str], Look]:
    """Which page has told whose browser which title."""
    return {}


@pytest.mark.parametrize("group", PAGES)
def test_every_page_of(group, house, browser, titles, pytestconfig):
    is_long = pytestconfig.getoption("--long")
    people: dict[str, Looker] = {}
    complaints: list[str] = []
    try:
        for look in PAGES[group]:
            if look.who not in people:
                people[look.who] = Looker(browser, house, look.who)
            person = people[look.who]
            for language in ("ja", "en"):
                walk(look, language, person, titles, is_long=is_long)
            complaints += [f"{look}: {complaint}" for complaint in person.complaints]
            person.complaints.clear()
    finally:
        for person in people.values():
            person.close()
    took = {part: sum(person.took[part] for person in people.values()) for part in ("page", "rules")}
    looks = 2 * len(PAGES[group])
    if is_long:
        doubts = [doubt for person in people.values() for doubt in person.doubts]
        print(f"{group}: {len(doubts)} things for a person to look at", *doubts, sep="\n  ")
    print(f"{group}: {looks} looks, each " + ", ".join(f"{part} {took[part] / looks:.2f} s" for part in took))
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
    elif language == "ja":
        # Weighing colours takes longest, and they are the same in both languages: each width is weighed once.
        person.look(colours=(PHONE,), words=False)
    else:
        # English has the same markup as Japanese with longer words, which may stick out at every width.
        person.look(colours=(DESKTOP,), rules=(), words=False)
