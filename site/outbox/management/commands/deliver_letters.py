"""`deliver_letters`: hands what waits in the outbox to the mail server."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outbox.actions import deliver
from outbox.models import Letter


class Command(BaseCommand):
    help = "Sends the letters that are due. Safe to run twice at once; exits with 1 when a letter could not leave."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=200, help="how many letters at most (200)")

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        done = deliver(limit)
        waiting = Letter.objects.not_yet_left().count()
        line = f"letters: {done.sent} sent, {done.failed} failed, {done.given_up} given up, {waiting} waiting"
        if done.trouble:
            line += f"; the mail server: {done.trouble}"
        if not done.is_well:
            raise CommandError(line)
        self.stdout.write(line)
