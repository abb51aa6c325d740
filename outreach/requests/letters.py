"""What is told about a request, to whom. The words are in `templates/outreach/letters/`."""

import uuid
from typing import Any

from django.urls import reverse
from django.utils import translation

from accounts.models import Membership, Role, User
from outbox.actions import Draft
from outreach.requests.models import Request, Slot, current_rules


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


def desk_people() -> list[User]:
    """Everyone who coordinates today."""
    members = Membership.objects.current().filter(role=Role.COORDINATOR, person__is_active=True)
    return list(User.objects.filter(pk__in=members.values("person_id")).order_by("pk"))


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
    return for_school(request, "request_submitted", rules=rules, verified=verified) + for_desk(
        request, "request_arrived", verified=verified
    )


def board_people(request: Request) -> list[User]:
    """Who speaks for the board of the asking school today."""
    members = Membership.objects.current().filter(
        role=Role.BOARD_MEMBER, board=request.school.board, verified_at__isnull=False, person__is_active=True
    )
    return list(User.objects.filter(pk__in=members.values("person_id")).order_by("pk"))


def sent_to_board(request: Request) -> list[Draft]:
    """To the school a receipt; to its board the request; where nobody speaks for the board, to the desk."""
    people = board_people(request)
    to_board = [
        letter(
            about(request),
            "request_with_board",
            person,
            request=request,
            slots=request.open_slots(),
            page=page_in(person, "requests:show", request.public_id),
        )
        for person in people
    ]
    return for_school(
        request, "request_sent_to_board", board=request.school.board, rules=current_rules(request.fiscal_year)
    ) + (to_board or for_desk(request, "request_board_is_silent", board=request.school.board))


def passed_on(request: Request) -> list[Draft]:
    return for_school(request, "request_passed_on", board=request.school.board) + for_desk(
        request, "request_arrived", verified=request.contact_is_verified
    )


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
    return for_school(request, "request_withdrawn", reason=reason) + for_desk(
        request, "request_withdrawn_desk", reason=reason
    )


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
