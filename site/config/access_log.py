"""gunicorn's access log, for houses that keep one: `--access-logfile - --logger-class config.access_log.AccessLog`."""

from typing import Any

from gunicorn.glogging import Logger

from config.logs import without_secrets


class AccessLog(Logger):
    """Writes no secret of an address, neither of the one asked for nor of the page before."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        told = super().atoms(resp, req, environ, request_time)
        return {name: without_secrets(value) if isinstance(value, str) else value for name, value in told.items()}
