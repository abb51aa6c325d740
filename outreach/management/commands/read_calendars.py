"""`read_calendars`: reads the outside calendars that are due, each in a child of its own."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outreach.availability import sources

ENOUGH_TO_TELL = 3


class Command(BaseCommand):
    help = (
        "Reads the outside calendars of ambassadors that are due, about every hour each. Safe to run twice at once. One "
        "calendar that fails is its owner's matter and is shown to them; exits with 1 when several were due and all failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=200, help="how many calendars at most (200)")

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        done = sources.read_all_due(limit)
        line = sources.follow_up(done)
        if done and done[sources.FAILED] >= ENOUGH_TO_TELL and not (done[sources.READ] or done[sources.UNCHANGED]):
            raise CommandError(f"{line}; all failed: does this machine reach the open net?")
        self.stdout.write(line)
