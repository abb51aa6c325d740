"""Who is told of an inquiry. Of a concern no letter carries a word that was written: mailboxes are shared."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from outbox.actions import Correspondent, Draft
from outreach.inquiries.models import Inquiry, InquiryStep
from outreach.requests.letters import desk_people


def about(inquiry: Inquiry) -> str:
    """How the keys of all letters about this inquiry begin."""
    return f"inquiry:{inquiry.public_id}"


def _letter(inquiry: Inquiry, news: str, to: Any, *, page: str = "", is_secret: bool = False, **context: Any) -> Draft:
    which = news.partition(":")[0]
    with translation.override(to.language):
        address = reverse(page, args=[inquiry.public_id]) if page else ""
    return Draft(
        key=f"{about(inquiry)}:{news}:{to.pk or to.email}",
        to=to,
        template=f"outreach/letters/{which}",
        context={"inquiry": inquiry, "page": address, **context},
        is_secret=is_secret,
        at_once=True,
    )


def arrived(inquiry: Inquiry) -> list[Draft]:
    """To everybody at the desk, and to its own address when nobody coordinates today."""
    readers = desk_people() or [Correspondent(settings.DESK_MAIL)]
    if inquiry.is_concern:
        return [_letter(inquiry, "inquiry_concern_arrived", person, page="desk:inquiry") for person in readers]
    lines = inquiry.text.split("\n")
    return [
        _letter(inquiry, "inquiry_question_arrived", person, page="desk:inquiry", lines=lines) for person in readers
    ]


def received(inquiry: Inquiry) -> Draft:
    """To the address the sender left. It repeats nothing: anybody can type anybody's address."""
    news = "inquiry_concern_received" if inquiry.is_concern else "inquiry_question_received"
    return _letter(inquiry, news, _sender(inquiry))


def answered(inquiry: Inquiry, step: InquiryStep) -> Draft:
    """The desk's words to the sender. About a concern they are wiped from the outbox once they have left."""
    news = "inquiry_concern_answered" if inquiry.is_concern else "inquiry_question_answered"
    lines = step.text.split("\n")
    return _letter(inquiry, f"{news}:{step.pk}", _sender(inquiry), is_secret=inquiry.is_concern, lines=lines)


def _sender(inquiry: Inquiry) -> Correspondent:
    return Correspondent(inquiry.mail, name=inquiry.name, language=inquiry.language)
