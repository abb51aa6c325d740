"""The verbs of outside calendars: connecting them, letting the desk decide about a host, and reading them.

Nothing of a calendar enters this process but start and end of its times: a child fetches and reads (`reading.py`). While
it does, no transaction is open; who reads a calendar has claimed it by one compare-and-set, so that two ticks and a
waiting page do not read it together. What was read last stays until something better comes.
"""

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote, urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from accounts.models import User
from outbox.actions import post
from outreach.ambassadors.actions import desk_only, locked
from outreach.ambassadors.models import Ambassador
from outreach.ambassadors.rules import speaks_for
from outreach.availability import letters, reading
from outreach.availability.addresses import Address, BadAddress, is_a_page, is_known, masked, read_address
from outreach.availability.intervals import merge
from outreach.availability.models import Approval, BusyBlock, CalendarSource
from outreach.availability.reading import Limits
from outreach.availability.reasons import OF_ADDRESSES
from outreach.availability.sealing import seal, unseal
from outreach.lives import NotAllowed, TooLate
from ui import places

MOST = 5
MOST_A_DAY = 20
PAUSE = dt.timedelta(hours=1)
LONGEST_PAUSE = dt.timedelta(hours=24)
LEASE = dt.timedelta(minutes=2)  # well above what a child may take
NOT_AGAIN_FOR = dt.timedelta(minutes=1)
OLD_AFTER = dt.timedelta(minutes=15)
SURE_AFTER = dt.timedelta(minutes=30)
TOLD_AFTER = dt.timedelta(hours=24)
# A server may say for months that nothing has changed; the year ahead that is known must grow all the same.
WHOLE_EVERY = dt.timedelta(days=1)
KEPT_FOR = dt.timedelta(days=31)
BEFORE, AHEAD = dt.timedelta(days=31), dt.timedelta(days=366)
AT_ONCE = 4
LONGEST_ROUND = dt.timedelta(minutes=2)
READ, UNCHANGED, FAILED, SKIPPED, LATER = "read", "unchanged", "failed", "skipped", "later"
# What takes too long for somebody who waits for a page is left to the tick, which has more time.
TOO_LONG = {"slow", "too_heavy"}


# ── what the ambassador says ──────────────────────────────────────────────────
def _own_only(ambassador: Ambassador, by: User) -> None:
    if not speaks_for(by, ambassador):
        raise NotAllowed(_("外部カレンダーを変えられるのは、推進大使本人と秘書です。"))


@transaction.atomic
def connect(
    ambassador: Ambassador, *, by: User, address: str, name: str = "", counts_all_day: bool = True
) -> CalendarSource:
    """The times of this calendar will count as busy; of a host that is not known, once the desk has agreed.

    Raises: NotAllowed when it can never be read, is there already, or there are too many.
    """
    _own_only(ambassador, by)
    found = _readable(address)
    row = locked(ambassador)
    known = list(row.calendar_sources.all())
    if any(unseal(source.sealed_address) == str(found) for source in known):
        raise NotAllowed(_("このカレンダーは、もうつないであります。"))
    if len(known) >= MOST:
        raise NotAllowed(_("つなげるカレンダーは%(most)s件までです。先にどれかを外してください。") % {"most": MOST})
    if _connected_today(row) >= MOST_A_DAY:
        raise NotAllowed(_("今日はもう何度もつないでいます。明日もう一度試すか、事務局に連絡してください。"))
    source = CalendarSource.objects.create(
        ambassador=row,
        name=name or found.host[:60],
        sealed_address=seal(str(found)),
        host=found.host,
        counts_all_day=counts_all_day,
        approval=Approval.APPROVED if _is_free(found.host) else Approval.WAITING,
    )
    log(row, "kakehashi.connect_calendar", user=by, data={"host": found.host})
    return source


def _connected_today(ambassador: Ambassador) -> int:
    """How often in a day, whatever was removed since: each time a server elsewhere is asked."""
    since = timezone.now() - dt.timedelta(days=1)
    acts = ModelLogEntry.objects.for_instance(ambassador)
    return acts.filter(action="kakehashi.connect_calendar", timestamp__gt=since).count()


def _readable(text: str) -> Address:
    try:
        found = read_address(text)
    except BadAddress as bad:
        raise NotAllowed(str(OF_ADDRESSES[bad.code])) from bad
    if found.host == _own_host():
        raise NotAllowed(str(OF_ADDRESSES["own"]))
    if is_a_page(found):
        raise NotAllowed(str(OF_ADDRESSES["a_page"]))
    return found


def _own_host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def _is_free(host: str) -> bool:
    """A host of the table, or one that the desk has agreed to before."""
    return is_known(host) or CalendarSource.objects.filter(host=host, approval=Approval.APPROVED).exists()


