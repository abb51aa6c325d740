"""Turn the English catalogue into the file that Django reads."""

from django.core.management.base import BaseCommand

from ui import translations


class Command(BaseCommand):
    help = "Compiles the English catalogue; pages read the compiled file."
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        count = translations.compile_catalogue()
        self.stdout.write(f"{count} English texts compiled.")
