"""Ambassadors (推進大使): people appointed for a time who visit schools. The card is public, contact is not."""
