"""`load_pages`: makes the pages of the house from its own files."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from pages.loading import load_pages


class Command(BaseCommand):
    help = "Makes help, policies and the other pages of the house in Japanese and English; what exists stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--renew",
            action="store_true",
            help="write the texts of the files again into pages that nobody has saved in the CMS",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")

    def handle(self, *args: Any, renew: bool, dry_run: bool, **options: Any) -> None:
        with transaction.atomic():
            done = load_pages(renew=renew)
            if dry_run:
                transaction.set_rollback(True)
        self.stdout.write(f"load_pages: {'would be: ' if dry_run else ''}{done}.")
