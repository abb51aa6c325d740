"""Naming an assistant, and ending it. Nothing here says whether an address has an account."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import User
from outreach.ambassadors import letters
from outreach.ambassadors.actions import locked
from outreach.ambassadors.models import Ambassador, Assistant
from outreach.lives import NotAllowed

MOST = 3
# Each naming sends a letter to an address that somebody typed.
MOST_A_DAY = 6


@transaction.atomic
def name_assistant(ambassador: Ambassador, *, by: User, email: str) -> Assistant:
    """Whoever has, or will have, an account with this confirmed address acts in the ambassador's name; a letter says so."""
    if not by.is_active or ambassador.user_id != by.pk:
        raise NotAllowed(_("秘書を指名できるのは推進大使本人です。"))
    row = locked(ambassador)
    email = email.strip().lower()
    own = {row.user.email.lower(), *(address.email.lower() for address in row.user.emailaddress_set.all())}
    if email in own:
        raise NotAllowed(_("ご自分のメールアドレスです。秘書の方のアドレスを書いてください。"))
    if known := row.assistants.current().filter(email=email).first():
        return known
    if row.assistants.current().count() >= MOST:
        raise NotAllowed(_("秘書は%(most)s人までです。先に誰かの指名を終えてください。") % {"most": MOST})
    since = timezone.now() - dt.timedelta(days=1)
    if row.assistants.filter(named_at__gt=since).count() >= MOST_A_DAY:
        raise NotAllowed(_("今日はもう何度も指名しています。明日もう一度試すか、事務局に連絡してください。"))
    try:
        with transaction.atomic():
            made = Assistant.objects.create(ambassador=row, email=email, named_by=by)
    except IntegrityError:
        return row.assistants.current().get(email=email)
    log(row, "kakehashi.name_assistant", user=by, data={"email": email})
    letters.tell_assistant(made, "assistant_named")
    return made


@transaction.atomic
def end_assistant(assistant: Assistant, *, by: User) -> Assistant:
    """The assistant no longer acts in the ambassador's name, from this moment; what they did stays done."""
    if not by.is_active or (assistant.ambassador.user_id != by.pk and not by.is_coordinator):
        raise NotAllowed(_("秘書の指名を終えられるのは、推進大使本人と事務局です。"))
    changed = Assistant.objects.filter(pk=assistant.pk, ended_at__isnull=True).update(
        ended_at=timezone.now(), ended_by=by
    )
    if changed:
        log(assistant.ambassador, "kakehashi.end_assistant", user=by, data={"email": assistant.email})
        letters.tell_assistant(assistant, "assistant_ended")
    assistant.refresh_from_db()
    return assistant
