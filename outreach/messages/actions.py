"""The verbs: write, mark as read, hide; and what lies about of uploads that came to nothing."""

import datetime as dt
from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import User
from outbox.actions import post
from outreach.lives import NotAllowed, Party
from outreach.messages import letters
from outreach.messages.inspection import MOST_FILES, Harmless
from outreach.messages.models import FOLDER, LONGEST, Attachment, Message, Reading, place_of
from outreach.messages.rules import closed_words, parties_in
from outreach.visits.models import Visit
from ui import dates

MOST_FILES_OF_A_VISIT = 50


def _locked(visit: Visit) -> Visit:
    """One after the other: so the key of a later message is higher, and the quota is counted right."""
    Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    rows = Visit.objects.select_related(
        "request__contact", "request__school", "request__board", "request__organisation", "school", "slot"
    )
    return rows.prefetch_related("participations__ambassador__user").get(pk=visit.pk)


@transaction.atomic
def write(
    visit: Visit,
    *,
    by: User,
    text: str,
    attachments: Iterable[Harmless] = (),
    shows_pupils: bool | None = None,
    has_consent: bool | None = None,
) -> Message:
    """The other parties of the visit read it on the page, and by mail at once; what `by` had open counts as read.

    Raises: NotAllowed when the visit is too long ago or cancelled, or has no room for further files.
    """
    visit = _locked(visit)
    party = _party(by, visit)
    text, files = text.strip(), list(attachments)
    if words := closed_words(visit):
        raise NotAllowed(words)
    if not text or len(text) > LONGEST:
        raise NotAllowed(_("メッセージは1字から4,000字までで書いてください。"))
    kept = Attachment.objects.filter(message__visit=visit).count()
    if len(files) > MOST_FILES:
        raise NotAllowed(_("添付できるのは一度に3ファイルまでです。分けて送ってください。"))
    if files and kept + len(files) > MOST_FILES_OF_A_VISIT:
        raise NotAllowed(
            _("この訪問の添付ファイルは%(most)s個までで、いま%(kept)s個あります。残りは事務局に相談してください。")
            % {"most": MOST_FILES_OF_A_VISIT, "kept": kept}
        )
    message = Message.objects.create(visit=visit, author=by, party=party, text=text)
    for file in files:
        of_picture = {"shows_pupils": shows_pupils, "has_consent": has_consent} if file.kind.is_picture else {}
        _keep(message, file, **of_picture)
    for draft in letters.written(message):
        post(draft)
    return message


def _party(by: User, visit: Visit) -> Party:
    parties = parties_in(by, visit)
    if not parties:
        raise NotAllowed(_("メッセージを読み書きできるのは、学校、担当の推進大使、事務局です。"))
    return parties[0]


def _keep(message: Message, file: Harmless, **of_picture: bool | None) -> Attachment:
    # The name is our own, not one that a storage has made of what somebody sent.
    row = Attachment(message=message, name=file.name, kind=file.kind, size=len(file.content), **of_picture)
    row.file.name = row.file.storage.save(place_of(row, ""), ContentFile(file.content))
    row.save()
    return row


@transaction.atomic
def mark_read(visit: Visit, *, by: User, up_to: Message) -> int:
    """Each party of this person has read everything up to this message; the first moment counts and stays."""
    parties = parties_in(by, visit)
    if not parties:
        raise NotAllowed(_("メッセージを読み書きできるのは、学校、担当の推進大使、事務局です。"))
    marked = 0
    for party in parties:
        unread = Message.objects.filter(visit=visit, pk__lte=up_to.pk).unread_by(party)
        if unread.exists():
            # Two of one party may press at once: the key decides, and the first stays.
            row = Reading(visit=visit, party=party, up_to=up_to, by=by)
            Reading.objects.bulk_create([row], ignore_conflicts=True)
            marked += 1
    return marked


@transaction.atomic
def hide(message: Message, *, by: User, reason: str) -> Message:
    """The desk stops showing a message and its files to everybody else; why stays on record."""
    message = Message.objects.select_for_update(of=("self",)).select_related("visit").get(pk=message.pk)
    if not by.is_coordinator:
        raise NotAllowed(_("メッセージの表示を止められるのは事務局です。"))
    if not reason.strip():
        raise NotAllowed(_("理由を書いてください。記録に残ります。"))
    if message.hidden_at:
        return message  # said twice is said once
    message.hidden_at, message.hidden_by, message.hidden_reason = timezone.now(), by, reason.strip()
    message.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    log(message, "kakehashi.hide_message", user=by, data={"reason": message.hidden_reason})
    return message


def throw_away_lost_files() -> str:
    """Files whose message was never written (the line broke, the form was sent twice) are gone after a day.

    Only two days are looked at: a tick runs every few minutes, and a house may hold very many files.
    """
    count, storage = 0, Attachment._meta.get_field("file").storage
    for ago in (1, 2):
        folder = f"{FOLDER}/{(dates.today() - dt.timedelta(days=ago)).isoformat()}"
        if not storage.exists(folder):
            continue
        names = {f"{folder}/{name}" for name in storage.listdir(folder)[1]}
        for name in names - set(Attachment.objects.filter(file__in=names).values_list("file", flat=True)):
            storage.delete(name)
            count += 1
    return f"{count} lost files thrown away"
