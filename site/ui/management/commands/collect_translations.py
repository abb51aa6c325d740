"""Gather every text of the sources into the English catalogue."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ui import translations


class Command(BaseCommand):
    help = "Gathers the Japanese texts of all sources into the English catalogue, keeping what is translated."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing; fail if a text is missing from the catalogue or has no right English",
        )

    def handle(self, *, check: bool, **options: object) -> None:
        try:
            if check:
                self.check_all()
                return
            catalogue = translations.collect()
        except translations.UnreadableSource as problem:
            raise CommandError(f"Nothing was changed, because a source cannot be read: {problem}") from problem
        open_texts = translations.problems(catalogue)
        for problem in open_texts:
            self.stdout.write(problem)
        self.stdout.write(f"{len(catalogue)} texts gathered, {len(open_texts)} need work in {self.place()}.")

    def check_all(self) -> None:
        open_texts = translations.problems(translations.read_catalogue())
        if not translations.is_up_to_date():
            open_texts.append("differs from the sources: run `make fix`, then add the English")
        if open_texts:
            raise CommandError("\n  ".join([f"{self.place()}:", *open_texts]))
        self.stdout.write(f"{len(translations.read_catalogue())} texts, all in English.")

    @staticmethod
    def place() -> str:
        return str(translations.CATALOGUE.relative_to(translations.ROOT))
