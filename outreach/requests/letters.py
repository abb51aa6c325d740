"""What is told about a request, to whom. The words are in `templates/outreach/letters/`."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils import translation

from accounts.models import Membership, Role, User
from outbox.actions import Draft
from outreach.requests.models import Request, Slot, current_rules
from outreach.schools.models import Board, Route


def page_in(person: User, view: str, *args: Any) -> str:
    """The path of a page in the person's language; letters put the site's address before it."""
    with translation.override(person.language):
        return reverse(view, args=args)


# What also goes to the main address of the school as a copy (写し): what the school as a whole must know.
COPIED = frozenset(
    {
        *("request_submitted", "request_sent_to_board", "request_taken_up", "request_withdrawn"),
        *("visit_confirmed_school", "visit_joined_school", "visit_left_school", "visit_moved"),
        *("visit_cancelled_school", "report_wanted"),
    }
)


def standing_copy(about: str, news: str, request: Request, view: str, public_id: Any, **context: Any) -> list[Draft]:
    """The same letter for the main address of the school that asks, where it has one of its own; in Japanese."""
    address = request.school.main_mail if request.school else ""
    if news not in COPIED or not address or address.lower() == request.contact.email.lower():
        return []
    with translation.override("ja"):
        page = reverse(view, args=[public_id])
    return [
        Draft(
            key=f"{about}:{news}:copy",
            to=request.contact,
            template=f"outreach/letters/{news}",
            context={"request": request, "page": page, "for_host": True, **context},
            copy_to=address,
        )
    ]


def colleagues_of_host(request: Request) -> list[User]:
    """Who speaks for the host today: verified people of the school, board or organisation."""
    if request.host is None:
        return []
    members = Membership.objects.current().verified().at(request.host)
    return list(User.objects.filter(pk__in=members.values("person_id")).order_by("pk"))


def host_people(request: Request) -> list[User]:
    """The contact person; when they have left, whoever speaks for the host now. News never follow somebody who left."""
    return colleagues_of_host(request) if request.contact_has_left else [request.contact]


def letter(about: str, news: str, to: User, **context: Any) -> Draft:
    """One letter; its key says what happened to what, so that the same news is told once.

    News that can happen to one thing several times says which after a colon; the template is named before it.
    """
    template = f"outreach/letters/{news.partition(':')[0]}"
    return Draft(key=f"{about}:{news}:{to.pk}", to=to, template=template, context=context)


def by_day(draft: Draft, zone: str = "Asia/Tokyo") -> Draft:
    """The same letter, which lets the night pass where its reader lives."""
    return replace(draft, by_day_in=zone)


def desk_people() -> list[User]:
    """Everyone who coordinates today."""
    members = Membership.objects.current().filter(role=Role.COORDINATOR, person__is_active=True)
    people = User.objects.filter(pk__in=members.values("person_id"))
    # A letter about a visit asks of each reader whether they are an ambassador as well.
    return list(people.select_related("ambassador").order_by("pk"))


def about(request: Request) -> str:
    return f"request:{request.public_id}:{request.version}"


def for_school(request: Request, news: str, **context: Any) -> list[Draft]:
    """To the contact person, and as a copy to the main address of the school."""
    context |= {"slots": request.open_slots()}
    return [
        letter(
            about(request),
            news,
            person,
            request=request,
            page=page_in(person, "requests:show", request.public_id),
            for_host=True,
            **context,
        )
        for person in host_people(request)
    ] + standing_copy(about(request), news, request, "requests:show", request.public_id, **context)


def for_desk(request: Request, news: str, **context: Any) -> list[Draft]:
    return [
        letter(
            about(request),
            news,
            person,
            request=request,
            slots=request.open_slots(),
            page=page_in(person, "desk:request", request.public_id),
            **context,
        )
        for person in desk_people()
    ]


def submitted(request: Request) -> list[Draft]:
    rules = current_rules(request.fiscal_year)
    verified = request.contact_is_verified
    return (
        for_school(request, "request_submitted", rules=rules, verified=verified)
        + for_desk(request, "request_arrived", verified=verified)
        + copies_for_board(request, "board_copy_submitted")
    )


def board_people(request: Request) -> list[User]:
    """Who speaks for the board of the asking school today."""
    return people_of_board(request.school.board)


def people_of_board(board: Board) -> list[User]:
    """Who speaks for this board today: verified members."""
    members = Membership.objects.current().verified().filter(role=Role.BOARD_MEMBER, board=board)
    return list(User.objects.filter(pk__in=members.values("person_id")).order_by("pk"))


def for_board(request: Request, news: str, **context: Any) -> list[Draft]:
    """To everyone who speaks for the board of the asking school."""
    return [
        letter(
            about(request),
            news,
            person,
            request=request,
            board=request.school.board,
            slots=request.open_slots(),
            page=page_in(person, "requests:show", request.public_id),
            **context,
        )
        for person in board_people(request)
    ]


def wants_copies(request: Request) -> bool:
    """Whether the school's board is told what happens (route 写し)."""
    board = request.school.board if request.school else None
    return bool(board and board.route == Route.COPY)


