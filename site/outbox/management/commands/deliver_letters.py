"""`deliver_letters`: hands what waits in the outbox to the mail server."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outbox.actions import deliver


class Command(BaseCommand):
    help = "Sends the letters that are due. Safe to run twice at once; exits with 1 when a letter failed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=200, help="how many letters at most (200)")

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        sent, failed = deliver(limit)
        line = f"letters: {sent} sent, {failed} failed"
        if failed:
            raise CommandError(line)
        self.stdout.write(line)
