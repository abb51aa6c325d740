"""The two questions of /my/: what waits for me, and what comes next."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class MyLine:
    """One thing: what it is, when, where it opens; `is_urgent` marks a turn that is mine and near."""

    title: str
    url: str
    note: str = ""
    tag: str = ""
    tag_kind: str = ""
    when: Any = None


@dataclass(frozen=True)
class MyPanel:
    """What one part of the house has for a person."""

    heading: str
    waiting: list[MyLine] = field(default_factory=list)
    coming: list[MyLine] = field(default_factory=list)
    empty_words: str = ""
    act_label: str = ""
    act_url: str = ""
