"""`import_schools FILE…`: takes over the ministry's list of schools, and corrections of who founds them."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outreach.schools.founder_list import FOUNDERS_HEADER, FounderTally, import_founders
from outreach.schools.importing import HEADER, Tally, import_schools
from outreach.schools.reading import BadRow, UnusableFile

CHANGES_SHOWN = 50


class Command(BaseCommand):
    help = (
        "Takes over schools from the ministry's 学校コード一覧 as it is published (CSV; several files on one command line are "
        "parts of one list), or from a CSV file in UTF-8 or cp932 with the columns "
        f"{HEADER}. Schools are known by their code: new ones are added, changed ones updated, all others stay. "
        "Who founds a school is guessed from name, founder and address; what the desk or --founders has said stays. "
        "Bad lines are reported and left out. Running it again changes nothing. Exits with 1 when a file cannot be "
        "used, and with --strict when a line is bad."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="*", metavar="FILE", help="the CSV file, or its parts")
        parser.add_argument(
            "--founders",
            type=Path,
            metavar="FILE",
            help=f"afterwards take over who founds which school, from a CSV file with the columns {FOUNDERS_HEADER}",
        )
        parser.add_argument("--strict", action="store_true", help="keep nothing when one line is bad")
        parser.add_argument("--dry-run", action="store_true", help="show what would change, write nothing")

    def handle(self, *args: Any, file: list[Path], founders: Path | None, **options: Any) -> None:
        self.changes = 0
        if not file and founders is None:
            raise CommandError("No file was named. Name a CSV file.")
        for path in [*file, *([founders] if founders else [])]:
            if not path.is_file():
                raise CommandError(f"{path} {'is not a file' if path.exists() else 'does not exist'}. Name a CSV file.")
        how = {
            "strict": options["strict"],
            "dry_run": options["dry_run"],
            "tell_bad": self.tell_bad,
            "tell_change": self.tell_change if options["dry_run"] else lambda _change: None,
        }
        if file:
            self._say("schools", lambda: import_schools(*file, tell_progress=self.tell_progress, **how), summary, how)
        if founders:
            self._say("founders", lambda: import_founders(founders, **how), founders_summary, how)

    def _say(self, what: str, act: Any, in_words: Any, how: dict[str, Any]) -> None:
        """Do it, and say in one line what was done."""
        self.changes = 0
        try:
            tally = act()
        except UnusableFile as reason:
            raise CommandError(f"{what}: nothing changed. {reason}") from reason
        if self.changes > CHANGES_SHOWN:
            self.stdout.write(f"… and {self.changes - CHANGES_SHOWN:,} more")
        line = in_words(tally)
        if how["strict"] and tally.bad:
            raise CommandError(
                f"{line}. Nothing was kept, because --strict was given: correct the lines named above and run it again."
            )
        self.stdout.write(f"{line} (dry run: nothing was written)" if how["dry_run"] else line)

    def tell_bad(self, bad: BadRow) -> None:
        self.stderr.write(str(bad))

    def tell_change(self, change: str) -> None:
        self.changes += 1
        if self.changes <= CHANGES_SHOWN:
            self.stdout.write(change)

    def tell_progress(self, read: int) -> None:
        self.stderr.write(f"schools: {read:,} rows read", style_func=str)


def _counted(what: str, tally: Any) -> str:
    did = (
        f"{tally.new:,} new, {tally.changed:,} changed, {tally.unchanged:,} unchanged"
        if tally.new or tally.changed
        else f"nothing changed, {tally.unchanged:,} as before"
    )
    return f"{what}: {tally.read:,} rows read, {did}, {tally.bad:,} bad"


def _remarks(*counts: tuple[int, str]) -> str:
    warnings = [f"{count:,} {words}" for count, words in counts if count]
    return f"; kept all the same: {', '.join(warnings)}" if warnings else ""


def summary(tally: Tally) -> str:
    """One line that says what happened to every row."""
    return _counted("schools", tally) + _remarks(
        (tally.unusual_check_digits, "with an unusual check digit"),
        (tally.other_founders, "with another founder than the code says"),
        (tally.lost_successors, "whose successor is in no list"),
        (tally.no_founders, "whose board could not be guessed"),
    )


def founders_summary(tally: FounderTally) -> str:
    line = _counted("founders", tally)
    return f"{line}; {tally.kept:,} stay as the desk has set them" if tally.kept else line
