"""Options and profiles of every test run; the people and schools come from `tests.fixtures`."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import pytest_django
from django.template import Context, Template
from django.test.signals import template_rendered
from django.utils.safestring import SafeString

pytest_plugins = ["tests.fixtures", "tests.ui.things"]
HERE = Path(__file__).parent
# What the database itself decides: constraints, triggers, locks, search, sums. `make test` runs it on both.
EACH_ENGINE = (
    "analytics",
    "outbox",
    "outreach/ambassadors/test_directory.py",
    "outreach/availability/test_free.py",
    "outreach/availability/test_guards.py",
    "outreach/inquiries/test_desk.py",
    "outreach/schools",
    "pages/test_hidden_pages.py",
    "races",
)

# Ask every address of every role: the same on both, and on SQLite in half the time. `make test` runs them there only.
ON_SQLITE = ("architecture",)

LONGEST = "journeys/test_every_page.py"

hypothesis.settings.register_profile("default", max_examples=50, deadline=None)
hypothesis.settings.register_profile("long", max_examples=1000, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-browser", action="store_true", help="leave out the tests that drive a real browser")
    parser.addoption("--long", action="store_true", help="deep fuzzing, races and states; takes long")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "browser: drives a real Chromium; fails without one unless --no-browser is given"
    )
    config.addinivalue_line("markers", "long: too long for every day; runs with --long only")
    config.addinivalue_line(
        "markers",
        "each_engine: what the database itself decides (the list in tests/conftest.py); never left to one alone",
    )
    config.addinivalue_line(
        "markers", "on_sqlite: the same on both databases and faster on SQLite (the list beside it)"
    )
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "default")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        from ui import translations

        translations.compile_when_older()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.path.is_relative_to(HERE / place) for place in EACH_ENGINE):
            item.add_marker("each_engine")
        if any(item.path.is_relative_to(HERE / place) for place in ON_SQLITE):
            item.add_marker("on_sqlite")
    # The longest begin first, so that no worker is left alone with one at the end.
    items.sort(key=lambda item: not item.path.is_relative_to(HERE / LONGEST))
    left_out = set()
    if config.getoption("--no-browser"):
        left_out.add("browser")
    if not config.getoption("--long"):
        left_out.add("long")
    gone = [item for item in items if any(item.get_closest_marker(name) for name in left_out)]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in set(gone)]


def pytest_collection_finish() -> None:
    # What is loaded now stays: the collector need not walk through it thousands of times.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def tell_of_whole_templates_only(django_test_environment: None) -> Iterator[None]:
    """`response.context` holds what the page was drawn with; Django also copies it for every part that a page includes."""

    def render(template: Template, context: Context) -> SafeString:
        if context.template is template:
            template_rendered.send(sender=template, template=template, context=context)
        return template.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Django finds the test database made already, a copy of the migrated one, and keeps it."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: "pytest_django.DjangoDbBlocker"
) -> None:
    """Make the migrated database, or copy it, before Django looks for the test database."""
    from tests import migrated

    with django_db_blocker.unblock():
        migrated.prepare()
