"""What stands around every page: menus, banners, who answers for it, what is told to machines."""

import datetime as dt
import re
import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Locale

from pages.models import NewsPage
from pages.notices import Banner, Section, Urgency
from tests.pages.conftest import body, english_of, home, hours, prose
from ui import dates
from ui.context import DeskContact, desk_contact

pytestmark = pytest.mark.django_db


HOUSE = settings.SITE_URL


def test_editors_put_pages_into_the_menu_and_below_every_page(plain):
    plain("help", "使い方", show_in_menus=True)
    plain("privacy", "プライバシー", in_footer=True)
    page = body("/reach/")
    nav, foot = page.partition('class="nav"')[2], page.partition("<footer")[2]
    assert 'href="/help/"' in nav and 'href="/help/"' not in foot
    assert 'href="/privacy/"' in foot and 'href="/privacy/"' not in nav.partition("</nav>")[0]


def test_on_a_phone_the_menu_leads_to_the_pages_below_every_page_as_well(plain):
    plain("help", "使い方", show_in_menus=True, in_footer=True)
    plain("parents", "保護者の方へ", in_footer=True)
    panel = body("/reach/").partition('class="menu__panel"')[2].partition("</ul>")[0]
    assert panel.count('href="/parents/"') == 1
    assert panel.count('href="/help/"') == 1


def test_an_untranslated_entry_of_the_menu_says_its_language(plain):
    plain("help", "使い方", show_in_menus=True)
    assert re.search(r'href="/en/help/" lang="ja"', body("/en/reach/"))


def test_a_translated_entry_stands_in_english(plain):
    page = plain("help", "使い方", show_in_menus=True)
    english = page.copy_for_translation(Locale.objects.get(language_code="en"))
    english.title = english.draft_title = "Help"
    english.save_revision().publish()
    assert re.search(r'href="/en/help/">Help<', body("/en/reach/"))
    assert "使い方" not in body("/en/reach/")


def test_a_banner_stands_above_every_page_from_its_moment_until_its_end(clock):
    Banner.objects.create(
        urgency=Urgency.EMERGENCY,
        text_ja="大雪です。",
        text_en="Heavy snow.",
        shown_from=hours(1),
        shown_until=hours(3),
    )
    start = timezone.now()
    seen = []
    for after in (0, 2, 4):
        clock.move_to(start + dt.timedelta(hours=after))
        seen.append(["大雪です。" in body("/"), "Heavy snow." in body("/en/reach/")])
    assert seen == [[False, False], [True, True], [False, False]]


def test_a_new_banner_is_seen_at_once_and_emergencies_come_first():
    assert "重い知らせ" not in body("/")
    Banner.objects.create(text_ja="軽い知らせ")
    Banner.objects.create(text_ja="重い知らせ", urgency=Urgency.EMERGENCY)
    page = body("/")
    assert 0 < page.index("重い知らせ") < page.index("軽い知らせ")


def test_a_banner_without_english_says_its_language():
    Banner.objects.create(text_ja="大雪です。")
    assert re.search(r'<span lang="ja">大雪です。', body("/en/"))


def test_a_page_tells_since_when_and_who_answers_for_it(plain):
    section = Section.objects.create(key="it", name_ja="システム担当", name_en="Systems", phone="03-0000-0000")
    plain("about", section=section)
    text = body("/about/")
    assert "最終更新 2026年11月20日（金）" in text
    assert "担当 システム担当" in text and "03-0000-0000" in text


def test_english_older_than_its_japanese_says_so_until_it_is_published_again(plain, clock):
    page = plain("about")
    english = english_of(page)
    assert "newer" not in body("/en/about/")
    clock.shift(3600)
    page.save_revision().publish()
    text = body("/en/about/")
    assert re.search(r'<div class="note note--care">\s*<p>[^<]*Japanese[^<]*20 Nov 2026', text)
    assert 'href="/about/" lang="ja"' in text
    clock.shift(3600)
    english.save_revision().publish()
    assert "note--care" not in body("/en/about/")


def test_both_languages_name_each_other_and_shared_links_have_a_face(plain):
    english_of(plain("about", lead="どんなサイトかをお伝えします。"))
    text = body("/about/")
    assert f'rel="alternate" hreflang="en" href="{HOUSE}/en/about/"' in text
    assert '<meta property="og:title" content="このサイトについて">' in text
    assert '<meta property="og:description" content="どんなサイトかをお伝えします。">' in text
    assert f'property="og:image" content="{HOUSE}/static/ui/shared.png"' in text


def test_a_page_without_translation_names_its_japanese_address_as_the_one(plain):
    plain("about")
    assert f'<link rel="canonical" href="{HOUSE}/about/">' in body("/en/about/")
    assert "hreflang" not in body("/about/").partition("<header")[0]


