#!/usr/bin/env python
"""The door to every command of Kakehashi: `python manage.py help` lists them."""

import os
import sys
from pathlib import Path

# The folder `site/` is a source root, never a package: Python has a module of that name.
sys.path.insert(1, str(Path(__file__).resolve().parent / "site"))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
