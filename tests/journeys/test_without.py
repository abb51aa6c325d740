"""The ways that every school must be able to go: by the keyboard alone, and without JavaScript."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator

from demo.people import PASSWORD
from outreach.models import Group, Inquiry, Offer, Request, Visit
from tests.factories import make_request, offer_for, past_visit
from tests.journeys.every_page import NOBODY
from tests.journeys.world_to_look_at import Looker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Where the focus is: can it be seen, does something lie over it, and does it come after the one before?
FOCUS = """() => {
  const node = document.activeElement, style = getComputedStyle(node), box = node.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const label = node.closest("label");
  const around = label && getComputedStyle(label);
  const onLabel = around && around.outlineStyle !== "none" && parseFloat(around.outlineWidth) >= 2;
  const over = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
  const free = !over || node.contains(over) || over.contains(node) || (label && label.contains(over));
  const last = window.lastFocus;
  const forward = !last || !last.isConnected
    || Boolean(last.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING);
  window.lastFocus = node;
  return {what: node.outerHTML.slice(0, 120), seen: ring || onLabel || style.boxShadow !== "none", free, forward};
}"""
IS_HERE = "(node) => node === document.activeElement"
MOST_STEPS = 90


class Typist(Looker):
    """Has a keyboard and nothing else."""

    def to(self, target: Locator) -> None:
        """Tab until the focus is there; on the way it is always seen, never hidden, and goes forward."""
        for _step in range(MOST_STEPS):
            if target.evaluate(IS_HERE):
                return
            self.page.keyboard.press("Tab")
            focus = self.page.evaluate(FOCUS)
            for what in ("seen", "free", "forward"):
                if not focus[what]:
                    self.complain(f"focus not {what}: {focus['what']}")
        raise AssertionError(f"{target} cannot be reached with Tab on {self.page.url}")

    def types(self, name: str, text: str) -> None:
        self.to(self.page.locator(f"main [name={name}]").first)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def ticks(self, name: str, value: str) -> None:
        """Radio buttons are one stop of Tab: the arrows choose among them."""
        buttons = self.page.locator(f"main [name={name}]")
        wanted = self.page.locator(f"main [name={name}][value='{value}']")
        if wanted.get_attribute("type") == "checkbox":
            self.to(wanted)
        else:
            checked = self.page.locator(f"main [name={name}]:checked")
            self.to(checked if checked.count() else buttons.first)
            for _step in range(buttons.count()):
                if wanted.evaluate(IS_HERE):
                    break
                self.page.keyboard.press("ArrowDown")
        if not wanted.is_checked():
            self.page.keyboard.press("Space")

    def signs_in(self, email: str) -> None:
        self.open("/accounts/login/")
        self.types("login", email)
        self.types("password", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/my/")

    def presses(self, words: str) -> None:
        page = self.page
        button = page.locator("main").get_by_role("button", name=words)
        self.to(button.or_(page.locator("main").get_by_role("link", name=words)).first)
        with page.expect_navigation():
            page.keyboard.press("Enter")


@pytest.fixture
def typist(live_server, browser, people) -> Iterator[Callable[..., Typist]]:
    made: list[Typist] = []

    def make(who: str = NOBODY, **more) -> Typist:
        made.append(Typist(browser, live_server.url, who, **more))
        return made[-1]

    yield make
    complaints = [complaint for person in made for complaint in person.complaints]
    for person in made:
        person.close()
    assert complaints == []


def test_by_keyboard_a_teacher_signs_in_and_asks(typist):
    draft = make_request()
    teacher = typist()
    teacher.signs_in("teacher@demo.example")
    teacher.page.keyboard.press("Tab")
    assert teacher.page.locator(":focus").get_attribute("href") == "#main"
    teacher.page.keyboard.press("Enter")
    teacher.page.keyboard.press("Tab")
    assert teacher.page.locator("main :focus").count() == 1

    teacher.open(f"/requests/{draft.public_id}/edit/school/")
    teacher.presses("次へ")
    teacher.presses("次へ")
    teacher.types("aims", "自分の地域の困りごとを話せるようになってほしい。")
    teacher.presses("次へ")
    teacher.presses("この内容で申し込む")
    assert Request.objects.get(pk=draft.pk).state == "submitted"
    assert Request.objects.get(pk=draft.pk).number in teacher.page.locator("main").inner_text()


def test_by_keyboard_an_ambassador_accepts(typist):
    offer = offer_for()
    ambassador = typist("ambassador")
    ambassador.open(f"/offers/{offer.public_id}/")
    ambassador.ticks("slot", str(offer.slots.order_by("rank")[1].public_id))
    ambassador.presses("この日時で引き受ける")
    assert Offer.objects.get(pk=offer.pk).state == "accepted"


def test_by_keyboard_a_teacher_reports_a_visit(typist, clock):
    visit = past_visit(clock)
    teacher = typist()
    teacher.signs_in("teacher@demo.example")
    teacher.presses("実施報告を送る")
    teacher.types("present_high_2", "71")
    teacher.types("comment", "問いかけがよかったです。")
    teacher.presses("報告を送る")
    assert Visit.objects.get(pk=visit.pk).state == "reported"
    assert Group.objects.get(report__visit=visit).present == 71


def test_by_keyboard_anybody_tells_what_worries_them(typist):
    somebody = typist()
    somebody.open("/safety/report/")
    somebody.types("text", "授業のあと、連絡先を聞かれました。")
    somebody.ticks("danger", "no")
    somebody.presses("事務局に知らせる")
    assert Inquiry.objects.get().text == "授業のあと、連絡先を聞かれました。"


def test_by_keyboard_the_directory_is_filtered(typist):
    somebody = typist()
    somebody.open("/ambassadors/")
    somebody.types("q", "地域")
    somebody.page.keyboard.press("Enter")
    somebody.page.wait_for_url("**/ambassadors/?*q=*")


def test_without_javascript_a_teacher_signs_in_and_asks(typist):
    draft = make_request()
    teacher = typist(java_script_enabled=False)
    page = teacher.page
    teacher.open("/accounts/login/")
    page.locator("input[name=login]").fill("teacher@demo.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/my/")
    teacher.open(f"/requests/{draft.public_id}/edit/school/")
    for words in ("次へ", "次へ", "次へ", "この内容で申し込む"):
        page.locator("main").get_by_role("button", name=words).first.click()
        page.wait_for_load_state()
    assert Request.objects.get(pk=draft.pk).state == "submitted"


def test_without_javascript_anybody_tells_what_worries_them(typist):
    somebody = typist(java_script_enabled=False)
    somebody.open("/safety/report/")
    somebody.page.locator("textarea[name=text]").fill("授業のあと、連絡先を聞かれました。")
    somebody.page.locator("input[name=danger][value=no]").check()
    somebody.page.locator("main form button[type=submit]").first.click()
    somebody.page.wait_for_url("**/safety/report/sent/")
    assert Inquiry.objects.count() == 1
