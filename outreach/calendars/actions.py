"""The verbs: make, rename, replace the address, end; and what a reading leaves behind."""

import datetime as dt
import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import User
from outreach.calendars.models import Feed, Program, Scope, print_of_token
from outreach.calendars.rules import may_subscribe
from outreach.lives import NotAllowed

MOST = 10
# A calendar asks every few minutes or hours: that it still does is written down once an hour.
NOTED_EVERY = dt.timedelta(hours=1)
ONE_SECOND = dt.timedelta(seconds=1)
# Words in what a program calls itself; the first that fits.
_NAMES_OF_PROGRAMS = (
    ("google", Program.GOOGLE),
    ("thunderbird", Program.THUNDERBIRD),
    ("lightning", Program.THUNDERBIRD),
    ("microsoft", Program.OUTLOOK),
    ("outlook", Program.OUTLOOK),
    ("dataaccessd", Program.APPLE),
    ("calendaragent", Program.APPLE),
    ("ios/", Program.APPLE),
    ("macos/", Program.APPLE),
)


def _new_token() -> str:
    """32 random bytes, as they stand in an address."""
    return secrets.token_urlsafe(32)


@transaction.atomic
def make(*, by: User, name: str, scope: str) -> tuple[Feed, str]:
    """A calendar program can read at a new address. Its secret is told this once and kept nowhere."""
    if not may_subscribe(by):
        raise NotAllowed(_("購読アドレスを作れるのは、推進大使と秘書、所属の確認が済んだ学校などの担当者です。"))
    User.objects.select_for_update().get(pk=by.pk)
    if Feed.objects.living().filter(person=by).count() >= MOST:
        raise NotAllowed(
            _("購読アドレスは%(most)s個までです。使わないものを止めてから作ってください。") % {"most": MOST}
        )
    token = _new_token()
    feed = Feed.objects.create(person=by, name=name, scope=Scope(scope), token_hash=print_of_token(token))
    log(feed, "kakehashi.make_feed", user=by, data={"scope": feed.scope})
    return feed, token


@transaction.atomic
def rename(feed: Feed, *, by: User, name: str) -> Feed:
    """The address is known by another name; it stays the same address."""
    feed = _own(feed, by)
    feed.name = name
    feed.save(update_fields=["name"])
    return feed


@transaction.atomic
def rotate(feed: Feed, *, by: User) -> tuple[Feed, str]:
    """The old address opens nothing from this moment; name and scope stay. The new secret is told this once."""
    feed, token = _own(feed, by), _new_token()
    feed.token_hash, feed.version, feed.address_since = print_of_token(token), feed.version + 1, timezone.now()
    feed.last_used_at, feed.last_program = None, ""
    feed.save(update_fields=["token_hash", "version", "address_since", "last_used_at", "last_program"])
    log(feed, "kakehashi.rotate_feed", user=by)
    return feed, token


@transaction.atomic
def revoke(feed: Feed, *, by: User) -> Feed:
    """The address opens nothing any more, for good."""
    feed = _own(feed, by)
    feed.revoked_at = timezone.now()
    feed.save(update_fields=["revoked_at"])
    log(feed, "kakehashi.revoke_feed", user=by)
    return feed


def end_feeds_of(person: User, by: User) -> None:
    """The account is paused: its addresses end for good. Whoever comes back makes new ones."""
    for feed in Feed.objects.living().filter(person=person).select_for_update(of=("self",)):
        Feed.objects.filter(pk=feed.pk).update(revoked_at=timezone.now())
        log(feed, "kakehashi.revoke_feed", user=by)


def _own(feed: Feed, by: User) -> Feed:
    """The living feed with its row locked; it is its person's alone."""
    row = Feed.objects.select_for_update(of=("self",)).get(pk=feed.pk)
    if row.person_id != by.pk or not by.is_active:
        raise NotAllowed(_("購読アドレスを変えられるのは本人だけです。"))
    if row.revoked_at is not None:
        raise NotAllowed(_("この購読アドレスは止まっています。新しく作ってください。"))
    return row


def note_reading(feed: Feed, *, content: str, agent: str) -> dt.datetime:
    """Since when the feed has said what it says now; that it was read is written down once an hour.

    Two different contents never share a second: whoever asks by the second is told of each.
    """
    now = timezone.now()
    changes = {}
    if feed.content_print != content:
        since = now.replace(microsecond=0)
        if feed.content_since is not None:
            since = max(since, feed.content_since + ONE_SECOND)
        changes = {"content_print": content, "content_since": since}
    if changes or feed.last_used_at is None or now - feed.last_used_at >= NOTED_EVERY:
        changes |= {"last_used_at": now, "last_program": program_of(agent)}
        Feed.objects.filter(pk=feed.pk).update(**changes)
        for name, value in changes.items():
            setattr(feed, name, value)
    return feed.content_since


def program_of(agent: str) -> Program:
    """The family of the program that calls itself this."""
    said = agent.lower()
    return next((program for word, program in _NAMES_OF_PROGRAMS if word in said), Program.OTHER)
