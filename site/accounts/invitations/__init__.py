"""Invitations: a letter to one address that opens a role at a place, once and for some days."""
