"""The verbs of the desk about an ambassador: limits, appointments, pausing, the address of the card.

The ambassador's own verbs lie beside it: `profile.py` (the card), `assistants.py`, `conduct.py` (行動規範).
"""

import datetime as dt
import re

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import User
from outbox.actions import post
from outreach.ambassadors import letters
from outreach.ambassadors.models import Ambassador, Appointment, OldSlug
from outreach.lives import NotAllowed
from ui import dates

LONGEST_APPOINTMENT = dt.timedelta(days=366 * 3)
FORM_OF_A_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def desk_only(by: User, words: str) -> None:
    if not by.is_coordinator:
        raise NotAllowed(words)


def locked(ambassador: Ambassador) -> Ambassador:
    """The row as it is now, and ours: whoever asks this person locks the same row."""
    return Ambassador.objects.select_for_update(of=("self",)).select_related("user").get(pk=ambassador.pk)


@transaction.atomic
def set_limits(
    ambassador: Ambassador, *, by: User, most_per_month: int | None, most_per_year: int | None
) -> Ambassador:
    """From now on this ambassador is asked for at most so many visits; empty: as many as the year's rules say."""
    desk_only(by, _("上限を変えられるのは事務局です。"))
    row = locked(ambassador)
    before = {"most_per_month": row.most_per_month, "most_per_year": row.most_per_year}
    after = {"most_per_month": most_per_month, "most_per_year": most_per_year}
    if before != after:
        row.most_per_month, row.most_per_year = most_per_month, most_per_year
        row.save(update_fields=["most_per_month", "most_per_year"])
        log(row, "kakehashi.set_limits", user=by, data={"before": before, "after": after})
    return row


# ── appointments ──────────────────────────────────────────────────────────────
@transaction.atomic
def appoint(ambassador: Ambassador, *, by: User, from_day: dt.date, until: dt.date) -> Appointment:
    """The ambassador is in office on these days, both included. Raises: NotAllowed when they are already on one of them."""
    desk_only(by, _("任命を加えられるのは事務局です。"))
    row = locked(ambassador)
    if until < from_day:
        raise NotAllowed(_("任命の終わりは、始まりより後の日にしてください。"))
    if until - from_day > LONGEST_APPOINTMENT:
        raise NotAllowed(_("任命が3年より長くなっています。日付を確かめてください。"))
    if other := row.appointments.filter(from_day__lte=until, until__gte=from_day).first():
        raise NotAllowed(
            _("%(from)sから%(until)sまでの任命と重なります。先にその任命を終えるか、日付を変えてください。")
            % {"from": dates.day_words(other.from_day, year=True), "until": dates.day_words(other.until, year=True)}
        )
    try:
        with transaction.atomic():
            made = Appointment.objects.create(ambassador=row, from_day=from_day, until=until)
    except IntegrityError:
        raise NotAllowed(_("ほかの任命と重なります。画面を開き直して確かめてください。")) from None
    log(row, "kakehashi.appoint", user=by, data={"from_day": from_day.isoformat(), "until": until.isoformat()})
    return made


@transaction.atomic
def end_appointment(appointment: Appointment, *, by: User, until: dt.date, reason: str) -> Appointment:
    """The appointment ends on this day, earlier than was said, and the ambassador learns it.

    Visits after it are no longer covered by it. The reason stays with the desk.
    """
    desk_only(by, _("任命を終えられるのは事務局です。"))
    if not reason.strip():
        raise NotAllowed(_("理由を書いてください。記録に残ります。"))
    ambassador = locked(appointment.ambassador)
    row = Appointment.objects.get(pk=appointment.pk)
    if not row.from_day <= until < row.until:
        raise NotAllowed(
            _("%(from)sから%(until)sの前日までの日を選んでください。")
            % {"from": dates.day_words(row.from_day, year=True), "until": dates.day_words(row.until, year=True)}
        )
    before, row.until = row.until, until
    row.save(update_fields=["until"])
    log(
        ambassador,
        "kakehashi.end_appointment",
        user=by,
        data={
            "from_day": row.from_day.isoformat(),
            "before": before.isoformat(),
            "until": until.isoformat(),
            "reason": reason.strip(),
        },
    )
    for draft in letters.appointment_ended(row, before):
        post(draft)
    return row


