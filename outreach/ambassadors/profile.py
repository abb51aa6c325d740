"""What ambassadors change about their own card.

How and where they visit holds at once. Words and pictures of people are never public without review: they wait as one
proposal until the desk has read them, and the card stays as it was.
"""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import User
from outbox.actions import post
from outreach.ambassadors import letters, pictures
from outreach.ambassadors.actions import desk_only, locked
from outreach.ambassadors.models import (
    FACETS,
    PROPOSED_TEXTS,
    Ambassador,
    Facet,
    FacetKind,
    ProfileProposal,
    Recognisable,
)
from outreach.lives import NotAllowed, TooLate


def _own_only(ambassador: Ambassador, by: User) -> None:
    if not by.is_active or ambassador.user_id != by.pk:
        raise NotAllowed(_("紹介を直せるのは本人です。"))


def set_facets(ambassador: Ambassador, kind: str, values: Iterable[str]) -> None:
    """The ambassador is found by exactly these words of one kind."""
    wanted = {value for value in values if value in FACETS[kind].values}
    known = set(ambassador.facets.filter(kind=kind).values_list("value", flat=True))
    ambassador.facets.filter(kind=kind, value__in=known - wanted).delete()
    Facet.objects.bulk_create(Facet(ambassador=ambassador, kind=kind, value=value) for value in sorted(wanted - known))


@transaction.atomic
def describe(
    ambassador: Ambassador,
    *,
    by: User,
    visits_in_person: bool,
    visits_online: bool,
    themes: Iterable[str],
    stages: Iterable[str],
    languages: Iterable[str],
) -> Ambassador:
    """How, for whom, about what and in which languages the ambassador visits: at once, without review."""
    _own_only(ambassador, by)
    if not (visits_in_person or visits_online):
        raise NotAllowed(_("対面とオンラインのどちらかは選んでください。訪問を休むときは事務局に連絡してください。"))
    row = locked(ambassador)
    row.visits_in_person, row.visits_online = visits_in_person, visits_online
    row.save(update_fields=["visits_in_person", "visits_online"])
    for kind, values in ((FacetKind.THEME, themes), (FacetKind.STAGE, stages), (FacetKind.LANGUAGE, languages)):
        set_facets(row, kind, values)
    return row


@transaction.atomic
def propose(
    ambassador: Ambassador,
    *,
    by: User,
    texts: dict[str, str],
    portrait: pictures.Portrait | None = None,
    recognisable: str = "",
) -> ProfileProposal | None:
    """New words or a new photo wait for the desk; sent again, they take the place of those that wait. None: no change."""
    _own_only(ambassador, by)
    if portrait and recognisable not in Recognisable.values:
        raise NotAllowed(_("写真に児童生徒が写っているかどうかを選んでください。"))
    if portrait and recognisable == Recognisable.NOT_AGREED:
        raise NotAllowed(_("児童生徒が誰か分かる写真は、学校の同意がなければ使えません。別の写真を選んでください。"))
    row = locked(ambassador)
    wanted = {name: texts.get(name, "") for name in PROPOSED_TEXTS}
    waiting = row.proposals.waiting().first()
    as_it_is = waiting or row
    if portrait is None and all(getattr(as_it_is, name) == text for name, text in wanted.items()):
        return waiting
    proposal = waiting or ProfileProposal(ambassador=row, version=0)
    for name, text in wanted.items():
        setattr(proposal, name, text)
    if portrait is not None:
        pictures.throw_away(pictures.WAITING, proposal.photo)
        proposal.photo, proposal.recognisable = pictures.keep_waiting(portrait), recognisable
    proposal.version += 1
    proposal.made_by, proposal.made_at = by, timezone.now()
    try:
        with transaction.atomic():
            proposal.save()
    except IntegrityError:
        raise TooLate(_("別の画面から変更案が送られました。画面を開き直してください。")) from None
    for draft in letters.profile_proposed(proposal):
        post(draft)
    return proposal


