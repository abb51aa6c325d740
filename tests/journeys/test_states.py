"""Pages in the states that nobody draws: a form sent wrong, a house in which nothing has happened, words without end.

By the rules of `test_every_page.py`; what each state is made of stands in `tests/ui/every_form.py`, `empty_house.py` and
`endless_words.py`.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import translation
from django.utils.translation import gettext

from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.empty_house import NOBODY_YET, NOTHING, Nothing, nobody_but_the_desk, nothing_has_happened
from tests.journeys.endless_words import write_endlessly
from tests.journeys.every_page import NOBODY, PAGES, Look
from tests.journeys.world_to_look_at import Looker, house
from tests.ui.every_form import FORMS, Form

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
]

__all__ = ["house"]
# Longer than any field takes, in one word.
ENDLESS = "W" * 10_000
# Forms that take it when nothing is written: each field of theirs may stay empty.
TAKEN_EMPTY = {"limits", "decline-offer", "refuse-move", "school-settings", "school-facts"}
# Forms that show themselves only when this was chosen before, or when the thing has come so far.
CHOSEN_BEFORE = {"signup": "door", "join": "school", "join-board": "board", "join-organisation": "organisation"}
COME_SO_FAR = {"inquiry-note": "question_in_hand", "inquiry-answer": "question_in_hand"}
# Clears the form of this address, writes the text where text can be written, and is ready to
# send it past the browser's own checks.
WRITE_WRONG = """([path, text]) => {
  const bare = (address) => new URL(address, location).pathname.replace(/^[/]en[/]/, "/");
  const form = [...document.querySelectorAll("main form[method=post]")]
    .find((one) => bare(one.getAttribute("action") || location) === path && one.querySelector("button"));
  if (!form) return null;
  const typed = {};
  for (const field of form.elements) {
    if (field.matches("[type=hidden], [type=file], [type=submit], button, fieldset, output, [tabindex='-1']")) continue;
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = false;
    else if (field.matches("select")) field.selectedIndex = field.querySelector("option[value='']") ? 0 : -1;
    else {
      field.value = field.type === "search" ? text.slice(0, field.maxLength) : text;
      if (field.type !== "password") typed[field.name] = field.value;
    }
  }
  form.noValidate = true;
  const main = form.querySelector("button:not(.button--second, .button--quiet, [formaction])");
  window.sendWrong = () => form.requestSubmit(main ?? form.querySelector("button"));
  return typed;
}"""
SEND = "() => window.sendWrong()"
ANSWER = """(names) => {
  const summary = document.querySelector("[data-error-summary]");
  const links = [...summary?.querySelectorAll("a[href^='#']") ?? []];
  return {
    summary: Boolean(summary),
    focused: summary === document.activeElement,
    lost: links.map((one) => one.getAttribute("href")).filter((one) => !document.getElementById(one.slice(1))),
    kept: Object.fromEntries(names.map((name) => [name, document.querySelector(`main [name="${name}"]`)?.value])),
  };
}"""


# What a reader takes for a fault: a table or a list with nothing in it.
HOLLOW = """() => [...document.querySelectorAll("main table, main ul, main ol, main dl")]
  .filter((one) => one.checkVisibility() && !one.querySelector(":scope > li, tbody tr, dt"))
  .map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def walk(live_server, browser, settings):
    """Looks at one page after the other; what was wrong with any of them fails the test at its end."""
    settings.SITE_URL = live_server.url
    people: dict[str, Looker] = {}
    complaints: list[str] = []

    def walk(look: Look, language: str, then: Callable[[Looker], None], **sizes: tuple[dict[str, int], ...]) -> None:
        if look.who not in people:
            people[look.who] = Looker(browser, live_server.url, look.who)
        person = people[look.who]
        person.open(look.address(person.person, language), look.status)
        then(person)
        person.look(**sizes)
        complaints.extend(f"{look}: {complaint}" for complaint in person.complaints)
        person.complaints.clear()

    yield walk
    for person in people.values():
        person.close()
    assert complaints == [], "\n".join(complaints)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_what_a_form_sends_back_can_be_read_and_mended(form, request, live_server, browser, settings):
    settings.SITE_URL = live_server.url
    thing = request.getfixturevalue(COME_SO_FAR.get(form.name, form.thing))
    who = request.getfixturevalue(form.who) if form.who else None
    person = Looker(browser, live_server.url, getattr(who, "user", who).email.partition("@")[0] if who else NOBODY)
    try:
        for language, text, colours in (("ja", "", PHONE), ("en", ENDLESS, DESKTOP)):
            send_wrong(person, form, where(form, thing), language, ENDLESS if form.name in TAKEN_EMPTY else text)
            person.look(colours=(colours,), rules=())
    finally:
        person.close()
    assert person.complaints == []


