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
from tests.bench.databases import Databases, databases, within
from tests.bench.servers import ROOT, CannotMeasure, Server, environment, serve

STARTED = time.monotonic()
HOUSE_SETTINGS, FLOORS_SETTINGS = "tests.bench.settings", "tests.bench.floors.settings"
WAGTAIL = "from wagtail.bin.wagtail import main; main()"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, chosen as for the tests")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is visited (default: 5)")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long a slice lasts at least (default: 0.5)")
    parser.add_argument("--requests", type=int, default=500, help="open requests at the desk (default: 500)")
    parser.add_argument("--holds", type=int, default=1_000_000, help="among which time is looked up (default: 1000000)")
    parser.add_argument("--visits", type=int, default=50_000, help="of others, beside one calendar (default: 50000)")
    parser.add_argument("--schools", type=int, default=60_000, help="in the ministry's list (default: 60000)")
    parser.add_argument("--pairs", type=int, default=200, help="known and unknown addresses at doors (default: 200)")
    parser.add_argument("--workers", type=int, default=2, help="workers of each server (default: 2)")
    parser.add_argument("--seed", type=int, default=1, help="of the order of visits (default: 1)")
    parser.add_argument("--ambassadors", type=int, default=2000, help="among whom the free are found (default: 2000)")
    parser.add_argument("--only", default="", help="only pages whose line holds one of these words, comma-separated")
    return parser.parse_args()


def say(words: str) -> None:
    print(f"{time.monotonic() - STARTED:5.0f} s  {words}", file=sys.stderr, flush=True)


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def begin(env: dict[str, str], *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, *arguments], env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def finish(step: subprocess.Popen, what: str) -> None:
    said, _nothing = step.communicate()
    if step.returncode:
        raise CannotMeasure(f"{what} failed:\n{said.decode()[-3000:]}")


def floors_environment(found: Databases) -> dict[str, str]:
    from tests.bench.faces import PLAIN

    more = {"DJANGO_SETTINGS_MODULE": FLOORS_SETTINGS, "FLOORS_PLAIN": str(PLAIN)}
    return environment(found.floors, scratch.folder() / "floors") | more


def prepare_floors(found: Databases) -> subprocess.Popen:
    """A project as `wagtail start` writes it; its rows are made while the house migrates."""
    folder = scratch.folder() / "floors"
    folder.mkdir()
    env = floors_environment(found)
    finish(begin(env, "-c", WAGTAIL, "start", "floorsite", str(folder)), "wagtail start")
    return begin(env, "-m", "tests.bench.floors.fill")


