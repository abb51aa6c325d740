"""Pages as people set them up: zoomed, with wide letters, in their own colours, without movement, on paper, with readings."""

import pytest
from django.core.cache import cache

from pages.loading import load_pages
from pages.notices import Banner, Urgency
from tests.factories import confirmed_visit
from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.world_to_look_at import REFLOW, Looker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IMPORTANT = (
    "/help/school/",
    "/parents/",
    "/safety/report/",
    "/terms/",
    "/ambassadors/",
    "/reach/",
    "/my/",
    "/requests/",
    "/requests/{request}/",
    "/requests/{request}/print/",
    "/visits/{visit}/",
    "/visits/{visit}/messages/",
)
ON_PAPER = ("/requests/{request}/print/", "/visits/{visit}/", "/terms/", "/help/school/")
# A desktop of 1280 at 200 %: half as many pixels of the page, each twice as large.
ZOOMED = {"width": 640, "height": 450}
# WCAG 1.4.12: as wide as readers may set lines, letters and words. By the CSSOM, which the policy of the house allows.
WIDE_TEXT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
# Text that its own box cuts off. What only screen readers are told lies in a box of one pixel on purpose.
CUT_OFF = """() => [...document.querySelectorAll("main *, header *, nav *, footer *")].filter((node) => {
  const style = getComputedStyle(node), cuts = (way) => way === "hidden" || way === "clip";
  if (node.clientWidth <= 1 || !node.textContent.trim() || !node.checkVisibility()) return false;
  return (cuts(style.overflowX) && node.scrollWidth > node.clientWidth + 1)
    || (cuts(style.overflowY) && node.scrollHeight > node.clientHeight + 1);
}).map((node) => node.outerHTML.slice(0, 160))"""
# Buttons and fields that cannot be told from the ground when the reader's colours replace ours.
WITHOUT_EDGE = """() => [...document.querySelectorAll("button, .button, input:not([type=hidden]), textarea, select")]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().width > 1)
  .filter((node) => {
    const style = getComputedStyle(node);
    if (["checkbox", "radio", "file"].includes(node.type)) return false;
    return !(parseFloat(style.borderBottomWidth) > 0 && style.borderBottomStyle !== "none")
      && !(parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none")
      && !style.textDecorationLine.includes("underline");
  }).map((node) => node.outerHTML.slice(0, 160))"""
# The edges of each strip above the page, from the top clockwise, in pixels.
STRIPS = """() => [...document.querySelectorAll(".strip")].map((node) => {
  const style = getComputedStyle(node), sides = ["Top", "Right", "Bottom", "Left"];
  return {
    kind: node.querySelector(".strip__kind").innerText,
    edges: sides.map((side) => parseFloat(style[`border${side}Width`])),
    drawn: style.borderBottomStyle === "solid" && style.borderBottomColor !== style.backgroundColor,
  };
})"""
FOCUS = """() => {
  const style = getComputedStyle(document.activeElement);
  return document.activeElement === document.body ? null
    : [document.activeElement.outerHTML.slice(0, 120), style.outlineStyle, parseFloat(style.outlineWidth)];
}"""
PRESSED_ON_PAPER = """() => [...document.querySelectorAll("button, .button, nav, .skip, .foot")]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height > 0)
  .map((node) => node.outerHTML.slice(0, 160))"""


@pytest.fixture
def teacher(live_server, browser, people):
    load_pages()
    visit = confirmed_visit()
    person = Looker(browser, live_server.url, "teacher")
    person.things = {"visit": visit.public_id, "request": visit.request.public_id}
    yield person
    person.close()


def each(person, paths, look):
    """What `look` finds on each of the pages."""
    found = []
    for path in paths:
        person.open(path.format(**person.things))
        found += [f"{path}: {what}" for what in look() or []]
    return found + person.complaints


def test_zoomed_or_narrow_nothing_is_lost(teacher):
    def look():
        for size in (ZOOMED, REFLOW):
            teacher.page.set_viewport_size(size)
            if teacher.page.evaluate(SIDEWAYS):
                yield f"scrolls sideways at {size['width']}"
            yield from teacher.page.evaluate(CUT_OFF)

    assert each(teacher, IMPORTANT, look) == []


def test_with_wide_letters_and_lines_nothing_is_lost(teacher):
    def look():
        teacher.page.evaluate(WIDE_TEXT)
        for size in (PHONE, DESKTOP):
            teacher.page.set_viewport_size(size)
            if teacher.page.evaluate(SIDEWAYS):
                yield f"scrolls sideways at {size['width']}"
            yield from teacher.page.evaluate(CUT_OFF)

    assert each(teacher, IMPORTANT, look) == []


def test_in_the_readers_own_colours_fields_buttons_and_focus_have_edges(teacher):
    teacher.page.emulate_media(forced_colors="active")

    def look():
        yield from teacher.page.evaluate(WITHOUT_EDGE)
        for _press in range(8):
            teacher.page.keyboard.press("Tab")
            focus = teacher.page.evaluate(FOCUS)
            if focus and not (focus[1] != "none" and focus[2] >= 2):
                yield f"no outline around {focus[0]}"

    assert each(teacher, IMPORTANT, look) == []


def test_in_the_readers_own_colours_an_emergency_stands_in_a_frame(teacher):
    for urgency in Urgency.values:
        Banner.objects.create(urgency=urgency, text_ja="大雪のため、本日の訪問は延期です。")
    cache.clear()
    teacher.page.emulate_media(forced_colors="active")
    teacher.open("/my/")
    strips = {strip["kind"]: strip for strip in teacher.page.evaluate(STRIPS)}
    assert [strips[label]["edges"] for label in ("緊急", "重要なお知らせ")] == [[4, 4, 4, 4], [0, 0, 1, 0]]
    assert all(strip["drawn"] for strip in strips.values())
    assert teacher.complaints == []


def test_who_wants_no_movement_sees_none(teacher):
    teacher.page.emulate_media(reduced_motion="reduce")

    def look():
        teacher.page.keyboard.press("Tab")
        return teacher.page.evaluate("document.getAnimations().map((each) => each.animationName || 'transition')")

    assert each(teacher, IMPORTANT, look) == []


def test_on_paper_there_is_nothing_to_press_and_nothing_sticks_out(teacher):
    # A4 less the margins of print.css, at 96 pixels an inch.
    width = round((210 - 2 * 16) / 25.4 * 96)

    def look():
        teacher.page.emulate_media(media="print")
        teacher.page.set_viewport_size({"width": width, "height": 1000})
        yield from teacher.page.evaluate(PRESSED_ON_PAPER)
        if teacher.page.evaluate(SIDEWAYS):
            yield "wider than the paper"
        if not teacher.page.pdf(prefer_css_page_size=True).startswith(b"%PDF"):
            yield "no PDF"
        teacher.page.emulate_media(media="screen")

    assert each(teacher, ON_PAPER, look) == []


def test_readings_are_off_until_wanted_and_never_read_out(teacher):
    page = teacher.page
    teacher.open("/parents/")
    assert page.locator("main ruby").count() == 0
    bare = page.locator("main h2").all_inner_texts()
    page.get_by_role("link", name="ふりがなを付ける").click()
    page.wait_for_url("**/parents/?furigana=on")
    assert page.locator("main ruby").count() > 0
    assert page.locator("main :is(rt, rp):not([aria-hidden=true])").count() == 0
    assert [page.get_by_role("heading", name=words, exact=True).count() for words in bare] == [1] * len(bare)
    page.get_by_role("link", name="ふりがなを消す").click()
    page.wait_for_url("**/parents/")
    assert page.locator("main ruby").count() == 0
