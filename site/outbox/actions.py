"""Posting and delivering letters.

`post` stores a letter in the same transaction as its news. `deliver` takes one due letter after the other, hands it to
the mail server and writes down what happened.

Nobody else's letter is touched. A worker takes a letter on a lease of its own; when the lease has ended by the clock, the
letter waits again. The conversation with the server ends well before the lease does, and the lease is looked at once more
when only the text is missing, so a worker that has slept sends nothing that others may have sent meanwhile.

What a failure costs, and whom:

- An outage (nobody answers, TLS or sign-in fails, the sender is refused, which is the same for all letters) costs no
  letter anything. The round ends and the next one begins anew, for days if need be; /healthz turns red.
- Once the server has heard of the letter, whatever goes wrong (refused for now or for good, cut off, no answer in time,
  the worker died) costs that letter one try, and it waits longer each time (PAUSES). Where the line broke the round ends
  as well: one breakdown costs one letter one try, not each letter its own.
- After six tries in about five and a half hours the letter is given up, loudly: in the log, on the desk's page and through
  `places.letter_given_up`. Servers say "never" (5xx) by mistake too, so "never" gets the same tries, hours and not days.

A letter can arrive twice only when the server took it and nobody lived to write that down, or its answer was lost. Then
it goes out again with the same Message-ID, by which the receiving side knows the double.
"""

import datetime as dt
import enum
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import OperationalError, connection, transaction
from django.db.models import F, Min, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from wagtail.log_actions import log

from outbox.line import Line, LineBroke, Outage, Refused, Stopped
from outbox.models import Letter, LetterState
from ui import dates, places

logger = logging.getLogger(__name__)

PAUSES = (1, 5, 15, 60, 240)  # minutes between tries
LEASE = dt.timedelta(minutes=5)
LONGEST_TALK = 120  # seconds for one letter: well inside the lease, whose holder's clock may be a little off
LONGEST_TALK_AT_ONCE = 30  # the same while somebody waits for a page
LONGEST_ROUND = dt.timedelta(minutes=5)  # a slow server must not gather one more worker a minute
WELL_FOR = dt.timedelta(minutes=15)
WRITING_WAITS = (1, 3, 9)  # seconds, when the database is busy at the worst moment
WIPED = "（秘密を含むため、送信後に消しました）"
DIED = "送信の途中で止まりました（届いているかもしれません）"


class Outcome(enum.Enum):
    SENT = enum.auto()
    FAILED = enum.auto()
    GIVEN_UP = enum.auto()
    NO_TRY = enum.auto()


