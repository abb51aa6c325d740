"""Files that tests keep lie in a folder of their own test."""

from pathlib import Path

import pytest

from outreach.models import Attachment


@pytest.fixture(autouse=True)
def private_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of private files, empty at the start of each test."""
    for name in ("base_location", "location"):
        monkeypatch.setitem(Attachment._meta.get_field("file").storage.__dict__, name, str(tmp_path))
    return tmp_path
