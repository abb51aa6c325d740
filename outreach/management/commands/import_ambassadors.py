"""`import_ambassadors FILE`: takes over ambassadors with their accounts and appointments."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outreach.ambassadors.importing import HEADER, Tally, import_ambassadors
from outreach.schools.importing import BadRow, UnusableFile

CHANGES_SHOWN = 50


class Command(BaseCommand):
    help = (
        f"Takes over ambassadors from a CSV file in UTF-8 or cp932 with the columns {HEADER}. People are known by their "
        "mail address: new ones get an account without a password (they sign in by code), a card and an appointment; of "
        "known ones what the file says is updated; nobody is taken away. Several values in one cell are separated by ;. "
        "Bad lines are reported and left out. Running it again changes nothing. Exits with 1 when the file cannot be "
        "used, and with --strict when a line is bad."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="the CSV file")
        parser.add_argument("--strict", action="store_true", help="keep nothing when one line is bad")
        parser.add_argument("--dry-run", action="store_true", help="show what would change, write nothing")

    def handle(self, *args: Any, file: Path, strict: bool, dry_run: bool, **options: Any) -> None:
        self.changes = 0
        if not file.is_file():
            raise CommandError(f"{file} {'is not a file' if file.exists() else 'does not exist'}. Name a CSV file.")
        try:
            tally = import_ambassadors(
                file,
                strict=strict,
                dry_run=dry_run,
                tell_bad=self.tell_bad,
                tell_change=self.tell_change if dry_run else lambda _change: None,
                tell_progress=self.tell_progress,
            )
        except UnusableFile as reason:
            raise CommandError(f"ambassadors: nothing changed. {reason}") from reason
        if self.changes > CHANGES_SHOWN:
            self.stdout.write(f"… and {self.changes - CHANGES_SHOWN:,} more")
        line = summary(tally)
        if strict and tally.bad:
            raise CommandError(
                f"{line}. Nothing was kept, because --strict was given: correct the lines named above and run it again."
            )
        self.stdout.write(f"{line} (dry run: nothing was written)" if dry_run else line)

    def tell_bad(self, bad: BadRow) -> None:
        self.stderr.write(str(bad))

    def tell_change(self, change: str) -> None:
        self.changes += 1
        if self.changes <= CHANGES_SHOWN:
            self.stdout.write(change)

    def tell_progress(self, read: int) -> None:
        self.stderr.write(f"ambassadors: {read:,} rows read", style_func=str)


def summary(tally: Tally) -> str:
    """One line that says what happened to every row."""
    did = (
        f"{tally.new:,} new, {tally.changed:,} changed, {tally.unchanged:,} unchanged"
        if tally.new or tally.changed
        else f"nothing changed, {tally.unchanged:,} as before"
    )
    return f"ambassadors: {tally.read:,} rows read, {did}, {tally.bad:,} bad"
