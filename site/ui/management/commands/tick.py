"""`tick`: everything that is done from time to time. Safe to run twice at once: each job says so of itself."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ui import places


class Command(BaseCommand):
    help = "Expires offers, sends reminders, frees stuck letters. Nothing depends on it to be true."

    def handle(self, *args: Any, **options: Any) -> None:
        done, failed = [], []
        for _rank, job in places.tick_jobs.entries():
            try:
                done.append(job())
            except Exception as failure:  # noqa: BLE001  one job's failure must not keep the others from running
                failed.append(f"{job.__module__}.{job.__name__}: {type(failure).__name__}: {failure}")
        line = "tick: " + "; ".join([*filter(None, done), *failed])
        if failed:
            raise CommandError(line)
        self.stdout.write(line)
