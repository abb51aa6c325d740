"""What a board has for its people on /my/ and in the menu."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.panels import MyLine, MyPanel
from outreach.requests.models import Request
from outreach.requests.states import RequestState
from ui import dates
from ui.context import MenuEntry, menu_entry

MOST = 20


def room_address(user: User) -> str:
    """The one room of this person, or the page that names all of them."""
    boards = {m.board.public_id for m in user.current_memberships if m.board_id and m.verified_at}
    return reverse("boards:room", args=boards) if len(boards) == 1 else reverse("boards:list")


def boards_entry(request: HttpRequest) -> MenuEntry | None:
    user = request.user
    if not user.is_authenticated or not user.verified_board_ids:
        return None
    entry = menu_entry(request, _("設置者の部屋"), room_address(user))
    # All pages of the room belong to the entry.
    is_here = request.path_info.startswith(reverse("boards:list"))
    return MenuEntry(entry.label, entry.url, is_here)


def board_panel(user: User) -> MyPanel | None:
    """For members of a board: requests of its schools that it passes on first, drafts begun for them; and the room."""
    if not user.verified_board_ids:
        return None
    rows = Request.objects.filter(school__board_id__in=user.verified_board_ids).select_related("school")
    waiting = [
        MyLine(
            _("申込みを確かめる：%(school)s") % {"school": row.school.name},
            row.get_absolute_url(),
            _("%(day)sが回答希望日です。") % {"day": dates.day_words(row.answer_by)} if row.answer_by else "",
            row.get_state_display(),
            "care",
        )
        for row in rows.filter(state=RequestState.WITH_BOARD).order_by("answer_by", "pk")[:MOST]
    ]
    begun = rows.filter(state=RequestState.DRAFT, entered_by=user).exclude(school_id__in=user.school_ids)
    coming = [
        MyLine(
            _("始めた下書き：%(school)s") % {"school": row.school.name},
            row.get_absolute_url(),
            _("日時と人数は、学校も書き足せます。"),
            row.get_state_display(),
            "",
        )
        for row in begun.order_by("-updated_at", "-pk")[:MOST]
    ]
    return MyPanel(
        _("教育委員会"),
        waiting,
        coming,
        _("いま、確かめる申込みはありません。"),
        _("設置者の部屋を開く"),
        room_address(user),
    )
