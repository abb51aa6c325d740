"""Belonging: saying that one belongs somewhere, being vouched for, vouching for others, leaving."""
