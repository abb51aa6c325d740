"""`make bench`: the pages of the house beside bare framework pages, in one run.

Prints figures and whether each goal holds; a missed goal is a figure, not a failure. Ends with 1 when something could not
be measured.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator

from tests import embedded_pg, scratch
from tests.bench.databases import Databases, databases
from tests.bench.servers import ROOT, CannotMeasure, environment, serve

FLOORS_FOLDER = "floors"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, chosen as for the tests")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is visited (default: 5)")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long a slice lasts at least (default: 0.5)")
    parser.add_argument("--workers", type=int, default=2, help="workers of each server (default: 2)")
    parser.add_argument("--seed", type=int, default=1, help="of the order of visits (default: 1)")
    parser.add_argument("--only", default="", help="only pages whose line holds one of these words, comma-separated")
    return parser.parse_args()


def say(words: str) -> None:
    print(f"{time.monotonic() - STARTED:5.0f} s  {words}", file=sys.stderr, flush=True)


STARTED = time.monotonic()


def start(env: dict[str, str], *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, *arguments], env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def done(step: subprocess.Popen, what: str) -> None:
    said, _nothing = step.communicate()
    if step.returncode:
        raise CannotMeasure(f"{what} failed:\n{said.decode()[-3000:]}")


def floors_environment(found: Databases) -> dict[str, str]:
    folder = scratch.folder() / FLOORS_FOLDER
    return environment(found.floors, folder) | {"DJANGO_SETTINGS_MODULE": "tests.bench.floors.settings"}


def prepare_floors(found: Databases) -> subprocess.Popen:
    """A project as `wagtail start` writes it, and rows for it, made while the house migrates."""
    folder = scratch.folder() / FLOORS_FOLDER
    folder.mkdir()
    env = floors_environment(found)
    wagtail = "from wagtail.bin.wagtail import main; main()"
    done(start(env, "-c", wagtail, "start", "floorsite", str(folder)), "wagtail start")
    return start(env, "-m", "tests.bench.floors.fill")


def prepare_house(found: Databases) -> None:
    """Migrate, collect, fill; this process is the house's own from here on."""
    os.environ.update(environment(found.house) | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"})
    sys.path.insert(1, str(ROOT / "site"))
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from tests.bench import pages, world

    call_command("collectstatic", interactive=False, verbosity=0)
    say("migrating the house")
    call_command("migrate", verbosity=0)
    say(f"filling it: {world.SCHOOLS} schools, {world.AMBASSADORS} ambassadors, {pages.MANY} open requests")
    world.build()
    world.add_requests(0, pages.FEW)
    connections.close_all()
    found.copy_house()
    world.add_requests(pages.FEW, pages.MANY)


@contextlib.contextmanager
def open_servers(found: Databases, workers: int) -> Generator[list]:
    floors_env = floors_environment(found)
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(serve(application, name=name, settings=settings, env=env, workers=workers))
            for name, application, settings, env in (
                ("house", "config.wsgi", "tests.bench.settings", environment(found.house)),
                ("small_house", "config.wsgi", "tests.bench.settings", environment(found.small_house)),
                ("floors", "tests.bench.floors.wsgi", "tests.bench.floors.settings", floors_env),
            )
        ]
        for server in servers:
            server.wait()
        say("the servers are ready")
        yield servers


def measure(asked: argparse.Namespace, found: Databases, servers: list) -> list[str]:
    """Print the tables; return what could not be measured."""
    from tests.bench import pages, queries, rounds, table, world
    from tests.bench.visitors import Visitor

    house, small_house, floors = servers
    teacher, desk = Visitor(house), Visitor(house)
    teacher.sign_in(world.TEACHER, world.PASSWORD)
    desk.sign_in(world.COORDINATOR, world.PASSWORD)
    subjects = pages.pages(Visitor(house), Visitor(small_house), teacher, desk)
    teacher.read_token(next(iter(next(s for s in subjects if s.name == "dates").addresses)))
    subjects += pages.floors(Visitor(floors))
    troubles, counted, usable = [], {}, []
    for subject in subjects:
        try:
            rounds.warm(subject)
            if subject.visitor.server is house:
                counted[subject.name] = queries.count(subject)
            usable.append(subject)
        except CannotMeasure as trouble:
            troubles.append(str(trouble))
    words = [word.strip().lower() for word in asked.only.split(",") if word.strip()]
    rows = [row for row in pages.rows(usable, counted) if not words or any(word in row.label.lower() for word in words)]
    wanted = {name for row in rows for name in (row.subject, row.against)} | {"floor_html"}
    if not words:
        wanted |= set(pages.FLOORS)
    visited = [subject for subject in usable if subject.name in wanted]
    say(f"{asked.rounds} rounds of {len(visited)} slices; load of this machine before: {os.getloadavg()[0]:.1f}")
    walked = rounds.walk_rounds(visited, rounds=asked.rounds, seconds=asked.seconds, seed=asked.seed)
    say(f"done; load: {os.getloadavg()[0]:.1f}")
    print(f"\n{table.machine('PostgreSQL' if embedded_pg.is_postgres(found.house) else 'SQLite')}")
    print(f"{asked.workers} sync workers a server, {asked.rounds} rounds, medians; a figure in bold misses its goal\n")
    print(table.markdown(table.result(rows, walked, counted)))
    queue = next((subject for subject in visited if subject.name == "queue"), None)
    if queue:
        few = queries.count_with_few_rows(queue)
        same = "as" if few == counted["queue"] else "**not as**"
        print(f"\nThe desk queue with {queries.FEW_ROWS} rows: {few} queries, {same} many as with 50.")
    if "home_same" not in counted:
        print("Goal 2 is not measured: the home page carries neither ETag nor Last-Modified.")
    print(f"\n{table.markdown(table.floors([s.name for s in visited if s.name.startswith('floor_')], walked))}")
    return troubles


def main() -> int:
    asked = options()
    # Told to end, end the servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with databases(asked.postgres) as found:
            floors = prepare_floors(found)
            prepare_house(found)
            done(floors, "Filling the floors")
            with open_servers(found, asked.workers) as servers:
                troubles = measure(asked, found, servers)
    except CannotMeasure as trouble:
        troubles = [str(trouble)]
    for trouble in troubles:
        print(f"\nNot measured: {trouble}", file=sys.stderr)
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
