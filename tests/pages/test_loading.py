"""load_pages: the texts of the house become pages, once; what an editor has touched stays."""

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.terms.models import TermsVersion
from pages.checks import findings
from pages.loading import TEXTS, load_pages, texts
from pages.models import PlainPage
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db
PATHS = [text.path for text in texts(TEXTS, "ja")]


@pytest.fixture
def loaded():
    return load_pages()


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_text_opens_in_both_languages(prefix, loaded):
    answers = {path: Client().get(f"{prefix}/{path}/") for path in PATHS}
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(PATHS, 200)
    if prefix:
        assert [path for path, answer in answers.items() if ' lang="ja"><' in answer.content.decode()] == []


def test_a_second_loading_changes_nothing(loaded):
    before = rows()
    done = load_pages()
    assert (done.made, done.renewed) == (0, 0)
    assert rows() == before


def test_what_an_editor_has_saved_is_not_written_over(loaded, editor):
    page = PlainPage.objects.get(slug="privacy", locale__language_code="ja")
    page.lead = "編集者の言葉"
    page.save_revision(user=editor).publish()
    done = load_pages(renew=True)
    page.refresh_from_db()
    assert page.lead == "編集者の言葉"
    assert done.kept == 5  # that page, and the lists of news and events


def test_renewing_writes_the_files_again(loaded):
    PlainPage.objects.filter(slug="privacy").update(lead="古い言葉")
    load_pages(renew=True)
    assert "古い言葉" not in PlainPage.objects.get(slug="privacy", locale__language_code="ja").lead


def test_a_dry_run_does_nothing(capsys):
    call_command("load_pages", dry_run=True)
    assert PlainPage.objects.count() == 0
    assert "would be: " in capsys.readouterr().out


def test_links_between_texts_follow_the_page(loaded):
    page = PlainPage.objects.get(slug="safety", locale__language_code="ja")
    page.slug = "kokoro"
    page.save_revision().publish()
    text = Client().get("/parents/").content.decode()
    assert 'href="/kokoro/"' in text and 'href="/safety/"' not in text.partition("<footer")[0]


def test_the_first_terms_are_loaded_and_never_again(loaded):
    version = TermsVersion.objects.get()
    assert version.number == 1 and version.body_ja and version.body_en
    load_pages(renew=True)
    assert TermsVersion.objects.count() == 1


def test_the_texts_pass_their_own_checks(loaded):
    told = {page.slug: findings(page) for page in PlainPage.objects.all()}
    assert {slug: found for slug, found in told.items() if found} == {}
