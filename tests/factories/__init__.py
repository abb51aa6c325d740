"""What tests make by the real verbs: a request, an offer, a visit, a report; each argument may be left out."""

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress

from accounts.models import User
from demo.asking import wish, write_request
from outreach.ambassadors.assistants import name_assistant
from outreach.models import Ambassador, Offer, Request, Reschedule, School, Slot, Visit
from outreach.requests import actions as request_actions
from outreach.requests.actions import GroupWish, SlotWish
from outreach.requests.models import Entry, Format, Kind
from outreach.visits import actions as visit_actions
from outreach.visits.actions import GroupCount
from ui import dates

GROUPS = (("high", 2, "2年3組・4組", 74),)
DAYS_AHEAD = (24, 26, 31)
AFTER_THE_LESSON = dt.timedelta(hours=1)


def account(who: str) -> User:
    return User.objects.get(email=f"{who}@demo.example")


def ambassador_of(who: str) -> Ambassador:
    return Ambassador.objects.select_related("user").get(user__email=f"{who}@demo.example")


def assistant_of(ambassador: Ambassador, email: str = "hisho@example.jp", *, verified: bool = True) -> User:
    """Somebody with this address, whom the ambassador names as assistant."""
    person = User.objects.create_user(email, name="秘書 一子", name_kana="ひしょ いちこ")
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=verified)
    name_assistant(ambassador, by=ambassador.user, email=email)
    return person


def school_day(days_ahead: int) -> dt.date:
    """The first school day at least so many days from today."""
    day = dates.today() + dt.timedelta(days=days_ahead)
    while not dates.is_school_weekday(day):
        day += dt.timedelta(days=1)
    return day


def make_request(
    *,
    by: User | None = None,
    school: School | None = None,
    day: dt.date | None = None,
    days: list[dt.date] | None = None,
    periods: tuple[int, int] = (3, 4),
    groups: tuple[tuple[str, int, str, int], ...] = GROUPS,
    answer_by: dt.date | None = None,
    **words: Any,
) -> Request:
    """A complete draft: of the first school of teacher@, three days ranked, the third and fourth period."""
    by = by or account("teacher")
    school = school or School.objects.get(pk=by.school_ids[0])
    wanted = days or ([day] if day else [school_day(ahead) for ahead in DAYS_AHEAD])
    return write_request(
        school,
        by=by,
        wishes=[wish(school, one, *periods) for one in wanted],
        groups=groups,
        answer_by=answer_by or dates.today() + dt.timedelta(days=14),
        **words,
    )


def submitted_request(*, request: Request | None = None, **asked: Any) -> Request:
    request = request or make_request(**asked)
    return request_actions.submit(request, by=request.entered_by)


def open_request(*, request: Request | None = None, desk: User | None = None, **asked: Any) -> Request:
    """The desk looks for an ambassador; the contact person must be verified."""
    request = request or submitted_request(**asked)
    return request_actions.take_up(request, by=desk or account("coordinator"))


def offer_for(
    request: Request | None = None,
    *,
    ambassador: Ambassador | None = None,
    slots: list[Slot] | None = None,
    desk: User | None = None,
    expires_at: dt.datetime | None = None,
    **asked: Any,
) -> Offer:
    """An ambassador is asked, about the first two slots when none are named."""
    request = request or open_request(**asked)
    offer = visit_actions.send_offer(
        request,
        by=desk or account("coordinator"),
        ambassador=ambassador or ambassador_of("ambassador"),
        slots=slots or list(request.slots.order_by("rank")[:2]),
        expires_at=expires_at,
    )
    return Offer.objects.get(pk=offer.pk)


def confirmed_visit(*, offer: Offer | None = None, slot: Slot | None = None, **asked: Any) -> Visit:
    """The ambassador accepted the first slot of the offer; the day is to come."""
    offer = offer or offer_for(**asked)
    visit = visit_actions.accept(offer, by=offer.ambassador.user, slot=slot or offer.slots.order_by("rank").first())
    return Visit.objects.get(pk=visit.pk)


def dictated_request(
    school: School, *, by: User, entry: str = Entry.ASKED, day: dt.date | None = None, **told: Any
) -> Request:
    """What the desk took down for a school that called: one day, third period, 40 pupils of the first grade."""
    request = visit_actions.start_for_host(
        {"school": school},
        by=by,
        contact=None,
        caller_name="教頭の佐藤",
        entry=entry,
        contact_phone="03-0000-0000",
        evidence="学校だより" if entry == Entry.AFTERWARDS else "",
        **told,
    )
    day = day or school_day(DAYS_AHEAD[0])
    answer_by = dates.today() + dt.timedelta(days=7) if entry == Entry.ASKED else None
    request_actions.describe(request, by=by, format="in_person", theme="story", aims="挑む力を知る")
    request_actions.wish_for(request, [wish(school, day, 3, 3)], by=by, answer_by=answer_by)
    request_actions.expect(request, [GroupWish("high", 1, 40)], by=by)
    return Request.objects.get(pk=request.pk)