def test_the_desk_is_reached_as_editors_have_written_it():
    assert f"mailto:{settings.DESK_MAIL}" in body("/reach/") and "tel:" not in body("/reach/")
    Section.objects.update_or_create(key="desk", defaults={"phone": "03-0000-0000", "mail": "madoguchi@example.jp"})
    for page in (body("/reach/"), body("/nowhere/")):
        assert 'href="tel:03-0000-0000"' in page and "mailto:madoguchi@example.jp" in page


def test_an_error_page_names_the_desk_where_the_database_is_gone(monkeypatch):
    def is_gone() -> None:
        raise OperationalError

    monkeypatch.setattr("pages.registrations._read_desk", is_gone)
    assert desk_contact() == DeskContact(settings.DESK_MAIL)


def test_a_moved_page_is_found_under_its_old_address(plain, django_capture_on_commit_callbacks):
    page = plain("old-place")
    page.slug = "new-place"
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()
    answer = Client().get("/old-place/")
    assert (answer.status_code, answer["Location"]) == (301, "/new-place/")


def test_an_editors_redirect_leads_on():
    Redirect.objects.create(old_path="/2025/flyer", redirect_link="/reach/", is_permanent=False)
    assert Client().get("/2025/flyer/")["Location"] == "/reach/"


def test_the_map_names_public_pages_in_both_languages_and_other_parts(plain):
    english_of(plain("about"))
    urls = {
        loc.text.removeprefix("http://testserver")
        for loc in ET.fromstring(body("/sitemap.xml")).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    }
    assert {"/", "/en/", "/about/", "/en/about/", "/reach/", "/en/reach/", "/ambassadors/", "/en/ambassadors/"} <= urls
    assert not {url for url in urls if url.startswith(("/my", "/desk", "/accounts", "/cms"))}


def test_robots_are_kept_out_of_the_rooms():
    lines = body("/robots.txt").splitlines()
    assert "Disallow: /desk/" in lines and "Sitemap: http://testserver/sitemap.xml" in lines


def test_the_feed_tells_the_newest_news_in_its_language(news):
    first = news("a", "一つ目", released_on=dt.date(2026, 11, 1))
    news("b", "二つ目", released_on=dt.date(2026, 11, 2))
    english = first.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
    english.title = english.draft_title = "First"
    english.save_revision().publish()
    titles = [item.findtext("title") for item in ET.fromstring(body("/news/feed.xml")).iter("item")]
    assert titles == ["二つ目", "一つ目"]
    in_english = [item.findtext("title") for item in ET.fromstring(body("/en/news/feed.xml")).iter("item")]
    assert in_english == ["二つ目", "First"]


def test_news_let_out_on_a_day_carry_that_day(news, client, coordinator):
    page = news("later", "後で", publish=False)
    client.force_login(coordinator)
    client.post(
        f"/cms/pages/{page.pk}/edit/",
        {
            "title": "後で",
            "slug": "later",
            "kind": "notice",
            "released_on": "2026-11-20",
            "go_live_at": "2026-11-25 05:00",
            "lead": "",
            "body-count": "0",
            "comments-TOTAL_FORMS": "0",
            "comments-INITIAL_FORMS": "0",
            "action-publish": "yes",
        },
    )
    page = NewsPage.objects.get(pk=page.pk)
    draft = page.get_latest_revision_as_object()
    assert (draft.released_on, draft.title) == (dt.date(2026, 11, 25), "後で")
    assert page.get_latest_revision().approved_go_live_at == dates.at_tokyo(dt.date(2026, 11, 25), dt.time(5))


def test_a_card_leads_to_one_place_only(plain):
    from django.core.exceptions import ValidationError

    from pages.blocks import LinkBlock

    block = LinkBlock()
    for page, url in ((None, ""), (home(), "/reach/"), (None, "javascript:alert(1)"), (None, "//evil.example/")):
        with pytest.raises(ValidationError):
            block.clean(block.to_python({"heading": "行き先", "text": "", "page": page and page.pk, "url": url}))
    assert block.clean(block.to_python({"heading": "行き先", "text": "", "page": None, "url": "/reach/"}))


def test_a_page_costs_few_queries_however_many_links_it_has(plain, django_assert_max_num_queries):
    targets = [plain(f"target-{number}", f"行き先{number}") for number in range(8)]
    links = "".join(f'<p><a linktype="page" id="{page.pk}">行き先</a></p>' for page in targets)
    plain("about", body=[*prose(links), *prose(links)])
    Client().get("/about/?x=1")
    with django_assert_max_num_queries(4):
        Client().get("/about/?x=1")
