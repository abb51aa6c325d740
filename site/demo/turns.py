"""The rarer turns of the invented world: a board that passes on, a waiting list, a visit that moves, falls out or is corrected.

Told by the real verbs, like everything that goes on today.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import F, Max

from accounts.models import User
from demo import names
from demo.asking import wish
from demo.history import groups_wanted
from outreach.models import Ambassador, Hold, Request, Reschedule, School, Slot, Visit
from outreach.requests import actions as request_actions
from outreach.requests.actions import GroupWish, SlotWish
from outreach.requests.models import Channel, Entry, Format
from outreach.requests.states import RequestState
from outreach.visits import actions as visit_actions
from outreach.visits.actions import GroupCount
from outreach.visits.states import RescheduleState, VisitState
from ui import dates

DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
MOVES_WANTED = (
    "出張の予定が入りました。同じ時間の別の日にしていただけないでしょうか。",
    "会社の決算発表と重なりました。翌週であれば伺えます。",
    "飛行機の便がなくなり、前の日のうちに着けなくなりました。",
    "前の仕事の都合で、開始に間に合わないおそれがあります。",
)
SCHOOL_WANTS_A_MOVE = "学校行事の予備日と重なりました。時限はそのままで、別の日にお願いできますか。"
STAYS = "その日は定期考査の時間割のため、元の日でお願いします。"
LEAVES = "家族の介護のため、当日は伺えなくなりました。もうお一人に内容を引き継いであります。"
UNMATCHED = (
    "3人の推進大使に打診しましたが、いずれも予定が合いませんでした。オンラインもご検討ください。",
    "ご希望の分野の推進大使が、ご希望の日にはすべて別の訪問に決まっています。",
)
FELL_OUT = "学級閉鎖となり、当日の朝に中止しました。日をあらためてお願いしたいと考えています。"
MISSED_THE_TRAIN = "大使の乗った列車が大きく遅れ、授業の時間に間に合いませんでした。教頭先生と電話で確かめました。"
COUNTED_TOO_MANY = "欠席した生徒を出席に数えていたと、学校から電話がありました。"
COUNTED_TOO_FEW = "別の教室から途中で加わった生徒がいたと、学校から連絡がありました。"
NEWSPAPER = "地元の新聞の記事と、学校だより（校長先生からFAXで受け取りました）"
PHONED = "教頭先生から電話で人数を聞きました。"


class Turns:
    """Stories that most requests never have; `present` gives the days, the diary and the order of numbers."""

    def __init__(self, present: Any) -> None:
        self.present, self.world, self.diary = present, present.world, present.diary
        self.desk: User = present.desk
        # Ambassadors with a calendar that few other stories need.
        self.people = [person for person in self.world.ambassadors if person.visits_in_person][::-1]

    def stories(self) -> Iterable[tuple[int, Callable[[int], Any]]]:
        """(days ago, what happened), like all stories of today."""
        yield 19, lambda ago: self.unmatched(ago, UNMATCHED[0], asked=True)
        yield 14, lambda ago: self.unmatched(ago, UNMATCHED[1])
        yield 18, self.left
        yield 16, self.joint
        yield 13, self.one_of_two
        yield 12, lambda ago: self.present.booked(self.world.other_teachers_school, ago, [24, 26])
        yield 11, lambda ago: self.waitlisted(ago, names.REASONS_TO_WAIT[0])
        yield 7, lambda ago: self.waitlisted(ago, names.REASONS_TO_WAIT[1])
        yield 10, self.arranged
        yield 9, self.written_down_afterwards
        yield 6, lambda ago: self.passed_on(ago, self._school_of(0))
        yield 4, lambda ago: self.with_board(ago, self._school_of(1))
        yield 2, lambda ago: self.with_board(ago, self._school_of(0, 1))

    # ── requests ──────────────────────────────────────────────────────────────
    def _school_of(self, board: int, place: int = 0) -> School:
        wanted = self.world.passing_boards[board]
        return [school for school in self.world.schools.values() if school.board == wanted][place]

    def with_board(self, days_ago: int, school: School) -> Request:
        return self.present.submitted(school, days_ago, [26, 28, 33], format=Format.IN_PERSON)

    def passed_on(self, days_ago: int, school: School) -> Request:
        request = self.with_board(days_ago, school)
        self.present.on(days_ago - 2, 11)
        return request_actions.pass_on(request, by=self.world.accounts["board"])

    def waitlisted(self, days_ago: int, reason: str) -> Request:
        request = self.present.submitted(self.present.next_school(), days_ago, [34, 36])
        self.present.on(days_ago - 1, 14)
        return request_actions.waitlist(request, by=self.desk, reason=reason)

    def unmatched(self, days_ago: int, reason: str, *, asked: bool = False) -> Request:
        request = self.present.open(self.present.next_school(), days_ago, [17, 18])
        if asked:
            offer = self.present.asked(request, days_ago - 1)
            self.present.on(days_ago - 2, 17)
            visit_actions.decline(offer, by=offer.ambassador.user, note="その2日はどちらも伺えません。")
        self.present.on(days_ago - 5, 16)
        return visit_actions.unmatch(request, by=self.desk, reason=reason)

    # ── company ───────────────────────────────────────────────────────────────
    def one_of_two(self, days_ago: int) -> Visit:
        """Two are wanted, one comes, nobody else has been asked yet."""
        return self._booked_once(days_ago, [27, 29])

    def _booked_once(self, days_ago: int, days_ahead: list[int]) -> Visit:
        school = self.present.next_school()
        return self.present.booked(school, days_ago, days_ahead, ambassadors_wanted=2, format=Format.IN_PERSON)

    def left(self, days_ago: int) -> Visit:
        """Two came together, one of them left, and the desk said that the other is enough."""
        visit = self._booked_once(days_ago, [20, 22])
        (first,) = visit.present_ambassadors
        second = next(one for one in self._free_for(visit.request, [visit.slot]) if one != first)
        self.present.on(days_ago - 4, 15)
        offer = visit_actions.send_offer(visit.request, by=self.desk, ambassador=second, slots=[visit.slot])
        self.present.on(days_ago - 5, 17)
        visit_actions.accept(offer, by=second.user, slot=visit.slot)
        self.present.on(days_ago - 9, 10)
        visit_actions.leave(visit, by=second.user, reason=LEAVES)
        self.present.on(days_ago - 10, 15)
        visit_actions.settle(visit.request, by=self.desk)
        return visit

    def joint(self, days_ago: int) -> Visit:
        """Pupils of a neighbouring school come to the lesson as well."""
        school = self.present.next_school()
        near = next(
            other
            for other in self.world.schools.values()
            if other.prefecture_code == school.prefecture_code and other != school
        )
        return self.present.booked(school, days_ago, [28, 30], together_with=near, format=Format.IN_PERSON)

    # ── what the desk writes down ─────────────────────────────────────────────
    def arranged(self, days_ago: int) -> Visit:
        """School and ambassador know each other and have agreed on a day."""
        school = self.present.next_school()
        self.present.arrives(days_ago)
        request = self._dictated(school, self.present.school_day(31), Entry.ARRANGED, channel=Channel.MAIL)
        return self._book(request)

    def written_down_afterwards(self, days_ago: int) -> Visit:
        """A visit held elsewhere, which the desk learned of from a newspaper."""
        school = self.present.next_school()
        day = dates.in_tokyo(self.present.ago(days_ago + 4, 9)).date()
        self.present.arrives(days_ago)
        request = self._dictated(school, day, Entry.AFTERWARDS, channel=Channel.FAX, evidence=NEWSPAPER)
        visit = self._book(request)
        self.present.on(days_ago - 1, 10)
        (planned,) = request.planned_groups.all()
        there = [GroupCount(planned.stage, planned.grade, planned.expected - 2, label=planned.label)]
        visit_actions.report(visit, by=self.desk, groups=there, on_behalf_source=PHONED)
        self.present.on(days_ago - 2, 16)
        return visit_actions.verify(visit, by=self.desk)

    def _dictated(self, school: School, day: dt.date, entry: str, **told: Any) -> Request:
        request = visit_actions.start_for_host(
            {"school": school},
            by=self.desk,
            contact=self.world.contacts[school.pk],
            entry=entry,
            contact_phone=school.main_phone,
            **told,
        )
        aims = "卒業生でもある大使に、在学中から今までの歩みを話してもらいます。"
        request_actions.describe(request, by=self.desk, format=Format.IN_PERSON, theme="story", aims=aims)
        request_actions.wish_for(request, [wish(school, day, 4)], by=self.desk, answer_by=None)
        stage, grade, label, _expected = groups_wanted(self.present.rng, school)[0]
        return request_actions.expect(request, [GroupWish(stage, grade, 33, label)], by=self.desk)

    def _book(self, request: Request) -> Visit:
        person = next(self._free_for(request, list(request.slots.all())))
        return visit_actions.book_arranged(request, by=self.desk, ambassadors=[person])

    def _free_for(self, request: Request, slots: list[Slot]) -> Iterator[Ambassador]:
        return (one for one in self.people if visit_actions.obstacle(one, request, slots) is None)

    # ── what became of visits and days that are past ──────────────────────────
    def of_past_visits(self) -> None:
        self._fell_out()
        self._expired()
        self._corrected()

    def _fell_out(self) -> None:
        """One school asks for other days, the other lets it be."""
        asks_again, lets_be = self.world.missed
        contact = asks_again.request.contact
        self.diary.turn_to(asks_again.ends_at + 90 * MINUTE)
        visit_actions.not_held(asks_again, by=contact, reason=FELL_OUT)
        self.diary.turn_to(self.present.ago(4, 10))
        days = [wish(asks_again.school, self.present.school_day(ahead), 3) for ahead in (23, 25)]
        answer_by = min(self.world.today + 10 * DAY, days[0].day - DAY)
        visit_actions.add_dates(asks_again.request, days, by=contact, answer_by=max(answer_by, self.world.today))
        self.diary.turn_to(lets_be.ends_at + 200 * MINUTE)
        visit_actions.not_held(lets_be, by=self.desk, reason=MISSED_THE_TRAIN)

    def _expired(self) -> None:
        """The clock ends what nobody could be found for in time, when the last of the days has gone."""
        past = Slot.objects.filter(
            request__state__in=(RequestState.OPEN, RequestState.WAITLISTED), ends_at__lt=self.world.now
        )
        self.diary.turn_to(past.aggregate(last=Max("ends_at"))["last"] + MINUTE)
        visit_actions.expire_requests()

    def _corrected(self) -> None:
        """Schools noticed afterwards that they had counted too many or too few."""
        verified = Visit.objects.filter(
            state=VisitState.VERIFIED, slot__isnull=False, day__lt=self.world.today - 30 * DAY
        ).order_by("-starts_at", "pk")
        mine = self.world.teachers_school
        for number, (visits, change, reason) in enumerate(
            ((verified.filter(school=mine), -3, COUNTED_TOO_MANY), (verified.exclude(school=mine), 4, COUNTED_TOO_FEW))
        ):
            visit = next(visit for visit in visits if any(g.distinct > 3 for g in visit.latest_report().groups.all()))
            groups = list(visit.latest_report().groups.all())
            largest = max(groups, key=lambda group: group.distinct)
            counts = [
                GroupCount(g.stage, g.grade, g.present + change * (g is largest), g.already_met, g.label)
                for g in groups
            ]
            self.diary.turn_to(self.present.ago(3 - number, 11))
            comment = visit.latest_report().comment
            visit_actions.correct(visit, by=self.desk, reason=reason, groups=counts, comment=comment)

    # ── another day ───────────────────────────────────────────────────────────
    def other_days(self) -> None:
        """Proposals to move a visit: two are open, the others were agreed, refused, taken back or not answered."""
        booked = {visit.school_id: (moment, visit) for moment, visit in self.present.bookings}
        abroad = self.world.ambassadors[1]
        (_moment, online) = next(one for one in booked.values() if abroad in one[1].ambassadors.all())
        (_moment, theirs) = booked.pop(self.world.other_teachers_school.pk)
        of_others = [
            (moment, visit)
            for moment, visit in booked.values()
            if visit.school != self.world.teachers_school and visit != online and visit.request.ambassadors_wanted == 1
        ]
        of_others.sort(key=lambda one: one[0])
        ends = (self._not_answered, self._agreed, self._refused, self._taken_back)
        for (moment, visit), end, reason in zip(of_others, ends, MOVES_WANTED, strict=False):
            self.diary.turn_to(min(moment + DAY, self.world.now - 30 * MINUTE))
            end(self._proposal(visit, visit.ambassadors.get().user, reason), moment)
        self.diary.turn_to(self.present.ago(1, 12))
        self._proposal(theirs, theirs.ambassadors.get().user, MOVES_WANTED[0])
        self._proposal(online, online.request.contact, SCHOOL_WANTS_A_MOVE)

    def _proposal(self, visit: Visit, by: User, reason: str) -> Reschedule:
        visit = Visit.objects.select_related("request", "school", "slot").get(pk=visit.pk)
        (person,) = visit.present_ambassadors
        return visit_actions.propose(visit, by=by, wish=self._free_day(visit, person), reason=reason)

    def _free_day(self, visit: Visit, person: Ambassador) -> SlotWish:
        """Another school day, the same periods: later, or sooner where the year ends before."""
        after = [visit.day + n * DAY for n in range(2, 60)]
        days = [*after, *(self.world.today + n * DAY for n in range(1, 60))]
        for day in days:
            if dates.is_school_weekday(day) and day <= self.world.horizon and day != visit.day:
                wanted = wish(visit.school, day, visit.slot.first_period)
                slot = request_actions.slot_of(visit.request, wanted, 0)
                if visit_actions.obstacle(person, visit.request, [slot]) is None:
                    return wanted
        raise LookupError(f"{person} is free on no other day")

    def _agreed(self, proposal: Reschedule, since: dt.datetime) -> None:
        self._a_day_later(since)
        visit_actions.agree(proposal, by=proposal.visit.request.contact)

    def _refused(self, proposal: Reschedule, since: dt.datetime) -> None:
        self._a_day_later(since)
        visit_actions.refuse(proposal, by=proposal.visit.request.contact, note=STAYS)

    def _taken_back(self, proposal: Reschedule, since: dt.datetime) -> None:
        self._a_day_later(since)
        visit_actions.withdraw_proposal(proposal, by=proposal.proposed_by)

    def _not_answered(self, proposal: Reschedule, since: dt.datetime) -> None:
        """The clock stands still while the world is made, so the row says that its moment has come."""
        self.diary.turn_to(min(since + 6 * DAY, self.world.now - 20 * MINUTE))
        for rows in (Reschedule.objects.filter(pk=proposal.pk), Hold.objects.filter(reschedule=proposal)):
            rows.update(expires_at=self.world.now)
        visit_actions.expire_reschedules()

    def _a_day_later(self, since: dt.datetime) -> None:
        self.diary.turn_to(min(since + 2 * DAY, self.world.now - 20 * MINUTE))

    def date_the_answers(self) -> None:
        """Answered proposals were out for the usual time, not until a day after today."""
        answered = Reschedule.objects.exclude(state=RescheduleState.OPEN)
        answered.update(expires_at=F("proposed_at") + 5 * DAY)
