"""The verbs of a board's room: setting the route, passing on several requests, beginning requests for its schools."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Membership, MembershipQuerySet, Role, User
from outbox.actions import post
from outbox.models import Letter
from outreach.boards import letters
from outreach.lives import NotAllowed
from outreach.requests import actions as requests
from outreach.requests import letters as request_letters
from outreach.requests.models import Request, current_rules
from outreach.requests.states import RequestState
from outreach.schools.models import Board, Route, School
from ui import dates

# So many days before its last one a board is reminded of a request that lies with it.
REMIND_BEFORE = dt.timedelta(days=2)


@transaction.atomic
def set_route(board: Board, route: str, *, by: User, reason: str) -> Board:
    """Requests go this way from now on; those that lie with the board already stay there. Its people learn it."""
    if not by.is_coordinator:
        raise NotAllowed(_("申込みの経路を変えられるのは事務局です。事務局に連絡してください。"))
    reason = reason.strip()
    if route not in Route.values or not reason:
        raise NotAllowed(_("経路を選び、変える理由を書いてください。教育委員会の担当者に伝わります。"))
    board = Board.objects.select_for_update().get(pk=board.pk)
    before, board.route = board.route, route
    if before == route:
        raise NotAllowed(_("経路はもう「%(route)s」です。変わっていません。") % {"route": board.get_route_display()})
    board.save(update_fields=["route"])
    log(board, "kakehashi.set_route", user=by, data={"before": before, "after": route, "reason": reason})
    for draft in letters.route_set(board, reason, f"{timezone.now():%Y%m%d%H%M%S%f}"):
        post(draft)
    return board


@dataclass
class PassedOn:
    """What became of several requests at once: those that went on, and why the others did not."""

    done: list[Request] = field(default_factory=list)
    refused: list[tuple[Request, str]] = field(default_factory=list)


@transaction.atomic
def pass_on_several(rows: Iterable[Request], *, by: User) -> PassedOn:
    """Each request goes on to the desk like one passed on alone; one that cannot stops no other."""
    result = PassedOn()
    # Locks in one order always.
    for row in sorted(rows, key=lambda row: row.pk):
        try:
            with transaction.atomic():
                result.done.append(requests.pass_on(row, by=by))
        except NotAllowed as refusal:
            result.refused.append((row, str(refusal)))
    return result


def contacts() -> MembershipQuerySet:
    """People of schools who can be reached: vouched for, and not paused."""
    return Membership.objects.current().verified().filter(role=Role.CONTACT)


def contacts_of(schools: Iterable[int]) -> dict[int, Membership]:
    """Who can be reached at each school: the person vouched for first; schools without one are not named."""
    members = contacts().filter(school__in=list(schools))
    found: dict[int, Membership] = {}
    for member in members.select_related("person").order_by("verified_at", "pk"):
        found.setdefault(member.school_id, member)
    return found


@transaction.atomic
def begin_for_schools(board: Board, schools: list[School], *, by: User, **lesson: Any) -> list[Request]:
    """Each school has a draft with the same lesson, begun by its board; its people learn it and finish it.

    The contact person is somebody of the school. Days and pupils are added later, by the school or by whoever began.
    """
    if board.pk not in by.verified_board_ids:
        raise NotAllowed(_("この設置者の担当者として確認された人だけが、学校の申込みを始められます。"))
    if not schools:
        raise NotAllowed(_("学校を1つは選んでください。"))
    contacts = contacts_of(school.pk for school in schools)
    begun = []
    for school in schools:
        contact = contacts.get(school.pk)
        if school.board_id != board.pk or school.closed_on is not None or contact is None:
            raise NotAllowed(
                _("%(school)sの申込みは始められません。登録された担当者のいる、設置した学校を選んでください。")
                % {"school": school.name}
            )
        draft = requests.start_draft(school, by=by, contact=contact.person)
        draft = requests.describe(draft, by=by, contact_phone=school.main_phone, **lesson)
        for told in letters.draft_begun(draft, board):
            post(told)
        begun.append(draft)
    return begun


def remind_boards() -> str:
    """A board hears of a request before its days are over; when they are, the desk hears that nobody has answered."""
    reminded = silent = 0
    waiting = Request.objects.filter(state=RequestState.WITH_BOARD, school__isnull=False)
    rules: dict[int, Any] = {}
    for row in waiting.select_related("school__board", "contact").prefetch_related("slots"):
        if row.fiscal_year not in rules:
            rules[row.fiscal_year] = current_rules(row.fiscal_year)
        last_day = row.board_answers_by(rules[row.fiscal_year])
        news = _due_news(last_day)
        told = f"request:{row.public_id}:{row.version}:{news}:"
        if not news or Letter.objects.filter(key__startswith=told).exists():
            continue
        with transaction.atomic():
            row = requests.locked(row)
            if row.state != RequestState.WITH_BOARD:
                continue
            has_people = bool(request_letters.board_people(row))
            if news == "board_reminder":
                drafts = request_letters.board_reminder(row, last_day)
                reminded += bool(drafts)
            else:
                drafts = request_letters.board_is_silent(row, has_people=has_people)
                silent += bool(drafts)
            for draft in drafts:
                post(draft)
    return f"{reminded} boards reminded, {silent} silent boards told to the desk"


def _due_news(last_day: dt.date | None) -> str:
    """What is to be told today about a request that lies with its board until this day."""
    if last_day is None or last_day - REMIND_BEFORE > dates.today():
        return ""
    return "board_reminder" if last_day >= dates.today() else "request_board_is_silent"
