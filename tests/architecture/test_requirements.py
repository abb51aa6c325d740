"""What we depend on: locked, with hashes, without an address, and each line says what it is for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ROOT / "requirements.txt"
DEV = ROOT / "requirements-dev.txt"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]+\])?==(\S+)", re.MULTILINE)


def locked(path: Path) -> dict[str, set[Version]]:
    """Name and versions; there are two where an older Python needs another one."""
    versions: dict[str, set[Version]] = {}
    for name, version in PINNED.findall(path.read_text(encoding="utf-8")):
        versions.setdefault(canonicalize_name(name), set()).add(Version(version))
    return versions


def wanted(*, dev: bool) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] + (project["optional-dependencies"]["dev"] if dev else [])
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("path", [RUNTIME, DEV], ids=lambda path: path.name)
def test_a_lock_records_no_address(path):
    assert "://" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [RUNTIME, DEV], ids=lambda path: path.name)
def test_every_locked_package_has_a_hash(path):
    text = re.sub(r"(?m)^\s*#.*$", "", path.read_text(encoding="utf-8")).replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip()]
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []


@pytest.mark.parametrize(
    ("path", "dev"), [(RUNTIME, False), (DEV, True)], ids=["requirements.txt", "requirements-dev.txt"]
)
def test_a_lock_holds_what_the_project_asks_for(path, dev):
    versions = locked(path)
    missing = [
        str(line)
        for line in wanted(dev=dev)
        if not any(line.specifier.contains(version) for version in versions.get(canonicalize_name(line.name), ()))
    ]
    assert missing == [], "run `make lock`"


def test_tests_run_on_the_versions_of_production():
    runtime, dev = locked(RUNTIME), locked(DEV)
    assert {name: dev.get(name) for name in runtime} == runtime


def test_each_dependency_says_what_it_is_for():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    dependencies = [line for line in lines if re.match(r'^  "[\w\[\],-]+[<>=]', line)]
    assert len(dependencies) == len(wanted(dev=True))
    assert [line for line in dependencies if not re.search(r'",\s+# \w', line)] == []