@transaction.atomic
def change(source: CalendarSource, *, by: User, name: str, counts_all_day: bool) -> CalendarSource:
    """The calendar has another name, or whole days of it count from the next reading on, or no longer."""
    _own_only(source.ambassador, by)
    row = _locked(source)
    if row.counts_all_day != counts_all_day:
        row.counts_all_day, row.came_at, row.next_try_at = counts_all_day, None, timezone.now()
    row.name = name or row.host[:60]
    row.save(update_fields=["name", "counts_all_day", "came_at", "next_try_at"])
    return row


@transaction.atomic
def disconnect(source: CalendarSource, *, by: User) -> None:
    """The calendar, its address and all its times are gone at once."""
    _own_only(source.ambassador, by)
    log(source.ambassador, "kakehashi.disconnect_calendar", user=by, data={"host": source.host})
    CalendarSource.objects.filter(pk=source.pk).delete()


def _locked(source: CalendarSource) -> CalendarSource:
    rows = CalendarSource.objects.select_for_update(of=("self",)).select_related("ambassador__user")
    found = rows.filter(pk=source.pk).first()
    if found is None:
        raise TooLate(_("このカレンダーは、もう外されています。"))
    return found


def shown_address(source: CalendarSource) -> str:
    """The host and the last letters; never more."""
    address = unseal(source.sealed_address)
    return masked(read_address(address)) if address else f"{source.host}/…"


# ── what the desk says ────────────────────────────────────────────────────────
@transaction.atomic
def approve(source: CalendarSource, *, by: User) -> CalendarSource:
    """The calendar may be read, as may all others of its host that wait."""
    desk_only(by, _("外部カレンダーのサーバーを確かめられるのは事務局です。"))
    row = _locked(source)
    _still_waiting(row)
    same = CalendarSource.objects.waiting().filter(host=row.host)
    same.update(approval=Approval.APPROVED, next_try_at=timezone.now())
    log(row.ambassador, "kakehashi.approve_calendar", user=by, data={"host": row.host})
    row.refresh_from_db()
    return row


@transaction.atomic
def refuse(source: CalendarSource, *, by: User, reason: str) -> CalendarSource:
    """The calendar is not read; its owner reads why on their page."""
    desk_only(by, _("外部カレンダーのサーバーを確かめられるのは事務局です。"))
    row = _locked(source)
    _still_waiting(row)
    row.approval, row.refusal = Approval.REFUSED, reason.strip()
    row.save(update_fields=["approval", "refusal"])
    row.busy_blocks.all().delete()
    log(row.ambassador, "kakehashi.refuse_calendar", user=by, data={"host": row.host, "reason": row.refusal})
    return row


def _still_waiting(row: CalendarSource) -> None:
    if row.approval != Approval.WAITING:
        raise TooLate(_("%(host)sは、もう確かめてあります。") % {"host": row.host})


# ── reading ───────────────────────────────────────────────────────────────────
def read_due(limit: int = 200) -> str:
    """Read what is due, a few at a time, for two minutes at most; tell owners whose calendar has failed for a day."""
    return follow_up(read_all_due(limit))


def follow_up(done: Counter[str] | None) -> str:
    """Tell owners of failures, forget old times, and say in a line what became of everything."""
    if done is None:
        return "calendars: not read in the demo"
    told = tell_of_failures()
    forget_old_times()
    return f"calendars: {done[READ]} read, {done[UNCHANGED]} unchanged, {done[FAILED]} failed, {told} owners told of failures"


def read_all_due(limit: int = 200) -> Counter[str] | None:
    """What became of each calendar that was due; None in the demo, which asks nobody outside."""
    if places.is_demo.first():
        # What worked goes on working, or every calendar of the invented world would fail after a day.
        working = CalendarSource.objects.readable().filter(trouble="", succeeded_at__isnull=False)
        working.update(succeeded_at=timezone.now())
        return None
    done: Counter[str] = Counter()
    ends_at = timezone.now() + LONGEST_ROUND
    due = CalendarSource.objects.readable().filter(next_try_at__lte=timezone.now()).order_by("next_try_at", "pk")
    waiting = list(due.select_related("ambassador__user")[:limit])
    while waiting and timezone.now() < ends_at:
        few, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        done.update(_read_together(few, Limits(), only_due=True))
    return done


def read(source: CalendarSource) -> str:
    """Read one calendar now, due or not: what became of it."""
    return _read_together([source], Limits())[0] if not places.is_demo.first() else SKIPPED


