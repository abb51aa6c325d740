"""Reach: the figures that are published and explained."""
