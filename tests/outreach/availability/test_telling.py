"""What ambassadors tell of their time, and what follows from it for those who ask them."""

import datetime as dt

import pytest
from django.urls import reverse

from outreach.ambassadors.models import Ambassador
from outreach.availability.models import BusyBlock, CalendarSource, Conditions, FreeBlock, WeeklyRule
from outreach.availability.refresh import horizon, refresh_due
from outreach.lives import NotAllowed, TooLate
from outreach.models import Hold
from outreach.visits import actions as visits
from tests.outreach.availability.telling import MONDAY, TUESDAY, blocked, free, stays, wants, weekly
from ui import dates

pytestmark = pytest.mark.django_db
JANUARY = dt.date(2027, 1, 18)  # a Monday


def lesson(asked_at, day=JANUARY, hour=10, **more):
    return asked_at(dates.at_tokyo(day, dt.time(hour)), **more)


def ask(request, person, coordinator, **more):
    return visits.send_offer(request, by=coordinator, ambassador=person, slots=list(request.slots.all()), **more)


# ── the blocks ────────────────────────────────────────────────────────────────
def test_free_blocks_reach_to_the_end_of_the_next_fiscal_year(ambassador):
    weekly(ambassador, [MONDAY])
    blocks = FreeBlock.objects.filter(ambassador=ambassador)
    assert horizon() == dt.date(2028, 3, 31)
    assert dates.in_tokyo(blocks.last().starts_at).date() == dt.date(2028, 3, 27)
    assert {(block.prefecture_code, block.in_person) for block in blocks} == {("13", True)}
    assert ambassador.conditions.free_until == horizon()


def test_what_is_the_same_stays_the_same_row(ambassador):
    weekly(ambassador, [MONDAY])
    before = set(FreeBlock.objects.values_list("pk", flat=True))
    blocked(ambassador, JANUARY)
    after = set(FreeBlock.objects.values_list("pk", flat=True))
    assert len(before - after) == 1
    assert not after - before


def test_a_year_later_the_blocks_are_worked_out_further(ambassador, time_machine):
    weekly(ambassador, [MONDAY])
    time_machine.move_to(dates.at_tokyo(dt.date(2027, 4, 1), dt.time(9)))
    assert refresh_due() == "1 ambassadors' free times worked out"
    assert refresh_due() == "0 ambassadors' free times worked out"
    assert dates.in_tokyo(FreeBlock.objects.first().starts_at).date() == dt.date(2027, 4, 5)
    assert FreeBlock.objects.last().starts_at > dates.at_tokyo(dt.date(2029, 3, 20), dt.time())


def test_telling_the_same_twice_is_telling_it_once(ambassador):
    weekly(ambassador, [MONDAY])
    weekly(ambassador, [MONDAY])
    assert WeeklyRule.objects.count() == 1


def test_what_was_taken_away_by_somebody_faster_is_said(ambassador):
    from outreach.availability import telling

    (rule,) = weekly(ambassador, [MONDAY])
    telling.take_away(rule, by=ambassador.user)
    assert not FreeBlock.objects.exists()
    assert Conditions.objects.get().free_until is None
    with pytest.raises(TooLate):
        telling.take_away(WeeklyRule(pk=rule.pk, ambassador=ambassador), by=ambassador.user)


def test_an_assistant_tells_and_a_stranger_does_not(ambassador, other_ambassador, assistant, coordinator):
    from outreach.availability import telling
    from tests.outreach.availability.telling import clocks

    said = {"weekdays": [TUESDAY], "clocks": clocks("09:00", "12:00"), "zone": "Asia/Tokyo"}
    assert telling.add_weekly(ambassador, by=assistant, **said)
    for stranger in (other_ambassador.user, coordinator):
        with pytest.raises(NotAllowed):
            telling.add_weekly(ambassador, by=stranger, **said)


# ── what the desk is told ─────────────────────────────────────────────────────
def test_nobody_is_asked_outside_their_hours_without_a_reason(asked_at, ambassador, coordinator):
    weekly(ambassador, [MONDAY], "13:00", "17:00")
    request = lesson(asked_at)
    with pytest.raises(NotAllowed, match="空き時間にしていません"):
        ask(request, ambassador, coordinator)
    assert ask(request, ambassador, coordinator, override_reason="本人と電話で確かめた").state == "sent"


def test_inside_their_hours_they_are_asked(asked_at, ambassador, coordinator):
    weekly(ambassador, [MONDAY], "10:00", "10:50")
    assert ask(lesson(asked_at), ambassador, coordinator).state == "sent"


def test_somebody_who_has_told_no_hours_is_asked_on_any_day_but_a_blocked_one(asked_at, ambassador, coordinator):
    blocked(ambassador, JANUARY)
    with pytest.raises(NotAllowed, match="空き時間にしていません"):
        ask(lesson(asked_at), ambassador, coordinator)
    assert ask(lesson(asked_at, JANUARY + dt.timedelta(days=1)), ambassador, coordinator).state == "sent"


