"""The folders: where an app may lie, and what must never appear."""

import fnmatch
import re
import site
import sys
import sysconfig
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib"))
SOURCES = [ROOT / name for name in ("site", "outreach", "curriculum", "analytics")]

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "process", "data"}
THIRD_PARTY_FILES = {".woff", ".woff2", ".ttf", ".otf", ".eot"}
# A data block is read, never run, and the content policy lets it pass.
INLINE = re.compile(
    r"""<style\b|<script\b(?![^>]*\bsrc=)(?![^>]*type="application/(?:ld\+)?json")|\sstyle\s*=\s*["']|\son[a-z]+\s*=\s*["']|javascript:""",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(r"""(?:src|srcset|href)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE)
ELSEWHERE_IN_STYLE = re.compile(r"""url\(\s*["']?(?:https?:)?//|@import\s+["'](?:https?:)?//""", re.IGNORECASE)
LINK_TO_READ = re.compile(r"<a\s[^>]*>", re.IGNORECASE)


def source_files(*suffixes: str) -> list[Path]:
    return sorted(path for folder in SOURCES for path in folder.rglob("*") if path.suffix in suffixes)


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_folder_site_never_hides_the_module_of_python():
    assert not (ROOT / "site" / "__init__.py").exists()
    assert "site" in sys.stdlib_module_names
    origin = site.__spec__.origin
    assert origin == "frozen" or Path(origin).parent == STANDARD_LIBRARY


def test_no_ignore_rule_hides_the_folder_site():
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    rules = {line.strip().strip("/") for line in lines if not line.startswith("#")}
    assert not any(fnmatch.fnmatch("site", rule) for rule in rules)


def test_the_wheel_lists_every_app():
    under_site = {f"site/{path.parent.name}" for path in (ROOT / "site").glob("*/__init__.py")}
    at_the_top = {path.parent.name for path in ROOT.glob("*/apps.py")}
    packages = project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(packages) == sorted(under_site | at_the_top)


def test_every_python_folder_says_what_it_is():
    folders = {path.parent for path in source_files(".py")}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_file_has_a_name_that_says_nothing():
    assert [str(path.relative_to(ROOT)) for path in source_files(".py") if path.stem in VAGUE_NAMES] == []


def test_nothing_of_third_parties_lies_here():
    strangers = [path for path in source_files(*THIRD_PARTY_FILES)]
    strangers += [path for path in source_files(".js", ".css") if ".min." in path.name]
    assert strangers == []


def test_no_page_carries_inline_style_or_script():
    found = []
    for path in source_files(".html"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if INLINE.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert found == []


def test_no_page_loads_anything_from_elsewhere():
    found = []
    for path in source_files(".html", ".css", ".js"):
        # A link that a person may follow loads nothing by itself.
        text = LINK_TO_READ.sub("", path.read_text(encoding="utf-8"))
        if loads := ELSEWHERE.search(text) or ELSEWHERE_IN_STYLE.search(text):
            found.append(f"{path.relative_to(ROOT)}: {loads[0]}")
    assert found == []
