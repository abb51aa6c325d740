"""Contests, events and content of the invented world: told by the real verbs, like everything that goes on today."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from accounts.models import User
from outreach.models import Request, Visit
from outreach.requests import actions as request_actions
from outreach.requests.actions import SlotWish
from outreach.requests.models import Channel, Entry, Format, Kind
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
TOWN_TALK = {
    "title": "まちの仕事を語る夕べ",
    "aims": "地域で事業を始めた経験を20分ほど話し、会場の質問に答えてください。",
    "audience": "高校生と地域の方",
    "people_expected": 60,
    "place": "市民会館 会議室",
    "format": Format.IN_PERSON,
}
SYMPOSIUM = {
    "title": "全国起業教育シンポジウム　基調講演",
    "aims": "60分の基調講演と、そのあとの討論への参加をお願いします。",
    "audience": "教職員、行政と企業の担当者",
    "people_expected": 400,
    "place": "国際会議場 大ホール",
    "equipment": "プロジェクター、同時通訳の設備",
    "format": Format.IN_PERSON,
}
PITCHES = {
    "title": "みなと高校生ピッチ 予選",
    "aims": "12組の発表を聞き、よい点と次に試すことを一人ひとりに伝えてください。",
    "audience": "市内の高校生",
    "people_expected": 80,
    "place": "みなと挑戦ひろば",
    "access": "みなと駅から徒歩3分",
    "format": Format.EITHER,
}
FIRST_SALE = {
    "title": "はじめて売ってみる（教員向けの手引き）",
    "aims": "文化祭などで商品を売る授業の手引きを、実際に売ったときの失敗を入れて作ってください。",
    "audience": "中学校・高等学校の教員",
}
NOT_THIS_TIME = "基調講演は今年度の派遣の対象に含めていません。対話を中心にした催しのときに、またお申し込みください。"
EVENING_WAS_HELD = "風待市の広報10号の記事と、当日の次第（担当課からメールで受け取りました）"
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
        yield 17, lambda ago: self.declined(ago, accounts["orgadmin"], organisations[0])
        yield 13, lambda ago: self.judged(ago, self._admin_of(organisations[4]), organisations[4])
        yield 11, lambda ago: self.in_the_making(ago, accounts["orgadmin2"], organisations[1])
        yield 8, lambda ago: self.held_elsewhere(ago, organisations[2])

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

    def declined(self, days_ago: int, person: User, host: Any) -> Request:
        """The desk sends nobody for the great lecture that an organisation asked for."""
        days = [self.wish(33, 10, 12)]
        request = self.submitted(days_ago, person, host, Kind.EVENT, days=days, **SYMPOSIUM)
        self.at(days_ago - 2, 3)
        return visit_actions.decline_request(request, by=self.desk, reason=NOT_THIS_TIME)

    def judged(self, days_ago: int, person: User, host: Any) -> Visit:
        """A contest has its judge."""
        days = [self.wish(25, 13, 17)]
        request = self.submitted(days_ago, person, host, Kind.CONTEST, days=days, **PITCHES)
        return self.accepted(self.taken_up(request, days_ago - 1), days_ago - 2)

    def in_the_making(self, days_ago: int, person: User, host: Any) -> Visit:
        """Somebody writes what a chamber of commerce asked for."""
        due = self.present.school_day(38)
        request = self.submitted(days_ago, person, host, Kind.CONTENT, due_on=due, **FIRST_SALE)
        return self.accepted(self.taken_up(request, days_ago - 1), days_ago - 2)

    def held_elsewhere(self, days_ago: int, host: Any) -> Visit:
        """An evening of a town that the desk wrote down when it was over."""
        day = dates.in_tokyo(self.weekday(days_ago + 5)).date()
        self.present.arrives(days_ago)
        request = visit_actions.start_for_host(
            {"organisation": host},
            by=self.desk,
            contact=self._admin_of(host),
            channel=Channel.MAIL,
            entry=Entry.AFTERWARDS,
            kind=Kind.EVENT,
            evidence=EVENING_WAS_HELD,
            contact_phone="00-0000-0000",
        )
        request_actions.describe(request, by=self.desk, **TOWN_TALK)
        evening = SlotWish(day, dates.at_tokyo(day, dt.time(18)), dates.at_tokyo(day, dt.time(20)))
        request_actions.wish_for(request, [evening], by=self.desk, answer_by=None)
        slots = list(request.slots.all())
        person = next(one for one in self.people if visit_actions.obstacle(one, request, slots) is None)
        visit = visit_actions.book_arranged(request, by=self.desk, ambassadors=[person])
        self.at(days_ago - 2, 5)
        visit_actions.report(visit, by=self.desk, people=52, on_behalf_source="担当課からメールで人数を聞きました。")
        self.at(days_ago - 3, 6)
        return visit_actions.verify(visit, by=self.desk)

    @staticmethod
    def _admin_of(host: Any) -> User:
        return User.objects.get(memberships__organisation=host)
