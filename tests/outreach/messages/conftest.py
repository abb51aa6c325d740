"""Files that tests keep lie in a folder of their own test."""

from pathlib import Path

import pytest

from ui.storage import private


@pytest.fixture(autouse=True)
def private_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of private files, empty at the start of each test."""
    for name in ("base_location", "location"):
        monkeypatch.setitem(private().__dict__, name, str(tmp_path))
    return tmp_path