def where(form: Form, thing: Any) -> str:
    if form.name not in CHOSEN_BEFORE:
        return form.page(thing)
    name = CHOSEN_BEFORE[form.name]
    return f"{form.page(thing)}?{name}={form.good(thing).get(name, 'school')}"


def send_wrong(person: Looker, form: Form, path: str, language: str, text: str) -> None:
    """The answer is the same page: its summary has the focus and leads to fields that keep what was typed."""
    asked, typed, page = path.partition("?")[0], None, path
    while typed is None and page != "/":
        # Some forms stand on the page of what they are about, and have an address of their own.
        person.open(page if language == "ja" else f"/en{page}", status=None)
        typed = person.page.evaluate(WRITE_WRONG, [asked, text])
        page = page.partition("?")[0].rstrip("/").rpartition("/")[0] + "/"
    assert typed is not None, f"{form} stands on no page"
    before = len(person.complaints)
    with person.page.expect_navigation():
        person.page.evaluate(SEND)
    # The browser says of an answer 422 that it could not be loaded; that is what was wanted.
    person.complaints[before:] = [said for said in person.complaints[before:] if "422" not in said]
    answer = person.page.evaluate(ANSWER, list(typed))
    if not answer["summary"]:
        person.complain("nothing says what is wrong")
    elif not answer["focused"]:
        person.complain("the focus is not on what is wrong")
    if answer["lost"]:
        person.complain(f"the summary leads to {answer['lost']}, which is not there")
    for name, value in typed.items():
        if name not in form.not_kept and answer["kept"][name] != value:
            person.complain(f"what was typed into {name} is lost")
    facts = person.facts()
    if (facts["language"], facts["headings"]) != (language, 1):
        person.complain(f"{facts}")


def test_where_nothing_has_happened_each_page_says_so_and_what_to_do(walk):
    nothing_has_happened()
    for nothing in NOTHING:
        look_at_nothing(walk, nothing)


def test_before_any_list_was_read_in_the_desk_learns_who_can_do_it(walk):
    nobody_but_the_desk()
    for nothing in NOBODY_YET:
        look_at_nothing(walk, nothing)


def look_at_nothing(walk: Callable[..., None], nothing: Nothing) -> None:
    for language, colours in (("ja", PHONE), ("en", DESKTOP)):
        with translation.override(language):
            says, next_act = gettext(nothing.says), gettext(nothing.next_act) if nothing.next_act else ""

        def reads(person: Looker, says: str = says, next_act: str = next_act) -> None:
            main = person.page.locator("main")
            if says not in main.inner_text():
                person.complain(f"does not say: {says}")
            act = main.get_by_role("link", name=next_act).or_(main.get_by_role("button", name=next_act))
            if next_act and not act.first.is_visible():
                person.complain(f"does not lead to: {next_act}")
            for hollow in person.page.evaluate(HOLLOW):
                person.complain(f"holds nothing: {hollow}")

        walk(nothing.look, language, reads, colours=(colours,), rules=())


@pytest.mark.parametrize("group", PAGES)
def test_words_without_end_stay_in_their_places(group, house, walk):
    write_endlessly()
    cache.clear()
    for look in PAGES[group]:
        if not look.typed:
            # Labels are longest in English; colours do not change with the length of words.
            walk(look, "en", lambda _person: None, colours=(), rules=(PHONE,))
