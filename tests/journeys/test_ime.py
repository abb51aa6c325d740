"""Japanese is typed by converting: the Enter that takes a conversion over never sends a form, in any browser's order."""

import pytest
from playwright.sync_api import CDPSession, Page

from tests.factories import make_request
from tests.journeys.every_page import NOBODY
from tests.journeys.world_to_look_at import Looker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Counts what would be sent, and sends nothing.
COUNT = """() => {
  window.sent = 0;
  document.addEventListener("submit", (event) => { window.sent += 1; event.preventDefault(); });
}"""
OF_THE_CONVERSION, BARE = 229, 13
FIELDS = (
    ("/accounts/login/", NOBODY, "login"),
    ("/ambassadors/", NOBODY, "q"),
    ("/contact/write/", NOBODY, "name"),
    ("/safety/report/", NOBODY, "name"),
    ("/my/school/", "newcomer", "name"),
    ("/my/name/", "teacher", "name"),
    ("/requests/{draft}/edit/school/", "teacher", "contact_phone"),
    ("/requests/{draft}/edit/dates/", "teacher", "answer_by"),
    ("/requests/{draft}/edit/lesson/", "teacher", "place"),
    ("/requests/{draft}/edit/schools/", "teacher", "name"),
)


def enter(keys: CDPSession, code: int) -> None:
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": code}
    keys.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": "\r", **key})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def sent(page: Page) -> int:
    return page.evaluate("window.sent")


@pytest.mark.parametrize(("path", "who", "name"), FIELDS, ids=[f"{path} {name}" for path, _who, name in FIELDS])
def test_enter_that_takes_a_conversion_over_sends_nothing(path, who, name, live_server, browser, people):
    draft = make_request().public_id if "{draft}" in path else ""
    person = Looker(browser, live_server.url, who)
    try:
        person.open(path.format(draft=draft))
        page = person.page
        keys = person.context.new_cdp_session(page)
        page.evaluate(COUNT)
        page.locator(f"main input[name={name}]").first.focus()

        # Chromium and Firefox tell of the key while the conversion is still open.
        keys.send("Input.imeSetComposition", {"text": "さくら", "selectionStart": 3, "selectionEnd": 3})
        enter(keys, OF_THE_CONVERSION)
        assert sent(page) == 0
        # Safari closes the conversion first, and tells of the key afterwards.
        keys.send("Input.insertText", {"text": "桜"})
        enter(keys, OF_THE_CONVERSION)
        assert sent(page) == 0

        enter(keys, BARE)
        assert sent(page) == 1
    finally:
        person.close()
