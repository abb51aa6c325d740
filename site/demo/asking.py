"""How somebody of the invented world asks: one request, page by page."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.models import User
from demo import names
from outreach.models import Request, School
from outreach.requests import actions as request_actions
from outreach.requests.actions import GroupWish, SlotWish
from outreach.requests.models import Format
from outreach.schools.bells import bell_times_of
from ui import dates


def wish(school: School, day: dt.date, first: int = 3, last: int | None = None) -> SlotWish:
    """A wanted day with period(s) of the school's bell times."""
    bells = {bell.period: bell for bell in bell_times_of(school)}
    last = min(last or first, max(bells))
    first = min(first, last)
    return SlotWish(
        day,
        dates.at_tokyo(day, bells[first].starts_at),
        dates.at_tokyo(day, bells[last].ends_at),
        first,
        last,
        not dates.is_school_weekday(day),
    )


def write_request(
    school: School,
    *,
    by: User,
    wishes: list[SlotWish],
    groups: Iterable[tuple[str, int, str, int]],
    answer_by: dt.date,
    **words: Any,
) -> Request:
    """A draft with everything that its three pages ask for."""
    request = request_actions.start_draft(school, by=by)
    request_actions.describe(
        request,
        by=by,
        **{
            "contact_phone": school.main_phone or "00-0000-0000",
            "contact_hours": "16時以降",
            "format": Format.IN_PERSON,
            "theme": names.AIMS[0][0],
            "aims": names.AIMS[0][1],
            "lesson_name": names.LESSON_NAMES[0],
            "place": names.ROOMS[0],
            "equipment": names.EQUIPMENT[0],
            **words,
        },
    )
    request_actions.wish_for(request, wishes, by=by, answer_by=answer_by)
    wanted = [GroupWish(stage, grade, expected, label) for stage, grade, label, expected in groups]
    return request_actions.expect(request, wanted, by=by)
