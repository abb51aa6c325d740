"""What is going on in the invented world today: made by the real verbs, so that letters and steps are real.

A Diary lets somebody act now and then moves the moment back to the day on which it happened.
"""

import datetime as dt
import random
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import F, Max, Q
from django.utils import timezone

from accounts.models import Membership, User
from demo import names
from demo.asking import wish, write_request
from demo.founders import Founders
from demo.history import MINUTE, groups_wanted
from demo.inquiries import Inquiries
from demo.occasions import Occasions
from demo.threads import Threads
from demo.turns import Turns
from outbox.actions import post
from outbox.models import Letter, LetterState
from outreach.desk.candidates import candidates
from outreach.models import (
    Ambassador,
    Hold,
    Inquiry,
    InquiryStep,
    Message,
    Offer,
    Participation,
    ReachEntry,
    Reading,
    Report,
    Request,
    Reschedule,
    School,
    Slot,
    Step,
    Visit,
)
from outreach.requests import actions as request_actions
from outreach.requests.actions import GroupWish
from outreach.requests.models import Format
from outreach.schools import actions as school_actions
from outreach.visits import actions as visit_actions
from outreach.visits import letters as visit_letters
from outreach.visits.states import VisitState
from ui import dates

BOOKED, SUBMITTED, OPEN, WAITING = 8, 6, 8, 5
FURTHEST_SUBMISSION = 20  # days ago; requests of history are older
STILL_WAITING = dt.timedelta(hours=20)  # letters younger than this have not left yet
DAY = dt.timedelta(days=1)


class Diary:
    """Lets people act by the real verbs, and remembers the day on which they are said to have done so.

    The clock only goes forward, so what was written between two pages belongs to the first of them.
    """

    MOMENTS = (
        (Request, ("created_at", "submitted_at", "place_in_queue_at", "state_since", "updated_at")),
        (Step, ("at",)),
        (Offer, ("sent_at", "answered_at", "state_since")),
        (Visit, ("confirmed_at", "state_since")),
        (Participation, ("joined_at", "replace_since", "left_at")),
        (Reschedule, ("proposed_at", "school_agreed_at", "state_since")),
        (Slot, ("dropped_at",)),
        (Hold, ("let_go_at",)),
        (Report, ("made_at", "verified_at")),
        (ReachEntry, ("known_at",)),
        (Membership, ("asked_at",)),
        (Message, ("written_at",)),
        (Reading, ("at",)),
        (Inquiry, ("sent_at", "closed_at")),
        (InquiryStep, ("at",)),
        (Letter, ("created_at", "next_try_at")),
    )

    def __init__(self) -> None:
        self.pages: list[tuple[dt.datetime, dt.datetime]] = []
        self.moment = timezone.now()

    def turn_to(self, moment: dt.datetime) -> None:
        """What is written from now on happened at `moment`."""
        self.moment = moment
        self.pages.append((timezone.now(), moment))

    def close(self) -> None:
        """Move every moment written since the first page to the moment of its page."""
        starts = [start for start, _moment in self.pages]
        for model, fields in self.MOMENTS:
            written = Q()
            for name in fields:
                written |= Q(**{f"{name}__gte": starts[0]})
            rows = list(model.objects.filter(written).only(*fields))
            for row in rows:
                for name in fields:
                    value = getattr(row, name)
                    if value and value >= starts[0]:
                        setattr(row, name, self.pages[bisect_right(starts, value) - 1][1])
            model.objects.bulk_update(rows, fields, batch_size=60)