def prepare_house(found: Databases, requests: int) -> None:
    """Migrate, collect, fill; from here on this process sees the house as its servers do."""
    os.environ.update(environment(found.house) | {"DJANGO_SETTINGS_MODULE": HOUSE_SETTINGS})
    sys.path.insert(1, str(ROOT / "site"))
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from tests.bench import booking, faces, world

    say("collecting static files, migrating")
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    say(
        f"filling: {world.SCHOOLS} schools, {world.AMBASSADORS} ambassadors, {world.VISITS} visits, {requests} requests"
    )
    world.build()
    faces.add_pages()
    world.add_requests(0, requests // 10)
    connections.close_all()
    found.copy_house()
    world.add_requests(requests // 10, requests)
    with within(found.booking):
        booking.build()
    with within(found.small_house):
        # Few ask there, but whoever looks for an ambassador finds many.
        world.add_ambassadors(world.AMBASSADORS, world.MANY_AMBASSADORS)


@contextlib.contextmanager
def open_servers(found: Databases, workers: int) -> Generator[list[Server]]:
    """House, small house, house of booking and floors, each behind a gunicorn of its own and at rest."""
    kinds = (
        ("house", "config.wsgi", HOUSE_SETTINGS, environment(found.house)),
        ("small_house", "config.wsgi", HOUSE_SETTINGS, environment(found.small_house)),
        ("booking_house", "config.wsgi", HOUSE_SETTINGS, environment(found.booking)),
        ("floors", "tests.bench.floors.wsgi", FLOORS_SETTINGS, floors_environment(found)),
    )
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(serve(application, name=name, settings=settings, env=env, workers=workers))
            for name, application, settings, env in kinds
        ]
        for server in servers:
            server.wait()
        say("the servers are ready")
        yield servers


def measure(asked: argparse.Namespace, found: Databases, servers: list[Server]) -> list[str]:
    """Visit, and print the tables; returns what could not be measured."""
    # Only now is Django set up.
    from tests.bench import crowd, doors, faces, feeds, free, holds, pages, queries, rounds, schools, table

    house, small_house, booking_house, floors = servers
    faces.write_plain_templates(house)
    subjects = pages.floors(floors) + pages.pages(house, small_house, booking_house) + faces.subjects(house, floors)
    troubles, counted, usable = [], {}, {}
    for subject in subjects:
        try:
            rounds.warm(subject)
            if subject.visitor.server in (house, booking_house) or subject.name.startswith("directory"):
                counted[subject.name] = queries.count(subject)
            usable[subject.name] = subject
        except CannotMeasure as trouble:
            troubles.append(str(trouble))
    words = [word.strip().lower() for word in asked.only.split(",") if word.strip()]

    def is_asked_for(label: str) -> bool:
        return not words or any(word in label.lower() for word in words)

    public = [row for row in faces.rows() if {row.subject, row.against} <= usable.keys()]
    rows = pages.rows(set(usable), counted, asked.requests) + public
    rows = [row for row in rows if is_asked_for(row.label)]
    wanted = {name for row in rows for name in (row.subject, row.against)} | (set() if words else set(pages.FLOORS))
    visited = [subject for name, subject in usable.items() if name in wanted | {"floor_html"}]

    before = load()
    say(f"visiting: {asked.rounds} rounds of {len(visited)} slices")
    walked = rounds.walk_rounds(visited, rounds=asked.rounds, seconds=asked.seconds, seed=asked.seed)
    print(f"\n{table.machine('PostgreSQL' if embedded_pg.is_postgres(found.house) else 'SQLite')}")
    print(
        f"{asked.workers} sync workers a server, {asked.rounds} rounds, medians; load {before} before, {load()} after."
    )
    print("A figure in bold misses its goal.\n")
    print(table.markdown(table.result(rows, walked, counted)))
    if "queue" in wanted:
        few = queries.count_with_few_rows(usable["queue"])
        print(f"\nThe desk queue with {queries.FEW_ROWS} rows: {few} queries, with 50: {counted['queue']}.")
    if "home" in wanted and "home_same" not in counted:
        print("Goal 2 has no page yet: home carries neither ETag nor Last-Modified.")
    print(f"\n{table.markdown(table.floors([name for name in pages.FLOORS if name in wanted], walked))}")
    if is_asked_for("public"):
        print(f"\n{table.markdown(faces.weights(house))}")
        print(f"\n{table.markdown(faces.largest_paint(house))}")
    accepting = [subject for name, subject in usable.items() if name.startswith("accept")]
    try:
        if is_asked_for(crowd.LABEL) and set(crowd.FLOORS) <= usable.keys() and accepting:
            say(f"{len(accepting)} clients at once")
            print(f"\n{table.markdown(crowd.measure(accepting, usable, rounds=asked.rounds, seed=asked.seed))}")
        if is_asked_for("holds"):
            say(f"filling: {asked.holds} holds")
            with within(found.booking):
                print(f"\n{table.markdown(holds.measure(asked.holds, asked.seed))}")
        if is_asked_for("free"):
            say(f"filling: {asked.ambassadors} ambassadors with their times")
            with within(found.booking):
                print(f"\n{table.markdown(free.measure(asked.ambassadors, asked.seed))}")
        if is_asked_for("doors"):
            say(f"{asked.pairs} pairs of addresses at each door")
            with within(found.booking):
                print(f"\n{table.markdown(doors.measure(asked.pairs, asked.seed))}")
        if is_asked_for("schools"):
            say(f"taking over a list of {asked.schools} schools")
            with within(found.booking):
                print(f"\n{table.markdown(schools.measure(asked.schools, asked.seed))}")
        if is_asked_for("feeds"):
            say(f"filling: a calendar of {feeds.EVENTS} visits, and {asked.visits} of others")
            with within(found.booking):
                print(f"\n{table.markdown(feeds.measure(asked.visits, asked.seed))}")
    except CannotMeasure as trouble:
        troubles.append(str(trouble))
    say("done")
    return troubles


def main() -> int:
    asked = options()
    # Told to end, end the servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with databases(asked.postgres) as found:
            floors = prepare_floors(found)
            prepare_house(found, asked.requests)
            finish(floors, "Filling the floors")
            with open_servers(found, asked.workers) as servers:
                troubles = measure(asked, found, servers)
    except CannotMeasure as trouble:
        troubles = [str(trouble)]
    for trouble in troubles:
        print(f"\nNot measured: {trouble}", file=sys.stderr)
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
