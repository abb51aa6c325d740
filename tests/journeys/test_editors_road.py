"""An editor's day under the strict policy: a picture, a piece of news, its approval, its English. In a browser.

Whatever the policy stops on any of these pages, the frame of the preview included, fails the story (see `Visitor`).
"""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from wagtail.models import Workflow

from pages.models import HomePage, NewsIndexPage, NewsPage, Picture
from tests.journeys.conftest import Visitor
from ui import dates
from ui.models import BlockedSource

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A warning of wagtail-localize's own report, which counts pages of rows without an order; here it would be an error.
UNORDERED = pytest.mark.filterwarnings("ignore:Pagination may yield inconsistent results")
LISTS = (
    "/cms/",
    "/cms/pages/",
    "/cms/images/",
    "/cms/documents/",
    "/cms/snippets/",
    "/cms/snippets/pages/banner/add/",
    "/cms/users/",
    "/cms/users/new/",
    "/cms/redirects/",
    "/cms/sites/",
    "/cms/collections/",
    "/cms/workflows/list/",
    "/cms/reports/site-history/",
    "/cms/reports/workflow/",
    "/cms/localize/reports/translations/",
    "/cms/account/",
    "/cms/reports/blocked/",
)
TITLE, TEXT = "冬の受付を始めます", "出前授業の受付を始めます。"

