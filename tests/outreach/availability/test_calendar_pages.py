"""The pages of outside calendars, for their owner, an assistant and the desk."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from outreach.availability import reading, sources
from outreach.availability.models import Approval, CalendarSource
from tests.factories import assistant_of, offer_for
from ui import dates

pytestmark = pytest.mark.django_db
LIST = "/my/availability/calendars/"
ADDRESS = "https://calendar.google.com/calendar/ical/me/private-0a1b2c3d/basic.ics"
KEY = "22222222-2222-4222-8222-222222222222"


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def answers(monkeypatch) -> list:
    told: list = []
    monkeypatch.setattr(reading, "read_in_child", lambda task, limits=None: told.pop(0))
    return told


def came(*spans) -> dict:
    busy = [[int(since.timestamp()), int(until.timestamp())] for since, until in spans]
    return {"answer": "read", "busy": busy, "entries": len(busy), "warnings": [], "etag": "", "last_modified": ""}


def failed(code: str) -> dict:
    return {"answer": "failed", "code": code, "about": "", "wait": None}


@pytest.fixture
def source(ambassador) -> CalendarSource:
    return sources.connect(ambassador, by=ambassador.user, name="会社", address=ADDRESS)


def test_a_calendar_is_connected_and_read_at_once(ambassador, answers):
    since = timezone.now() + dt.timedelta(days=3)
    answers.append(came((since, since + dt.timedelta(hours=1))))
    client = signed_in(ambassador.user)
    data = {"address": ADDRESS, "name": "会社の予定", "counts_all_day": "on", "form_key": KEY}
    page = client.post(LIST, data, follow=True).content.decode()
    assert "「会社の予定」をつなぎました。" in page
    assert "最新" in page and "これからの予定：1件" in page
    assert "calendar.google.com/….ics" in page and "private-0a1b2c3d" not in page
    assert CalendarSource.objects.count() == 1


def test_what_was_typed_stays_when_it_cannot_be_connected(ambassador):
    typed = "http://calendar.google.com/x.ics"
    answer = signed_in(ambassador.user).post(LIST, {"address": typed, "name": "会社"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert typed in page and 'value="会社"' in page
    assert "https:// のアドレスにしてください。" in page


def test_a_server_that_is_new_waits_for_the_desk_and_the_desk_sees_its_host_alone(ambassador, coordinator, answers):
    data = {"address": "https://cloud.example.jp/secret-0a1b/x.ics", "name": "わたしの秘密", "form_key": KEY}
    page = signed_in(ambassador.user).post(LIST, data, follow=True).content.decode()
    assert "事務局の確認待ち" in page
    desk = signed_in(coordinator)
    assert "外部カレンダーの確認" in desk.get("/my/").content.decode()
    waiting = desk.get("/desk/calendars/").content.decode()
    assert "cloud.example.jp" in waiting and ambassador.name in waiting
    assert "secret-0a1b" not in waiting and "わたしの秘密" not in waiting
    source = CalendarSource.objects.get()
    page = desk.post(f"/desk/calendars/{source.public_id}/approve/", follow=True).content.decode()
    assert "cloud.example.jpからの読み取りを認めました。" in page
    assert CalendarSource.objects.get().approval == Approval.APPROVED


def test_the_owner_reads_why_the_desk_refused(ambassador, coordinator):
    source = sources.connect(ambassador, by=ambassador.user, address="https://cloud.example.jp/x.ics")
    signed_in(coordinator).post(f"/desk/calendars/{source.public_id}/refuse/", {"reason": "知らないサーバーです。"})
    owner = signed_in(ambassador.user)
    page = owner.get(LIST).content.decode()
    assert "使えません" in page and "知らないサーバーです。" in page
    assert "使えません" in owner.get("/my/").content.decode()


def test_a_failure_is_told_with_what_to_do(source, answers):
    answers.append(failed("web_page"))
    client = signed_in(source.ambassador.user)
    page = client.post(f"{LIST}{source.public_id}/read/", follow=True).content.decode()
    assert "読み取れませんでした。" in page
    assert "ログインなどの画面が返ってきました" in page and "つなぎ直してください" in page


def test_it_is_read_at_once_no_more_than_once_a_minute(source, answers, clock):
    answers += [came(), came()]
    client, address = signed_in(source.ambassador.user), f"{LIST}{source.public_id}/read/"
    assert "読み取りました。" in client.post(address, follow=True).content.decode()
    assert "1分たってから" in client.post(address, follow=True).content.decode()
    clock.shift(dt.timedelta(seconds=61))
    assert "読み取りました。" in client.post(address, follow=True).content.decode()


def test_name_and_whole_days_can_be_changed_and_the_calendar_removed(source):
    client, page = signed_in(source.ambassador.user), f"{LIST}{source.public_id}/"
    client.post(page, {"name": "家族"})
    changed = CalendarSource.objects.get()
    assert (changed.name, changed.counts_all_day) == ("家族", False)
    assert "「家族」を外しました。" in client.post(f"{page}remove/", follow=True).content.decode()
    assert not CalendarSource.objects.exists()


def test_an_assistant_keeps_the_calendars_of_those_they_assist(ambassador, other_ambassador, answers):
    answers.append(came())
    client = signed_in(assistant_of(ambassador))
    assert f"{ambassador.name}さんのカレンダーです。" in client.get(LIST).content.decode()
    client.post(LIST, {"address": ADDRESS, "form_key": KEY})
    assert CalendarSource.objects.get().ambassador == ambassador
    assert client.get(f"{LIST}?who={other_ambassador.public_id}").status_code == 404
    assert client.get(f"{LIST}?who=x").status_code == 404


def test_pages_and_the_history_never_show_the_address(source, answers, coordinator, superuser):
    from wagtail.models import ModelLogEntry

    answers.append(failed("not_found"))
    sources.read(source)
    secret = "private-0a1b2c3d"
    owner = signed_in(source.ambassador.user)
    pages = [owner.get(address) for address in (LIST, f"{LIST}{source.public_id}/", "/my/")]
    pages += [signed_in(coordinator).get("/desk/calendars/"), signed_in(superuser).get("/desk/calendars/")]
    assert all(secret not in page.content.decode() for page in pages)
    assert all(secret not in str(entry.data) for entry in ModelLogEntry.objects.all())


# ── offering and accepting ────────────────────────────────────────────────────
def busy_at(source: CalendarSource, since: dt.datetime, until: dt.datetime) -> dict:
    return came((since, until))


def test_before_an_offer_the_desk_has_the_calendars_read(open_request, source, coordinator, answers):
    since = timezone.now() + dt.timedelta(days=3)
    answers.append(busy_at(source, since, since + dt.timedelta(hours=1)))
    data = {"ambassador": source.ambassador.public_id}
    signed_in(coordinator).post(f"/desk/requests/{open_request.public_id}/offer/", data)
    assert source.busy_blocks.count() == 1


def test_whoever_has_something_else_at_that_time_is_asked_once_more(source, answers):
    offer = offer_for(ambassador=source.ambassador)
    slot = offer.slots.order_by("rank").first()
    since, until = slot.starts_at + dt.timedelta(minutes=10), slot.ends_at + dt.timedelta(hours=1)
    answers.append(busy_at(source, since, until))
    client = signed_in(source.ambassador.user)
    address = f"/offers/{offer.public_id}/accept/"
    answer = client.post(address, {"slot": slot.public_id, "note": "よろしく", "form_key": KEY})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert (
        f"あなたのカレンダーでは、{dates.moment_words(since)}–{dates.clock_words(until)}にほかの予定があります。"
        in page
    )
    assert "それでも引き受ける" in page and "よろしく" in page
    assert not offer.request.visits.exists()
    data = {"slot": slot.public_id, "despite_calendar": "on", "form_key": KEY}
    assert client.post(address, data).status_code == 302
    assert offer.request.visits.count() == 1


def test_what_only_touches_the_way_there_counts_and_what_lies_beyond_does_not(source, answers):
    offer = offer_for(ambassador=source.ambassador)
    first, second = offer.slots.order_by("rank")[:2]
    before = first.starts_at - dt.timedelta(minutes=60)
    far = second.starts_at - dt.timedelta(hours=4)
    quarter = dt.timedelta(minutes=15)
    answers.append(came((before, before + quarter), (far, far + quarter)))
    client, address = signed_in(source.ambassador.user), f"/offers/{offer.public_id}/accept/"
    assert client.post(address, {"slot": first.public_id}).status_code == 422
    assert client.post(address, {"slot": second.public_id}).status_code == 302


def test_an_assistant_is_told_whose_calendar_it_is(source, answers):
    offer = offer_for(ambassador=source.ambassador)
    slot = offer.slots.order_by("rank").first()
    answers.append(came((slot.starts_at, slot.ends_at)))
    client = signed_in(assistant_of(source.ambassador))
    page = client.post(f"/offers/{offer.public_id}/accept/", {"slot": slot.public_id}).content.decode()
    assert f"{source.ambassador.name}さんのカレンダーでは、" in page


def test_a_calendar_that_cannot_be_read_stops_no_acceptance(source, answers):
    offer = offer_for(ambassador=source.ambassador)
    answers.append(failed("slow"))
    data = {"slot": offer.slots.order_by("rank").first().public_id}
    assert signed_in(source.ambassador.user).post(f"/offers/{offer.public_id}/accept/", data).status_code == 302


def test_the_consent_to_the_code_of_conduct_carries_the_tick_along(source, answers):
    offer = offer_for(ambassador=source.ambassador)
    source.ambassador.acceptances.all().delete()
    slot = offer.slots.order_by("rank").first()
    answers.append(came((slot.starts_at, slot.ends_at)))
    client, address = signed_in(source.ambassador.user), f"/offers/{offer.public_id}/accept/"
    page = client.post(address, {"slot": slot.public_id, "despite_calendar": "on"}).content.decode()
    assert 'name="despite_calendar" value="on"' in page


@pytest.mark.django_db(transaction=True)
def test_no_page_holds_a_transaction_while_a_server_is_asked(source, coordinator, monkeypatch):
    from django.db import connection

    offer = offer_for(ambassador=source.ambassador)
    seen = []

    class InThisThread:
        def __init__(self, max_workers): ...
        def __enter__(self):
            return self

        def __exit__(self, *args): ...

        map = staticmethod(map)

    def asked(task, limits=None):
        seen.append((connection.in_atomic_block, limits.all))
        return came()

    monkeypatch.setattr(reading, "read_in_child", asked)
    monkeypatch.setattr(sources, "ThreadPoolExecutor", InThisThread)
    asked_for = {"ambassador": source.ambassador.public_id, "form_key": KEY}
    signed_in(coordinator).post(f"/desk/requests/{offer.request.public_id}/offer/", asked_for)
    CalendarSource.objects.update(tried_at=None)
    owner = signed_in(source.ambassador.user)
    slot = offer.slots.order_by("rank").first().public_id
    owner.post(f"/offers/{offer.public_id}/accept/", {"slot": slot, "form_key": KEY})
    CalendarSource.objects.all().delete()
    owner.post(LIST, {"address": ADDRESS, "form_key": "33333333-3333-4333-8333-333333333333"})
    assert seen == [(False, 5), (False, 5), (False, 8)]
