"""The people, schools and visits that tests start from."""
