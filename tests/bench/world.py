"""The rows that the house is measured with: schools, people, requests, and the visits behind the figures.

Every row is made the same way in every run; only the days follow the calendar.
"""

import datetime as dt
import uuid

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import Membership, Role, User, Vouching
from curriculum import facts as curriculum
from outbox.models import Letter
from outreach.ambassadors.models import FacetKind, Language
from outreach.models import (
    Acceptance,
    Ambassador,
    Appointment,
    CodeOfConduct,
    Facet,
    Group,
    Hold,
    IntakeRules,
    Message,
    Offer,
    Participation,
    PlannedGroup,
    Reading,
    Report,
    Request,
    School,
    Slot,
    Step,
    Visit,
)
from outreach.requests.models import Format, Theme, current_rules
from outreach.requests.states import RequestState
from outreach.schools.places import Stage
from outreach.visits import ledger
from outreach.visits.models import ReachEntry, Standing
from outreach.visits.states import OfferState, VisitState
from ui import dates

TEACHER, COORDINATOR = "teacher@bench.example", "coordinator@bench.example"
PASSWORD = "bench-bench-bench"
SCHOOLS, AMBASSADORS, VISITS = 60, 200, 500
MESSAGES = 200
MANY_AMBASSADORS = 5_000
# Ambassadors who sign in.
BOOKERS = [f"ambassador{n}@bench.example" for n in range(8)]
DRAFTS = 30
PREFECTURES = ("01", "04", "13", "20", "27", "34", "40", "47")
PROSE = "身の回りの課題を自分で見つけ、仲間と解決を試みる力を付けたいと考えています。失敗の話も聞かせてください。"
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def build() -> None:
    """Everything but the requests that wait at the desk."""
    today = dates.today()
    year = dates.fiscal_year_of(today)
    newest = current_rules(year)
    # Taken today, whatever today is, and every day to come of the year may be wished for.
    first, last = dates.fiscal_year_bounds(year)
    IntakeRules.objects.create(
        fiscal_year=year,
        version=newest.version + 1 if newest else 1,
        opens_on=first,
        closes_on=last,
        days_ahead=0,
        answer_days=0,
        # Limits that nobody reaches: they are looked up like any.
        most_per_month=31,
        most_per_year=200,
    )
    _people(today)
    _drafts()
    _visits(year)
    _messages()


def _person(email: str, name: str, password: str = "!") -> User:
    return User(email=email, name=name, name_kana="けいそく", password=password)


def _people(today: dt.date) -> None:
    School.objects.bulk_create(
        School(
            school_code=f"D1{n:011}",
            type_code="D1",
            founder_code="2",
            prefecture_code=PREFECTURES[n % len(PREFECTURES)],
            name_ja=f"県立第{n}架橋高等学校",
            name_kana=f"けんりつだい{n}かきょうこうとうがっこう",
            search_text=f"県立第{n}架橋高等学校",
            is_remote=n % 10 == 0,
        )
        for n in range(SCHOOLS)
    )
    schools = list(School.objects.order_by("school_code"))
    password = make_password(PASSWORD)
    ours = User.objects.bulk_create(
        [_person(TEACHER, "架橋 花子", password), _person(COORDINATOR, "事務 太郎", password)]
    )
    contacts = User.objects.bulk_create(_person(f"contact{n}@bench.example", f"担当 {n}") for n in range(1, SCHOOLS))
    now = timezone.now()
    vouched = {"verified_at": now, "verified_how": Vouching.DESK}
    Membership.objects.bulk_create(
        [
            Membership(person=ours[0], role=Role.CONTACT, school=schools[0], **vouched),
            Membership(person=ours[1], role=Role.COORDINATOR, body_name="事務局", **vouched),
            # One in three waits for somebody to vouch.
            *(
                Membership(person=person, role=Role.CONTACT, school=school, **(vouched if n % 3 else {}))
                for n, (person, school) in enumerate(zip(contacts, schools[1:], strict=True))
            ),
        ]
    )
    bookers = add_ambassadors(0, AMBASSADORS, password)[: len(BOOKERS)]
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in [*ours, *bookers]
    )


