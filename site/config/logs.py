"""What never stands in a log: the secrets that lie in addresses."""

import logging
import re

# Addresses whose next part opens something for whoever has it.
_SECRET = re.compile(r"(/(?:feeds|invitations|preview|letters/stop|password/reset/key)/)[^/?\s\"'.]+", re.IGNORECASE)


def without_secrets(words: str) -> str:
    """The same words with … in the place of each secret."""
    return _SECRET.sub(r"\1…", words)


class SecretsOut(logging.Filter):
    """Every line passes here before it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if (told := without_secrets(said)) != said:
            record.msg, record.args = told, ()
        return True
