"""What is told about a request, to whom. The words are in `templates/outreach/letters/`."""

from typing import Any

from django.urls import reverse
from django.utils import translation

from accounts.models import Membership, Role, User
from outbox.actions import Draft
from outreach.requests.models import Request, current_rules


def page_in(person: User, view: str, *args: Any) -> str:
    """The path of a page in the person's language; letters put the site's address before it."""
    with translation.override(person.language):
        return reverse(view, args=args)


def letter(about: str, news: str, to: User, **context: Any) -> Draft:
    """One letter; its key says what happened to what, so that the same news is told once."""
    return Draft(key=f"{about}:{news}:{to.pk}", to=to, template=f"outreach/letters/{news}", context=context)


def desk_people() -> list[User]:
    """Everyone who coordinates today."""
    members = Membership.objects.current().filter(role=Role.COORDINATOR, person__is_active=True)
    return list(User.objects.filter(pk__in=members.values("person_id")).order_by("pk"))


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


def taken_up(request: Request) -> list[Draft]:
    return for_school(request, "request_taken_up")


def handed_back(request: Request, reason: str) -> list[Draft]:
    return for_school(request, "request_handed_back", reason=reason)


def declined(request: Request, reason: str) -> list[Draft]:
    return for_school(request, "request_declined", reason=reason)


def withdrawn(request: Request, reason: str) -> list[Draft]:
    return for_school(request, "request_withdrawn", reason=reason) + for_desk(
        request, "request_withdrawn_desk", reason=reason
    )
