"""Our feeds subscribed to elsewhere, and read again as an outside calendar: nobody is kept busy by our own visits."""

import datetime as dt

import pytest
from django.utils import timezone

from outreach.availability.expanding import Wishes, busy_times
from outreach.calendars.entries import house

pytestmark = pytest.mark.django_db
YEAR = dt.timedelta(days=366)


@pytest.mark.parametrize("scope", ["full", "busy"])
@pytest.mark.parametrize("is_freebusy", [False, True])
def test_a_feed_of_ours_that_comes_back_blocks_nobody(scope, is_freebusy, subscribe, ambassador, confirmed_visit):
    feed = subscribe(ambassador, scope=scope)
    content = feed.answer(feed.freebusy_address).content if is_freebusy else feed.read()
    now = timezone.now()
    as_if_of_others = busy_times(content, Wishes(now, now + YEAR))
    as_it_is = busy_times(content, Wishes(now, now + YEAR, own_host=house()))
    assert [start for start, _end in as_if_of_others.busy] == [int(confirmed_visit.starts_at.timestamp())]
    assert (as_it_is.busy, as_it_is.entries) == ([], as_if_of_others.entries)