def add_ambassadors(first: int, last: int, password: str = "!") -> list[User]:
    """Cards in public with everything by which they are found; the first few sign in."""
    today = dates.today()
    people = User.objects.bulk_create(
        _person(f"ambassador{n}@bench.example", f"大使 {n}", password if n < len(BOOKERS) else "!")
        for n in range(first, last)
    )
    made = [
        Ambassador(
            user=person,
            slug=f"ambassador-{n}",
            name_ja=person.name,
            name_kana=f"たいし{n:04}",
            headline_ja="株式会社こだま 代表取締役",
            about_ja=PROSE,
            expect_ja=PROSE,
            prefecture_code=PREFECTURES[n % len(PREFECTURES)],
        )
        for n, person in enumerate(people, start=first)
    ]
    for person in made:
        person.search_text = person.found_by()
    ambassadors = Ambassador.objects.bulk_create(made)
    year = dates.fiscal_year_of(today)
    begins, ends = dates.fiscal_year_bounds(year)
    # Long enough to be asked about days to come, whatever today is.
    Appointment.objects.bulk_create(
        Appointment(ambassador=person, from_day=begins, until=max(ends, today + DAY * 200)) for person in ambassadors
    )
    code = CodeOfConduct.objects.in_force(year)
    Acceptance.objects.bulk_create(Acceptance(ambassador=person, code=code, fiscal_year=year) for person in ambassadors)
    themes = [theme for theme in Theme if theme != Theme.OTHER]
    Facet.objects.bulk_create(
        Facet(ambassador=person, kind=kind, value=value)
        for n, person in enumerate(ambassadors)
        for kind, value in (
            (FacetKind.THEME, themes[n % len(themes)]),
            (FacetKind.THEME, themes[(n + 1) % len(themes)]),
            (FacetKind.STAGE, Stage.HIGH),
            (FacetKind.LANGUAGE, Language.JAPANESE),
        )
    )
    competences = list(curriculum.competences())
    if competences:
        link = Ambassador.competences.through
        link.objects.bulk_create(
            link(ambassador=person, competence=competences[(n + k * 4) % len(competences)])
            for n, person in enumerate(ambassadors)
            for k in range(3)
        )
    return people


def _slots(request: Request, day: dt.date) -> list[Slot]:
    """Three wanted lessons, as late as the year allows."""
    last = dates.fiscal_year_bounds(dates.fiscal_year_of(dates.today()))[1]
    return [
        Slot(
            request=request,
            rank=rank,
            day=min(day + DAY * rank, last),
            first_period=rank * 2,
            last_period=rank * 2,
            starts_at=dates.at_tokyo(min(day + DAY * rank, last), dt.time(8 + rank * 2)),
            ends_at=dates.at_tokyo(min(day + DAY * rank, last), dt.time(9 + rank * 2)),
        )
        for rank in (1, 2, 3)
    ]


def asked(school: School, contact: User, **more) -> Request:
    return Request(
        school=school,
        entered_by=contact,
        contact=contact,
        contact_phone="03-0000-0000",
        contact_hours="16時以降",
        format=Format.IN_PERSON,
        theme=Theme.FINDING,
        aims=PROSE,
        lesson_name="総合的な探究の時間",
        place="体育館",
        equipment="プロジェクター、スピーカー",
        fiscal_year=dates.fiscal_year_of(dates.today()),
        **{"answer_by": dates.today() + DAY, **more},
    )


def planned(request: Request) -> PlannedGroup:
    return PlannedGroup(request=request, school=request.school, stage=Stage.HIGH, grade=2, label="2年3組", expected=38)


def _drafts() -> None:
    """Complete drafts of our teacher, ready to be sent; the first of them is for the pages of the form."""
    teacher, school = User.objects.get(email=TEACHER), School.objects.order_by("school_code")[0]
    drafts = Request.objects.bulk_create(asked(school, teacher) for _ in range(DRAFTS + 1))
    Slot.objects.bulk_create(slot for draft in drafts for slot in _slots(draft, dates.today() + DAY * 28))
    PlannedGroup.objects.bulk_create(planned(draft) for draft in drafts)
    if competences := list(curriculum.competences()[:2]):
        link = Request.competences.through
        link.objects.bulk_create(link(request=draft, competence=one) for draft in drafts for one in competences)


def drafts() -> list[uuid.UUID]:
    """Our teacher's drafts, in the order they were made."""
    return list(Request.objects.filter(entered_by__email=TEACHER).order_by("pk").values_list("public_id", flat=True))


def take_back_drafts() -> None:
    """Whatever was sent is a draft again, as if nobody had sent it."""
    sent = Request.objects.filter(entered_by__email=TEACHER).exclude(state=RequestState.DRAFT)
    Step.objects.filter(request__in=sent).delete()
    Letter.objects.all().delete()
    sent.update(state=RequestState.DRAFT, number="", submitted_at=None, place_in_queue_at=None, version=0)


def other_contacts() -> list[Membership]:
    """Those of the other schools: what our teacher's school has asked for stays as the bench needs it."""
    others = Membership.objects.filter(person__email__startswith="contact")
    return list(others.select_related("person", "school").order_by("pk"))


