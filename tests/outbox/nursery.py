"""Mail workers as real processes: Django is loaded once, each worker is a fork that opens its own connections.

Orders come on standard input: `start <port of the mail server>` answers with the new worker's process id, `wait <id>`
with its exit code.
"""

import os
import sys
import traceback
from pathlib import Path

import django


def work(port: int, said: Path) -> int:
    """`manage.py deliver_letters`, its words in a file."""
    from django.conf import settings
    from django.core.management import CommandError, call_command

    settings.EMAIL_PORT = port
    with said.open("w") as file:
        try:
            call_command("deliver_letters", stdout=file)
        except CommandError as failure:
            print(failure, file=file)
            return 1
        except Exception:  # noqa: BLE001  a fork must not run on into the code of its parent
            traceback.print_exc(file=file)
            return 2
    return 0


def main() -> None:
    folder = Path(sys.argv[1])
    django.setup()
    from outbox.management.commands import deliver_letters  # noqa: F401  loaded before the first fork
    from outbox.models import Letter

    # What the first query imports and prepares is there for all; nothing is asked of the database here.
    str(Letter.objects.filter(pk=1).query)
    print("ready", flush=True)
    while order := sys.stdin.readline().split():
        if order[0] == "start":
            pid = os.fork()
            if pid == 0:
                os._exit(work(int(order[1]), folder / f"worker-{os.getpid()}"))
            print(pid, flush=True)
        else:
            _pid, status = os.waitpid(int(order[1]), 0)
            print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
