"""Boards of the invented world: one that is told of everything, one through which a request waits to go on."""

import random
from typing import Any

from outreach.boards import actions as board_actions
from outreach.models import Board, Request, School
from outreach.requests.models import Format
from outreach.schools.models import BoardKind, Route


class Founders:
    """Told last, with dice of its own, so that the stories of the schools stay as they are."""

    def __init__(self, present: Any) -> None:
        self.present, self.world, self.desk = present, present.world, present.desk
        self.rng = random.Random("founders")

    def tell(self) -> None:
        tokyo = self.world.teachers_school.board
        self._through(tokyo)
        self._begun(tokyo)
        for code in ("27", "40"):
            other = Board.objects.get(kind=BoardKind.PREFECTURE, prefecture_code=code)
            self._set(other, Route.COPY, "教育委員会からの依頼。内容の確認は要らないが、知らせてほしいとのこと。")

    def _set(self, board: Board, route: str, reason: str) -> None:
        self.present.diary.turn_to(self.present.last_submission)
        board_actions.set_route(board, route, by=self.desk, reason=reason)

    def _through(self, board: Board) -> None:
        """Requests of Tokyo went through its board for a while; one still lies there, the next ones go past it."""
        self._set(board, Route.VIA, "申込みの前に、学校の行事予定を確かめたいとの連絡（指導課）。")
        dice, self.present.rng = self.present.rng, self.rng
        self.present.submitted(self._school_of(board), 0, [26, 29, 33], format=Format.IN_PERSON)
        self.present.rng = dice
        self._set(board, Route.COPY, "学校の行事予定が出そろい、写しだけでよいとの連絡（指導課）。")

    def _begun(self, board: Board) -> Request:
        """The board has begun a request for a school, which is to add its days."""
        self.present.diary.turn_to(self.present.last_submission)
        (draft,) = board_actions.begin_for_schools(
            board,
            [self._school_of(board, last=True)],
            by=self.world.accounts["board"],
            theme="local",
            format=Format.IN_PERSON,
            aims="地域の資源に目を向け、自分にできることを考える。都立高校で同じ時期に行います。",
        )
        return draft

    def _school_of(self, board: Board, *, last: bool = False) -> School:
        """A school of the board that no account of the demo belongs to."""
        own = self.world.teachers_school.pk
        schools = [school for school in self.world.schools.values() if school.board_id == board.pk and school.pk != own]
        return schools[-1 if last else 0]
