"""What the tests of the forms start from, beside the people of `tests.fixtures`."""

from tests.outreach.asking import asked_at

__all__ = ["asked_at"]
