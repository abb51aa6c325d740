"""Private, draft, scheduled and expired pages appear nowhere for strangers."""

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import Page, PageViewRestriction

from pages.models import HomePage
from pages.notices import Banner
from pages.schedule import publish_what_is_due
from tests.pages.conftest import hours, prose
from ui import places

pytestmark = pytest.mark.django_db
TITLE = "かくれたページの題名"
ADDRESSES = (
    "/",
    "/en/",
    "/news/",
    "/en/news/",
    "/news/?kind=notice",
    "/news/feed.xml",
    "/en/news/feed.xml",
    "/sitemap.xml",
    "/hidden/",
    "/en/hidden/",
    "/news/hidden/",
    "/en/news/hidden/",
    "/about/",
    "/nowhere/",
)


def seen_anywhere() -> list[str]:
    """Addresses whose answer tells a stranger the title or the slug of the page."""
    found = []
    for address in ADDRESSES:
        body = Client().get(address).content.decode()
        # Its own address may be named where somebody has typed it: in the link to the other language.
        if TITLE in body or ("/hidden/" in body and "/hidden/" not in address):
            found.append(address)
    return found


def hide(page: Page, how: str) -> None:
    if how == "restricted":
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    elif how == "below a restricted page":
        PageViewRestriction.objects.create(page=page.get_parent(), restriction_type=PageViewRestriction.LOGIN)
    elif how == "taken off":
        page.unpublish()
    elif how == "expired":
        page.expire_at = hours(1)
        page.save_revision().publish()


@pytest.fixture
def everywhere(plain, news, request):
    """One page in the menu, below every page, in a banner and linked from a page; and one piece of news."""

    def make(**words):
        page = plain("hidden", TITLE, show_in_menus=True, in_footer=True, **words)
        item = news("hidden", TITLE, **words)
        words = prose(f'<p><a linktype="page" id="{page.pk}">行き先</a></p>')
        plain("about", "紹介", body=[*words, ("links", [{"heading": "行き先", "text": "", "page": page, "url": ""}])])
        Banner.objects.create(text_ja="大雪です。", page=page)
        return page, item

    return make


def test_a_public_page_is_seen_in_all_these_places(everywhere):
    everywhere()
    assert set(ADDRESSES) - set(seen_anywhere()) == set()


@pytest.mark.parametrize("how", ["restricted", "taken off"])
def test_what_is_not_public_any_more_is_seen_nowhere(how, everywhere):
    for page in everywhere():
        hide(page, how)
    assert seen_anywhere() == []


def test_news_below_a_restricted_list_are_seen_nowhere(news):
    hide(news("hidden", TITLE), "below a restricted page")
    assert seen_anywhere() == []


def test_a_draft_is_seen_nowhere(everywhere):
    everywhere(publish=False)
    assert seen_anywhere() == []


def test_what_waits_for_its_day_is_seen_nowhere_until_then(everywhere, clock):
    everywhere(go_live_at=hours(2))
    assert seen_anywhere() == []
    clock.move_to(hours(3))
    assert publish_what_is_due() == "2 pages published, 0 pages taken off"
    assert "/news/hidden/" in seen_anywhere()


def test_what_has_run_out_is_gone_by_the_clock_before_anybody_writes_it_down(everywhere, clock):
    for page in everywhere():
        hide(page, "expired")
    assert "/hidden/" in seen_anywhere()
    clock.move_to(hours(2))
    assert seen_anywhere() == []
    assert Client().get("/hidden/").status_code == 404
    assert Page.objects.filter(slug="hidden", live=True).count() == 2


def test_tick_takes_off_what_has_run_out(everywhere, clock):
    for page in everywhere():
        hide(page, "expired")
    clock.move_to(hours(2))
    call_command("tick")
    assert Page.objects.filter(slug="hidden", live=True).count() == 0


def test_memory_keeps_no_page_beyond_its_end(plain, clock):
    page = plain("hidden", TITLE)
    page.expire_at = hours(10 / 3600)
    page.save_revision().publish()
    assert Client().get("/hidden/").status_code == 200
    clock.shift(11)
    assert Client().get("/hidden/").status_code == 404


def test_whoever_takes_a_page_off_sees_it_gone_at_once(plain):
    page = plain("hidden", TITLE, in_footer=True)
    assert TITLE in Client().get("/").content.decode()
    page.unpublish()
    assert TITLE not in Client().get("/").content.decode()
    assert Client().get("/hidden/").status_code == 404


def test_a_restricted_page_opens_for_those_it_is_for(plain, school_contact):
    hide(plain("hidden", TITLE), "restricted")
    client = Client()
    assert client.get("/hidden/").status_code == 302
    client.force_login(school_contact)
    assert TITLE in client.get("/hidden/").content.decode()


def test_no_list_asks_for_pages_but_by_the_one_question(plain):
    page = plain()
    hide(page, "restricted")
    assert page.pk not in {link.url for links in places.page_links.ask() for link in links}
    assert HomePage.objects.live().count() == 2
