"""A person's own pages: the list, the address that is shown once, and its end."""

import re

import pytest
from django.test import Client

from outreach.models import Feed
from tests.outreach.pages import Reader
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db

KEY = "11111111-1111-4111-8111-111111111111"
MADE = {"name": "スマートフォン", "scope": "full", "form_key": KEY}
ADDRESS = re.compile(r'value="(http://testserver/feeds/([\w-]{43})\.ics)"')


def signed_in(person) -> Client:
    client = Client()
    client.force_login(getattr(person, "user", person))
    return client


def test_an_address_is_made_and_shown_once(ambassador, confirmed_visit):
    client = signed_in(ambassador)
    made = client.post("/my/feeds/", MADE)
    row = Feed.objects.get()
    assert (made.status_code, made.headers["Location"]) == (302, f"/my/feeds/{row.public_id}/address/")
    page = client.get(made.headers["Location"])
    told = page.content.decode()
    address, token = ADDRESS.search(told).groups()
    assert f'href="webcal://testserver/feeds/{token}.ics"' in told
    assert f"cid=webcal%3A%2F%2Ftestserver%2Ffeeds%2F{token}.ics" in told
    assert f'value="http://testserver/feeds/{token}/freebusy.ics"' in told
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert Client().get(address).status_code == 200
    again = client.get(made.headers["Location"], follow=True)
    assert token not in again.content.decode()
    assert "作った直後の一度だけ" in again.content.decode()
    assert again.redirect_chain == [(row.get_absolute_url(), 302)]


def test_the_secret_lies_in_no_table_and_no_address(ambassador):
    client = signed_in(ambassador)
    made = client.post("/my/feeds/", MADE)
    cookie = made.cookies["feed_address"]
    token = cookie.value
    assert len(token) == 43
    assert token not in made.headers["Location"]
    assert token not in repr(rows()) and token not in repr(dict(client.session))
    assert (cookie["path"], cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (
        made.headers["Location"],
        300,
        True,
        "Strict",
    )
    assert client.get(made.headers["Location"]).cookies["feed_address"]["max-age"] == 0


def test_the_same_form_sent_twice_makes_one_address(ambassador):
    client = signed_in(ambassador)
    first, second = client.post("/my/feeds/", MADE), client.post("/my/feeds/", MADE)
    assert second.headers["Location"] == first.headers["Location"]
    assert Feed.objects.count() == 1


def test_a_replaced_address_is_shown_once_and_the_old_one_has_ended(ambassador, subscribe, confirmed_visit):
    old, client = subscribe(ambassador), signed_in(ambassador)
    page = f"/my/feeds/{old.feed.public_id}/"
    told = client.post(f"{page}rotate/", {"form_key": KEY}, follow=True).content.decode()
    address, token = ADDRESS.search(told).groups()
    assert token != old.token
    assert old.answer().status_code == 404
    assert Client().get(address).status_code == 200


def test_a_cookie_of_another_address_shows_nothing(ambassador, subscribe):
    one, other = subscribe(ambassador), subscribe(ambassador)
    client = signed_in(ambassador)
    client.cookies["feed_address"] = other.token
    assert client.get(f"/my/feeds/{one.feed.public_id}/address/").status_code == 302


def test_an_address_has_a_name_and_an_end(ambassador, subscribe, confirmed_visit):
    feed, reader = subscribe(ambassador), Reader(ambassador)
    page = f"/my/feeds/{feed.feed.public_id}/"
    assert "名前を変えました" in reader.told(page, name="教務室の予定表")
    assert "教務室の予定表" in reader.reads("/my/feeds/")
    assert "止めました" in reader.told(f"{page}revoke/")
    assert feed.answer().status_code == 404
    assert "教務室の予定表" not in reader.reads("/my/feeds/")
    assert reader.sees(page) == 404


def test_when_and_by_what_it_was_read_stands_in_the_list(ambassador, subscribe, confirmed_visit):
    feed, reader = subscribe(ambassador), Reader(ambassador)
    assert "まだ読まれていません" in reader.reads("/my/feeds/")
    feed.answer(**{"user-agent": "Google-Calendar-Importer"})
    assert "11月20日（金） 10:00（Google カレンダー）" in reader.reads("/my/feeds/")


def test_ten_addresses_are_enough(ambassador, subscribe):
    for _number in range(10):
        subscribe(ambassador)
    answer = signed_in(ambassador).post("/my/feeds/", MADE)
    assert answer.status_code == 422
    assert "購読アドレスは10個までです" in answer.content.decode()
    assert "スマートフォン" in answer.content.decode()


def test_my_page_leads_to_the_addresses_of_those_who_have_visits(people):
    for person in (people.ambassador, people.school_contact, people.board_member, people.org_member):
        assert 'href="/my/feeds/"' in Reader(person).reads("/my/")
    for person in (people.viewer, people.coordinator, people.unverified_contact):
        assert "/my/feeds/" not in Reader(person).reads("/my/")
        assert Reader(person).sees("/my/feeds/") == 403


def test_whoever_has_left_can_still_end_an_address(school_contact, subscribe):
    feed = subscribe(school_contact)
    school_contact.memberships.all().delete()
    reader = Reader(type(school_contact).objects.get(pk=school_contact.pk))
    told = reader.reads("/my/feeds/")
    assert "スマートフォン" in told
    assert 'name="scope"' not in told
    assert reader.sends("/my/feeds/", **MADE).status_code == 403
    reader.told(f"/my/feeds/{feed.feed.public_id}/revoke/")
    assert reader.sees("/my/feeds/") == 403