def add_requests(first: int, last: int) -> None:
    """Requests that need an act of the desk: half new, half being worked on; a fifth of these was declined once."""
    contacts = other_contacts()
    now = timezone.now()
    requests = []
    for n in range(first, last):
        membership = contacts[n % len(contacts)]
        submitted_at = now - dt.timedelta(hours=last - n)
        requests.append(
            asked(
                membership.school,
                membership.person,
                number=f"R-{n:05}",
                state=RequestState.OPEN if n % 2 else RequestState.SUBMITTED,
                answer_by=dates.today() + DAY * (n * 7 % 40 - 3),
                submitted_at=submitted_at,
                place_in_queue_at=submitted_at,
            )
        )
    requests = Request.objects.bulk_create(requests)
    slots = [_slots(request, dates.today() + DAY * (14 + n % 60)) for n, request in enumerate(requests)]
    Slot.objects.bulk_create(slot for three in slots for slot in three)
    PlannedGroup.objects.bulk_create(planned(request) for request in requests)
    ambassadors = list(Ambassador.objects.order_by("pk"))
    Offer.objects.bulk_create(
        Offer(
            request=request,
            ambassador=ambassadors[n % len(ambassadors)],
            state=OfferState.DECLINED,
            sent_at=now - DAY * 4,
            expires_at=now + DAY,
            answered_at=now - DAY * 2,
        )
        for n, request in enumerate(requests)
        if n % 10 == 1
    )


def _visits(year: int) -> None:
    """Visits of this year that are over: four in five verified, the others reported."""
    memberships = other_contacts()
    ambassadors = list(Ambassador.objects.order_by("pk"))
    desk = User.objects.get(email=COORDINATOR)
    now = timezone.now()
    requests = Request.objects.bulk_create(
        asked(
            memberships[n % len(memberships)].school,
            memberships[n % len(memberships)].person,
            number=f"V-{n:05}",
            state=RequestState.BOOKED if n % 5 == 0 else RequestState.COMPLETED,
            submitted_at=now - DAY * 90,
            place_in_queue_at=now - DAY * 90,
        )
        for n in range(VISITS)
    )
    # An ambassador's second visit was on the day before the first, and so on.
    days = [DAY * (1 + n // len(ambassadors)) for n in range(VISITS)]
    slots = Slot.objects.bulk_create(
        Slot(request=request, rank=1, day=dates.today() - ago, starts_at=now - ago, ends_at=now - ago + HOUR)
        for request, ago in zip(requests, days, strict=True)
    )
    visits = Visit.objects.bulk_create(
        Visit(
            request=slot.request,
            slot=slot,
            school=slot.request.school,
            state=VisitState.REPORTED if slot.request.state == RequestState.BOOKED else VisitState.VERIFIED,
            format=Format.IN_PERSON,
            day=slot.day,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            fiscal_year=year,
        )
        for slot in slots
    )
    Hold.objects.bulk_create(
        Hold(
            ambassador=ambassadors[n % len(ambassadors)],
            request=visit.request,
            slot=visit.slot,
            visit=visit,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            buffer_before=90,
            buffer_after=90,
            blocked_from=visit.starts_at - HOUR * 1.5,
            blocked_until=visit.ends_at + HOUR * 1.5,
        )
        for n, visit in enumerate(visits)
    )
    Participation.objects.bulk_create(
        Participation(visit=visit, ambassador=ambassadors[n % len(ambassadors)]) for n, visit in enumerate(visits)
    )
    reports = Report.objects.bulk_create(
        Report(visit=visit, format=Format.IN_PERSON, comment=PROSE, reported_by=visit.request.contact)
        for visit in visits
    )
    groups = Group.objects.bulk_create(
        Group(report=report, school=report.visit.school, stage=Stage.HIGH, grade=2, label="2年3組", present=30 + n % 9)
        for n, report in enumerate(reports)
    )
    steps = Step.objects.bulk_create(
        Step(
            subject=Step.Subject.VISIT,
            request=visit.request,
            visit=visit,
            verb="verify" if visit.state == VisitState.VERIFIED else "report",
            from_state=VisitState.CONFIRMED,
            to_state=visit.state,
            by=desk,
            party="coordinator",
            at=now - HOUR,
        )
        for visit in visits
    )
    ReachEntry.objects.bulk_create(
        entry
        for visit, step, report, group in zip(visits, steps, reports, groups, strict=True)
        for entry in ledger.entries(
            visit, step, Standing.VERIFIED if visit.state == VisitState.VERIFIED else Standing.REPORTED, report, [group]
        )
    )


def _messages() -> None:
    """School and ambassador have written to each other for long about one visit; the desk has read half of it."""
    visit = talked_about()
    sides = (
        ("school", visit.request.contact),
        ("ambassador", visit.participations.select_related("ambassador__user").get().ambassador.user),
    )
    for number in range(MESSAGES):
        party, person = sides[number % 2]
        message = Message.objects.create(visit=visit, author=person, party=party, text=PROSE)
        for reader in ("school", "ambassador", *(("coordinator",) if number < MESSAGES // 2 else ())):
            if reader != party:
                Reading.objects.create(visit=visit, party=reader, up_to=message, by=sides[(number + 1) % 2][1])


def talked_about() -> Visit:
    """The visit with the long thread."""
    return Visit.objects.select_related("request__contact").order_by("pk")[0]
