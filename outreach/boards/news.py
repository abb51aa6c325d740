"""What a board that is told (写し) reads first: the last things that happened to the requests of its schools."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from outreach.requests.models import Step
from outreach.schools.models import Board

MOST = 10
# The moves of which the board gets a letter.
NEWS = {
    ("request", "submit"): "sent",
    ("request", "resubmit"): "sent",
    ("request", "reopen"): "sent",
    ("request", "withdraw"): "withdrawn",
    ("visit", "confirm"): "booked",
    ("visit", "move"): "moved",
    ("visit", "cancel"): "cancelled",
}


@dataclass(frozen=True)
class News:
    """One thing that happened: what, to which school's request, when, where to read on."""

    what: str
    school: str
    number: str
    when: dt.datetime
    url: str


def news_of(board: Board) -> list[News]:
    """The newest first; no act is needed on any of them."""
    said = {
        "sent": _("申し込みました"),
        "withdrawn": _("取り下げました"),
        "booked": _("訪問が決まりました"),
        "moved": _("訪問の日時が変わりました"),
        "cancelled": _("訪問が中止になりました"),
    }
    steps = Step.objects.filter(
        request__school__board=board,
        subject__in={subject for subject, _verb in NEWS},
        verb__in={verb for _subject, verb in NEWS},
    )
    newest = steps.exclude(subject="request", verb="withdraw", from_state="draft")
    found = [
        step
        for step in newest.select_related("request__school", "visit").order_by("-at", "-pk")[: MOST * 2]
        if (step.subject, step.verb) in NEWS
    ]
    return [
        News(
            said[NEWS[step.subject, step.verb]],
            step.request.school.name,
            step.request.number,
            step.at,
            reverse("boards:visit", args=[step.visit.public_id]) if step.visit else step.request.get_absolute_url(),
        )
        for step in found[:MOST]
    ]
