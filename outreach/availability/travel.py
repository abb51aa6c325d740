"""The way to a lesson: how long somebody needs before and after it, from where they are on that day."""

import math
from typing import Any

from outreach.availability.actions import Buffers
from outreach.availability.hours import Whereabouts
from outreach.schools.places import km_between

# Minutes: the way out of one's own door, each further stretch of 20 km by whatever goes there, and at most five hours.
AT_LEAST, PER_STRETCH, STRETCH_KM, AT_MOST = 30, 15, 20, 300


def minutes_of_way(km: int) -> int:
    """How long a way of so many km takes, door to door, as it is planned with before the real way is known."""
    return min(AT_MOST, AT_LEAST + PER_STRETCH * math.ceil(km / STRETCH_KM))


def minutes_in_person(usual: int, here: str, there: str) -> int:
    """Minutes kept on each side of a lesson in person: the way between two prefectures, and never less than usual."""
    km = km_between(here, there)
    return usual if km is None else max(usual, minutes_of_way(km))


def buffers(conditions: Any, where: Whereabouts, *, is_online: bool, usual: int, prefecture_code: str) -> Buffers:
    """What this person wants kept on each side of a lesson there; `usual` is what the rules of the year say.

    `conditions` are the person's, or None; their own number goes before everything.
    """
    own = conditions and (conditions.buffer_online if is_online else conditions.buffer_in_person)
    if own is not None:
        return Buffers(own, own)
    minutes = usual if is_online else minutes_in_person(usual, where.prefecture_code, prefecture_code)
    return Buffers(minutes, minutes)


def is_too_far(conditions: Any, where: Whereabouts, prefecture_code: str) -> bool:
    """Whether the lesson lies farther away than this person goes."""
    if conditions is None or conditions.farthest_km is None:
        return False
    km = km_between(where.prefecture_code, prefecture_code)
    return km is not None and km > conditions.farthest_km
