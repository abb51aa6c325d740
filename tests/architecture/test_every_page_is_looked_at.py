"""No page is left out of the walk that looks at each of them in a browser."""

import tomllib
from pathlib import Path

from django.urls import get_resolver

from tests.architecture.test_access import FOLDERS, names
from tests.journeys.every_page import NO_PAGES, PAGES

TABLE = tomllib.loads((Path(__file__).parent / "access.toml").read_text(encoding="utf-8"))["addresses"]
LOOKED_AT = {look.name for looks in PAGES.values() for look in looks}


def test_every_page_of_our_own_is_looked_at():
    pages = {name for name, things in TABLE.items() if any("GET" in entry for entry in things.values())}
    assert sorted(pages - LOOKED_AT - NO_PAGES.keys()) == []


def test_what_is_no_page_is_not_looked_at():
    assert sorted(NO_PAGES.keys() & LOOKED_AT) == []


def test_every_name_of_the_walk_is_an_address():
    ours = set(names(get_resolver()))
    of_others = {name for name in LOOKED_AT | NO_PAGES.keys() if name.startswith(("account_", "mfa_", "usersessions_"))}
    assert sorted((LOOKED_AT | NO_PAGES.keys()) - ours - of_others - set(FOLDERS)) == []