# What Word lays on the clipboard: a heading, bold words, a list that is one only to Word, a list, a link, a table.
FROM_WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><style>p.MsoNormal {mso-style-parent:""; color:red}</style></head>
<body lang=JA><!--StartFragment-->
<h2 style='mso-pagination:none'><span style='font-size:20.0pt'>当日の流れ</span></h2>
<p class=MsoNormal style='mso-margin-top-alt:auto;color:#C00000'><b style='mso-bidi-font-weight:normal'>十分前</b>に
<span style='font-family:"MS 明朝";mso-hansi-font-family:Century'>集まります。</span><o:p></o:p></p>
<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol;mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;
</span></span><![endif]>名札<o:p></o:p></p>
<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol;mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;
</span></span><![endif]>上履き<o:p></o:p></p>
<ol style='margin-top:0mm' start=1 type=1><li class=MsoNormal style='mso-list:l1 level1 lfo2'>受付</li>
<li class=MsoNormal style='mso-list:l1 level1 lfo2'>授業</li></ol>
<p class=MsoNormal><a href="https://www.example.jp/kai"><span style='mso-fareast-language:JA'>会場の案内</span></a></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<!--EndFragment--></body></html>"""
LAY_ON_CLIPBOARD = """(html) => navigator.clipboard.write([
  new ClipboardItem({ "text/html": new Blob([html], { type: "text/html" }), "text/plain": new Blob(["x"], { type: "text/plain" }) }),
])"""


@pytest.fixture
def place_for_news() -> NewsIndexPage:
    home = HomePage.objects.get(locale__language_code="ja")
    found = NewsIndexPage.objects.filter(locale=home.locale).first()
    return found or home.add_child(instance=NewsIndexPage(title="お知らせ", slug="news", locale=home.locale))


# Wagtail leaves the file of a drawing it has made to be closed when it is forgotten.
@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile:ResourceWarning")
def test_a_piece_of_news_from_its_picture_to_its_english(visitor, people, place_for_news):
    editor = visitor()
    editor.sign_in("editor@demo.example")
    bring_a_picture(editor)
    write(editor, place_for_news)
    news = NewsPage.objects.get(title=TITLE)
    look_at_the_preview(editor)
    choose_when_it_goes_out(editor)
    submit(editor)

    reviewer = visitor()
    reviewer.sign_in("admin@demo.example")
    approve(reviewer, news)
    news.refresh_from_db()
    assert (news.live, dates.in_tokyo(news.go_live_at).day) == (False, 15)
    say_it_in_english(reviewer, news)
    english = NewsPage.objects.get(translation_key=news.translation_key, locale__language_code="en")
    assert english.title == "Requests for winter open"


def test_what_is_pasted_from_word_keeps_its_headings_lists_and_links_and_nothing_else(visitor, people, place_for_news):
    admin = visitor()
    admin.sign_in("admin@demo.example")
    tab = admin.page
    begin(admin, f"/cms/pages/add/pages/newspage/{place_for_news.pk}/")
    tab.locator("#id_title").fill(TITLE)
    add_block(tab, "文章")
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.evaluate(LAY_ON_CLIPBOARD, FROM_WORD)
    tab.locator(".public-DraftEditor-content").first.click()
    tab.keyboard.press("Control+v")
    expect(tab.locator(".public-DraftEditor-content h2")).to_have_text("当日の流れ")
    # The styles that came along are read by the browser and stopped by the policy: that is what was wanted.
    admin.complaints[:] = [said for said in admin.complaints if not re.search("inline style|style-src-attr", said)]
    expect(tab).to_have_url(re.compile("/edit/$"))
    tab.locator("footer .action-save").first.click()
    tab.locator(".messages li").first.wait_for()

    news = NewsPage.objects.get(title=TITLE)
    news.get_latest_revision().publish()
    stored = str(NewsPage.objects.get(pk=news.pk).body[0].value.source)
    assert re.findall(r"mso|style|class|Mso|<o:|<span|StartFragment", stored) == []
    reader = visitor()
    reader.open(news.url)
    prose = reader.page.locator("main .prose")
    assert prose.locator("h2").all_inner_texts() == ["当日の流れ"]
    assert prose.locator("b").all_inner_texts() == ["十分前"]
    assert prose.locator("ul li").all_inner_texts() == ["名札", "上履き"]
    assert prose.locator("ol li").all_inner_texts() == ["受付", "授業"]
    assert prose.locator("a[href='https://www.example.jp/kai']").all_inner_texts() == ["会場の案内"]
    assert "" not in [words.strip() for words in prose.locator("p").all_inner_texts()]


def test_lists_and_small_forms_of_the_editors_house(visitor, people, place_for_news):
    admin = visitor()
    admin.sign_in("admin@demo.example")
    tab = admin.page

    # Filters of the explorer: by day, with the picker inside a drop-down.
    begin(admin, f"/cms/pages/{place_for_news.get_parent().pk}/")
    tab.locator("header [data-w-dropdown-target=toggle].w-slim-header-action-button").click()
    tab.locator("[aria-controls=drilldown-id_latest_revision_created_at]").click()
    tab.locator("input[name=latest_revision_created_at_from]").first.click()
    pick_a_day(tab)
    expect(tab.locator("input[name=latest_revision_created_at_from]").first).to_have_value(re.compile(r"-15$"))

    # A redirect to a page chosen in a modal window.
    begin(admin, "/cms/redirects/add/")
    tab.locator("[name=old_path]").fill("/moved/")
    tab.locator("[data-chooser-action-choose]:visible").click()
    tab.locator(".modal a.choose-page").first.click()
    expect(tab.locator("#id_redirect_page")).not_to_have_value("")
    tab.locator("main form [type=submit]").last.click()
    tab.wait_for_url("**/cms/redirects/")

    # A workflow: rows of forms, each with a chooser of its own.
    begin(admin, "/cms/workflows/add/")
    tab.locator("[name=name]").fill("二人で見る")
    tab.locator("#id_workflow_tasks-ADD").click()
    tab.locator("#id_workflow_tasks-FORMS [data-chooser-action-choose]:visible").last.click()
    tab.locator("#tab-label-existing").click()
    tab.locator(".modal a.task-choice").first.click()
    expect(tab.locator("[name=workflow_tasks-0-task]")).not_to_have_value("")
    tab.locator("main form [type=submit]").first.click()
    tab.wait_for_url(re.compile("/cms/workflows/(list|edit)/"))
    assert Workflow.objects.get(name="二人で見る").workflow_tasks.count() == 1


@UNORDERED
def test_what_is_stopped_is_heard_here_and_told_to_the_house(visitor, people):
    """Without this, the silence of the other stories would say nothing."""
    admin = visitor()
    admin.sign_in("admin@demo.example")
    for path in LISTS:
        begin(admin, path)
    assert admin.complaints == []
    tab = admin.page
    tab.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    tab.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    tab.wait_for_timeout(500)
    assert tab.evaluate("window.ran") is None
    stopped = [line for line in admin.complaints if " stopped inline " in line]
    assert len(stopped) == 2
    admin.complaints.clear()
    told = sorted(BlockedSource.objects.values_list("directive", "source", "page"))
    assert told == [
        ("script-src-elem", "inline", "/cms/reports/blocked/"),
        ("style-src-attr", "inline", "/cms/reports/blocked/"),
    ]
    begin(admin, "/cms/reports/blocked/")
    expect(tab.locator("main td", has_text="script-src-elem")).to_have_count(1)


@UNORDERED
@pytest.mark.long
def test_one_page_of_every_kind_that_links_lead_to(visitor, people, place_for_news):
    admin = visitor()
    admin.sign_in("admin@demo.example")
    waiting, kinds = ["/cms/"], set()
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"\d+|[0-9a-f-]{36}", "N", path.partition("?")[0])
        if kind in kinds or "logout" in kind or "/bulk/" in kind:
            continue
        kinds.add(kind)
        admin.open(path)
        links = admin.page.locator("a[href]").evaluate_all("all => all.map((one) => one.pathname + one.search)")
        waiting += [link for link in links if link.startswith("/cms/") and "export=" not in link]
    assert len(kinds) > 60


def bring_a_picture(editor: Visitor) -> None:
    """It comes in, is named, and the part that matters is marked."""
    tab = editor.page
    drawing = io.BytesIO()
    Image.new("RGB", (1200, 800), "navy").save(drawing, "PNG")
    begin(editor, "/cms/images/multiple/add/")
    tab.locator("input[type=file]").set_input_files(
        {"name": "room.png", "mimeType": "image/png", "buffer": drawing.getvalue()}
    )
    tab.locator("[name$='-title']").fill("教室の絵")
    tab.locator("select[name$='-people']").select_option("nobody")
    tab.locator("#upload-list form [type=submit]").first.click()
    expect(tab.locator("#upload-list form")).to_have_count(0)
    picture = Picture.objects.get(title="教室の絵", people="nobody")

    begin(editor, f"/cms/images/{picture.pk}/")
    whole = tab.locator(".jcrop-holder").bounding_box()
    tab.mouse.move(whole["x"] + 40, whole["y"] + 40)
    tab.mouse.down()
    tab.mouse.move(whole["x"] + 200, whole["y"] + 160, steps=4)
    tab.mouse.up()
    expect(tab.locator("#id_focal_point_width")).not_to_have_value("")
    tab.locator("main form [type=submit]").first.click()
    tab.wait_for_url("**/cms/images/")
    picture.refresh_from_db()
    assert picture.focal_point_width > 0


def write(editor: Visitor, place: NewsIndexPage) -> None:
    """A title; a text, of which a part is bold and leads to a page; the picture."""
    tab = editor.page
    begin(editor, f"/cms/pages/add/pages/newspage/{place.pk}/")
    tab.locator("#id_title").fill(TITLE)
    add_block(tab, "文章")
    text = tab.locator(".public-DraftEditor-content").first
    text.click()
    tab.keyboard.type(TEXT)
    for _letter in "ます。":
        tab.keyboard.press("Shift+ArrowLeft")
    tab.keyboard.press("Control+b")
    tab.keyboard.press("Control+k")
    tab.locator(".modal a.choose-page").first.click()
    expect(text.locator("a", has_text="ます。")).to_have_count(1)
    add_block(tab, "写真・図")
    tab.locator("input[name$='-alt']").fill("黒板のある教室")
    tab.locator("[data-chooser-action-choose]:visible").last.click()
    tab.locator(".modal .image-choice, .modal [data-chooser-modal-choice]").first.click()
    expect(tab.locator("input[name$='-picture']")).not_to_have_value("")
    # Saved by itself: whoever presses the button in the very moment of the first time would make a second page.
    expect(tab).to_have_url(re.compile("/edit/$"))
    tab.locator("footer .action-save").first.click()
    tab.locator(".messages li").first.wait_for()
    ready(tab)


def look_at_the_preview(editor: Visitor) -> None:
    tab = editor.page
    tab.locator("[data-side-panel-toggle=preview]").first.click()
    page = tab.frame_locator("iframe").first
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("main b", has_text="ます。")).to_have_count(1)
    expect(page.locator("main img[alt='黒板のある教室']")).to_have_count(1)


def choose_when_it_goes_out(editor: Visitor) -> None:
    tab = editor.page
    tab.locator("[data-side-panel-toggle=status]").first.click()
    tab.locator("[data-a11y-dialog-show=schedule-publishing-dialog]").first.click()
    tab.locator("#id_go_live_at").click()
    pick_a_day(tab)
    expect(tab.locator("#id_go_live_at")).to_have_value(re.compile(r"-15 \d\d:\d\d$"))
    tab.locator("#schedule-publishing-dialog h2").click()
    tab.locator("#schedule-publishing-dialog [type=submit]").click()
    tab.wait_for_url("**/edit/")
    ready(tab)


def submit(editor: Visitor) -> None:
    tab = editor.page
    tab.locator("footer [data-w-dropdown-target=toggle]").first.click()
    tab.locator("button[name=action-submit]").click()
    tab.wait_for_url(re.compile(r"/cms/pages/\d+/$"))


def approve(reviewer: Visitor, news: NewsPage) -> None:
    """The home of the CMS tells what waits; the reviewer writes a word in a modal window."""
    tab = reviewer.page
    begin(reviewer, "/cms/")
    expect(tab.locator("main", has_text=TITLE)).to_have_count(1)
    begin(reviewer, f"/cms/pages/{news.pk}/edit/")
    tab.locator("footer [data-w-dropdown-target=toggle]").first.click()
    tab.locator("[data-workflow-action-name=approve][data-workflow-action-modal-url]:visible").click()
    tab.locator(".modal textarea").fill("よいと思います。")
    tab.locator(".modal [type=submit]").click()
    tab.wait_for_url(re.compile(r"/cms/pages/\d+/$"))


def say_it_in_english(reviewer: Visitor, news: NewsPage) -> None:
    tab = reviewer.page
    reviewer.open(f"/cms/localize/submit/page/{news.pk}/")
    tab.locator("[name=locales]").first.check()
    tab.locator("main form [type=submit]").last.click()
    tab.wait_for_url("**/edit/")
    ready(tab)
    tab.get_by_role("button", name="Translate").first.click()
    tab.locator(".js-translation-editor textarea").first.fill("Requests for winter open")
    tab.locator(".js-translation-editor").get_by_role("button", name="保存").click()
    expect(tab.locator(".js-translation-editor textarea")).to_have_count(0)
    tab.locator("button[name=action][value=publish]").click()
    tab.locator(".messages li", has_text="Requests for winter open").wait_for()


def begin(person: Visitor, path: str) -> None:
    person.open(path)
    ready(person.page)


def ready(tab: Tab) -> None:
    """Wagtail's own scripts have begun."""
    tab.locator("body.ready").wait_for()


def add_block(tab: Tab, kind: str) -> None:
    tab.locator("[data-streamfield-stream-container] .c-sf-add-button").last.click()
    tab.locator(".w-combobox__option", has_text=kind).first.click()


def pick_a_day(tab: Tab) -> None:
    """The fifteenth of next month, by pointing."""
    picker = tab.locator(".xdsoft_datetimepicker:visible")
    picker.locator(".xdsoft_next:visible").first.click()
    picker.locator(".xdsoft_date:not(.xdsoft_other_month)", has_text=re.compile("^15$")).first.click()
