"""The verbs: somebody writes; the desk opens, takes, answers, notes, closes and opens again; time makes it forget."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import User
from outbox import actions as outbox
from outreach.inquiries import letters
from outreach.inquiries.models import Danger, Inquiry, InquiryStep, Kind
from outreach.inquiries.rules import READ, may_read
from outreach.inquiries.states import LIFE_OF_AN_INQUIRY, InquiryState
from outreach.lives import NotAllowed, Party, check

REMEMBERED = dt.timedelta(days=365)
# Anybody can type anybody's address: nobody's mailbox is filled from here.
MOST_RECEIPTS_A_DAY = 3


@transaction.atomic
def send(*, kind: str, language: str = "ja", form_print: str | None = None, **told: Any) -> Inquiry:
    """The desk learns at once that somebody has written, and who left an address that it has arrived.

    Nobody acts here by name, and no account is kept: `told` is all that is known. The same form is taken once.
    """
    if kind == Kind.CONCERN:
        told["danger"] = told.get("danger") or Danger.UNSURE
    told |= {"kind": kind, "language": language}
    if form_print is None:
        inquiry, is_new = Inquiry.objects.create(**told), True
    else:
        inquiry, is_new = Inquiry.objects.get_or_create(form_print=form_print, defaults=told)
    if is_new:
        drafts = letters.arrived(inquiry)
        if inquiry.mail and _receipts_of_today(inquiry.mail) <= MOST_RECEIPTS_A_DAY:
            drafts.append(letters.received(inquiry))
        outbox.post_all(drafts)
    return inquiry


def _receipts_of_today(address: str) -> int:
    since = timezone.now() - dt.timedelta(days=1)
    return Inquiry.objects.filter(mail__iexact=address, sent_at__gt=since).count()


@transaction.atomic
def open_concern(inquiry: Inquiry, *, by: User) -> None:
    """From now on this coordinator reads the concern; that they did stays on record."""
    _only_the_desk(by)
    if inquiry.is_concern and not may_read(by, inquiry):
        log(inquiry, READ, user=by)


@transaction.atomic
def take(inquiry: Inquiry, *, by: User) -> Inquiry:
    """This coordinator looks after it from now on, also in place of another."""
    inquiry = _locked(inquiry, by)
    if inquiry.state == InquiryState.TAKEN and inquiry.taken_by_id == by.pk:
        return inquiry  # said twice is said once
    _step(inquiry, "take", by=by, taken_by=by)
    return inquiry


@transaction.atomic
def note(inquiry: Inquiry, *, by: User, text: str) -> InquiryStep:
    """What the desk wants to remember; nobody else reads it."""
    inquiry = _locked(inquiry, by)
    return _write_down(inquiry, InquiryStep.NOTE, by=by, text=_words(text), before=inquiry.state)


@transaction.atomic
def answer(inquiry: Inquiry, *, by: User, text: str, then_close: bool = False) -> InquiryStep:
    """The sender gets these words by mail; who answers looks after it, unless somebody does already."""
    inquiry = _locked(inquiry, by)
    taken_by = inquiry.taken_by or by
    step = _step(inquiry, "answer", by=by, text=_words(text), taken_by=taken_by)
    outbox.post(letters.answered(inquiry, step))
    if then_close:
        _step(inquiry, "close", by=by, text=_("返事を送って終えました。"), closed_at=timezone.now())
    return step


@transaction.atomic
def close(inquiry: Inquiry, *, by: User, reason: str) -> Inquiry:
    """Nothing more is to be done; what was done stays on record."""
    inquiry = _locked(inquiry, by)
    _step(inquiry, "close", by=by, text=reason, closed_at=timezone.now())
    return inquiry


@transaction.atomic
def reopen(inquiry: Inquiry, *, by: User, reason: str) -> Inquiry:
    """There is more to do after all; who opens it again looks after it."""
    inquiry = _locked(inquiry, by)
    _step(inquiry, "reopen", by=by, text=reason, closed_at=None, taken_by=by)
    return inquiry


def forget_closed_inquiries() -> str:
    """A year after an inquiry was closed nobody can be reached by it any more, and no letter tells whom it went to.

    Of a question nothing that was written stays, only that it came. A concern and what was done about it are kept.
    """
    now, count = timezone.now(), 0
    due = Inquiry.objects.filter(state=InquiryState.CLOSED, closed_at__lt=now - REMEMBERED, forgotten_at__isnull=True)
    for inquiry in due:
        with transaction.atomic():
            # It may have been opened again a moment ago: the row is asked once more.
            gone = {"name": "", "mail": "", "phone": "", "forgotten_at": now}
            if not inquiry.is_concern:
                gone |= {"text": "", "place": ""}
            if not due.filter(pk=inquiry.pk).update(**gone):
                continue
            if not inquiry.is_concern:
                inquiry.steps.update(text="")
            outbox.forget(letters.about(inquiry))
            count += 1
    return f"{count} inquiries forgotten"


# ── what the verbs share ──────────────────────────────────────────────────────
def _only_the_desk(by: User) -> None:
    if not by.is_coordinator:
        raise NotAllowed(_("問い合わせを扱えるのは事務局です。"))


def _locked(inquiry: Inquiry, by: User) -> Inquiry:
    _only_the_desk(by)
    # Two may press at once: the state is read only after the row is ours.
    return Inquiry.objects.select_for_update(of=("self",)).select_related("taken_by").get(pk=inquiry.pk)


def _words(text: str) -> str:
    if not (text := text.strip()):
        raise NotAllowed(_("何も書かれていません。内容を書いてから送ってください。"))
    return text


def _step(inquiry: Inquiry, verb: str, *, by: User, text: str = "", **change: Any) -> InquiryStep:
    """Move a locked row along its life and write the step down."""
    move = check(LIFE_OF_AN_INQUIRY, inquiry, verb, {Party.COORDINATOR})
    text = text.strip()
    if move.needs_reason and not text:
        raise NotAllowed(_("何をしたか、なぜかを書いてください。記録に残ります。"))
    before, inquiry.state = inquiry.state, move.target
    for name, value in change.items():
        setattr(inquiry, name, value)
    inquiry.save(update_fields=["state", *change])
    return _write_down(inquiry, verb, by=by, text=text, before=before)


def _write_down(inquiry: Inquiry, verb: str, *, by: User, text: str, before: str) -> InquiryStep:
    return InquiryStep.objects.create(
        inquiry=inquiry, verb=verb, from_state=before, to_state=inquiry.state, by=by, text=text
    )
