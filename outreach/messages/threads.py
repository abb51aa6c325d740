"""What a thread looks like to a reader: its lines with who has read them, what is unread, and its part of other pages."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from accounts.panels import MyLine, MyPanel
from outreach.lives import Party
from outreach.messages.models import Attachment, Message, Reading
from outreach.messages.rules import PARTIES, closed_words, parties_in
from outreach.requests.models import Kind
from outreach.visits.models import Visit
from ui import dates

MOST_ON_VISIT = 3
MOST_LINES = 20


@dataclass(frozen=True)
class Read:
    """Whether another party has read a message, and since when."""

    party: str
    at: dt.datetime | None


@dataclass(frozen=True)
class Line:
    """One message as it is shown."""

    message: Message
    party: str
    is_mine: bool
    files: list[Attachment]
    reads: list[Read]


def shown(visit: Visit, rows: list[Message], reader: User) -> list[Line]:
    """These messages with their files and with who has read them: two queries, however many they are."""
    if not rows:
        return []
    files: dict[int, list[Attachment]] = {row.pk: [] for row in rows}
    for file in Attachment.objects.filter(message__in=files):
        files[file.message_id].append(file)
    marks = list(Reading.objects.filter(visit=visit, up_to__gte=rows[-1].pk).values_list("party", "up_to", "at"))

    def first_moment(row: Message, party: str) -> dt.datetime | None:
        return min((at for who, up_to, at in marks if who == party and up_to >= row.pk), default=None)

    return [
        Line(
            row,
            row.get_party_display(),
            row.author_id == reader.pk,
            files[row.pk],
            [Read(str(party.label), first_moment(row, party)) for party in PARTIES if party != row.party],
        )
        for row in rows
    ]


def newest(visit: Visit) -> Message | None:
    return Message.objects.filter(visit=visit).first()


def unread_of(visit: Visit, parties: list[Party]) -> int:
    """How many messages wait for whoever reads as these parties."""
    return max((Message.objects.unread_per_visit(party, [visit.pk]).get(visit.pk, 0) for party in parties), default=0)


# ── on other pages ────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class VisitPart:
    """What stands of the messages on the page of a visit."""

    template: str
    lines: list[Line]
    count: int
    unread: int
    may_write: bool


def on_visit(request: HttpRequest, visit: Visit, _parties: set[Party]) -> VisitPart | None:
    """The newest messages, for those whom they concern."""
    parties = parties_in(request.user, visit)
    if not parties:
        return None
    rows = Message.objects.filter(visit=visit).select_related("author")
    return VisitPart(
        "outreach/messages/on_visit.html",
        shown(visit, list(rows[:MOST_ON_VISIT]), request.user),
        rows.count(),
        unread_of(visit, parties),
        not closed_words(visit),
    )


def my_panel(user: User) -> MyPanel | None:
    """For school and ambassador: the visits on which somebody has written what nobody of their side has opened."""
    sides = (Party.SCHOOL, Party.AMBASSADOR)
    mine = Visit.objects.of_people(user)
    keys = mine.order_by().values("pk")
    waiting = {party: Message.objects.unread_per_visit(party, keys) for party in sides}
    if not any(waiting.values()):
        return None
    found = mine.filter(pk__in=set().union(*waiting.values())).select_related(
        "request__school", "request__board", "request__organisation"
    )
    lines = []
    for visit in found.prefetch_related("participations__ambassador").order_by("-starts_at")[:MOST_LINES]:
        own = [party for party in parties_in(user, visit) if party in sides]
        count = max((waiting[party].get(visit.pk, 0) for party in own), default=0)
        if count:
            lines.append(
                MyLine(
                    _about(visit),
                    reverse("messages:thread", args=[visit.public_id]),
                    visit.request.host_name,
                    _("未読 %(count)s件") % {"count": count},
                    "care",
                )
            )
    return MyPanel(pgettext("many", "メッセージ"), lines) if lines else None


def _about(visit: Visit) -> str:
    if visit.request.kind == Kind.SCHOOL_VISIT:
        return _("メッセージを読む：%(day)sの訪問授業") % {"day": dates.day_words(visit.day)}
    return _("メッセージを読む：%(title)s") % {"title": visit.request.title}
