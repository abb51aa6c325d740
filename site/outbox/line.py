"""The line to the mail server: what it may answer, in the few words that matter to a letter.

Over plain SMTP and TLS alike a conversation ends in time whatever the server does, and whoever hands a letter over is
asked once more at the last moment, when only the text is missing.
"""

import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.db import DatabaseError

CLOSING = 421  # "I am closing the line": said of the house or of one letter
GARBLED = -1  # smtplib's word for an answer that is none


class Trouble(Exception):
    """A letter did not leave; `reason` says why, in the server's words where it used any."""

    def __init__(self, failure: Exception) -> None:
        self.reason = reason_of(failure)
        super().__init__(self.reason)


class Outage(Trouble):
    """The server cannot be reached, or will not talk to this house at all: no letter's fault."""


class Refused(Trouble):
    """The server says no to this letter; the line stands."""


class LineBroke(Trouble):
    """The line broke, or no answer came in time, while this letter was under way: it may have arrived."""


class Stopped(Exception):
    """At the last moment the letter was not to be sent; the server has not got it."""


class Line:
    """One line for many letters. `trouble` is the reason when nothing more can be sent over it now."""

    def __init__(self, *, longest: float) -> None:
        """`longest`: how many seconds one letter may take from its first word to the server's last."""
        self.trouble = ""
        self._longest = longest
        self._backend = get_connection()

    def open(self) -> bool:
        """Greeting, TLS and sign-in, unless they are done; False when the server will not have us."""
        try:
            self._backend.open()
            if smtp := self._smtp():
                smtp.ehlo_or_helo_if_needed()
        except Exception as failure:  # noqa: BLE001  servers fail in many ways; each means that nobody answers now
            self._end(Outage(failure))
        return not self.trouble

    def hand_over(self, mail: EmailMessage, *, may_go: Callable[[], bool]) -> None:
        """Give the letter to the server, which has taken it when this returns.

        Raises: Stopped when `may_go` says no; else one kind of Trouble.
        """
        try:
            with self._asking(may_go), self._hung_up_in_time():
                self._backend.send_messages([mail])
        except (Stopped, DatabaseError):
            self.close()
            raise
        except smtplib.SMTPSenderRefused as failure:
            # The sender is the same for every letter: this one has not even been named.
            raise self._end(Outage(failure)) from failure
        except Exception as failure:
            code, _words = answer_of(failure)
            if code not in (None, CLOSING, GARBLED):
                raise Refused(failure) from failure
            if isinstance(failure, OSError):
                raise self._end(LineBroke(failure)) from failure
            # It could not even be written as mail; what has been said of it so far goes with the line.
            self.close()
            raise Refused(failure) from failure

    def close(self) -> None:
        """Say goodbye; what has been sent stays sent, however the server answers that."""
        smtp = self._smtp()
        with suppress(Exception):
            self._backend.close()
        if smtp:
            smtp.close()

    def _smtp(self) -> smtplib.SMTP | None:
        """None when letters go elsewhere: to memory, to the console, nowhere."""
        return getattr(self._backend, "connection", None)

    def _end(self, trouble: Trouble) -> Trouble:
        self.trouble = trouble.reason
        self.close()
        return trouble

    @contextmanager
    def _asking(self, may_go: Callable[[], bool]) -> Iterator[None]:
        smtp = self._smtp()
        if smtp is None:
            if not may_go():
                raise Stopped
            yield
            return
        patience = smtp.sock.gettimeout()

        # smtplib has no place between the recipient and the text; a worker may have slept for hours until here.
        def data(text: Any) -> Any:
            if not may_go():
                raise Stopped
            # A server that looks for viruses answers late; hanging up before it does is how letters arrive twice.
            smtp.sock.settimeout(self._longest)
            return type(smtp).data(smtp, text)

        smtp.data = data
        try:
            yield
        finally:
            del smtp.data
            if smtp.sock:
                smtp.sock.settimeout(patience)

    @contextmanager
    def _hung_up_in_time(self) -> Iterator[None]:
        """The socket's own patience begins anew with every byte; this one does not."""
        smtp = self._smtp()
        if smtp is None:
            yield
            return
        end = Timer(self._longest, hang_up, [smtp.sock])
        end.daemon = True
        end.start()
        try:
            yield
        finally:
            end.cancel()


def hang_up(sock: socket.socket) -> None:
    """Whoever listens on the other thread hears that the line is dead. Past TLS, whose goodbye would wait."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def answer_of(failure: Exception) -> tuple[int | None, str]:
    """The server's code and words; no code when it said nothing."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(failure.recipients.values()))
    elif isinstance(failure, smtplib.SMTPResponseException):
        code, words = failure.smtp_code, failure.smtp_error
    else:
        return None, ""
    return code, words.decode(errors="replace") if isinstance(words, bytes) else str(words)


def reason_of(failure: Exception) -> str:
    """Why, in one printable line: PostgreSQL stores no NUL, and a server may say anything."""
    code, words = answer_of(failure)
    said = f"{type(failure).__name__}: {failure}" if code is None else f"{code} {words}"
    return " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())[:300]
