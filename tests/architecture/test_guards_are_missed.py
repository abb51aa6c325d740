"""A check that is taken away is missed: the access walk turns red.

Every guard at an address, every `visible_to` and every rule about parties can be taken away here; ten are drawn by a fixed
seed each time, all of them in `make test-long`.
"""

import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.decorators.http import require_safe

from accounts.models import User
from outreach.lives import Party
from outreach.models import Offer, Request, Visit
from outreach.requests.rules import parties_of
from outreach.visits.rules import parties_of_offer, parties_of_visit
from tests.architecture import test_access as access

pytestmark = pytest.mark.django_db
for _name in dir(access):
    if type(getattr(access, _name)).__name__ == "FixtureFunctionDefinition":
        globals()[_name] = getattr(access, _name)

SEED, DRAWN = 2026, 10
GUARD = login_required(lambda request: None).__code__
METHODS = require_safe(lambda request: None).__code__
Taking = Callable[[pytest.MonkeyPatch], None]


# ── what can be taken away ────────────────────────────────────────────────────
def patterns(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, (*spaces, pattern.namespace) if pattern.namespace else spaces)
        elif pattern.name:
            yield ":".join((*spaces, pattern.name)), pattern


def doors() -> Iterator[tuple[str, Taking, access.Walk]]:
    """The sign-in or the role that an address asks for."""
    first_walk = {}
    for walk in access.WALKS:
        first_walk.setdefault(walk.name, walk)
    for name, pattern in patterns(get_resolver()):
        view = pattern.callback
        if name in first_walk and hasattr(view, "__code__") and (opened := without_guard(view)):
            yield f"door of {name}", without_door(pattern, opened), first_walk[name]


def without_guard(view: Callable) -> Callable | None:
    """The view behind its outermost guard, also where a word about methods stands before it; None without a guard."""
    if view.__code__ is GUARD:
        return view.__wrapped__
    if view.__code__ is METHODS:
        return without_guard(view.__wrapped__)
    return None


def without_door(pattern: URLPattern, opened: Callable) -> Taking:
    return lambda patch: patch.setattr(pattern, "callback", opened)


def the_walk(name: str, thing: str) -> access.Walk:
    return next(walk for walk in access.WALKS if (walk.name, walk.thing) == (name, thing))


def everywhere(function: Callable, instead: Callable) -> Taking:
    """In every module of ours that has taken the function over by name."""

    def take(patch: pytest.MonkeyPatch) -> None:
        for name, module in list(sys.modules.items()):
            if name.startswith("outreach"):
                for attribute, value in list(vars(module).items()):
                    if value is function:
                        patch.setattr(module, attribute, instead)

    return take


def all_parties(_user: Any, _thing: Any) -> set[Party]:
    return set(Party)


def shows_all(model: Any) -> Taking:
    queryset = type(model.objects.all())
    return lambda patch: patch.setattr(queryset, "visible_to", lambda self, user: self.all())


def says_yes(attribute: str) -> Taking:
    return lambda patch: patch.setattr(User, attribute, property(lambda person: True))


def without_voucher(attribute: str, place: str) -> Taking:
    """Whoever says that they belong somewhere does."""

    def ids(person: User) -> list[int]:
        return [key for m in person.current_memberships if (key := getattr(m, place))]

    return lambda patch: patch.setattr(User, attribute, property(ids))


def rules() -> Iterator[tuple[str, Taking, access.Walk]]:
    """What decides behind the door."""
    yield "requests are shown to all", shows_all(Request), the_walk("requests:show", "open_request")
    yield "offers are shown to all", shows_all(Offer), the_walk("visits:offer", "waiting_offer")
    yield "visits are shown to all", shows_all(Visit), the_walk("visits:show", "confirmed_visit")
    yield (
        "all act on a request",
        everywhere(parties_of, all_parties),
        the_walk("requests:pass_on", "request_with_board"),
    )
    yield "all answer an offer", everywhere(parties_of_offer, all_parties), the_walk("visits:decline", "waiting_offer")
    yield "all act on a visit", everywhere(parties_of_visit, all_parties), the_walk("visits:verify", "reported_visit")
    yield "all coordinate", says_yes("is_coordinator"), the_walk("desk:queue", "nothing")
    yield "all read figures", says_yes("reads_metrics"), the_walk("dashboard", "nothing")
    beside = the_walk("requests:show", "request_beside_unverified")
    yield "nobody has to vouch", without_voucher("verified_school_ids", "school_id"), beside


TAKEN = [*doors(), *rules()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "taking" not in metafunc.fixturenames:
        return
    drawn = TAKEN if metafunc.config.getoption("--long") else random.Random(SEED).sample(TAKEN, DRAWN)
    metafunc.parametrize(("taking", "walk"), [one[1:] for one in drawn], ids=[one[0] for one in drawn])


# ── what the walk says then ───────────────────────────────────────────────────
def test_without_one_check_the_walk_is_red(taking, walk, visitors, thing, monkeypatch):
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *args, **kwargs: "")
    assert access.wrong_answers(walk, visitors, thing) == []
    taking(monkeypatch)
    try:
        missed = access.wrong_answers(walk, visitors, thing)
    except Exception as broken:  # noqa: BLE001  a page that breaks for a stranger turns the walk red as well
        missed = [repr(broken)]
    assert missed


def test_nearly_every_address_of_ours_has_a_door_that_can_be_taken_away():
    """What has none is open to all, or is not ours: a view whose guard hides under other wrapping would be listed here."""
    # An invitation and a draft are opened by whoever holds the link; the walk knows only links that lead nowhere. Terms are
    # for all in a house that has some, reports come from any browser, and a restricted page sends whoever it is not for on.
    # Whoever holds the address of a feed reads it.
    by_link = {"invitation", "page_preview", "feed_ics", "feed_freebusy"}
    open_to_all = (
        by_link
        | {"terms", "terms_version", "csp_report", "wagtailcore_login"}
        | {walk.name for walk in access.WALKS if any(a[0] == 200 for a in walk.answers.values())}
    )
    guarded = {taken[0].removeprefix("door of ") for taken in doors()}
    assert set(access.TABLE["addresses"]) - guarded - open_to_all == {"cms/", "accounts/", "documents/", "media"}
