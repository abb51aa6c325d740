"""Posting and delivering letters.

`post` stores a letter in the same transaction as its news. `deliver` claims what is due, hands it to the mail
server and writes down what happened; a failed letter waits longer each time and is given up loudly.
"""

import datetime as dt
import logging
import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from outbox.models import Letter, LetterState
from ui import places

logger = logging.getLogger(__name__)

PAUSES = (1, 5, 15, 60, 240, 720)  # minutes between tries
STUCK_AFTER = dt.timedelta(minutes=10)
WIPED = "（秘密を含むため、送信後に消しました）"


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


def one_line(text: str) -> str:
    """A header value: no line breaks, so that nobody adds headers or recipients of their own."""
    return " ".join(text.split())[:300]


def post(draft: Draft) -> None:
    """Store the letter beside its news; it leaves only if the transaction does. The same key is stored once."""
    language = draft.to.language
    with translation.override(language):
        text = render_to_string(
            f"{draft.template}.{language}.txt",
            {
                **draft.context,
                "person": draft.to,
                "site_url": settings.SITE_URL,
                "home_of_letters": settings.SITE_URL + ("/en" if language == "en" else ""),
            },
        )
    subject, _gap, body = text.strip().partition("\n")
    letter = Letter(
        key=draft.key[:200],
        person=draft.to,
        to_address=draft.to.email,
        language=language,
        subject=one_line(subject),
        body=body.strip() + "\n",
        is_secret=draft.is_secret,
        message_id=new_message_id(),
    )
    # One statement: the key decides, and no savepoint is needed to survive a repeat.
    Letter.objects.bulk_create([letter], ignore_conflicts=True)


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
    transaction.on_commit(partial(deliver_one, letter.pk))
    return letter


def new_message_id() -> str:
    """An address of its own for each letter, kept over every retry so that a mail server can see a double."""
    return f"<{uuid.uuid4().hex}@{settings.DESK_MAIL.partition('@')[2]}>"


def claim(limit: int, now: dt.datetime, only: int | None = None) -> list[Letter]:
    """Take letters that are due, so that no other worker sends them: returned ones are ours."""
    with transaction.atomic():
        due = Letter.objects.due(now)
        if only is not None:
            due = due.filter(pk=only)
        due = due.order_by("created_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        letters = list(due[:limit])
        Letter.objects.filter(pk__in=[letter.pk for letter in letters], state=LetterState.WAITING).update(
            state=LetterState.SENDING, claimed_at=now
        )
    return letters


def deliver(limit: int = 200) -> tuple[int, int]:
    """Send what is due. Returns (sent, failed)."""
    sent = failed = 0
    letters = claim(limit, timezone.now())
    if not letters:
        return 0, 0
    line = get_connection()
    try:
        for letter in letters:
            if _send(letter, line):
                sent += 1
            else:
                failed += 1
    finally:
        line.close()
    return sent, failed


def deliver_one(pk: int) -> bool:
    """Send one letter now; when the mail server refuses, it waits with the others."""
    letters = claim(1, timezone.now() + dt.timedelta(seconds=1), only=pk)
    return bool(letters) and _send(letters[0], get_connection())


def _send(letter: Letter, line: Any) -> bool:
    message = EmailMessage(
        subject=letter.subject,
        body=letter.body,
        to=[letter.to_address],
        reply_to=[settings.DESK_MAIL],
        connection=line,
        headers={
            "Message-ID": letter.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": letter.language,
        },
    )
    mine = Letter.objects.filter(pk=letter.pk, state=LetterState.SENDING)
    now = timezone.now()
    try:
        message.send()
    except Exception as failure:  # noqa: BLE001  a mail server fails in many ways; each one means "try again later"
        tries = letter.tries + 1
        if tries > len(PAUSES):
            logger.error("letter %s given up after %s tries: %s", letter.public_id, tries, type(failure).__name__)
            change = {"state": LetterState.GIVEN_UP, **_wiped(letter)}
        else:
            change = {"state": LetterState.WAITING, "next_try_at": now + dt.timedelta(minutes=PAUSES[tries - 1])}
        mine.update(tries=tries, last_error=one_line(f"{type(failure).__name__}: {failure}"), claimed_at=None, **change)
        return False
    mine.update(state=LetterState.SENT, sent_at=now, tries=letter.tries + 1, last_error="", **_wiped(letter))
    return True


def _wiped(letter: Letter) -> dict[str, str]:
    """A letter that waits no longer keeps its secret nowhere, except in the invented world."""
    return {"body": WIPED} if letter.is_secret and not places.is_demo.first() else {}


def let_go_of_stuck_letters() -> str:
    """Letters whose worker died in the middle wait again; they keep their Message-ID."""
    count = Letter.objects.filter(state=LetterState.SENDING, claimed_at__lt=timezone.now() - STUCK_AFTER).update(
        state=LetterState.WAITING, claimed_at=None
    )
    return f"{count} stuck letters freed"


def oldest_waiting_letter() -> tuple[str, str, bool]:
    """For /healthz: since when the oldest letter waits; more than an hour is not well."""
    oldest = (
        Letter.objects.filter(state=LetterState.WAITING)
        .order_by("created_at")
        .values_list("created_at", flat=True)
        .first()
    )
    if oldest is None:
        return "oldest_waiting_letter_seconds", "0", True
    seconds = int((timezone.now() - oldest).total_seconds())
    return "oldest_waiting_letter_seconds", str(seconds), seconds < 3600


__all__ = ["Draft", "deliver", "deliver_one", "post", "post_secret"]