def read_now(source: CalendarSource, *, by: User, within: float = 10) -> str:
    """The owner wants it read at once; at most once a minute."""
    _own_only(source.ambassador, by)
    if not source.is_approved:
        raise NotAllowed(_("事務局が確かめるまで、読み取れません。"))
    if source.tried_at and source.tried_at > timezone.now() - NOT_AGAIN_FOR:
        raise NotAllowed(_("いま読み取ったばかりです。1分たってから、もう一度押してください。"))
    if places.is_demo.first():
        raise NotAllowed(_("デモでは、外部のカレンダーを読み取りません。"))
    return _read_together([source], Limits.within(within), is_hurried=True)[0]


def read_new(ambassador: Ambassador, within: float = 8) -> None:
    """Calendars that were connected a moment ago, while their owner waits for the page."""
    _refresh(Ambassador.objects.filter(pk=ambassador.pk), Q(tried_at__isnull=True), within)


def refresh_before_booking(people: QuerySet[Ambassador], within: float = 5) -> None:
    """Calendars not looked at for a quarter of an hour are read before a time is promised; failing stops nobody.

    `people` is the one who is asked, as a set: with nothing to read this costs one query. Call it before the transaction of the verb: nobody waits for a server while others wait for a row.
    """
    now = timezone.now()
    is_old = Q(tried_at__isnull=True) | Q(tried_at__lt=now - OLD_AFTER)
    may_ask = Q(wait_until__isnull=True) | Q(wait_until__lte=now)
    _refresh(people, is_old & may_ask, within)


def _refresh(people: QuerySet[Ambassador], which: Q, within: float) -> None:
    rows = CalendarSource.objects.readable().filter(which, ambassador__in=people.order_by().values("pk"))
    found = list(rows.select_related("ambassador__user")[:MOST])
    if found and not places.is_demo.first():
        _read_together(found, Limits.within(within), is_hurried=True)


def _read_together(
    sources: list[CalendarSource], limits: Limits, *, only_due: bool = False, is_hurried: bool = False
) -> list[str]:
    """Claim these, have a child read each, write down what it says. Threads wait for children and touch no table."""
    now = timezone.now()
    tasks = []
    for source in sources:
        if (claim := _claim(source, now, only_due=only_due)) is not None:
            tasks.append((source, claim, _task(source, now)))
    if not tasks:
        return [SKIPPED] * len(sources)
    with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
        answers = list(pool.map(lambda task: _answer(task[2], limits), tasks))
    done = [
        _write_down(source, claim, answer, is_hurried=is_hurried)
        for (source, claim, _t), answer in zip(tasks, answers, strict=True)
    ]
    return done + [SKIPPED] * (len(sources) - len(done))