# ── pausing ───────────────────────────────────────────────────────────────────
@transaction.atomic
def pause(ambassador: Ambassador, *, by: User, reason: str) -> Ambassador:
    """From this moment nobody can ask the ambassador, they accept nothing, and their card is not shown."""
    desk_only(by, _("活動を休みにできるのは事務局です。"))
    row = locked(ambassador)
    if row.paused_at:
        raise NotAllowed(_("%(name)sさんは、もう活動を休んでいます。") % {"name": row.name})
    if not reason.strip():
        raise NotAllowed(_("理由を書いてください。記録に残ります。"))
    row.paused_at, row.pause_reason = timezone.now(), reason.strip()
    row.save(update_fields=["paused_at", "pause_reason"])
    log(row, "kakehashi.pause", user=by, data={"reason": row.pause_reason})
    for draft in letters.paused(row):
        post(draft)
    return row


@transaction.atomic
def resume(ambassador: Ambassador, *, by: User) -> Ambassador:
    """The ambassador can be asked again and the card is back."""
    desk_only(by, _("活動を再開できるのは事務局です。"))
    row = locked(ambassador)
    if row.paused_at is None:
        raise NotAllowed(_("%(name)sさんは休んでいません。") % {"name": row.name})
    since = f"{row.paused_at:%Y%m%d%H%M%S%f}"
    log(row, "kakehashi.resume", user=by, data={"reason": row.pause_reason})
    row.paused_at, row.pause_reason = None, ""
    row.save(update_fields=["paused_at", "pause_reason"])
    for draft in letters.resumed(row, since):
        post(draft)
    return row


# ── the address of the card ───────────────────────────────────────────────────
def proposed_slug(name_en: str) -> str:
    """An address from the roman name that nobody has or had: "Ryo Kazami" → ryo-kazami, then ryo-kazami-2."""
    stem = slugify(name_en)[:50].strip("-") or "ambassador"
    taken = set(Ambassador.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    taken |= set(OldSlug.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    if stem not in taken:
        return stem
    return next(f"{stem}-{n}" for n in range(2, len(taken) + 3) if f"{stem}-{n}" not in taken)


def refuse_bad_slug(slug: str, ambassador: Ambassador | None = None) -> None:
    """Raises: NotAllowed when this cannot be the address of this ambassador's card."""
    if not FORM_OF_A_SLUG.fullmatch(slug) or len(slug) > 60:
        raise NotAllowed(
            _("「%(slug)s」は使えません。半角の英小文字、数字、ハイフンで、60字までにしてください。")
            % {"slug": slug[:80]}
        )
    others = Ambassador.objects.filter(slug=slug)
    old = OldSlug.objects.filter(slug=slug)
    if ambassador is not None:
        others, old = others.exclude(pk=ambassador.pk), old.exclude(ambassador=ambassador)
    if others.exists() or old.exists():
        raise NotAllowed(
            _("「%(slug)s」は、ほかの推進大使が使っているか、前に使っていました。別の記号にしてください。")
            % {"slug": slug}
        )


@transaction.atomic
def rename(ambassador: Ambassador, *, by: User | None, slug: str) -> Ambassador:
    """The card has a new address; the old one leads to it for good."""
    if by is not None:
        desk_only(by, _("紹介ページのアドレスを変えられるのは事務局です。"))
    row = locked(ambassador)
    if row.slug == slug:
        return row
    refuse_bad_slug(slug, row)
    OldSlug.objects.filter(slug=slug, ambassador=row).delete()  # back to an address of their own
    OldSlug.objects.create(slug=row.slug, ambassador=row)
    before, row.slug = row.slug, slug
    row.save(update_fields=["slug"])
    log(row, "kakehashi.rename", user=by, data={"before": before, "after": slug})
    return row


@transaction.atomic
def show_card(ambassador: Ambassador, *, by: User, is_public: bool) -> Ambassador:
    """The card is in the public directory, or is not."""
    desk_only(by, _("紹介ページの公開を変えられるのは事務局です。"))
    row = locked(ambassador)
    if row.is_public != is_public:
        row.is_public = is_public
        row.save(update_fields=["is_public"])
        log(row, "kakehashi.show_card", user=by, data={"is_public": is_public})
    return row
