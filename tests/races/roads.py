"""The roads that clients walk over HTTP while workers die: from a draft to an answer, and from a lesson to a verified report.

A road is a list of steps for `tests.races.client`, and the state in which it must leave its request.
"""

import random
import uuid
from dataclasses import dataclass
from typing import Any

from outreach.models import Request, Visit
from outreach.requests.states import RequestState
from tests.races.people import People

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SCHOOL, AMBASSADOR, DESK = "school", "ambassador", "desk"
REASON = "日程が合わなくなりました。"


@dataclass(frozen=True)
class Road:
    request: int
    steps: list[dict[str, Any]]
    leads_to: str


def _post(who: str, path: str, /, take: dict[str, str] | None = None, **form: Any) -> dict[str, Any]:
    form = {name: str(value) for name, value in form.items()}
    return {"who": who, "path": path, "form": {"form_key": str(uuid.uuid4()), **form}, "take": take or {}}


def to_an_answer(people: People, draft: Request, ambassador: int, choice: random.Random) -> Road:
    """Submitted, taken up, offered and answered; half of the visits end again."""
    slot = draft.slots.get()
    steps = [
        _post(SCHOOL, f"/requests/{draft.public_id}/edit/confirm/"),
        _post(DESK, f"/desk/requests/{draft.public_id}/take-up/"),
        _post(
            DESK,
            f"/desk/requests/{draft.public_id}/offer/",
            ambassador=people.ambassadors[ambassador].public_id,
            slots=slot.public_id,
        ),
        # The ambassador finds the question on the page of their own.
        {"who": AMBASSADOR, "path": "/my/", "take": {"offer": f"/offers/({UUID})/"}},
    ]
    accept = _post(
        AMBASSADOR, "/offers/{offer}/accept/", take={"visit": f"/visits/({UUID})/"}, slot=slot.public_id, note=""
    )
    ways: dict[str, tuple[list[dict], str]] = {
        "accept": ([accept], RequestState.BOOKED),
        "decline": ([_post(AMBASSADOR, "/offers/{offer}/decline/")], RequestState.OPEN),
        "retract": ([_post(DESK, "/desk/offers/{offer}/retract/", reason=REASON)], RequestState.OPEN),
        "cancel": ([accept, _post(SCHOOL, "/visits/{visit}/cancel/", reason=REASON)], RequestState.OPEN),
        "withdraw": (
            [accept, _post(SCHOOL, f"/requests/{draft.public_id}/withdraw/", reason=REASON)],
            RequestState.WITHDRAWN,
        ),
    }
    way, leads_to = ways[choice.choice(["accept", "accept", *ways])]
    return Road(draft.pk, steps + way, leads_to)


def to_a_verified_report(visit: Visit, choice: random.Random) -> Road:
    """Reported, in every third case looked at again, and verified."""
    report = _report(visit, choice.randint(20, 38))
    hand_back = _post(DESK, f"/visits/{visit.public_id}/hand-back/", reason=REASON)
    verify = _post(DESK, f"/visits/{visit.public_id}/verify/")
    once_more = [hand_back, _report(visit, choice.randint(20, 38))] if choice.random() < 0.33 else []
    return Road(visit.request_id, [report, *once_more, verify], RequestState.COMPLETED)


def _report(visit: Visit, present: int) -> dict[str, Any]:
    return _post(
        SCHOOL,
        f"/visits/{visit.public_id}/report/",
        format="in_person",
        comment="",
        present_high_2=present,
        met_high_2=0,
    )
