"""Organisations of the Japan Entrepreneurship Alliance and their people."""
