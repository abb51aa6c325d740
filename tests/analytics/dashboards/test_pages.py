"""Figures on their pages: public totals say no names, staff open the visits behind each."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from outreach.models import School

pytestmark = pytest.mark.django_db


def text(person, page: str) -> str:
    client = Client()
    if person:
        client.force_login(person)
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


def numbers(body: str) -> list[str]:
    return re.findall(r'reach__number"[^>]*>([^<]*)<', body)


def test_the_public_page_shows_totals_and_no_school(verified_visit):
    School.objects.update(may_be_named=True)
    body = text(None, "/reach/")
    assert numbers(body)[:2] == ["1", "72"]
    assert verified_visit.school.name not in body
    assert str(verified_visit.public_id) not in body


def test_a_visit_to_come_stands_on_no_public_page(confirmed_visit):
    for page in ("/", "/reach/"):
        assert confirmed_visit.school.name not in text(None, page)


def test_the_dashboard_shows_a_day_of_the_past(verified_visit, viewer, clock):
    clock.move_to(timezone.now() + dt.timedelta(days=3))
    day_before = (verified_visit.day - dt.timedelta(days=1)).isoformat()
    assert numbers(text(viewer, "/dashboard/"))[0] == "1"
    assert numbers(text(viewer, f"/dashboard/?as_of={day_before}"))[0] == "0"


def test_a_day_that_cannot_be_read_is_said_and_the_present_is_shown(verified_visit, viewer):
    body = text(viewer, "/dashboard/?as_of=きのう")
    assert "「きのう」は日付として読めません" in body
    assert numbers(body)[0] == "1"


def test_a_figure_opens_the_visits_behind_it(verified_visit, viewer):
    body = text(viewer, "/dashboard/behind/students/")
    assert verified_visit.get_absolute_url() in body
    assert "72" in body
    assert verified_visit.get_absolute_url() not in text(viewer, "/dashboard/behind/students/?standing=planned")


@pytest.mark.parametrize("page", ["/dashboard/behind/money/", "/dashboard/behind/visits/?standing=guessed"])
def test_a_figure_that_does_not_exist_is_missing(page, viewer):
    client = Client()
    client.force_login(viewer)
    assert client.get(page).status_code == 404
