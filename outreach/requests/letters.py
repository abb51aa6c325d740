"""What is told about a request, to whom. The words are in `templates/outreach/letters/`."""

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


def letter(about: str, news: str, to: User, **context: Any) -> Draft:
    """One letter; its key says what happened to what, so that the same news is told once.

    News that can happen to one thing several times says which after a colon; the template is named before it.
    """
    template = f"outreach/letters/{news.partition(':')[0]}"
    return Draft(key=f"{about}:{news}:{to.pk}", to=to, template=template, context=context)


def desk_people() -> list[User]:
    """Everyone who coordinates today."""
    members = Membership.objects.current().filter(role=Role.COORDINATOR, person__is_active=True)
    people = User.objects.filter(pk__in=members.values("person_id"))
    # A letter about a visit asks of each reader whether they are an ambassador as well.
    return list(people.select_related("ambassador").order_by("pk"))


def about(request: Request) -> str:
    return f"request:{request.public_id}:{request.version}"


def for_school(request: Request, news: str, **context: Any) -> list[Draft]:
    """To the contact person."""
    person = request.contact
    return [
        letter(
            about(request),
            news,
            person,
            request=request,
            slots=request.open_slots(),
            page=page_in(person, "requests:show", request.public_id),
            **context,
        )
    ]


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