class Present:
    """Drafts, requests, offers and visits to come."""

    def __init__(self, world: Any, rng: random.Random) -> None:
        self.world, self.rng = world, rng
        self.desk: User = world.accounts["coordinator"]
        self.ambassador: Ambassador = world.ambassadors[0]
        special = {world.teachers_school.pk, world.other_teachers_school.pk}
        self.schools = [
            school
            for school in world.schools.values()
            if school.pk not in special and school.board not in world.passing_boards
        ]
        rng.shuffle(self.schools)
        last = Request.objects.exclude(submitted_at=None).aggregate(last=Max("submitted_at"))["last"]
        self.last_submission = last or world.begins
        self.diary = Diary()
        self.span = (world.horizon - world.today).days
        # Visits to come, each with the moment of its acceptance.
        self.bookings: list[tuple[dt.datetime, Visit]] = []

    # ── days and moments ──────────────────────────────────────────────────────
    def school_day(self, days_ahead: int) -> dt.date:
        """The first school day at least so many days ahead, still inside the appointments; sooner when few are left."""
        day = self.world.today + max(round(days_ahead * min(1, self.span / 45)), 1) * DAY
        while not dates.is_school_weekday(day):
            day += DAY
        last = self.world.horizon
        return day if day <= last else self._last_school_day(last)

    def _last_school_day(self, day: dt.date) -> dt.date:
        while not dates.is_school_weekday(day):
            day -= DAY
        return day

    def ago(self, days: int, hour: int) -> dt.datetime:
        """A weekday's hour about so many days ago, after everything written before for the same request."""
        day = self.world.today - days * DAY
        while not dates.is_school_weekday(day):
            day -= DAY
        moment = dates.at_tokyo(day, dt.time(hour, self.rng.randint(0, 59)))
        return min(moment, self.world.now - 5 * MINUTE)

    def arrives(self, days_ago: int) -> None:
        """A request comes in on that morning, after all that came before: numbers follow the order of arrival."""
        self.last_submission = max(self.ago(days_ago, 9), self.last_submission + MINUTE)
        self.diary.turn_to(self.last_submission)

    def on(self, days_ago: int, hour: int) -> None:
        """The story goes on about so many days ago; never before what was told of it last."""
        self.diary.turn_to(max(self.ago(days_ago, hour), self.diary.moment + MINUTE))

    # ── steps of a story ──────────────────────────────────────────────────────
    def submitted(self, school: School, days_ago: int, days_ahead: list[int], *, person: User | None = None,
                  **words: Any) -> Request:  # fmt: skip
        """A school has asked."""
        person = person or self.world.contacts[school.pk]
        self.arrives(days_ago)
        request = self.draft(school, person, days_ahead, **words)
        return request_actions.submit(request, by=person)

    def draft(
        self, school: School, person: User, days_ahead: list[int], *, together_with: School | None = None, **words: Any
    ) -> Request:
        rng = self.rng
        days = sorted({self.school_day(ahead) for ahead in days_ahead})
        if len(days_ahead) > 1 and len(days) > 1 and rng.random() < 0.4:
            days.reverse()
        theme, aims = rng.choice(names.AIMS)
        wishes = [wish(school, day, first := rng.choice((2, 3, 5)), first + 1) for day in days]
        answer_by = min(max(self.world.today + 7 * DAY, min(days) - rng.randint(5, 9) * DAY), min(days) - DAY)
        request = write_request(
            school,
            by=person,
            wishes=wishes,
            groups=groups_wanted(rng, school),
            answer_by=max(answer_by, self.world.today),
            **{
                "theme": theme,
                "aims": aims,
                "lesson_name": rng.choice(names.LESSON_NAMES),
                "place": rng.choice(names.ROOMS),
                "equipment": rng.choice(names.EQUIPMENT),
                "competences": rng.sample(list(self.world.competences.values()), rng.choice((0, 1, 2, 3))),
                "format": rng.choice((Format.IN_PERSON,) * 7 + (Format.ONLINE,) * 2 + (Format.EITHER,)),
                **words,
            },
        )
        if together_with:
            wanted = [
                GroupWish(stage, grade, number, "")
                for stage, grade, _label, number in groups_wanted(rng, together_with)
            ]
            request_actions.take_part(request, together_with, wanted, by=person)
        return request

    def open(self, school: School, days_ago: int, days_ahead: list[int], **words: Any) -> Request:
        request = self.submitted(school, days_ago, days_ahead, **words)
        self.on(days_ago - 1, 13)
        return request_actions.take_up(request, by=self.desk)

    def asked(
        self, request: Request, days_ago: int, *, ambassador: Ambassador | None = None, waits_days: int = 3
    ) -> Offer:
        """An ambassador who is free was asked about the slots on which they are."""
        found = [one for one in candidates(request) if one.can_be_asked]
        wanted = [one for one in found if one.ambassador == ambassador]
        # The calendar of ambassador@ stays free for the stories told with that account.
        chosen = self.rng.choice(wanted or [one for one in found if one.ambassador != self.ambassador][:6])
        self.on(days_ago, 15)
        expires_at = timezone.now() + waits_days * DAY
        return visit_actions.send_offer(
            request, by=self.desk, ambassador=chosen.ambassador, slots=chosen.free_slots, expires_at=expires_at
        )

    def booked(self, school: School, days_ago: int, days_ahead: list[int], *, ambassador: Ambassador | None = None,
               **words: Any) -> Visit:  # fmt: skip
        request = self.open(school, days_ago, days_ahead, **words)
        offer = self.asked(request, days_ago - 2, ambassador=ambassador)
        slot = offer.slots.order_by("rank").first()
        self.on(days_ago - 3, 17)
        visit = visit_actions.accept(offer, by=offer.ambassador.user, slot=slot)
        self.bookings.append((self.diary.moment, visit))
        return visit

    # ── all of it ─────────────────────────────────────────────────────────────
    def tell(self) -> None:
        """Oldest submissions first: numbers are given in that order."""
        turns = Turns(self)
        stories = [
            *self._bookings(),
            *self._open_ones(),
            *self._new_ones(),
            *Occasions(self).stories(),
            *turns.stories(),
        ]
        stories.sort(key=lambda story: -story[0])
        for days_ago, tell in stories:
            tell(days_ago)
        turns.of_past_visits()
        turns.other_days()
        self._newcomers()
        self._draft_of_the_teacher()
        Founders(self).tell()
        self._letters_of_the_last_days()
        Threads(self).tell()
        Inquiries(self).tell()
        self.diary.close()
        turns.date_the_answers()
        # An answered offer was out for the usual time, not until a day after today.
        answered = Offer.objects.filter(answered_at__isnull=False, expires_at__gt=self.world.now)
        answered.update(expires_at=F("sent_at") + 5 * DAY)
        mark_sent_letters(self.world.now - STILL_WAITING)

    def next_school(self) -> School:
        school = self.schools.pop()
        self.schools.insert(0, school)
        return school

    def _ahead(self) -> int:
        """So many days ahead: mostly the next weeks, some far away."""
        far = (5, 8, 12, 16, 20, 25, 30, 36, 40, 54, 66, 80, 95, 110)
        return self.rng.choice([days for days in far if days <= max(45, self.span - 8)])

    def _bookings(self) -> Iterable[tuple[int, Callable[[int], Any]]]:
        mine = self.world.teachers_school
        yield 12, lambda ago: self.booked(mine, ago, [21, 24], ambassador=self.ambassador, format=Format.IN_PERSON)
        abroad = self.world.ambassadors[1]
        yield 14, lambda ago: self.booked(self.next_school(), ago, [13, 15], ambassador=abroad, format=Format.ONLINE)
        for _number in range(BOOKED - 2):
            ahead = self._ahead()
            yield self.rng.randint(8, FURTHEST_SUBMISSION), lambda ago, ahead=ahead: self.booked(
                self.next_school(), ago, [ahead, ahead + self.rng.randint(1, 5)])  # fmt: skip

    def _open_ones(self) -> Iterable[tuple[int, Callable[[int], Any]]]:
        other = self.world.other_teachers_school
        yield 5, lambda ago: self._waits_for(self.ambassador, other, ago, [30, 34], format=Format.IN_PERSON)
        abroad = self.world.ambassadors[1]
        yield 6, lambda ago: self._waits_for(abroad, self.next_school(), ago, [18, 20], format=Format.ONLINE)
        for _number in range(WAITING - 3):
            yield self.rng.randint(4, 9), lambda ago: self._waits_for(None, self.next_school(), ago, self._days())
        for number in range(OPEN):
            tell = self._declined_once if number < 2 else lambda ago: self.open(self.next_school(), ago, self._days())
            yield self.rng.randint(3, 12), tell
        # The one that waits for its school, and one more for an ambassador.
        yield 7, self._handed_back
        yield 8, lambda ago: self._waits_for(None, self.next_school(), ago, self._days())

    def _days(self) -> list[int]:
        ahead = max(16, self._ahead())
        return [ahead + step for step in self.rng.sample((0, 1, 3, 6), self.rng.choice((1, 2, 3, 3)))]

    def _waits_for(self, ambassador: Ambassador | None, school: School, days_ago: int, days_ahead: list[int],
                   **words: Any) -> None:  # fmt: skip
        request = self.open(school, days_ago, days_ahead, **words)
        self.asked(request, min(days_ago - 2, 3), ambassador=ambassador, waits_days=self.rng.randint(1, 3))

    def _declined_once(self, days_ago: int) -> None:
        request = self.open(self.next_school(), days_ago, self._days())
        offer = self.asked(request, days_ago - 1)
        self.on(days_ago - 2, 17)
        visit_actions.decline(offer, by=offer.ambassador.user, note=self.rng.choice(names.DECLINE_NOTES))

    def _handed_back(self, days_ago: int) -> None:
        request = self.submitted(self.next_school(), days_ago, self._days())
        self.on(days_ago - 1, 14)
        request_actions.hand_back(request, by=self.desk, reason=names.REASONS_TO_HAND_BACK[0])

    def _new_ones(self) -> Iterable[tuple[int, Callable[[int], Any]]]:
        yield 1, lambda ago: self.submitted(self.world.teachers_school, ago, [35, 38, 40], format=Format.IN_PERSON)
        for days_ago in (4, 3, 2, 2)[: SUBMITTED - 2]:
            yield days_ago, lambda ago: self.submitted(self.next_school(), ago, self._days())

    def _newcomers(self) -> None:
        """Three people say where they belong; the first of them asked at once, with a number after all others."""
        self.submitted(self.world.newcomers_school, 0, self._days(), person=self.world.accounts["newcomer"])
        for number, person in enumerate(self.world.strangers, start=1):
            school = self.next_school()
            self.diary.turn_to(self.ago(number, 11))
            school_actions.join(school, by=person, position="教諭", phone=school.main_phone)

    def _draft_of_the_teacher(self) -> None:
        """Half written: the school's page and a first day."""
        person, school = self.world.accounts["teacher"], self.world.teachers_school
        self.diary.turn_to(self.ago(1, 16))
        request = request_actions.start_draft(school, by=person)
        request_actions.describe(request, by=person, contact_phone=school.main_phone, contact_hours="16時以降")
        request_actions.wish_for(request, [wish(school, self.school_day(60), 5, 6)], by=person, answer_by=None)

    def _letters_of_the_last_days(self) -> None:
        """Letters about visits of the history's last days, as their verbs posted them."""
        since = self.world.now - 5 * DAY
        recent = (
            Visit.objects.filter(state_since__gte=since).with_what_a_list_shows().select_related("request__contact")
        )
        drafts_of = {
            VisitState.REPORTED: lambda visit: visit_letters.reported(visit, on_behalf=False),
            VisitState.VERIFIED: visit_letters.verified,
        }
        for visit in recent.filter(state__in=drafts_of, slot__isnull=False).order_by("state_since"):
            self.diary.turn_to(visit.state_since)
            for draft in drafts_of[visit.state](visit):
                post(draft)


def mark_sent_letters(before: dt.datetime) -> int:
    """Old letters have left: nobody gets the mail of weeks on the first day."""
    waiting = Letter.objects.filter(state=LetterState.WAITING, created_at__lt=before)
    return waiting.update(state=LetterState.SENT, tries=1, sent_at=F("created_at") + dt.timedelta(seconds=40))
