"""The invented world: one small believable country for `make demo`, tests and screenshots."""
