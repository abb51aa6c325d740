"""`demo`: fills an empty database with the invented world."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import User
from demo import world
from demo.models import DemoMark, forget_mark
from outbox.models import Letter, LetterState
from outreach.models import Request, School, Visit

SEED = 1


class Command(BaseCommand):
    help = "Fills an empty database with invented people, schools and visits. Changes nothing the second time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--schools", type=Path, metavar="FILE", help="afterwards import this list of schools as well"
        )

    def handle(self, *args: Any, schools: Path | None, **options: Any) -> None:
        if schools is not None and not schools.is_file():
            raise CommandError(f"There is no file {schools}. Nothing was changed.")
        mark = DemoMark.objects.first()
        if mark is None:
            self._make()
        self._tell_accounts()
        if schools is not None:
            call_command("import_schools", str(schools), stdout=self.stdout, stderr=self.stderr)
        counts = (
            f"{School.objects.count()} schools, {User.objects.count()} people, {Request.objects.count()} requests, "
            f"{Visit.objects.count()} visits, {Letter.objects.filter(state=LetterState.WAITING).count()} letters waiting"
        )
        if mark is None:
            self.stdout.write(f"demo: made {counts}.")
        else:
            self.stdout.write(
                f"demo: nothing changed, the invented world of {mark.made_at:%Y-%m-%d} is here: {counts}."
            )

    @staticmethod
    def _make() -> None:
        found = [
            f"{count} {what}"
            for what, count in (("people", User.objects.count()), ("schools", School.objects.count()))
            if count
        ]
        if found:
            raise CommandError(
                f"This database holds {' and '.join(found)} and no mark of the demo: it may be real. Nothing was changed. "
                "Name an empty database in DATABASE_URL, for example DATABASE_URL=sqlite:///var/demo.sqlite3, "
                "run migrate, then demo again."
            )
        with transaction.atomic():
            DemoMark.objects.create(seed=SEED)
            world.build(SEED)
        forget_mark()

    def _tell_accounts(self) -> None:
        self.stdout.write(f"Password of every account: {world.PASSWORD}")
        for account in world.ACCOUNTS:
            self.stdout.write(f"  {account.email:26} {account.name.en:20} {account.what}")