def _claim(source: CalendarSource, now: dt.datetime, *, only_due: bool) -> dt.datetime | None:
    """Until when the calendar is ours to read; None when somebody else is reading it, or has just done so."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    rows = CalendarSource.objects.readable().filter(free, pk=source.pk)
    if only_due:
        rows = rows.filter(next_try_at__lte=now)
    until = now + LEASE
    return until if rows.update(claimed_until=until) else None


def _task(source: CalendarSource, now: dt.datetime) -> dict[str, Any] | None:
    """What the child must know; None when the address cannot be unsealed any more."""
    address = unseal(source.sealed_address)
    if address is None:
        return None
    is_recent = source.came_at is not None and source.came_at > now - WHOLE_EVERY
    return {
        "address": address,
        "etag": source.etag if is_recent else "",
        "last_modified": source.last_modified if is_recent else "",
        "since": (now - BEFORE).timestamp(),
        "until": (now + AHEAD).timestamp(),
        "zone": source.ambassador.time_zone,
        "counts_all_day": source.counts_all_day,
        "own_host": _own_host(),
        "own_addresses": sorted(_own_addresses(source.ambassador.user, address)),
    }


def _own_addresses(person: User, address: str) -> set[str]:
    """Under which mail addresses the owner is invited: those of the account, and the one that names a Google calendar."""
    found = {person.email.lower()}
    found |= {mail.lower() for mail in EmailAddress.objects.filter(user=person).values_list("email", flat=True)}
    found |= {part.lower() for part in unquote(urlsplit(address).path).split("/") if "@" in part}
    return found


def _answer(task: dict[str, Any] | None, limits: Limits) -> dict[str, Any]:
    if task is None:
        return {"answer": FAILED, "code": "seal", "about": "", "wait": None}
    return reading.read_in_child(task, limits)


@transaction.atomic
def _write_down(source: CalendarSource, claim: dt.datetime, answer: dict[str, Any], *, is_hurried: bool) -> str:
    """What the child said, if the calendar is still there, still ours to read and still read in the same manner."""
    now = timezone.now()
    mine = CalendarSource.objects.select_for_update(of=("self",)).filter(pk=source.pk, claimed_until=claim)
    row = mine.first()
    if row is None:
        return SKIPPED
    row.claimed_until, row.tried_at = None, now
    what = answer["answer"]
    if not row.is_approved or row.counts_all_day != source.counts_all_day:
        what, row.next_try_at = SKIPPED, now
    elif what == FAILED and is_hurried and answer["code"] in TOO_LONG:
        what, row.next_try_at = LATER, row.next_try_at if row.failures else now
    elif what == FAILED:
        _failed(row, answer, now)
    else:
        if what == READ:
            _take_over(row, answer, now)
        _succeeded(row, now)
    row.save()
    return what


def _failed(row: CalendarSource, answer: dict[str, Any], now: dt.datetime) -> None:
    """What was known stays; it is tried again later, and each time later still."""
    row.failures = min(row.failures + 1, 1000)
    row.failing_since = row.failing_since or now
    row.trouble, row.trouble_about = str(answer["code"])[:30], str(answer["about"])[:40]
    pause = min(PAUSE * 2 ** min(row.failures - 1, 10), LONGEST_PAUSE) * random.uniform(0.9, 1.1)
    asked = dt.timedelta(seconds=min(answer["wait"] or 0, LONGEST_PAUSE.total_seconds()))
    row.wait_until = now + asked if asked else None
    row.next_try_at = now + max(pause, asked)


def _succeeded(row: CalendarSource, now: dt.datetime) -> None:
    row.succeeded_at, row.failures, row.failing_since, row.told_at = now, 0, None, None
    row.trouble, row.trouble_about, row.wait_until = "", "", None
    row.next_try_at = now + PAUSE * random.uniform(0.9, 1.1)


def _take_over(row: CalendarSource, answer: dict[str, Any], now: dt.datetime) -> None:
    """The times of the file are those that count; but an empty file after a full one must come twice."""
    if not answer["entries"] and row.busy_blocks.filter(ends_at__gt=now).exists():
        row.suspect_since = row.suspect_since or now
        if now - row.suspect_since < SURE_AFTER:
            row.etag = row.last_modified = ""
            return
    row.suspect_since, row.came_at = None, now
    row.etag, row.last_modified = answer["etag"][:200], answer["last_modified"][:200]
    row.cautions = " ".join(answer["warnings"])[:100]
    wanted = {
        (dt.datetime.fromtimestamp(start, dt.UTC), dt.datetime.fromtimestamp(end, dt.UTC))
        for start, end in answer["busy"]
    }
    known = {
        (starts_at, ends_at): pk for pk, starts_at, ends_at in row.busy_blocks.values_list("pk", "starts_at", "ends_at")
    }
    if gone := [pk for span, pk in known.items() if span not in wanted]:
        row.busy_blocks.filter(pk__in=gone).delete()
    BusyBlock.objects.bulk_create(
        BusyBlock(source=row, ambassador_id=row.ambassador_id, starts_at=starts_at, ends_at=ends_at)
        for starts_at, ends_at in sorted(wanted - known.keys())
    )


# ── what follows ──────────────────────────────────────────────────────────────
def tell_of_failures() -> int:
    """One letter to each owner whose calendar has failed for a day, once for each time it does."""
    now, told = timezone.now(), 0
    failing = CalendarSource.objects.readable().filter(failing_since__lte=now - TOLD_AFTER, told_at__isnull=True)
    for source in list(failing.select_related("ambassador__user")):
        with transaction.atomic():
            still = CalendarSource.objects.filter(
                pk=source.pk, failing_since=source.failing_since, told_at__isnull=True
            )
            if still.update(told_at=now):
                post(letters.calendar_failing(source))
                told += 1
    return told


def forget_old_times() -> None:
    """Times of a calendar that are past for a month are of no use to anybody."""
    BusyBlock.objects.filter(ends_at__lt=timezone.now() - KEPT_FOR).delete()


def outside_times(ambassador: Ambassador, since: Any, until: Any) -> list[tuple[dt.datetime, dt.datetime]]:
    """When this person is busy elsewhere between two moments, in order; whole times, also where they reach further."""
    rows = BusyBlock.objects.filter(ambassador=ambassador, starts_at__lt=until, ends_at__gt=since)
    return merge(rows.values_list("starts_at", "ends_at"))


def with_times_ahead(rows: Iterable[CalendarSource]) -> list[CalendarSource]:
    """The calendars with `times_ahead`: how many times of theirs are still to come."""
    rows = list(rows)
    ahead = BusyBlock.objects.filter(source__in=rows, ends_at__gt=timezone.now()).values_list("source_id", flat=True)
    counted = Counter(ahead)
    for row in rows:
        row.times_ahead = counted[row.pk]
    return rows