@dataclass(frozen=True)
class Round:
    """What one round of delivery did; `trouble` is why it ended before all was tried."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    trouble: str = ""

    @property
    def is_well(self) -> bool:
        return not (self.failed or self.given_up or self.trouble)


@dataclass(frozen=True)
class Correspondent:
    """Somebody who has no account, or whose account does not matter here: an address, and the language they wrote in."""

    email: str
    name: str = ""
    language: str = "ja"
    is_active: bool = True
    pk: None = None


@dataclass(frozen=True)
class Draft:
    """A letter before it is posted.

    `template` names two text files, `<template>.ja.txt` and `<template>.en.txt`, whose first line is the subject.
    """

    key: str
    to: Any
    template: str
    context: dict[str, Any]
    is_secret: bool = False
    # 写し: the same news to another address than the person's, such as the main one of a school; in Japanese.
    copy_to: str = ""
    # What somebody whose account is paused still reads; all else is kept and never leaves.
    even_when_paused: bool = False
    # Leaves the moment the transaction is done, and does not wait for the next round.
    at_once: bool = False
    # The zone whose night it lets pass: it leaves between eight in the morning and eight in the evening there.
    by_day_in: str = ""


def one_line(text: str) -> str:
    """A header value: no line breaks, so that nobody adds headers or recipients of their own."""
    return " ".join(text.split())[:300]


def post(draft: Draft) -> None:
    """Store the letter beside its news; it leaves only if the transaction does. The same key is stored once."""
    post_all([draft])


def post_all(drafts: Iterable[Draft]) -> None:
    """Store the letters of one piece of news."""
    drafts = list(drafts)
    # One statement: the keys decide, and no savepoint is needed to survive a repeat.
    Letter.objects.bulk_create([_written(draft) for draft in drafts], ignore_conflicts=True)
    if urgent := [draft.key[:200] for draft in drafts if draft.at_once]:
        # Robust: the letters are stored and wait with the others, so a page must not break for them.
        transaction.on_commit(partial(deliver_at_once, urgent), robust=True)


def _written(draft: Draft) -> Letter:
    if draft.copy_to and draft.is_secret:
        raise ValueError("A secret is never copied to another address.")
    language = "ja" if draft.copy_to else draft.to.language
    with translation.override(language):
        text = render_to_string(
            f"{draft.template}.{language}.txt",
            {
                **draft.context,
                "person": draft.to,
                "is_copy": bool(draft.copy_to),
                "site_url": settings.SITE_URL,
                "home_of_letters": settings.SITE_URL + ("/en" if language == "en" else ""),
            },
        )
    subject, _gap, body = text.strip().partition("\n")
    now = timezone.now()
    leaves_at = dates.next_by_day(now, ZoneInfo(draft.by_day_in)) if draft.by_day_in else now
    is_held_back = not (draft.to.is_active or draft.copy_to or draft.even_when_paused)
    return Letter(
        state=LetterState.HELD_BACK if is_held_back else LetterState.WAITING,
        key=draft.key[:200],
        person=None if draft.copy_to or isinstance(draft.to, Correspondent) else draft.to,
        to_address=draft.copy_to or draft.to.email,
        language=language,
        subject=one_line(subject),
        body=body.strip() + "\n",
        is_secret=draft.is_secret,
        message_id=new_message_id(),
        created_at=now,
        # Until then it is not late.
        waits_since=leaves_at,
        next_try_at=leaves_at,
    )


def post_secret(*, to_address: str, subject: str, body: str, person: Any = None, language: str = "ja") -> Letter:
    """Store a letter that carries a secret and send it the moment the transaction is done."""
    letter = Letter.objects.create(
        key=f"secret:{uuid.uuid4()}",
        person=person,
        to_address=to_address,
        language=language,
        subject=one_line(subject),
        body=body,
        is_secret=True,
        message_id=new_message_id(),
    )
    # Robust: the letter is stored and waits with the others, so a page must not break for it.
    transaction.on_commit(partial(deliver_one, letter.pk), robust=True)
    return letter


def new_message_id() -> str:
    """An address of its own for each letter, kept over every retry so that a mail server can see a double."""
    return f"<{uuid.uuid4().hex}@{settings.DESK_MAIL.partition('@')[2]}>"


@transaction.atomic
def send_again(letter: Letter, *, by: Any) -> bool:
    """A letter that was given up waits again with all its tries. False when it is not given up, or its text is wiped."""
    now = timezone.now()
    given_up = Letter.objects.given_up().filter(pk=letter.pk, is_secret=False)
    if not given_up.update(state=LetterState.WAITING, tries=0, next_try_at=now, waits_since=now):
        return False
    log(letter, "kakehashi.send_again", user=by)
    return True


def withdraw_secrets(person: Any) -> int:
    """Codes, links and invitations to this person that have not left yet never will; how many they were.

    A letter in the hands of a worker is withdrawn too: it looks once more whether the letter is still its own.
    """
    theirs = Q(person=person) | Q(to_address__iexact=person.email)
    return Letter.objects.not_yet_left().filter(theirs, is_secret=True).delete()[0]


def hold_back(person: Any) -> int:
    """What waits for this person stays here for good, for the desk to read; how many letters it was.

    A copy to the address of a school is not theirs and leaves.
    """
    theirs = Letter.objects.not_yet_left().filter(person=person, is_secret=False)
    return theirs.update(state=LetterState.HELD_BACK, leased_to=None, leased_until=None)


def forget(about: str) -> int:
    """The letters about a thing that is to be forgotten are gone, whoever got them; how many they were."""
    return Letter.objects.filter(key__startswith=f"{about}:").delete()[0]


def call_back(keys: Iterable[str]) -> set[str]:
    """Those of these letters that wait for the morning are not sent any more; which they were, by their keys."""
    wanted = [key[:200] for key in keys]
    asleep = Letter.objects.filter(key__in=wanted, state=LetterState.WAITING, tries=0, next_try_at__gt=timezone.now())
    found = set(asleep.values_list("key", flat=True))
    if found:
        Letter.objects.filter(key__in=found).delete()
    return found


# ── a round ───────────────────────────────────────────────────────────────────
def deliver(limit: int = 200) -> Round:
    """Send what is due, oldest first, until nothing is, the limit is reached or the server is in trouble."""
    let_go_of_stuck_letters()
    started_at = timezone.now()
    if not Letter.objects.due(started_at).exists():
        return Round()
    done: Counter[Outcome] = Counter()
    line = Line(longest=LONGEST_TALK)
    try:
        # The line stands before a letter is taken: whoever waits for a server holds no letter back.
        while done.total() < limit and timezone.now() < started_at + LONGEST_ROUND and line.open():
            letter = take()
            if letter is None:
                break
            done[_send(letter, line)] += 1
    finally:
        line.close()
    return Round(done[Outcome.SENT], done[Outcome.FAILED], done[Outcome.GIVEN_UP], line.trouble)


def deliver_one(pk: int) -> bool:
    """Send one letter now; when the mail server does not take it, it waits with the others."""
    line = Line(longest=LONGEST_TALK_AT_ONCE)
    try:
        letter = take(only=pk) if line.open() else None
        return letter is not None and _send(letter, line) is Outcome.SENT
    finally:
        line.close()
        if line.trouble:
            logger.warning("a letter could not leave at once and waits: %s", line.trouble)


def deliver_at_once(keys: list[str]) -> int:
    """Send these now, over one line and while somebody waits; what does not leave waits with the others."""
    line, sent = Line(longest=LONGEST_TALK_AT_ONCE), 0
    ends_at = timezone.now() + dt.timedelta(seconds=LONGEST_TALK_AT_ONCE)
    try:
        for pk in Letter.objects.filter(key__in=keys).order_by("pk").values_list("pk", flat=True):
            if timezone.now() > ends_at or not line.open():
                break
            letter = take(only=pk)
            sent += letter is not None and _send(letter, line) is Outcome.SENT
    finally:
        line.close()
        if line.trouble:
            logger.warning("letters could not leave at once and wait: %s", line.trouble)
    return sent


def take(only: int | None = None) -> Letter | None:
    """Lease the letter that has been due longest: it is ours until `leased_until`, and no other worker has it."""
    while True:
        # Durable: the first word to the server must not be said before others can see the lease.
        with transaction.atomic(durable=True):
            now = timezone.now()
            due = Letter.objects.due(now).order_by("next_try_at", "pk")
            if only is not None:
                due = due.filter(pk=only)
            if connection.features.has_select_for_update_skip_locked:
                due = due.select_for_update(skip_locked=True)
            letter = due.first()
            if letter is None:
                return None
            lease = {"state": LetterState.SENDING, "leased_to": uuid.uuid4(), "leased_until": now + LEASE}
            is_ours = Letter.objects.due(now).filter(pk=letter.pk).update(**lease)
        # Where rows cannot be locked, the update alone decides.
        if is_ours:
            for name, value in lease.items():
                setattr(letter, name, value)
            return letter


def let_go_of_stuck_letters() -> str:
    """Letters whose lease has ended wait again, one try poorer; they keep their Message-ID."""
    stuck = list(Letter.objects.stuck(timezone.now()))
    for letter in stuck:
        _failed(letter, DIED)
    return f"{len(stuck)} stuck letters freed"


def _send(letter: Letter, line: Line) -> Outcome:
    try:
        line.hand_over(_mail(letter), may_go=partial(_is_still_ours, letter))
    except Stopped:
        return Outcome.NO_TRY
    except Outage as trouble:
        # To the end of the queue: should it be this letter after all, the others come first.
        _stubbornly(partial(_give_back, letter, next_try_at=timezone.now(), last_error=trouble.reason))
        return Outcome.NO_TRY
    except (Refused, LineBroke) as trouble:
        return _failed(letter, trouble.reason)
    _stubbornly(partial(_has_left, letter))
    return Outcome.SENT


def _mail(letter: Letter) -> EmailMessage:
    return EmailMessage(
        subject=letter.subject,
        body=letter.body,
        to=[letter.to_address],
        reply_to=[settings.DESK_MAIL],
        headers={
            "Message-ID": letter.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": letter.language,
        },
    )


def _is_still_ours(letter: Letter) -> bool:
    return Letter.objects.filter(
        pk=letter.pk, state=LetterState.SENDING, leased_to=letter.leased_to, leased_until__gt=timezone.now()
    ).exists()


# ── what became of it ─────────────────────────────────────────────────────────
def _has_left(letter: Letter) -> None:
    """The server has taken it. That is true whoever holds the lease by now, and stops them from sending it again."""
    Letter.objects.filter(pk=letter.pk).exclude(state=LetterState.SENT).update(
        state=LetterState.SENT,
        sent_at=timezone.now(),
        tries=F("tries") + 1,
        last_error="",
        leased_to=None,
        leased_until=None,
        **_wiped(letter),
    )


def _failed(letter: Letter, reason: str) -> Outcome:
    tries = letter.tries + 1
    if tries > len(PAUSES):
        is_ours = _stubbornly(partial(_give_up, letter, tries, reason))
        return Outcome.GIVEN_UP if is_ours else Outcome.NO_TRY
    next_try_at = timezone.now() + dt.timedelta(minutes=PAUSES[tries - 1])
    is_ours = _stubbornly(partial(_give_back, letter, tries=tries, next_try_at=next_try_at, last_error=reason))
    return Outcome.FAILED if is_ours else Outcome.NO_TRY


@transaction.atomic
def _give_up(letter: Letter, tries: int, reason: str) -> bool:
    """No further try; the note to the desk is stored in the same moment."""
    change = {"state": LetterState.GIVEN_UP, "tries": tries, "last_error": reason, **_wiped(letter)}
    if not _give_back(letter, **change):
        return False
    logger.error("letter %s given up after %s tries", letter.public_id, tries)
    letter.refresh_from_db()
    try:
        with transaction.atomic():
            list(places.letter_given_up.ask(letter))
    except Exception:
        # Given up it is: a note that cannot be written must not send the letter round for ever.
        logger.exception("nobody could be told that letter %s was given up", letter.public_id)
    return True


def _give_back(letter: Letter, **change: Any) -> bool:
    """The lease ends with this change, if it is still ours to end."""
    ours = Letter.objects.filter(pk=letter.pk, state=LetterState.SENDING, leased_to=letter.leased_to)
    return bool(ours.update(**{"state": LetterState.WAITING, "leased_to": None, "leased_until": None, **change}))


def _stubbornly(write: Callable[[], Any]) -> Any:
    """Write what the server said even when the database is busy just now: forgotten, a letter would arrive twice."""
    for wait in WRITING_WAITS:
        try:
            return write()
        except OperationalError:
            time.sleep(wait)
            if not connection.in_atomic_block:
                # It may be the connection that is gone: the next query opens a new one.
                connection.close()
    return write()


def _wiped(letter: Letter) -> dict[str, str]:
    """A letter that waits no longer keeps its secret nowhere, except in the invented world."""
    return {"body": WIPED} if letter.is_secret and not places.is_demo.first() else {}


def oldest_waiting_letter() -> tuple[str, str, bool]:
    """For /healthz: for how long the oldest letter waits; more than a quarter of an hour is not well."""
    since = Letter.objects.not_yet_left().aggregate(since=Min("waits_since"))["since"]
    waits = timezone.now() - since if since else dt.timedelta()
    return "oldest_waiting_letter_seconds", str(max(0, int(waits.total_seconds()))), waits <= WELL_FOR


__all__ = [
    "Correspondent",
    "Draft",
    "Round",
    "call_back",
    "deliver",
    "deliver_at_once",
    "deliver_one",
    "forget",
    "hold_back",
    "post",
    "post_secret",
    "send_again",
    "withdraw_secrets",
]
