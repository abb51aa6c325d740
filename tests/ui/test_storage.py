"""Collected styles are one sheet, hashed and compressed; nothing of it is fetched part by part."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from ui.storage import MAIN_SHEET

IMPORT = re.compile(r'^@import "([^"]+)" layer\(([\w.]+)\);$', re.MULTILINE)


@pytest.fixture
def collected(tmp_path, settings) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "ui.storage.OneSheetStorage"}}
    call_command("collectstatic", "--no-input", "--ignore", "wagtail*", "--verbosity", "0")
    return tmp_path


def test_the_main_sheet_holds_its_components_and_is_named_by_its_content(collected):
    written = Path(finders.find(MAIN_SHEET)).read_text(encoding="utf-8")
    parts = IMPORT.findall(written)
    assert len(parts) > 5
    (named,) = [path for path in (collected / "ui/css").glob("site.*.css") if len(path.name) > len("site.css")]
    sheet = named.read_text(encoding="utf-8")
    assert "@import" not in sheet
    assert [layer for _path, layer in parts] == [
        layer
        for layer in re.findall(r"^@layer ([\w.]+) \{$", sheet, re.MULTILINE)
        if layer in dict(map(reversed, parts))
    ][: len(parts)]
    for path, _layer in parts:
        first_rule = (Path(finders.find(MAIN_SHEET)).parent / path).read_text(encoding="utf-8").strip().splitlines()[0]
        assert first_rule in sheet
    assert named.with_suffix(".css.gz").exists()


def test_a_component_that_changed_since_the_last_collecting_is_in_the_sheet(collected):
    part = collected / "ui/css/layout.css"
    part.write_text(part.read_text(encoding="utf-8") + "\n.came-later { color: red; }\n", encoding="utf-8")
    call_command("collectstatic", "--no-input", "--ignore", "wagtail*", "--verbosity", "0")
    assert ".came-later" in (collected / MAIN_SHEET).read_text(encoding="utf-8")


def test_collecting_twice_gives_the_same_names(collected):
    before = sorted(path.name for path in (collected / "ui").rglob("*"))
    call_command("collectstatic", "--no-input", "--ignore", "wagtail*", "--verbosity", "0")
    assert sorted(path.name for path in (collected / "ui").rglob("*")) == before
