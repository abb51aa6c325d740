"""The arithmetic of spans says what `portion` says, which was written by somebody else."""

import portion
from hypothesis import given
from hypothesis import strategies as st

from outreach.availability import intervals

spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)


def as_portion(some):
    union = portion.empty()
    for since, until in some:
        union |= portion.closedopen(since, until)
    return union


def as_spans(found):
    return [(part.lower, part.upper) for part in found if not part.empty]


@given(spans)
def test_merging_is_the_union(some):
    assert intervals.merge(some) == as_spans(as_portion(some))


@given(spans, spans)
def test_subtracting_is_the_difference(some, taken):
    assert intervals.subtract(some, taken) == as_spans(as_portion(some) - as_portion(taken))


@given(spans, spans)
def test_intersecting_is_what_lies_in_both(some, others):
    assert intervals.intersect(some, others) == as_spans(as_portion(some) & as_portion(others))


@given(spans, st.integers(0, 60), st.integers(1, 20))
def test_a_time_is_covered_when_nothing_of_it_is_left(some, since, length):
    wanted = (since, since + length)
    assert intervals.covers(some, *wanted) == (not as_spans(as_portion([wanted]) - as_portion(some)))