@transaction.atomic
def take_back(ambassador: Ambassador, *, by: User) -> None:
    """The ambassador no longer wants the waiting change: the card stays as it is."""
    _own_only(ambassador, by)
    row = locked(ambassador)
    proposal = row.proposals.waiting().first()
    if proposal is None:
        raise TooLate(_("確認を待っている変更はありません。"))
    pictures.throw_away(pictures.WAITING, proposal.photo)
    proposal.delete()


@transaction.atomic
def remove_photo(ambassador: Ambassador, *, by: User) -> Ambassador:
    """The photo is gone from the card at once, and its files with it; one that waits goes too."""
    if not by.is_coordinator:
        _own_only(ambassador, by)
    row = locked(ambassador)
    proposal = row.proposals.waiting().first()
    if proposal and proposal.photo:
        pictures.throw_away(pictures.WAITING, proposal.photo)
        proposal.photo = proposal.recognisable = ""
        proposal.version += 1
        if all(getattr(proposal, name) == getattr(row, name) for name in PROPOSED_TEXTS):
            proposal.delete()
        else:
            proposal.save(update_fields=["photo", "recognisable", "version"])
    if row.photo:
        pictures.throw_away(pictures.PUBLISHED, row.photo)
        row.photo = ""
        row.save(update_fields=["photo"])
        log(row, "kakehashi.remove_photo", user=by)
    return row


# ── the desk ──────────────────────────────────────────────────────────────────
def _undecided(proposal: ProfileProposal, by: User, version: int) -> ProfileProposal:
    """The proposal as the desk has read it; refuses when it is another by now."""
    desk_only(by, _("紹介の変更を確かめられるのは事務局です。"))
    ambassador = locked(proposal.ambassador)
    row = ProfileProposal.objects.filter(pk=proposal.pk).first()
    if row is None:
        raise TooLate(_("本人が変更を取り消しました。"))
    row.ambassador = ambassador
    if row.decided_at is not None:
        raise TooLate(_("この変更は、もう確かめられています。"))
    if row.version != version:
        raise TooLate(_("読んでいる間に、本人が変更を送り直しました。新しい内容を確かめてください。"))
    return row


def _decide(row: ProfileProposal, by: User, *, is_approved: bool, reason: str = "") -> None:
    row.decided_at, row.decided_by, row.is_approved, row.reason = timezone.now(), by, is_approved, reason
    row.save(update_fields=["decided_at", "decided_by", "is_approved", "reason"])


@transaction.atomic
def approve(proposal: ProfileProposal, *, by: User, version: int) -> Ambassador:
    """The card says the new words and shows the new photo; the ambassador learns it."""
    row = _undecided(proposal, by, version)
    ambassador = row.ambassador
    before = {name: getattr(ambassador, name) for name in PROPOSED_TEXTS}
    for name in PROPOSED_TEXTS:
        setattr(ambassador, name, getattr(row, name))
    if row.photo:
        pictures.publish(row.photo)
        pictures.throw_away(pictures.PUBLISHED, ambassador.photo)
        ambassador.photo = row.photo
    ambassador.save()
    _decide(row, by, is_approved=True)
    changed = {name: [text, getattr(row, name)] for name, text in before.items() if text != getattr(row, name)}
    log(ambassador, "kakehashi.approve_profile", user=by, data={"changed": changed, "photo": bool(row.photo)})
    for draft in letters.profile_approved(row):
        post(draft)
    return ambassador


@transaction.atomic
def decline(proposal: ProfileProposal, *, by: User, version: int, reason: str) -> ProfileProposal:
    """The card stays as it is; the ambassador learns why and can send other words."""
    row = _undecided(proposal, by, version)
    if not reason.strip():
        raise NotAllowed(_("理由を書いてください。本人に伝わります。"))
    pictures.throw_away(pictures.WAITING, row.photo)
    row.photo = ""
    row.save(update_fields=["photo"])
    _decide(row, by, is_approved=False, reason=reason.strip())
    log(row.ambassador, "kakehashi.decline_profile", user=by, data={"reason": row.reason})
    for draft in letters.profile_declined(row):
        post(draft)
    return row