def copies_for_board(request: Request, news: str, **context: Any) -> list[Draft]:
    return for_board(request, news, **context) if wants_copies(request) else []


def sent_to_board(request: Request) -> list[Draft]:
    """To the school a receipt; to its board the request; where nobody speaks for the board, to the desk."""
    rules = current_rules(request.fiscal_year)
    to_board = for_board(request, "request_with_board", last_day=request.board_answers_by(rules))
    return for_school(request, "request_sent_to_board", board=request.school.board, rules=rules) + (
        to_board or board_is_silent(request, has_people=False)
    )


def board_is_silent(request: Request, *, has_people: bool) -> list[Draft]:
    """The desk learns that a request does not get on: nobody speaks for the board, or its days have passed."""
    return for_desk(request, "request_board_is_silent", board=request.school.board, has_people=has_people)


def board_reminder(request: Request, last_day: dt.date) -> list[Draft]:
    return [by_day(draft) for draft in for_board(request, "board_reminder", last_day=last_day)]


def passed_on(request: Request, *, by_desk: bool = False) -> list[Draft]:
    """When the desk did it in the board's place, the board learns that nothing is left to do."""
    told = for_school(request, "request_passed_on", board=request.school.board, by_desk=by_desk) + for_desk(
        request, "request_arrived", verified=request.contact_is_verified
    )
    return told + (for_board(request, "board_passed_over") if by_desk else [])


def taken_up(request: Request) -> list[Draft]:
    return for_school(request, "request_taken_up")


def waitlisted(request: Request, reason: str) -> list[Draft]:
    return for_school(request, "request_waitlisted", reason=reason)


def handed_back(request: Request, reason: str) -> list[Draft]:
    return for_school(request, "request_handed_back", reason=reason)


def declined(request: Request, reason: str) -> list[Draft]:
    return for_school(request, "request_declined", reason=reason)


def unmatched(request: Request, reason: str) -> list[Draft]:
    return for_school(request, "request_unmatched", reason=reason)


def expired(request: Request) -> list[Draft]:
    return for_school(request, "request_expired") + for_desk(request, "request_expired_desk")


def date_dropped(request: Request, slot: Slot) -> list[Draft]:
    return for_desk(request, "request_date_dropped_desk", slot=slot)


def dates_added(request: Request) -> list[Draft]:
    return for_desk(request, "request_dates_added_desk")


def withdrawn(request: Request, reason: str) -> list[Draft]:
    told = for_school(request, "request_withdrawn", reason=reason) + for_desk(
        request, "request_withdrawn_desk", reason=reason
    )
    # A board that gets copies, and one with which the request still lay.
    lay_with_board = bool(request.school and request.school.board and request.number and not request.submitted_at)
    if wants_copies(request) or lay_with_board:
        told += for_board(request, "board_copy_withdrawn", reason=reason)
    return told


def handed_over(rows: list[Request], before: dict[int, User], to: User, by: User) -> list[Draft]:
    """Another person is the contact: they, those before them and the desk learn it; so do ambassadors on their way."""
    about = f"handover:{uuid.uuid4()}"
    context = {"requests": rows, "successor": to, "by": by}
    told = [letter(about, "requests_handed_over_to", to, page=page_in(to, "requests:list"), **context)]
    for person in {person.pk: person for person in before.values()}.values():
        own = [row for row in rows if before[row.pk].pk == person.pk]
        if person.pk != to.pk and person.is_active and person.memberships.current().at(rows[0].host).exists():
            told.append(
                letter(
                    about,
                    "requests_handed_over",
                    person,
                    page=page_in(person, "requests:list"),
                    **context | {"requests": own},
                )
            )
    sent = [row for row in rows if row.number]
    if sent:
        told += [
            letter(
                about,
                "requests_handed_over_desk",
                person,
                page=page_in(person, "desk:queue"),
                **context | {"requests": sent},
            )
            for person in desk_people()
            if person.pk not in {to.pk, *(person.pk for person in before.values())}
        ]
    for row in rows:
        if visit := row.living_visit:
            told += [
                letter(
                    f"{about}-{row.public_id}",
                    "request_contact_changed",
                    ambassador.user,
                    request=row,
                    visit=visit,
                    page=page_in(ambassador.user, "visits:show", visit.public_id),
                )
                for ambassador in visit.present_ambassadors
            ]
    return told
