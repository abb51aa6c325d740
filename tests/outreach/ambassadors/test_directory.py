"""The public directory and its cards: who is there, how they are found, and what is never said."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from outreach.ambassadors.profile import set_facets
from outreach.models import Ambassador, Appointment
from tests.architecture.test_queries import FEW, MANY, another
from ui import dates

pytestmark = pytest.mark.django_db


@pytest.fixture
def names(client: Client):
    """The ambassadors listed for a query, in their order on the page."""

    def names(query: str = "", language: str = "") -> list[str]:
        answer = client.get(f"{language}/ambassadors/{query}")
        assert answer.status_code == 200
        return [person.name_ja for person in answer.context["page"]]

    return names


def everybody() -> list[str]:
    return list(Ambassador.objects.order_by("name_kana").values_list("name_ja", flat=True))


def test_everybody_in_office_is_listed_by_kana(names):
    assert names() == everybody()
    assert len(everybody()) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"paused_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)},
        {"is_public": False},
    ],
)
def test_whoever_pauses_or_was_taken_off_is_neither_listed_nor_shown(names, client, ambassador, change):
    Ambassador.objects.filter(pk=ambassador.pk).update(**change)
    assert ambassador.name_ja not in names()
    missing = client.get("/ambassadors/nobody-of-this-name/")
    hidden = client.get(ambassador.get_absolute_url())
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content.replace(b"nobody-of-this-name", ambassador.slug.encode())


def test_a_card_ends_with_the_appointment(names, client, ambassador, clock):
    ambassador.appointments.filter(until__gte=dates.today()).update(until=dates.today())
    assert ambassador.name_ja in names()
    clock.shift(dt.timedelta(days=1))
    assert ambassador.name_ja not in names()
    assert client.get(ambassador.get_absolute_url()).status_code == 404


def test_each_filter_finds_those_it_names_and_no_others(names, ambassador, ambassador_abroad):
    for kind in ("theme", "stage", "language"):
        for person in Ambassador.objects.all():
            set_facets(person, kind, [])
    set_facets(ambassador, "theme", ["local"])
    set_facets(ambassador, "stage", ["technical_college"])
    set_facets(ambassador_abroad, "language", ["de"])
    Ambassador.objects.exclude(pk=ambassador.pk).update(prefecture_code="47")
    Ambassador.objects.update(visits_online=False)
    Ambassador.objects.filter(pk=ambassador_abroad.pk).update(visits_online=True)
    ambassador.competences.set([])
    code = ambassador_abroad.competences.first().code
    others = {p.name_ja for p in Ambassador.objects.exclude(competences__code=code)}
    assert names(f"?prefecture={ambassador.prefecture_code}") == [ambassador.name_ja]
    assert names("?theme=local") == [ambassador.name_ja]
    assert names("?stage=technical_college") == [ambassador.name_ja]
    assert names("?language=de") == [ambassador_abroad.name_ja]
    assert names("?format=online") == [ambassador_abroad.name_ja]
    assert ambassador_abroad.name_ja not in names("?format=in_person")
    assert ambassador_abroad.name_ja in names(f"?competence={code}")
    assert not others & set(names(f"?competence={code}"))
    assert names("?theme=local&language=de") == []


@pytest.mark.parametrize(
    "words",
    ["風見", "かざみ", "カザミ", "ｶｻﾞﾐ", "ＲＹＯ　ＫＡＺＡＭＩ", "ryo kazami", "かざみ りょう", "海藻", "海藻　ryo"],
)
def test_names_are_found_in_every_spelling(names, words):
    assert names(f"?q={words}") == ["風見 涼"]


@pytest.mark.parametrize(
    "query", ["?prefecture=99", "?theme=money", "?format=x&page=999", "?competence=0", "?language="]
)
def test_a_filter_that_says_nothing_is_left_out(names, query):
    assert names(query) == everybody()


def test_nobody_found_is_said_with_a_way_out(client):
    body = client.get("/ambassadors/?q=いない人").content.decode()
    assert "この条件に合う推進大使はいません" in body
    assert 'href="/ambassadors/"' in body


def test_pages_keep_the_filters(client, ambassador):
    for number in range(30):
        make_like(ambassador, number)
    body = client.get("/ambassadors/?format=in_person").content.decode()
    assert "format=in_person&amp;page=2" in body


def make_like(ambassador: Ambassador, number: int) -> Ambassador:
    user = User.objects.create_user(f"dir{number}@example.jp", name=f"大使 {number}")
    new = another(ambassador, user=user, slug=f"dir-{number}", name_kana=f"たいし{number:03}")
    for table in (Appointment, ambassador.facets.model):
        for row in table.objects.filter(ambassador=ambassador):
            another(row, ambassador=new)
    return new


def test_a_list_of_fifty_costs_the_queries_of_five(client, ambassador):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/ambassadors/?format=in_person&q=a&theme=" + ambassador.facets.filter(kind="theme")[0].value)
            client.get("/ambassadors/")
        return len(queries)

    for number in range(FEW):
        make_like(ambassador, number)
    cost()
    few = cost()
    for number in range(FEW, MANY):
        make_like(ambassador, number)
    assert cost() == few
    assert few <= 12


# ── the card ──────────────────────────────────────────────────────────────────
def test_the_card_says_what_schools_want_to_know(client, ambassador):
    body = client.get(ambassador.get_absolute_url()).content.decode()
    for words in (
        ambassador.name_ja,
        ambassador.headline_ja,
        ambassador.about_ja,
        ambassador.expect_ja,
        "東京都",
        "対面",
    ):
        assert words in body
    for words in (*ambassador.themes, *ambassador.stages, *ambassador.languages):
        assert words in body
    assert 'href="/requests/new/"' in body
    assert f"competence={ambassador.competences.first().code}" in body


def test_what_is_not_translated_stays_japanese_and_says_so(client, ambassador):
    Ambassador.objects.filter(pk=ambassador.pk).update(about_en="", headline_en="Founder", expect_en="")
    body = client.get(f"/en{ambassador.get_absolute_url()}").content.decode()
    assert f'<div class="prose" lang="ja"><p>{ambassador.about_ja}</p></div>' in body
    assert "<p>Founder</p>" in body
    listed = client.get("/en/ambassadors/").content.decode()
    assert "Ryo Kazami" in listed


PRIVATE = "cnry-private@example.jp"


def test_contact_data_and_what_the_desk_noted_are_never_on_a_public_page(
    client, ambassador, coordinator, school_contact
):
    User.objects.filter(pk=ambassador.user_id).update(email=PRIVATE, name="CNRY-account")
    Ambassador.objects.filter(pk=ambassador.pk).update(pause_reason="CNRY-reason", most_per_month=3)
    ambassador.assistants.create(email="cnry-hisho@example.jp", named_by=ambassador.user)
    pages = [
        f"{language}{page}"
        for language in ("", "/en")
        for page in ("/ambassadors/", "/ambassadors/?q=cnry", ambassador.get_absolute_url())
    ]
    readers = [client, Client(), Client()]
    readers[1].force_login(school_contact)
    readers[2].force_login(coordinator)
    for reader in readers:
        for page in pages:
            assert "cnry-" not in reader.get(page).content.decode().lower().replace("?q=cnry", "").replace(
                'value="cnry"', ""
            )


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}"])
def test_markup_in_a_card_is_only_text(client, ambassador, attack):
    texts = dict.fromkeys(("name_ja", "name_kana", "headline_ja", "about_ja", "expect_ja"), attack)
    Ambassador.objects.filter(pk=ambassador.pk).update(**texts)
    for page in ("/ambassadors/", ambassador.get_absolute_url()):
        body = client.get(page).content.decode()
        assert attack not in body or "{{" in attack
        assert "<script>alert" not in body
        assert "<img src=x" not in body


def test_the_school_reads_the_address_only_when_the_visit_is_booked(waiting_offer, ambassador, school_contact, clock):
    """Before the yes the host does not even learn whom the desk has asked."""
    from outbox.models import Letter
    from outreach.visits import actions as visits
    from tests.outreach.pages import Reader

    User.objects.filter(pk=ambassador.user_id).update(email=PRIVATE)
    ambassador.user.refresh_from_db()
    request = waiting_offer.request
    teacher = Reader(school_contact)
    pages = ["/my/", "/requests/", request.get_absolute_url()]
    before = "".join(teacher.reads(page) for page in pages)
    letters = Letter.objects.filter(person=school_contact)
    told = "".join(letter.subject + letter.body for letter in letters)
    assert PRIVATE not in before + told
    assert ambassador.name not in before + told
    visit = visits.accept(waiting_offer, by=ambassador.user, slot=waiting_offer.slots.first())
    assert PRIVATE in teacher.reads(visit.get_absolute_url())
    assert PRIVATE in letters.get(key__contains="visit_confirmed_school").body
    assert timezone.now() < visit.starts_at
