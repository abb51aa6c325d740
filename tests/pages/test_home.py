"""The first page says what a school must know before anybody signs in."""

import re

import pytest
from django.test import Client
from django.utils.html import strip_tags
from wagtail.models import Locale, Page
from wagtail.rich_text import RichText

from outreach.models import IntakeRules
from pages.models import HomePage, PlainPage
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db


def text_of(page: str, client: Client | None = None) -> str:
    body = (client or Client()).get(page).content.decode()
    return re.sub(r"\s+", " ", strip_tags(body))


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            "/",
            {
                "free": "学校の負担は0円",
                "who": "小・中・高等学校、義務教育学校、中等教育学校、特別支援学校、高等専門学校、 専修学校の教職員",
                "until": "令和8年度（2026）の受付は2027年2月26日（金）まで",
                "how": "希望日時を第3希望まで。",
                "answer": "回答希望日までに",
                "long": "約5分",
                "report": "約2分",
                "names": "伝えていただくのは学年と人数だけ",
                "order": "先着順：先に申し込んだ学校の機会を、後の申込みが奪うことはありません。",
            },
        ),
        (
            "/en/",
            {
                "free": "Free of charge for schools",
                "who": "Staff of elementary, junior high and high schools",
                "until": "FY2026",
                "day": "Fri 26 Feb 2027",
                "how": "Up to three ranked days",
                "long": "About 5 minutes",
                "report": "About 2 minutes",
                "order": "First come, first served",
                "names": "Only grades and numbers are asked for",
            },
        ),
    ],
)
def test_home_says_it_before_anybody_signs_in(page, said):
    text = text_of(page).replace("、専修", "、 専修")
    assert [what for what, words in said.items() if words not in text] == []


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_home_leads_to_asking_and_to_the_figures(prefix):
    body = Client().get(f"{prefix}/").content.decode()
    assert f'href="{prefix}/requests/new/"' in body
    assert f'href="{prefix}/reach/"' in body


def test_home_says_when_the_intake_is_over():
    IntakeRules.objects.filter(fiscal_year=2026).update(closes_on="2026-11-19")
    assert "2026年11月19日（木）で終わりました" in text_of("/")


def test_home_shows_the_figures_as_they_stand(verified_visit):
    assert "確定 1件" in text_of("/")


@pytest.fixture
def about() -> PlainPage:
    """A page that nobody has translated."""
    page = PlainPage(
        title="保護者の方へ", slug="parents", body=[("text", RichText("<p>授業のようすをお伝えします。</p>"))]
    )
    HomePage.objects.get(locale=Locale.objects.get(language_code="ja")).add_child(instance=page)
    return page


def test_an_untranslated_page_answers_in_english_with_the_japanese_text_and_says_so(about):
    answer = Client().get("/en/parents/")
    body = answer.content.decode()
    assert answer.status_code == 200
    assert '<html lang="en">' in body
    assert re.search(r'<main[^>]* lang="ja"', body)
    assert "授業のようすをお伝えします。" in body
    assert re.search(r'<div class="note" lang="en">\s*<p>[^<]*(English|not yet)[^<]*</p>', body)


def test_its_japanese_address_says_nothing_of_a_translation(about):
    body = Client().get("/parents/").content.decode()
    assert "授業のようすをお伝えします。" in body
    assert not re.search(r'<main[^>]* lang="ja"', body)


def test_a_translated_page_answers_with_its_own_words(about):
    english = about.copy_for_translation(Locale.objects.get(language_code="en"))
    english.body = [("text", RichText("<p>What pupils do.</p>"))]
    english.save_revision().publish()
    body = Client().get("/en/parents/").content.decode()
    assert "What pupils do." in body
    assert not re.search(r'<main[^>]* lang="ja"', body)


@pytest.mark.parametrize("change", [{"live": False}, {"is_restricted": True}])
def test_a_page_that_is_not_public_does_not_open_through_its_missing_translation(change, about):
    if change.get("is_restricted"):
        about.view_restrictions.create(restriction_type="login")
    else:
        Page.objects.filter(pk=about.pk).update(**change)
    answer = Client().get("/en/parents/")
    assert answer.status_code == 404
    assert "授業のようす" not in answer.content.decode()


@pytest.mark.parametrize("page", ["/nowhere/", "/en/nowhere/", "/home/", "/en/home-en/"])
def test_what_is_not_there_is_missing(page):
    before = rows()
    assert Client().get(page).status_code == 404
    assert rows() == before