def test_an_outside_calendar_counts_with_the_way_there_and_back(asked_at, ambassador, coordinator):
    source = CalendarSource.objects.create(ambassador=ambassador, name="仕事")
    ends = dates.at_tokyo(JANUARY, dt.time(9))
    BusyBlock.objects.create(source=source, ambassador=ambassador, starts_at=ends - dt.timedelta(hours=1), ends_at=ends)
    with pytest.raises(NotAllowed, match="外部カレンダー"):
        ask(lesson(asked_at), ambassador, coordinator)
    wants(ambassador, buffer_in_person=60)
    assert ask(lesson(asked_at), ambassador, coordinator).state == "sent"


def test_notice_is_kept(asked_at, ambassador, coordinator):
    wants(ambassador, notice_days=60)
    with pytest.raises(NotAllowed, match="60日前まで"):
        ask(lesson(asked_at), ambassador, coordinator)
    wants(ambassador, notice_days=59)
    assert ask(lesson(asked_at), ambassador, coordinator).state == "sent"


def test_a_week_and_a_day_have_limits_of_their_own(asked_at, ambassador, coordinator):
    wants(ambassador, most_per_day=1, most_per_week=2, buffer_in_person=30)
    ask(lesson(asked_at), ambassador, coordinator)
    with pytest.raises(NotAllowed, match=r"1月18日（月）の上限（1件）"):
        ask(lesson(asked_at, hour=15), ambassador, coordinator)
    ask(lesson(asked_at, JANUARY + dt.timedelta(days=1)), ambassador, coordinator)
    with pytest.raises(NotAllowed, match=r"週の上限（2件）"):
        ask(lesson(asked_at, JANUARY + dt.timedelta(days=6)), ambassador, coordinator)
    assert ask(lesson(asked_at, JANUARY + dt.timedelta(days=7)), ambassador, coordinator).state == "sent"


# ── the way ───────────────────────────────────────────────────────────────────
def kept(person):
    hold = Hold.objects.get(ambassador=person)
    return hold.buffer_before, hold.buffer_after


def test_the_way_is_kept_from_where_somebody_is_on_that_day(asked_at, ambassador, coordinator):
    """The school is in Osaka: some 400 km from Tokyo, none from Osaka."""
    ask(lesson(asked_at), ambassador, coordinator)
    assert kept(ambassador) == (300, 300)


def test_a_stay_shortens_the_way(asked_at, ambassador, coordinator):
    stays(ambassador, "27", JANUARY)
    ask(lesson(asked_at), ambassador, coordinator)
    assert kept(ambassador) == (90, 90)


def test_their_own_minutes_go_before_everything(asked_at, ambassador, coordinator):
    wants(ambassador, buffer_in_person=150)
    ask(lesson(asked_at), ambassador, coordinator)
    assert kept(ambassador) == (150, 150)


def test_online_needs_no_way(asked_at, ambassador_abroad, coordinator):
    ask(lesson(asked_at, format="online"), ambassador_abroad, coordinator)
    assert kept(ambassador_abroad) == (15, 15)


def test_whoever_is_abroad_on_that_day_comes_online_or_not_at_all(asked_at, ambassador, coordinator):
    stays(ambassador, "", JANUARY, in_person=True)
    with pytest.raises(NotAllowed, match="海外にいて"):
        ask(lesson(asked_at), ambassador, coordinator)
    offer = ask(lesson(asked_at, format="either"), ambassador, coordinator)
    assert kept(ambassador) == (15, 15)
    assert visits.accept(offer, by=ambassador.user, slot=offer.slots.get()).format == "online"


def test_nobody_is_asked_to_go_farther_than_they_go(asked_at, ambassador, coordinator):
    wants(ambassador, farthest_km=300)
    with pytest.raises(NotAllowed, match="300 km"):
        ask(lesson(asked_at), ambassador, coordinator)
    stays(ambassador, "26", JANUARY)
    assert ask(lesson(asked_at), ambassador, coordinator).state == "sent"


def test_a_moved_visit_keeps_the_way_of_its_new_day(asked_at, ambassador, coordinator, stranger_contact):
    from outreach.requests.actions import SlotWish

    stays(ambassador, "27", JANUARY)
    offer = ask(lesson(asked_at), ambassador, coordinator)
    visit = visits.accept(offer, by=ambassador.user, slot=offer.slots.get())
    begins = dates.at_tokyo(JANUARY + dt.timedelta(days=1), dt.time(10))
    wish = SlotWish(JANUARY + dt.timedelta(days=1), begins, begins + dt.timedelta(minutes=50))
    proposal = visits.propose(visit, by=stranger_contact, wish=wish, reason="行事と重なった")
    visits.agree(proposal, by=ambassador.user)
    hold = Hold.objects.get(visit=visit, is_holding=True)
    assert (hold.buffer_before, hold.starts_at) == (300, begins)


