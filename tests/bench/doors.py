"""Whether the time that a door takes tells who has an account: the same form, with a known and an unknown address.

Pairs in changing order, in this process and with the house's own hashing of passwords; letters are written and go nowhere.
The goal is OWASP ASVS 6.3.8: nobody learns from the answer which accounts exist; medians within a tenth of each other.
"""

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.test import Client

from accounts.models import Invitation, Role, User
from tests.bench import world
from tests.bench.servers import CannotMeasure

WITHIN = 0.10
KNOWN_AT_MOST = 200
PASSWORD = "tanbo-to-ine-2026"
Line = tuple[str, ...]


def doors(invites: str) -> dict[str, tuple[str, Callable[[str], dict[str, Any]]]]:
    """What is typed at each door, by its name: (address of the page, mail address → the form)."""
    named = {"name": "山田 花子", "name_kana": "やまだ はなこ", "password1": PASSWORD}
    return {
        "sign in": ("/accounts/login/", lambda email: {"login": email, "password": "not-the-password"}),
        "sign in by code": ("/accounts/login/code/", lambda email: {"email": email}),
        "reset the password": ("/accounts/password/reset/", lambda email: {"email": email}),
        "sign up": ("/accounts/signup/", lambda email: {"email": email, **named}),
        "invite a colleague": (invites, lambda email: {"address": email}),
    }


def _known() -> list[str]:
    """People with a password, as most have."""
    people = list(
        User.objects.filter(is_active=True).exclude(email__in=(world.TEACHER, world.COORDINATOR)).order_by("pk")
    )
    some = random.Random(1).sample(people, min(len(people), KNOWN_AT_MOST))
    password = User(email="x@bench.example")
    password.set_password(PASSWORD)
    User.objects.filter(pk__in=[one.pk for one in some]).update(password=password.password)
    return [one.email for one in some]


def _asked(page: str, form: dict[str, Any], by: User | None) -> tuple[float, tuple[int, str]]:
    """Seconds until the answer, and what can be seen of it."""
    client = Client(SERVER_NAME="127.0.0.1")
    if by is not None:
        client.force_login(by, backend="accounts.backends.AccountBackend")
    Invitation.objects.all().delete()
    cache.clear()  # each try is the first one of its account and its network
    began = time.perf_counter()
    answer = client.post(page, form)
    seconds = time.perf_counter() - began
    return seconds, (answer.status_code, answer.headers.get("Location", ""))


def measure(pairs: int, seed: int) -> list[Line]:
    """The table."""
    dice = random.Random(seed)
    known = _known()
    teacher = User.objects.get(email=world.TEACHER)
    school = teacher.memberships.get(role=Role.CONTACT)
    lines: list[Line] = [(f"{pairs} pairs", "known ÷ unknown", "known ms", "unknown ms")]
    for name, (page, form) in doors(f"/my/memberships/{school.public_id}/invite/").items():
        by = teacher if name.startswith("invite") else None
        waits: dict[str, list[float]] = {"known": [], "unknown": []}
        for number in range(pairs):
            addresses = {"known": known[number % len(known)], "unknown": f"nobody{seed}-{number}@bench.example"}
            seen = set()
            for kind in dice.sample(sorted(addresses), 2):
                seconds, answer = _asked(page, form(addresses[kind]), by)
                waits[kind].append(seconds)
                seen.add(answer)
            if len(seen) > 1:
                raise CannotMeasure(f"{name}: the answers differ: {seen}")
        medians = {kind: statistics.median(some) for kind, some in waits.items()}
        ratio = medians["known"] / medians["unknown"]
        shown = f"{ratio:.3f}" if abs(ratio - 1) <= WITHIN else f"**{ratio:.3f}**"
        lines.append((name, shown, *(f"{medians[kind] * 1000:.1f}" for kind in ("known", "unknown"))))
    return lines
