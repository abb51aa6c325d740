"""The desk's moves through its pages: asking, settling, waiting its turn, writing down for others, reports, limits."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from wagtail.models import ModelLogEntry

from accounts.models import Membership, User
from outbox.models import Letter
from outreach.models import Hold, IntakeRules, Offer, Request, Visit
from outreach.requests import actions as requests
from outreach.requests.models import current_rules
from outreach.visits import actions as visits
from tests import factories
from ui import dates

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(coordinator) -> Client:
    client = Client()
    client.force_login(coordinator)
    return client


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def question(request: Request, ambassador, **more: Any) -> dict[str, Any]:
    slots = [str(slot.public_id) for slot in request.open_slots()]
    return {"ambassador": str(ambassador.public_id), "slots": slots, "form_key": str(uuid.uuid4()), **more}


def ask(desk: Client, request: Request, ambassador, **more: Any):
    return desk.post(f"/desk/requests/{request.public_id}/offer/", question(request, ambassador, **more))


# ── asking ────────────────────────────────────────────────────────────────────
def test_an_offer_keeps_its_own_minutes_before_and_after(desk, open_request, ambassador):
    assert ask(desk, open_request, ambassador, buffer_before="120", buffer_after="100").status_code == 302
    assert set(Hold.objects.values_list("buffer_before", "buffer_after")) == {(120, 100)}


def test_the_usual_minutes_sent_back_unchanged_stay_those_of_the_rules(desk, open_request, ambassador):
    usual = str(current_rules().travel_buffer)
    ask(desk, open_request, ambassador, buffer_before=usual, buffer_after=usual)
    assert Offer.objects.get().buffer_before is None


def test_shorter_minutes_need_a_reason_beside_the_field(desk, open_request, ambassador):
    answer = ask(desk, open_request, ambassador, buffer_before="10", buffer_after="10")
    assert answer.status_code == 422
    assert "override_reason" in answer.context["offer_form"].errors
    assert (
        ask(desk, open_request, ambassador, buffer_before="10", override_reason="近くの学校です。").status_code == 302
    )


def test_somebody_at_their_limit_can_be_asked_with_a_reason(desk, waiting_offer, asked_at, ambassador):
    type(ambassador).objects.filter(pk=ambassador.pk).update(most_per_year=1)
    other = asked_at(waiting_offer.slots.order_by("rank").last().starts_at + dt.timedelta(days=60))
    page = desk.get(f"/desk/requests/{other.public_id}/")
    assert ambassador in [c.ambassador for c in page.context["candidates"] if c.needs_a_reason]
    refused = ask(desk, other, ambassador)
    assert (refused.status_code, list(refused.context["offer_form"].errors)) == (422, ["override_reason"])
    assert ask(desk, other, ambassador, override_reason="本人の希望です。").status_code == 302
    assert other.offers.get().override_reason == "本人の希望です。"


def test_who_was_slower_reads_what_happened_and_who_is_still_free(desk, open_request, ambassador, other_ambassador):
    first, second = question(open_request, ambassador), question(open_request, ambassador)
    address = f"/desk/requests/{open_request.public_id}/offer/"
    assert desk.post(address, first).status_code == 302
    answer = desk.post(address, second)
    assert answer.status_code == 409
    assert "返事を待っています" in answer.context["late"]
    assert ambassador not in [c.ambassador for c in answer.context["candidates"]]
    assert other_ambassador in [c.ambassador for c in answer.context["candidates"]]
    assert Offer.objects.count() == 1


def test_a_request_that_ended_meanwhile_answers_the_question_with_409(desk, open_request, ambassador, school_contact):
    form = question(open_request, ambassador)
    visits.withdraw(open_request, by=school_contact, reason="行事です。")
    assert desk.post(f"/desk/requests/{open_request.public_id}/offer/", form).status_code == 409


def test_the_same_form_sent_twice_asks_once(desk, open_request, ambassador):
    form = question(open_request, ambassador)
    address = f"/desk/requests/{open_request.public_id}/offer/"
    assert [desk.post(address, form).status_code for _time in range(2)] == [302, 302]
    assert Offer.objects.count() == 1


def test_days_named_in_a_refusal_are_asked_about_with_one_press(desk, waiting_offer, ambassador):
    third = waiting_offer.request.slots.get(rank=3)
    visits.decline(waiting_offer, by=ambassador.user, could_do=[third])
    page = desk.get(f"/desk/requests/{waiting_offer.request.public_id}/")
    (line,) = page.context["offers"]
    assert line["could_do"] == [third]
    form = desk.get(f"/desk/requests/{waiting_offer.request.public_id}/?{line['ask']}").context["offer_form"]
    assert form["slots"].value() == [third.public_id]
    assert str(form["ambassador"].value()) == str(ambassador.public_id)


# ── enough, or not yet ────────────────────────────────────────────────────────
@pytest.fixture
def one_of_two(db) -> Visit:
    """Two were wanted, one has accepted."""
    request = factories.make_request()
    Request.objects.filter(pk=request.pk).update(ambassadors_wanted=2)
    return factories.confirmed_visit(
        offer=factories.offer_for(
            factories.open_request(request=fresh(factories.submitted_request(request=fresh(request))))
        )
    )


def test_with_places_left_only_the_day_of_the_visit_is_asked_about(desk, one_of_two, other_ambassador):
    request = one_of_two.request
    page = desk.get(f"/desk/requests/{request.public_id}/")
    assert "2人のうち1人が決まりました" in page.content.decode()
    assert [str(value) for value, _words in page.context["offer_form"].fields["slots"].choices] == [
        str(one_of_two.slot.public_id)
    ]
    assert one_of_two.participations.get().ambassador not in [c.ambassador for c in page.context["candidates"]]
    other_day = request.slots.exclude(pk=one_of_two.slot_id).first()
    wrong = question(request, other_ambassador) | {"slots": [str(other_day.public_id)]}
    assert desk.post(f"/desk/requests/{request.public_id}/offer/", wrong).status_code == 422
    right = wrong | {"slots": [str(one_of_two.slot.public_id)]}
    assert desk.post(f"/desk/requests/{request.public_id}/offer/", right).status_code == 302


def test_the_desk_says_that_one_is_enough(desk, one_of_two):
    assert one_of_two.request in desk.get("/desk/").context["page"].object_list
    desk.post(f"/desk/requests/{one_of_two.request.public_id}/settle/")
    assert fresh(one_of_two.request).state == "booked"
    assert list(desk.get("/desk/").context["page"].object_list) == []


def test_a_request_waits_its_turn_and_is_taken_up_later(desk, submitted_request):
    address = f"/desk/requests/{submitted_request.public_id}"
    desk.post(f"{address}/waitlist/", {"reason": "予算を待ちます。"})
    assert list(desk.get("/desk/?list=waitlisted").context["page"].object_list) == [submitted_request]
    assert "予算を待ちます。" in desk.get(f"{address}/").content.decode()
    desk.post(f"{address}/take-up/")
    assert fresh(submitted_request).state == "open"


def test_nobody_was_found_and_the_school_asks_again_through_the_desk(desk, open_request):
    address = f"/desk/requests/{open_request.public_id}"
    desk.post(f"{address}/unmatch/", {"reason": "見つかりません。"})
    assert fresh(open_request).state == "unmatched"
    assert f"/requests/{open_request.public_id}/reopen/" in desk.get(f"{address}/").content.decode()


def test_after_a_call_to_the_board_the_desk_takes_the_request_over(desk, draft_request, school_contact, board_member):
    board = board_member.memberships.get().board
    type(board).objects.filter(pk=board.pk).update(route="via")
    type(draft_request.school).objects.filter(pk=draft_request.school_id).update(board=board)
    requests.submit(fresh(draft_request), by=school_contact)
    assert list(desk.get("/desk/?list=with_board").context["page"].object_list) == [draft_request]
    desk.post(f"/desk/requests/{draft_request.public_id}/pass-on/", {"reason": "指導課に電話で確かめました。"})
    assert fresh(draft_request).state == "submitted"


# ── for others ────────────────────────────────────────────────────────────────
CALL = {"channel": "phone", "contact": "nobody", "caller_name": "教頭の佐藤", "contact_phone": "03-0000-0000"}
LESSON = {"format": "in_person", "theme": "story", "aims": "挑む力を知る", "grade_high_1": "40"}


def begin(desk: Client, school, **told: str) -> Request:
    answer = desk.post(
        f"/desk/requests/new/?school={school.public_id}", {**CALL, "form_key": str(uuid.uuid4()), **told}
    )
    assert answer.status_code == 302
    return Request.objects.latest("pk")


def write(desk: Client, request: Request, page: str, data: dict[str, Any]):
    return desk.post(f"/desk/requests/{request.public_id}/write/{page}/", data)


def test_a_call_becomes_a_request_outside_the_window_of_intake(desk, school, coordinator):
    rules = current_rules()
    IntakeRules.objects.filter(pk=rules.pk).update(closes_on=dates.today() - dt.timedelta(days=1), days_ahead=60)
    request = begin(desk, school, entry="asked")
    day = factories.school_day(5)
    answer_by = (day - dt.timedelta(days=2)).isoformat()
    wanted = {"day_1": day.isoformat(), "periods_1": ["3"], "answer_by": answer_by}
    assert write(desk, request, "dates", wanted).status_code == 302
    assert write(desk, request, "lesson", LESSON).status_code == 302
    answer = write(desk, request, "confirm", {"form_key": str(uuid.uuid4())})
    assert answer.url == f"/desk/requests/{request.public_id}/"
    request = fresh(request)
    assert (request.state, request.caller_name, request.contact) == ("submitted", "教頭の佐藤", coordinator)
    assert "take_up" in desk.get(answer.url).context["buttons"]


def test_the_address_of_the_school_form_leads_the_desk_to_its_own_pages(desk, school):
    request = begin(desk, school, entry="asked")
    answer = desk.get(f"/requests/{request.public_id}/edit/dates/")
    assert answer.url == f"/desk/requests/{request.public_id}/write/dates/"


def test_a_verified_person_of_the_school_becomes_the_contact(desk, school, school_contact):
    assert begin(desk, school, entry="asked", contact=str(school_contact.pk), caller_name="").contact == school_contact


def test_what_both_sides_agreed_on_is_booked_without_an_offer(desk, school, ambassador):
    request = begin(desk, school, entry="arranged")
    day = factories.school_day(3)
    assert write(desk, request, "dates", {"day_1": day.isoformat(), "periods_1": ["3"]}).status_code == 302
    write(desk, request, "lesson", LESSON)
    who = {"ambassadors": [str(ambassador.public_id)], "form_key": str(uuid.uuid4())}
    assert write(desk, request, "confirm", {"form_key": str(uuid.uuid4())}).status_code == 422
    found = write(desk, request, "confirm", {**who, "q": "いない人", "search": "1"})
    assert (found.status_code, [c.ambassador for c in found.context["candidates"]]) == (200, [ambassador])
    answer = write(desk, request, "confirm", who)
    visit = Visit.objects.get(request=request)
    assert answer.url == visit.get_absolute_url()
    assert (fresh(request).state, visit.slot.rank_words, visit.day) == ("booked", "調整済みの日時", day)
    assert write(desk, request, "confirm", who).url == answer.url, "pressed twice"


def test_a_day_agreed_on_lies_ahead_and_a_day_held_lies_behind(desk, school):
    past, ahead = dates.today() - dt.timedelta(days=3), factories.school_day(5)
    while not dates.is_school_weekday(past):
        past -= dt.timedelta(days=1)
    for entry, wrong in (("arranged", past), ("afterwards", ahead)):
        request = begin(desk, school, entry=entry, evidence="学校だより")
        answer = write(desk, request, "dates", {"day_1": wrong.isoformat(), "periods_1": ["3"]})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["day_1"])


def test_a_visit_held_elsewhere_is_written_down_with_its_evidence_and_its_report(desk, school, ambassador):
    assert (
        desk.post(f"/desk/requests/new/?school={school.public_id}", {**CALL, "entry": "afterwards"}).status_code == 422
    )
    request = begin(desk, school, entry="afterwards", evidence="学校だより第8号")
    past = dates.today() - dt.timedelta(days=10)
    write(desk, request, "dates", {"day_1": past.isoformat(), "periods_1": ["3"]})
    write(desk, request, "lesson", LESSON)
    answer = write(
        desk, request, "confirm", {"ambassadors": [str(ambassador.public_id)], "form_key": str(uuid.uuid4())}
    )
    visit = Visit.objects.get(request=request)
    assert answer.url == f"/desk/visits/{visit.public_id}/report/"
    form = desk.get(answer.url).context["form"]
    assert form["on_behalf_source"].value() == "学校だより第8号"
    desk.post(answer.url, {"on_behalf_source": "学校だより第8号", "format": "in_person", "present_high_1": "38"})
    assert (fresh(visit).state, visit.latest_report().present) == ("reported", 38)


def test_the_desk_asks_for_a_contest_in_its_own_name(desk, coordinator):
    told = {"entry": "asked", "kind": "contest", "channel": "mail", "contact_phone": "03-0000-0000"}
    desk.post("/desk/requests/new/?host=desk", {**told, "form_key": str(uuid.uuid4())})
    request = Request.objects.latest("pk")
    day = factories.school_day(40)
    clock = {"day_1": day.isoformat(), "from_1": "10:00", "until_1": "11:00"}
    write(desk, request, "dates", {**clock, "answer_by": factories.school_day(20).isoformat()})
    what = {"title": "未来の町コンテスト", "aims": "講評", "format": "in_person", "ambassadors_wanted": "2"}
    assert write(desk, request, "lesson", what).status_code == 302
    assert write(desk, request, "confirm", {"form_key": str(uuid.uuid4())}).status_code == 302
    request = fresh(request)
    assert (request.state, request.host_name, request.ambassadors_wanted) == ("submitted", "事務局", 2)
    assert desk.get("/desk/").status_code == 200
    assert desk.get(f"/desk/requests/{request.public_id}/").status_code == 200


def test_content_has_a_due_date_and_no_days(desk, ambassador):
    told = {"entry": "asked", "kind": "content", "channel": "mail", "contact_phone": "03-0000-0000"}
    answer = desk.post("/desk/requests/new/?host=desk", {**told, "form_key": str(uuid.uuid4())})
    request = Request.objects.latest("pk")
    assert answer.url.endswith("/write/lesson/")
    what = {
        "title": "紹介動画",
        "aims": "3分",
        "ambassadors_wanted": "1",
        "due_on": factories.school_day(40).isoformat(),
    }
    write(desk, request, "lesson", what)
    write(desk, request, "confirm", {"form_key": str(uuid.uuid4())})
    desk.post(f"/desk/requests/{request.public_id}/take-up/")
    assert ask(desk, fresh(request), ambassador).status_code == 302
    assert Offer.objects.get().without_slots


# ── reports ───────────────────────────────────────────────────────────────────
def test_the_desk_reports_for_a_school_and_names_its_source(past_visit, desk):
    address = f"/desk/visits/{past_visit.public_id}/report/"
    who_was_there = {"format": "in_person", "present_high_2": "70"}
    assert desk.post(address, who_was_there).status_code == 422
    assert desk.post(address, {**who_was_there, "on_behalf_source": "教頭から電話"}).status_code == 302
    assert past_visit.latest_report().on_behalf_source == "教頭から電話"
    assert "教頭から電話" in desk.get(past_visit.get_absolute_url()).content.decode()


def test_a_correction_is_a_new_version_and_the_old_one_stays_readable(verified_visit, desk):
    before = verified_visit.latest_report().present
    address = f"/desk/visits/{verified_visit.public_id}/correct/"
    assert desk.post(address, {"format": "in_person", "present_high_2": "50"}).status_code == 422
    desk.post(address, {"format": "in_person", "present_high_2": "50", "reason": "数え直しました。"})
    assert (fresh(verified_visit).state, verified_visit.latest_report().present) == ("corrected", 50)
    page = desk.get(verified_visit.get_absolute_url())
    assert [report.present for report in page.context["older_reports"]] == [before]
    assert f"{before}人" in page.content.decode()


def reserve_to_the_ministry() -> None:
    IntakeRules.objects.update(only_ministry_verifies=True)


def test_verifying_can_be_reserved_to_the_ministry(reported_visit, desk, coordinator):
    reserve_to_the_ministry()
    address = reported_visit.get_absolute_url()
    body = desk.get(address).content.decode()
    assert f"{address}verify/" not in body
    assert "報告を確定できるのは文部科学省の担当者です" in body
    assert "報告を確定できるのは文部科学省の担当者です" in desk.get("/desk/reports/").content.decode()
    desk.post(f"{address}verify/")
    assert fresh(reported_visit).state == "reported"
    Membership.objects.filter(person=coordinator).update(is_ministry=True)
    assert f"{address}verify/" in desk.get(address).content.decode()
    desk.post(f"{address}verify/")
    assert fresh(reported_visit).state == "verified"


def test_a_report_long_overdue_stands_on_the_page_of_reports(past_visit, desk, clock, coordinator):
    assert list(desk.get("/desk/reports/").context["overdue"]) == []
    clock.move_to(past_visit.ends_at + dt.timedelta(days=15))
    desk.force_login(coordinator)
    assert list(desk.get("/desk/reports/").context["overdue"]) == [past_visit]


# ── limits ────────────────────────────────────────────────────────────────────
def test_limits_of_one_ambassador_are_set_and_noted(desk, ambassador, coordinator):
    address = f"/desk/ambassadors/{ambassador.public_id}/"
    assert desk.post(address, {"most_per_month": "2", "most_per_year": ""}).status_code == 302
    assert (fresh(ambassador).most_per_month, fresh(ambassador).most_per_year) == (2, None)
    (entry,) = ModelLogEntry.objects.filter(action="kakehashi.set_limits")
    assert (entry.user, entry.data["after"]) == (coordinator, {"most_per_month": 2, "most_per_year": None})
    desk.post(address, {"most_per_month": "2", "most_per_year": ""})
    assert ModelLogEntry.objects.filter(action="kakehashi.set_limits").count() == 1, "nothing changed"


def test_ambassadors_are_found_by_name_with_their_visits_of_the_year(desk, confirmed_visit, ambassador):
    lines = desk.get(f"/desk/ambassadors/?q={ambassador.name_kana}").context["lines"]
    assert [(line["person"], line["visits"]) for line in lines] == [(ambassador, 1)]


def test_the_limits_of_the_year_are_a_new_version_of_the_rules(desk, coordinator: User):
    rules = current_rules()
    form = {
        **{name: getattr(rules, name) for name in ("mode", "slots_wanted", "days_ahead", "answer_days", "offer_days")},
        **{name: getattr(rules, name) for name in ("travel_buffer", "online_buffer")},
        "board_days": rules.board_days,
        "opens_on": rules.opens_on.isoformat(),
        "closes_on": rules.closes_on.isoformat(),
        "most_per_month": "3",
        "only_ministry_verifies": "on",
        "note": "見直し",
    }
    assert desk.post("/desk/rules/", form).status_code == 302
    made = current_rules()
    assert (made.version, made.most_per_month, made.most_per_year, made.only_ministry_verifies) == (
        rules.version + 1,
        3,
        None,
        True,
    )
    assert Letter.objects.count() == 0
