"""Whose room a board's is."""

from typing import Any

from django.db.models import QuerySet

from outreach.schools.models import Board, BoardKind


def boards_open_to(user: Any) -> QuerySet[Board]:
    """The boards of which this person sees the rooms: their own, once vouched for; the desk sees what each board sees."""
    if not user.is_authenticated or not user.is_active:
        return Board.objects.none()
    return Board.objects.all() if user.is_coordinator else Board.objects.filter(pk__in=user.verified_board_ids)


def boards_spoken_for(user: Any) -> QuerySet[Board]:
    """The boards in whose name this person acts."""
    ids = user.verified_board_ids if user.is_authenticated and user.is_active else []
    return Board.objects.filter(pk__in=ids)


def has_municipalities(board: Board) -> bool:
    """A prefecture sees the boards of its municipalities as counts; nobody else sees another board."""
    return board.kind == BoardKind.PREFECTURE
