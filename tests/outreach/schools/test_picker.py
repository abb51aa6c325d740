"""Finding one's school among all of the country."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client

from outreach.lives import NotAllowed
from outreach.schools import actions
from outreach.schools.forms import MOST_SHOWN, SchoolSearchForm
from outreach.schools.models import School, schools_now
from ui import dates

pytestmark = pytest.mark.django_db


def made(number: int, name: str, **more) -> School:
    return School.objects.create(
        school_code=f"D147{number:09d}",
        **{"type_code": "D1", "prefecture_code": "47", "founder_code": "2", "name_ja": name} | more,
    )


def found(name: str = "", prefecture: str = "47") -> list[str]:
    form = SchoolSearchForm({"name": name, "prefecture": prefecture})
    assert form.was_asked()
    return [school.name_ja for school in form.found()]


def test_what_was_typed_in_full_stands_first_then_what_begins_with_it():
    for number, name in enumerate(("沖縄県立上みなと高等学校", "沖縄県立みなと南高等学校", "沖縄県立みなと高等学校")):
        made(number, name)
    best_first = ["沖縄県立みなと高等学校", "沖縄県立みなと南高等学校", "沖縄県立上みなと高等学校"]
    for typed in ("みなと", "ミナト", "ﾐﾅﾄ"):
        assert found(typed) == best_first
    assert found("みなと 高校") == ["沖縄県立みなと高等学校", "沖縄県立みなと南高等学校", "沖縄県立上みなと高等学校"]
    assert found("沖縄県立みなと高校")[0] == "沖縄県立みなと高等学校"


def test_a_closed_school_says_what_it_has_become(school_contact):
    now = made(1, "沖縄県立新みなと高等学校")
    middle = made(2, "沖縄県立中みなと高等学校", closed_on=dt.date(2024, 3, 31), successor=now)
    old = made(3, "沖縄県立旧みなと高等学校", closed_on=dt.date(2022, 3, 31), successor=middle)
    client = Client()
    client.force_login(school_contact)
    body = client.get("/my/school/", {"name": "旧みなと"}).content.decode()
    assert "閉校しました（2022年3月31日（木））。いまは" in body
    assert f"?school={now.public_id}" in body and f"?school={old.public_id}" not in body
    assert "見つかりません" not in body


def test_successors_in_a_circle_lead_nowhere():
    one = made(1, "一高等学校", closed_on=dt.date(2022, 3, 31))
    other = made(2, "二高等学校", closed_on=dt.date(2022, 3, 31), successor=one)
    School.objects.filter(pk=one.pk).update(successor=other)
    assert schools_now(School.objects.filter(pk__in=(one.pk, other.pk))) == {}


def test_who_joins_a_closed_school_is_told_its_successor(school_contact):
    now = made(1, "沖縄県立新みなと高等学校")
    old = made(2, "沖縄県立旧みなと高等学校", closed_on=dates.today(), successor=now)
    with pytest.raises(NotAllowed, match="閉校しました。いまは沖縄県立新みなと高等学校です。"):
        actions.join(old, by=school_contact)
    assert not old.memberships.exists()


def test_schools_of_one_name_are_told_apart(school_contact):
    made(1, "双子高等学校", address="沖縄県那覇市おもろまち1")
    made(2, "双子高等学校", address="沖縄県名護市港1")
    made(3, "無番地高等学校")
    made(4, "無番地高等学校")
    client = Client()
    client.force_login(school_contact)
    body = client.get("/my/school/", {"name": "双子"}).content.decode()
    assert ("沖縄県那覇市おもろまち1" in body, "沖縄県名護市港1" in body) == (True, True)
    body = client.get("/my/school/", {"name": "無番地"}).content.decode()
    assert ("学校コード D147000000003" in body, "学校コード D147000000004" in body) == (True, True)


def test_an_open_school_with_a_day_to_come_can_be_chosen():
    made(1, "沖縄県立みなと高等学校", closed_on=dates.today() + dt.timedelta(days=1))
    assert found("みなと") == ["沖縄県立みなと高等学校"]


def test_the_search_reads_what_it_shows_and_counts_nothing(django_assert_num_queries):
    for number in range(MOST_SHOWN + 10):
        made(number, f"第{number}高等学校")
    with django_assert_num_queries(1) as seen:
        assert len(found("高校")) == MOST_SHOWN + 1
    (sql,) = [query["sql"] for query in seen]
    assert f"LIMIT {MOST_SHOWN + 1}" in sql and "COUNT(" not in sql.upper()


def test_a_prefecture_and_the_closed_schools_can_be_read_by_an_index():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A handful of rows is always read whole; whether the index fits is another question.
            cursor.execute("SET LOCAL enable_seqscan = off")
    in_prefecture = School.objects.open().filter(prefecture_code="47").matching("西").best_first("西")[:51]
    closed = School.objects.closed().matching("西").best_first("西")[:5]
    assert "school_by_place_and_type" in in_prefecture.explain()
    assert "school_closed" in closed.explain()
