"""Index of the tables of analytics."""

from analytics.kpis.models import Target

__all__ = ["Target"]