def second_ambassador() -> Ambassador:
    """Comes in person as well, and is not the first one."""
    return Ambassador.objects.select_related("user").filter(visits_in_person=True).order_by("pk")[1]


def visit_of_two(*, wanted: int = 2, **asked: Any) -> Visit:
    """A visit for which two ambassadors were wanted and both have accepted."""
    request = make_request(**asked)
    Request.objects.filter(pk=request.pk).update(ambassadors_wanted=wanted)
    request = open_request(request=submitted_request(request=Request.objects.get(pk=request.pk)))
    visit = confirmed_visit(offer=offer_for(request))
    return joined_visit(visit)


def joined_visit(visit: Visit, ambassador: Ambassador | None = None) -> Visit:
    """One more ambassador was asked about the visit's day and has accepted."""
    request = Request.objects.get(pk=visit.request_id)
    offer = offer_for(request, ambassador=ambassador or second_ambassador(), slots=[visit.slot])
    visit_actions.accept(offer, by=offer.ambassador.user, slot=visit.slot)
    return Visit.objects.get(pk=visit.pk)


def proposed_move(visit: Visit, *, by: User | None = None, days: int = 2, **more: Any) -> Reschedule:
    """Another day at the same time is asked for; by the ambassador when nobody is named."""
    day = visit.day + dt.timedelta(days=days)
    while not dates.is_school_weekday(day):
        day += dt.timedelta(days=1)
    made = visit_actions.propose(
        visit,
        by=by or visit.participations.first().ambassador.user,
        wish=wish(visit.school, day, 3, 4),
        reason="出張が入りました。",
        **more,
    )
    return Reschedule.objects.get(pk=made.pk)


def past_visit(clock: Any, *, visit: Visit | None = None, **asked: Any) -> Visit:
    """A visit whose lesson is over: the clock is moved to an hour after its end."""
    visit = visit or confirmed_visit(**asked)
    clock.move_to(visit.ends_at + AFTER_THE_LESSON)
    return visit


def reported_visit(
    visit: Visit,
    *,
    by: User | None = None,
    groups: list[GroupCount] | None = None,
    format: str = Format.IN_PERSON,
    **more: Any,
) -> Visit:
    """The school has said who was there; by default two fewer than expected."""
    planned = visit.request.planned_groups.all()
    groups = groups or [GroupCount(g.stage, g.grade, max(1, g.expected - 2), label=g.label) for g in planned]
    visit_actions.report(visit, by=by or visit.request.contact, groups=groups, format=format, **more)
    return Visit.objects.get(pk=visit.pk)


def verified_visit(visit: Visit, *, desk: User | None = None) -> Visit:
    visit_actions.verify(visit, by=desk or account("coordinator"))
    return Visit.objects.get(pk=visit.pk)


OCCASION = {
    "contact_phone": "03-0000-0000",
    "title": "起業家と語る会",
    "aims": "30分の講演をお願いします。",
    "audience": "中学生と保護者",
    "people_expected": 120,
    "place": "小ホール",
}


def make_occasion(*, by: User | None = None, kind: str = Kind.EVENT, **words: Any) -> Request:
    """A complete draft of the organisation of member@: an event on a Saturday afternoon, or content due in two months."""
    by = by or account("member")
    request = request_actions.start_draft(by.current_memberships[0].organisation, by=by, kind=kind)
    if kind == Kind.CONTENT:
        due = {"due_on": dates.today() + dt.timedelta(days=60)}
        return request_actions.describe(request, by=by, **OCCASION | due | words)
    request_actions.describe(request, by=by, **OCCASION | words)
    day = school_day(24)
    day += dt.timedelta(days=(5 - day.weekday()) % 7)
    wish = SlotWish(day, dates.at_tokyo(day, dt.time(13)), dates.at_tokyo(day, dt.time(16)))
    return request_actions.wish_for(request, [wish], by=by, answer_by=dates.today() + dt.timedelta(days=14))


def accepted_occasion(*, ambassador: Ambassador | None = None, **asked: Any) -> Visit:
    """The ambassador will come to the event, or make the content."""
    request = open_request(request=submitted_request(request=make_occasion(**asked)))
    offer = visit_actions.send_offer(
        request,
        by=account("coordinator"),
        ambassador=ambassador or ambassador_of("ambassador"),
        slots=request.slots.all(),
    )
    visit = visit_actions.accept(offer, by=offer.ambassador.user, slot=request.slots.first())
    return Visit.objects.get(pk=visit.pk)
