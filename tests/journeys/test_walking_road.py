"""A teacher signs up, asks, is answered, reports; and the public figure has moved. In Japanese, in a browser."""

import datetime as dt
import re

import pytest
from django.core import mail

from accounts.models import User
from analytics.kpis import figures
from outreach.models import Request, School, Visit
from ui import dates

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def code_from_mail() -> str:
    """The code of the newest letter: alone on its line."""
    return next(
        line.strip() for line in mail.outbox[-1].body.splitlines() if re.fullmatch(r"[A-Z0-9-]{6,12}", line.strip())
    )


def test_from_sign_up_to_the_moved_figure(visitor, people, clock):
    school = School.objects.filter(type_code="D1", memberships=None).order_by("pk").first()
    day = dates.today() + dt.timedelta(days=24)
    while not dates.is_school_weekday(day):
        day += dt.timedelta(days=1)
    before = figures.reach()

    teacher = visitor()
    teacher.open("/")
    assert teacher.reads("学校の負担は0円")
    teacher.look()
    teacher.press("はじめての学校：利用登録")
    teacher.look()
    teacher.page.locator("input[name=name]").fill("新井 みどり")
    teacher.page.locator("input[name=name_kana]").fill("アライ ミドリ")
    teacher.page.locator("input[name=email]").fill("arai@school.example")
    teacher.page.locator("input[name=password1]").fill("hashi-wo-wataru-2026")
    teacher.press("登録する")
    teacher.look()
    teacher.page.locator("input[name=code]").fill(code_from_mail())
    teacher.page.locator("main form button[type=submit]").first.click()
    teacher.page.wait_for_url("**/my/school/")
    teacher.look()
    person = User.objects.get(email="arai@school.example")
    assert (person.name, person.name_kana) == ("新井 みどり", "あらい みどり")

    teacher.page.locator("input[name=name]").fill(school.name_ja[:4])
    teacher.page.locator("main").get_by_role("button", name="さがす").click()
    teacher.page.wait_for_load_state()
    teacher.look()
    teacher.press(school.name_ja)
    teacher.look()
    teacher.fill("学校の代表電話番号", "03-0000-0000")
    teacher.press("この学校の担当者として届け出る")
    teacher.look()
    teacher.press("次へ：希望日時")
    teacher.look()
    teacher.page.locator("input[name=day_1]").fill(day.isoformat())
    teacher.page.locator("input[name=periods_1][value='3']").check()
    teacher.page.locator("input[name=periods_1][value='4']").check()
    teacher.page.locator("input[name=answer_by]").fill("2026-11-19")
    teacher.press("次へ：授業の内容")
    assert teacher.reads("大使を探す時間が要ります")
    teacher.look()
    teacher.page.locator("input[name=answer_by]").fill((dates.today() + dt.timedelta(days=14)).isoformat())
    teacher.press("次へ：授業の内容")
    teacher.look()
    teacher.page.locator("input[name=theme]").first.check()
    teacher.page.locator("input[name=format][value=in_person]").check()
    teacher.page.locator("textarea[name=aims]").fill("自分の地域の困りごとを、自分の言葉で話せるようになってほしい。")
    teacher.page.locator("input[name=grade_high_2]").fill("７４")
    teacher.press("次へ：確認")
    teacher.look()
    teacher.press("この内容で申し込む")
    teacher.look()
    asked = Request.objects.get(contact=person)
    assert teacher.reads(asked.number) and asked.state == "submitted"

    desk = visitor()
    desk.sign_in("coordinator@demo.example")
    desk.look()
    desk.open("/desk/")
    desk.look()
    desk.press(school.name_ja)
    desk.look()
    desk.press("所属を確認する")
    desk.look()
    desk.page.locator("input[name=how][value=call]").check()
    desk.page.locator("textarea[name=note]").fill("代表番号に電話。教頭が在籍を確認。")
    desk.press("所属を確認した")
    desk.look()
    desk.open(f"/desk/requests/{asked.public_id}/")
    desk.press("調整を始める")
    desk.look()
    desk.page.locator("label.option--wide", has_text=people.ambassador.name_ja).locator("input").check()
    desk.page.get_by_role("button", name="打診する", exact=True).click()
    desk.page.wait_for_load_state()
    assert desk.reads("返事待ち")
    desk.look()

    ambassador = visitor()
    ambassador.sign_in("ambassador@demo.example")
    ambassador.look()
    ambassador.press(f"打診に返事をする：{school.name_ja}")
    ambassador.look()
    ambassador.press("この日時で引き受ける")
    ambassador.look()
    assert ambassador.reads("arai@school.example")
    visit = Visit.objects.get(request=asked)

    teacher.open("/my/")
    teacher.look()
    teacher.press(f"{school.name_ja}の訪問授業")
    assert teacher.reads("訪問は決まっています")
    teacher.look()

    clock.move_to(visit.ends_at + dt.timedelta(hours=2))
    teacher.sign_in("arai@school.example", "hashi-wo-wataru-2026")
    teacher.press("実施報告を送る")
    assert teacher.page.locator("input[name=present_high_2]").input_value() == "74"
    teacher.look()
    teacher.page.locator("input[name=present_high_2]").fill("72")
    teacher.press("報告を送る")
    teacher.look()

    desk.sign_in("coordinator@demo.example")
    desk.open("/desk/reports/")
    desk.look()
    desk.press(school.name_ja)
    desk.look()
    desk.press("報告を確定する")
    desk.look()
    desk.open("/dashboard/")
    desk.look()
    desk.open("/dashboard/behind/students/")
    assert desk.reads(school.name_ja)
    desk.look()

    after = figures.reach()
    assert after.visits.parts.verified == before.visits.parts.verified + 1
    assert after.students.parts.verified == before.students.parts.verified + 72
    teacher.open("/reach/")
    assert teacher.reads(f"{after.students.parts.verified:,}")
    teacher.look()
