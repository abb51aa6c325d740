"""Contests, events and content of the invented world: told by the real verbs, like everything that goes on today."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from accounts.models import User
from outreach.models import Request, Visit
from outreach.requests import actions as request_actions
from outreach.requests.actions import SlotWish
from outreach.requests.models import Format, Kind
from outreach.visits import actions as visit_actions
from ui import dates

DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
EVENT = {
    "title": "起業家と語る会　失敗から始まった話",
    "aims": "30分の講演と、参加者との対話をお願いします。対話の進行は当財団が行います。",
    "audience": "中学生と保護者、教職員",
    "people_expected": 120,
    "place": "虹架ホール 小ホール",
    "access": "虹架駅から徒歩5分",
    "equipment": "プロジェクター、マイク3本",
    "format": Format.IN_PERSON,
}
CONTEST = {
    "title": "第4回 中高生アイデアコンテスト 最終審査会",
    "aims": "8組の発表を聞いて、それぞれに講評をお願いします。審査の結果は別の審査員が決めます。",
    "audience": "県内の中学生・高校生",
    "people_expected": 200,
    "place": "教育センター 大講堂",
    "access": "中央駅からバス10分、教育センター前",
    "equipment": "プロジェクター、マイク2本",
    "format": Format.EITHER,
    "ambassadors_wanted": 2,
}
CONTENT = {
    "title": "最初の一歩を小さくする（10分の動画）",
    "aims": "授業の導入で見せる動画です。始めたころに試したことを、生徒に向けて話してください。",
    "audience": "総合的な学習の時間で使う中学生",
    "wishes": "字幕をつけられる形でいただけると助かります。",
}
LESSON_SHEETS = {
    "title": "まちの困りごと発見シート",
    "aims": "校区を歩いて気づいたことを書きこむ教材を、大使の経験を入れて作ってください。A4で2枚ほど。",
    "audience": "小学校5・6年生",
}
LINK = "https://www.example.com/kakehashi/saisho-no-ippo"


class Occasions:
    """What boards and organisations have asked for; `present` gives the days, the diary and the order of numbers."""

    def __init__(self, present: Any) -> None:
        self.present, self.world, self.diary = present, present.world, present.diary
        self.desk: User = present.desk
        # Ambassadors with a calendar that no other story needs: the last who come in person.
        self.people = [person for person in self.world.ambassadors if person.visits_in_person][::-1]

    def stories(self) -> Iterable[tuple[int, Callable[[int], Any]]]:
        """(days ago, what happened), like the stories of schools."""
        organisations = self.world.organisations
        accounts = self.world.accounts
        yield 19, lambda ago: self.made(ago, accounts["board"], self.world.teachers_school.board)
        yield 16, lambda ago: self.booked(ago, accounts["member"], organisations[0])
        yield 6, lambda ago: self.open_contest(ago, accounts["board"], self.world.teachers_school.board)
        yield 3, lambda ago: self.wanted(ago, accounts["orgadmin2"], organisations[1])

    def at(self, days_ago: int, minutes: int) -> None:
        """The next page of the diary: an afternoon so many days ago, after the last request came in."""
        moment = max(self.weekday(days_ago), self.present.last_submission + minutes * MINUTE)
        self.diary.turn_to(min(moment, self.world.now - (20 - minutes) * MINUTE))

    def weekday(self, days_ago: int) -> dt.datetime:
        day = self.world.today - days_ago * DAY
        while not dates.is_school_weekday(day):
            day -= DAY
        return dates.at_tokyo(day, dt.time(14, 30))

    def submitted(self, days_ago: int, person: User, host: Any, kind: str, *, days: list[SlotWish] = (),
                  **told: Any) -> Request:  # fmt: skip
        moment = min(max(self.weekday(days_ago), self.present.last_submission + MINUTE), self.world.now - 25 * MINUTE)
        self.present.last_submission = max(moment, self.present.last_submission)
        self.diary.turn_to(self.present.last_submission)
        draft = request_actions.start_draft(host, by=person, kind=kind)
        request_actions.describe(draft, by=person, contact_phone="00-0000-0000", contact_hours="9時から17時", **told)
        if days:
            answer_by = min(min(wish.day for wish in days) - DAY, self.world.today + 7 * DAY)
            request_actions.wish_for(draft, list(days), by=person, answer_by=answer_by)
        return request_actions.submit(draft, by=person)

    def taken_up(self, request: Request, days_ago: int) -> Request:
        self.at(days_ago, 2)
        return request_actions.take_up(request, by=self.desk)

    def wish(self, days_ahead: int, since: int, until: int) -> SlotWish:
        """A Saturday, or the last school day where the year is nearly over."""
        day = self.present.school_day(days_ahead)
        saturday = day + (5 - day.weekday()) % 7 * DAY
        day = saturday if saturday <= self.world.horizon else day
        return SlotWish(day, dates.at_tokyo(day, dt.time(since)), dates.at_tokyo(day, dt.time(until)))

    def accepted(self, request: Request, days_ago: int) -> Visit:
        """The first of our ambassadors who is free says yes to the first day."""
        slots = list(request.slots.order_by("rank"))[:1]
        person = next(one for one in self.people if visit_actions.obstacle(one, request, slots) is None)
        self.at(days_ago, 3)
        offer = visit_actions.send_offer(request, by=self.desk, ambassador=person, slots=slots)
        self.at(days_ago - 1, 4)
        return visit_actions.accept(offer, by=person.user, slot=slots[0] if slots else None)

    # ── the stories ───────────────────────────────────────────────────────────
    def booked(self, days_ago: int, person: User, host: Any) -> Visit:
        """An organisation has a speaker for its event."""
        days = [self.wish(23, 13, 16)]
        request = self.submitted(days_ago, person, host, Kind.EVENT, days=days, **EVENT)
        return self.accepted(self.taken_up(request, days_ago - 1), days_ago - 2)

    def open_contest(self, days_ago: int, person: User, host: Any) -> Request:
        """A board looks for two who judge its contest."""
        days = [self.wish(32, 10, 17)]
        request = self.submitted(days_ago, person, host, Kind.CONTEST, days=days, **CONTEST)
        return self.taken_up(request, days_ago - 1)

    def made(self, days_ago: int, person: User, host: Any) -> Visit:
        """A video was made before its day, reported with its link and verified."""
        due = self.present.school_day(12)
        request = self.submitted(days_ago, person, host, Kind.CONTENT, due_on=due, **CONTENT)
        visit = self.accepted(self.taken_up(request, days_ago - 1), days_ago - 2)
        self.at(4, 5)
        visit_actions.report(visit, by=person, link=LINK, comment="10分に収まり、字幕もつきました。")
        self.at(2, 6)
        return visit_actions.verify(visit, by=self.desk)

    def wanted(self, days_ago: int, person: User, host: Any) -> Request:
        """Content that was asked for a few days ago."""
        return self.submitted(days_ago, person, host, Kind.CONTENT, due_on=self.present.school_day(40), **LESSON_SHEETS)
