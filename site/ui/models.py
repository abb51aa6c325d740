"""Index of the tables."""

from ui.blocked.models import BlockedSource

__all__ = ["BlockedSource"]
