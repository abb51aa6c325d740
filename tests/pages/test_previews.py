"""確認用リンク: the draft for people without an account, for seven days."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from pages.previews import PreviewLink, end_link, forget_ended_links, make_link
from tests.pages.conftest import hours, prose

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(plain):
    page = plain("draft", "公開中の題名")
    page.title = "まだ内緒の題名"
    page.body = prose("<p>新しい文</p>")
    page.save_revision()
    return page


def test_the_link_shows_the_newest_draft_to_whoever_has_it(draft, editor):
    _link, token = make_link(draft, by=editor)
    answer = Client().get(f"/preview/{token}/")
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "まだ内緒の題名" in body and "新しい文" in body and "公開前の下書きです" in body
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


def test_the_public_page_stays_what_it_was(draft, editor):
    make_link(draft, by=editor)
    assert "公開中の題名" in Client().get("/draft/").content.decode()


def test_it_ends_after_seven_days(draft, editor, clock):
    _link, token = make_link(draft, by=editor)
    clock.move_to(timezone.now() + dt.timedelta(days=6, hours=23))
    assert Client().get(f"/preview/{token}/").status_code == 200
    clock.move_to(hours(2))
    assert Client().get(f"/preview/{token}/").status_code == 404


def test_an_ended_link_answers_like_one_that_never_was(draft, editor):
    link, token = make_link(draft, by=editor)
    end_link(link, by=editor)
    ended, unknown = (Client().get(f"/preview/{secret}/") for secret in (token, "x" * 43))
    assert (ended.status_code, unknown.status_code) == (404, 404)
    assert ended.content.decode().replace(token, "") == unknown.content.decode().replace("x" * 43, "")


def test_the_database_holds_no_usable_link(draft, editor):
    _link, token = make_link(draft, by=editor)
    assert [token in str(row) for row in PreviewLink.objects.values_list()] == [False]


def test_an_editor_makes_and_ends_one_on_the_page_of_the_cms(draft, client, editor):
    client.force_login(editor)
    made = client.post(f"/cms/pages/{draft.pk}/preview-links/").content.decode()
    (address,) = re.findall(r'value="(http[^"]+/preview/[^"]+)"', made)
    assert Client().get(address).status_code == 200
    link = PreviewLink.objects.get()
    client.post(f"/cms/pages/{draft.pk}/preview-links/{link.public_id}/end/")
    assert Client().get(address).status_code == 404
    assert address not in client.get(f"/cms/pages/{draft.pk}/preview-links/").content.decode()


def test_opening_the_page_of_the_cms_makes_nothing(draft, client, editor):
    client.force_login(editor)
    client.get(f"/cms/pages/{draft.pk}/preview-links/")
    assert PreviewLink.objects.count() == 0


@pytest.mark.parametrize("who", ["school_contact", "viewer"])
def test_others_make_none(who, draft, client, request):
    client.force_login(request.getfixturevalue(who))
    assert client.post(f"/cms/pages/{draft.pk}/preview-links/").status_code == 302
    assert PreviewLink.objects.count() == 0


def test_a_month_after_its_end_it_is_forgotten(draft, editor, clock):
    make_link(draft, by=editor)
    clock.move_to(timezone.now() + dt.timedelta(days=36))
    assert forget_ended_links() is None
    clock.move_to(timezone.now() + dt.timedelta(days=2))
    assert forget_ended_links() == "1 preview links forgotten"
