"""The public pages that editors write: home and plain pages."""
