"""People and roles: one account, signed in by mail address, that can belong to several places."""
