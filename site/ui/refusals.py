"""What a verb says when it does not do what was asked."""


class NotAllowed(Exception):
    """A move was refused. The message says what happened, why and what to do next, in the reader's language."""
