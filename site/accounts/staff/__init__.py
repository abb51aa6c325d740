"""Everybody who has an account, as the desk sees them: which roles they hold, whether they may sign in, who changed that."""