def test_a_day_both_sides_agreed_on_is_not_held_against_the_hours(asked_at, ambassador, coordinator, stranger_contact):
    weekly(ambassador, [MONDAY])
    offer = ask(lesson(asked_at), ambassador, coordinator)
    visit = visits.accept(offer, by=ambassador.user, slot=offer.slots.get())
    from outreach.requests.actions import SlotWish

    begins = dates.at_tokyo(JANUARY + dt.timedelta(days=1), dt.time(10))
    wish = SlotWish(JANUARY + dt.timedelta(days=1), begins, begins + dt.timedelta(minutes=50))
    assert visits.propose(visit, by=stranger_contact, wish=wish, reason="行事と重なった").state == "open"


# ── the page ──────────────────────────────────────────────────────────────────
def page_of(person):
    return reverse("availability:of", args=[person.public_id])


def tell(client, person, part, **data):
    return client.post(
        reverse("availability:tell", args=[person.public_id, part]), {f"{part}-{k}": v for k, v in data.items()}
    )


def test_the_page_tells_first_that_nothing_is_known(client, ambassador):
    client.force_login(ambassador.user)
    assert "空き時間がまだ登録されていません" in client.get(reverse("availability:show")).content.decode()


def test_hours_are_told_and_taken_away_on_the_page(client, ambassador):
    client.force_login(ambassador.user)
    answer = tell(client, ambassador, "weekly", weekdays=["0", "2"], from_time="9時", until_time="２４：００")
    assert answer.status_code == 302
    assert {rule.clock_words for rule in WeeklyRule.objects.all()} == {"9:00–24:00"}
    shown = client.get(page_of(ambassador)).content.decode()
    assert '11月23日（月）</b>　<span class="quiet">勤労感謝の日</span>　9:00–24:00' in shown
    rule = WeeklyRule.objects.first()
    client.post(reverse("availability:take_away", args=["weekly", rule.public_id]))
    assert WeeklyRule.objects.count() == 1


def test_somebody_abroad_writes_in_their_own_clock_and_reads_both(client, ambassador_abroad):
    client.force_login(ambassador_abroad.user)
    tell(
        client, ambassador_abroad, "weekly", weekdays=["0"], from_time="8:00", until_time="10:00", zone="Europe/Berlin"
    )
    shown = client.get(page_of(ambassador_abroad)).content.decode()
    assert "16:00–18:00" in shown
    assert "Berlinの時刻：11月23日（月） 8:00–10:00" in shown


def test_what_is_typed_wrong_stays_and_says_what_to_do(client, ambassador):
    client.force_login(ambassador.user)
    answer = tell(
        client, ambassador, "days", kind="blocked", first_day="2026-12-28", last_day="2026-12-01", from_time="9:00"
    )
    shown = answer.content.decode()
    assert answer.status_code == 422
    for words in ("初日より後の日にしてください", "始まりと終わりの両方を書いてください", 'value="2026-12-28"'):
        assert words in shown


def test_conditions_and_the_clock_of_home(client, ambassador):
    client.force_login(ambassador.user)
    tell(client, ambassador, "conditions", notice_days="２０", buffer_online="30", time_zone="Asia/Singapore")
    conditions = Conditions.objects.get(ambassador=ambassador)
    assert (conditions.notice_days, conditions.buffer_online, conditions.most_per_day) == (20, 30, None)
    assert Ambassador.objects.get(pk=ambassador.pk).time_zone == "Asia/Singapore"


def test_a_strangers_page_is_no_page(client, ambassador, other_ambassador, assistant):
    client.force_login(other_ambassador.user)
    assert client.get(page_of(ambassador)).status_code == 404
    client.force_login(assistant)
    assert client.get(reverse("availability:show")).status_code == 200
    assert client.get(page_of(other_ambassador)).status_code == 404


def test_who_has_moved_is_free_from_their_new_home_with_the_next_round(ambassador):
    weekly(ambassador, [MONDAY])
    Ambassador.objects.filter(pk=ambassador.pk).update(prefecture_code="27")
    assert refresh_due() == "1 ambassadors' free times worked out"
    assert set(FreeBlock.objects.values_list("prefecture_code", flat=True)) == {"27"}
    assert refresh_due() == "0 ambassadors' free times worked out"


def test_extra_days_stand_beside_weekly_hours(asked_at, ambassador, coordinator):
    weekly(ambassador, [TUESDAY])
    free(ambassador, JANUARY, hours="09:00-12:00")
    assert ask(lesson(asked_at), ambassador, coordinator).state == "sent"
