"""The settings from the environment: written down for operators, and wrong ones are all named at once."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from config import env

ROOT = Path(__file__).resolve().parents[2]
BAD = {
    "SECRET_KEY": "",
    "SITE_URL": "kakehashi.example/here",
    "DATABASE_URL": "carrier-pigeon://loft",
    "EMAIL_URL": "carrier-pigeon://loft",
    "CACHE_URL": "carrier-pigeon://loft",
    "TRUSTED_PROXIES": "two",
    "DEBUG": "perhaps",
    "REQUIRE_MFA": "sometimes",
}


def rows_of_the_operations_page() -> dict[str, str]:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    return {name: row for name, row in re.findall(r"^\| `([A-Z_]+)` \|(.*)\|$", text, re.MULTILINE)}


def test_the_operations_page_names_every_variable_and_no_other():
    assert list(rows_of_the_operations_page()) == [variable.name for variable in env.VARIABLES]


@pytest.mark.parametrize("variable", env.VARIABLES, ids=lambda variable: variable.name)
def test_the_operations_page_says_purpose_and_example(variable):
    row = rows_of_the_operations_page()[variable.name]
    assert variable.purpose in row
    assert variable.example in row


def test_bad_settings_are_named_all_at_once():
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | BAD | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = dict(re.findall(r"^  ([A-Z_]+): (.+)$", done.stderr, re.MULTILINE))
    examples = {variable.name: variable.example for variable in env.VARIABLES}
    assert done.returncode != 0
    assert {name: said[name].endswith(f"Example: {examples[name]}") for name in said} == dict.fromkeys(BAD, True)


def test_a_house_in_production_has_nothing_to_mend(tmp_path):
    house = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": "https://kakehashi.example",
        "ALLOWED_HOSTS": "kakehashi.example",
        "EMAIL_URL": "submission://user:password@mail.example:587",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    # The tests that drive a browser allow themselves what no house may.
    of_tests = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=of_tests | house,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "no issues (0 silenced)" in done.stdout


def test_a_good_house_has_no_complaints():
    outside = env.Outside({"SITE_URL": "https://kakehashi.example", "DEBUG": "false"})
    assert outside.address("SITE_URL", default=None) == "https://kakehashi.example"
    assert outside.truth("DEBUG", default=True) is False
    outside.check()
