"""Options and profiles of every test run; the people and schools come from `tests.fixtures`."""

import os

import hypothesis
import pytest
import pytest_django

pytest_plugins = ["tests.fixtures"]

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
        "markers", "any_engine: shows the same on every database; with --postgres it runs with --long only"
    )
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "default")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        from ui import translations

        translations.compile_when_older()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = set()
    if config.getoption("--no-browser"):
        left_out.add("browser")
    if not config.getoption("--long"):
        left_out |= {"long", "any_engine"} if config.getoption("--postgres") else {"long"}
    gone = [item for item in items if any(item.get_closest_marker(name) for name in left_out)]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in set(gone)]


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
