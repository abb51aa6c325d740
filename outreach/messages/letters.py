"""Who is told that something was written, in which words: the whole message, as plain text."""

from accounts.models import Membership, Role, User
from outbox.actions import Draft
from outreach.lives import Party
from outreach.messages.models import Message
from outreach.messages.rules import parties_in
from outreach.requests.letters import desk_people, letter, page_in
from outreach.visits.letters import ambassador_people, school_people


def written(message: Message) -> list[Draft]:
    """To everybody on the visit but who wrote it; what one coordinator writes the others see on the page."""
    visit, files = message.visit, list(message.attachments.all())
    return [
        letter(
            f"message:{message.public_id}",
            "message_written",
            person,
            message=message,
            # Each line is set in, so that no line of a message can pass for a line of the letter.
            lines=message.text.split("\n"),
            files=files,
            # A colleague who is told in place of the contact person is addressed like that person.
            is_of_host=person.pk != visit.request.contact_id and Party.SCHOOL in parties_in(person, visit),
            visit=visit,
            request=visit.request,
            page=page_in(person, "messages:thread", visit.public_id),
        )
        for person in _readers(message)
    ]


def _readers(message: Message) -> list[User]:
    visit = message.visit
    people = _of_the_host(message) + ambassador_people(visit)
    if message.party != Party.COORDINATOR:
        people += desk_people()
    once = {person.pk: person for person in people if person.pk != message.author_id}
    return list(once.values())


def _of_the_host(message: Message) -> list[User]:
    """The contact person; where that person no longer belongs there, whoever is vouched for at the school."""
    visit = message.visit
    still_there = [person for person in school_people(visit) if parties_in(person, visit)]
    if still_there or visit.school_id is None:
        return still_there
    members = Membership.objects.current().verified().filter(role=Role.CONTACT, school=visit.school_id)
    return list(User.objects.filter(pk__in=members.values("person_id")).order_by("pk"))
