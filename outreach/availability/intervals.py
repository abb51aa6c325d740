"""Arithmetic of half-open spans of time: [start, end) pairs of anything that can be compared.

Every function takes spans in any order and returns them sorted, apart from each other and none of them empty.
"""

from collections.abc import Iterable
from typing import TypeVar

Moment = TypeVar("Moment")
Spans = list[tuple[Moment, Moment]]


def merge(spans: Iterable[tuple[Moment, Moment]]) -> Spans:
    """All that lies in at least one of them; those that touch become one."""
    merged: Spans = []
    for since, until in sorted(span for span in spans if span[0] < span[1]):
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((since, until))
    return merged


def subtract(spans: Iterable[tuple[Moment, Moment]], taken: Iterable[tuple[Moment, Moment]]) -> Spans:
    """What is left of the first when the second is taken away."""
    left: Spans = []
    holes = merge(taken)
    place = 0
    for since, until in merge(spans):
        while place < len(holes) and holes[place][1] <= since:
            place += 1
        # The last hole may reach into the next span as well: it is looked at again there.
        at = place
        while at < len(holes) and holes[at][0] < until:
            if since < holes[at][0]:
                left.append((since, holes[at][0]))
            since = max(since, holes[at][1])
            at += 1
        if since < until:
            left.append((since, until))
    return left


def intersect(first: Iterable[tuple[Moment, Moment]], second: Iterable[tuple[Moment, Moment]]) -> Spans:
    """What lies in both."""
    common: Spans = []
    ours, theirs = merge(first), merge(second)
    here = there = 0
    while here < len(ours) and there < len(theirs):
        since, until = max(ours[here][0], theirs[there][0]), min(ours[here][1], theirs[there][1])
        if since < until:
            common.append((since, until))
        if ours[here][1] <= theirs[there][1]:
            here += 1
        else:
            there += 1
    return common


def covers(spans: Iterable[tuple[Moment, Moment]], since: Moment, until: Moment) -> bool:
    """Whether all of this time lies in one of them."""
    return any(first <= since and until <= last for first, last in merge(spans))
