"""What the outside tells us: every setting from the environment, in one place.

A missing or bad value is named with its purpose and an example, all problems at once.
`docs/operations.md` is the page for people; a test holds it against this list.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"


@dataclass(frozen=True)
class Variable:
    """One environment variable: what it is for and what a good value looks like."""

    name: str
    purpose: str
    example: str


VARIABLES = (
    Variable("SECRET_KEY", "signs sign-ins and links; long, random, private", "50 random characters"),
    Variable("SITE_URL", "the public address, used in every letter", "https://kakehashi.example"),
    Variable("ALLOWED_HOSTS", "host names this server answers to, comma-separated", "kakehashi.example"),
    Variable("DATABASE_URL", "where the data lives", "postgres://user:password@host:5432/kakehashi"),
    Variable("EMAIL_URL", "the mail server that takes letters", "submission://user:password@mail.example:587"),
    Variable("CACHE_URL", "cache shared by all processes", "redis://localhost:6379/0"),
    Variable("MEDIA_URL", "public address of uploaded files", "/media/"),
    Variable("TRUSTED_PROXIES", "how many proxies of our own stand in front", "1"),
    Variable("DEBUG", "developer pages; never in production", "false"),
    Variable("REQUIRE_MFA", "second factor for staff", "true"),
)


class Outside:
    """Reads variables and keeps every complaint, so that an operator mends all of them in one go."""

    def __init__(self, environ: dict[str, str] | None = None) -> None:
        self._env = Env(eager=True)
        self._environ = os.environ if environ is None else environ
        self._known = {variable.name: variable for variable in VARIABLES}
        self._problems: list[str] = []

    def complain(self, name: str, what: str) -> None:
        variable = self._known[name]
        self._problems.append(f"{name}: {what}. It is for: {variable.purpose}. Example: {variable.example}")

    def text(self, name: str, default: str | None = None) -> str:
        value = self._environ.get(name, "").strip()
        if value:
            return value
        if default is None:
            self.complain(name, "is missing")
            return ""
        return default

    def truth(self, name: str, default: bool) -> bool:
        value = self.text(name, "true" if default else "false").lower()
        if value in {"true", "1", "yes", "on"}:
            return True
        if value not in {"false", "0", "no", "off"}:
            self.complain(name, f"is {value!r}, neither true nor false")
        return False

    def number(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit():
            return int(value)
        self.complain(name, f"is {value!r}, not a whole number")
        return default

    def names(self, name: str, default: str) -> list[str]:
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def address(self, name: str, default: str | None) -> str:
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path):
            self.complain(name, f"is {value!r}, not an address like the example")
        return value

    def database(self, name: str, default: str) -> dict:
        value = self.text(name, default)
        try:
            return dj_database_url.parse(value, conn_max_age=60, conn_health_checks=True)
        except (ValueError, KeyError):
            self.complain(name, "is no database address")
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}

    def mail(self, name: str, default: str) -> dict:
        parsed = dj_email_url.parse(self.text(name, default))
        if "EMAIL_BACKEND" not in parsed:
            self.complain(name, "is no mail server's address")
            return dj_email_url.parse("dummy:")
        return parsed

    def cache(self, name: str, default: str) -> dict:
        env = Env()
        try:
            os.environ.setdefault(name, default)
            return env.dj_cache_url(name)
        except (EnvError, ValueError, KeyError):
            self.complain(name, "is no cache address")
            return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}

    def check(self) -> None:
        """Stop with every problem at once.

        Raises: ImproperlyConfigured, one line a variable.
        """
        if self._problems:
            raise ImproperlyConfigured("Settings from the environment:\n  " + "\n  ".join(self._problems))


def local_secret_key() -> str:
    """The secret key of a developer's own copy: made once, kept under var/, never committed."""
    place = VAR_DIR / "secret_key"
    if not place.exists():
        VAR_DIR.mkdir(exist_ok=True)
        place.write_text(secrets.token_urlsafe(50))
        place.chmod(0o600)
    return place.read_text().strip()
