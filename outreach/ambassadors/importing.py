"""Reading ambassadors from a CSV file: accounts, cards and appointments, line by line; what is right in it is kept.

The reading itself is that of the list of schools. A person is known by the mail address.
"""

import datetime as dt
import functools
import re
import unicodedata
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils import translation

from accounts.models import User
from curriculum import facts as curriculum
from outreach.ambassadors.actions import proposed_slug, refuse_bad_slug, rename
from outreach.ambassadors.models import FACETS, Ambassador, Appointment, FacetKind
from outreach.ambassadors.profile import set_facets
from outreach.lives import NotAllowed
from outreach.schools.importing import NOT_FOR_NAMES, ignore
from outreach.schools.places import PREFECTURES
from outreach.schools.reading import BadRow, Columns, Listing, Refused, Row, UnusableFile, folded, shown
from ui import dates
from ui.forms import DayField

REQUIRED = ("name", "name_kana", "mail", "from_day")
KNOWN = (
    *("name", "name_kana", "name_en", "mail", "slug", "headline_ja", "headline_en", "prefecture", "country"),
    *("time_zone", "in_person", "online", "languages", "themes", "stages", "competences", "from_day", "until"),
)
HEADER = "name, name_kana, mail, from_day (must be there) and " + ", ".join(n for n in KNOWN if n not in REQUIRED)
PROGRESS_EVERY = 100
SEPARATORS = re.compile(r"[;、,|/\n]")
KANA = re.compile(r"[ぁ-ゖー・ 　]+")
YES, NO = {"1", "yes", "y", "true", "○", "◯", "はい", "可"}, {"0", "no", "n", "false", "×", "いいえ", "不可"}
TEXTS = {
    "name": "name_ja",
    "name_kana": "name_kana",
    "name_en": "name_en",
    "headline_ja": "headline_ja",
    "headline_en": "headline_en",
}
Tell = Callable[[Any], None]


@dataclass(frozen=True)
class Listed:
    """An ambassador as the file names them; None: the file says nothing, and what is known stays."""

    mail: str
    slug: str
    fields: dict[str, Any]
    facets: dict[str, list[str]]
    competences: list[str] | None
    from_day: dt.date
    until: dt.date


@dataclass
class Tally:
    """What an import did, or would do."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0
    seen: dict[str, int] = field(default_factory=dict)


def import_ambassadors(
    path: Path,
    *,
    strict: bool = False,
    dry_run: bool = False,
    tell_bad: Tell = ignore,
    tell_change: Tell = ignore,
    tell_progress: Tell = ignore,
) -> Tally:
    """Everybody in the file has an account (without a password: sign-in by code), a card and the appointment.

    Bad lines are told and left out; with `strict` one of them is enough to keep nothing. Nobody is taken away.
    Raises: UnusableFile when the file cannot be read as a list at all.
    """
    tally = Tally()
    try:
        file = path.open("rb")
    except OSError as failure:
        raise UnusableFile(f"{path} cannot be read: {failure.strerror}. Check its name and its rights.") from failure
    with file, transaction.atomic():
        for number, row in _rows(file, path, tally, tell_bad, tell_progress):
            try:
                with transaction.atomic():
                    done = _keep(_listed(row, number, tally))
            except Refused as refusal:
                tally.bad += 1
                tell_bad(BadRow(number, refusal.column, refusal.value, refusal.problem, refusal.remedy))
                continue
            _count(done, tally, tell_change)
        if not tally.read:
            raise UnusableFile(f"{path} names its columns but holds no ambassador. Choose another file.")
        # A dry run does everything and takes it back, so it tells what a real run would meet.
        if dry_run or (strict and tally.bad):
            transaction.set_rollback(True)
    return tally


def _count(done: tuple[str, str], tally: Tally, tell_change: Tell) -> None:
    what, words = done
    if what == "new":
        tally.new += 1
    elif what == "changed":
        tally.changed += 1
    else:
        tally.unchanged += 1
        return
    tell_change(f"{what}: {words}")


# ── from bytes to rows ────────────────────────────────────────────────────────
def _missing(names: list[str]) -> list[str]:
    return [name for name in REQUIRED if name not in names]


LIST_OF_AMBASSADORS = Columns("list of ambassadors", HEADER, {}, REQUIRED, _missing)


def _rows(file: Any, path: Path, tally: Tally, tell_bad: Tell, tell_progress: Tell) -> Iterator[tuple[int, Row]]:
    """(line, row) of every line that is a row at all; the others are told and counted on the way."""
    listing = Listing(file, path, LIST_OF_AMBASSADORS)
    if strange := [name for name in listing.header.names if name not in KNOWN]:
        raise UnusableFile(
            f"{path} names columns in line {listing.header.line} that are unknown: {shown(', '.join(strange))}. "
            f"Remove them, or use {HEADER}."
        )
    for number, row in listing.rows():
        tally.read += 1
        if tally.read % PROGRESS_EVERY == 0:
            tell_progress(tally.read)
        if isinstance(row, Refused):
            tally.bad += 1
            tell_bad(BadRow(number, row.column, row.value, row.problem, row.remedy))
            continue
        yield number, row


# ── from rows to ambassadors ──────────────────────────────────────────────────
def _listed(row: Row, number: int, tally: Tally) -> Listed:
    """The ambassador of this row. Raises: Refused with what is wrong."""
    mail = _mail(row["mail"])
    if mail in tally.seen:
        raise Refused(
            f"stands in line {tally.seen[mail]} already",
            "Remove one of the two lines; the first is kept",
            "mail",
            row["mail"],
        )
    fields = {field: _text(row, column, field) for column, field in TEXTS.items() if column in row}
    for column in ("name", "name_kana"):
        if not fields[TEXTS[column]]:
            raise Refused("is empty", "Write it; lists are sorted by name_kana", column, "")
    if not KANA.fullmatch(fields["name_kana"]):
        raise Refused("is no ふりがな", "Write the reading in hiragana", "name_kana", row["name_kana"])
    fields |= _place(row)
    for column, name in (("in_person", "visits_in_person"), ("online", "visits_online")):
        if row.get(column):
            fields[name] = _yes(row, column)
    facets = {
        kind: _choices(row, column, FACETS[kind])
        for kind, column in (
            (FacetKind.LANGUAGE, "languages"),
            (FacetKind.THEME, "themes"),
            (FacetKind.STAGE, "stages"),
        )
        if row.get(column)
    }
    from_day = _day(row, "from_day")
    until = _day(row, "until") if row.get("until") else dates.fiscal_year_bounds(dates.fiscal_year_of(from_day))[1]
    if until < from_day:
        raise Refused("is before from_day", "Correct the one that is wrong", "until", row.get("until", ""))
    competences = _competences(row) if row.get("competences") else None
    tally.seen[mail] = number
    return Listed(mail, folded(row.get("slug", "")), fields, facets, competences, from_day, until)


def _mail(given: str) -> str:
    mail = folded(given).lower()
    try:
        validate_email(mail)
    except ValidationError:
        raise Refused(
            "is no mail address" if mail else "is empty",
            "Write the address with which the person signs in",
            "mail",
            given,
        ) from None
    return mail


def _text(row: Row, column: str, name: str) -> str:
    """As it is written: names keep their own characters. ふりがな is folded to hiragana."""
    given = row[column]
    text = _hiragana(given) if column == "name_kana" else given
    longest = Ambassador._meta.get_field(name).max_length
    if len(text) > longest:
        raise Refused(f"has {len(text)} characters, more than {longest}", "Shorten it", column, given)
    if strange := next((mark for mark in text if mark == "\ufffd" or unicodedata.category(mark) in NOT_FOR_NAMES), ""):
        raise Refused(f"holds a character that no text has (U+{ord(strange):04X})", "Write it again", column, given)
    return text


def _hiragana(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).strip()
    return "".join(chr(ord(m) - 0x60) if "ァ" <= m <= "ヶ" else m for m in text)


def _place(row: Row) -> dict[str, Any]:
    """A prefecture, or a country with the time zone in which its people live."""
    prefecture, country = folded(row.get("prefecture", "")), folded(row.get("country", "")).upper()
    if prefecture:
        if country not in {"", "JP"}:
            raise Refused("contradicts the prefecture", "Leave one of the two empty", "country", row["country"])
        return {"prefecture_code": _prefecture(row["prefecture"]), "country_code": "JP", "time_zone": "Asia/Tokyo"}
    if not country:
        return {}
    if country not in Locale.parse("en").territories or len(country) != 2:
        raise Refused("is no country", "Write two letters (ISO 3166), such as DE", "country", row["country"])
    zone = row.get("time_zone", "").strip() or ("Asia/Tokyo" if country == "JP" else "")
    if zone not in zoneinfo.available_timezones():
        raise Refused(
            "is unknown" if zone else "is empty",
            "Write a name such as Europe/Berlin: times are shown at home as well",
            "time_zone",
            zone,
        )
    return {"prefecture_code": "", "country_code": country, "time_zone": zone}


def _prefecture(given: str) -> str:
    said = folded(given)
    if said.isdigit() and said.zfill(2) in PREFECTURES:
        return said.zfill(2)  # spreadsheets turn 01 into 1
    for code, names in PREFECTURES.items():
        if said.lower() in {names[0], names[0].rstrip("都府県"), names[2].lower()}:
            return code
    raise Refused("is unknown", "Write a code from 01 to 47, or a name such as 北海道", "prefecture", given)


def _yes(row: Row, column: str) -> bool:
    said = folded(row[column]).lower()
    if said in YES or said in NO:
        return said in YES
    raise Refused("is neither yes nor no", "Write 1 or 0", column, row[column])


def _parts(given: str) -> list[str]:
    return [part for part in (folded(part) for part in SEPARATORS.split(unicodedata.normalize("NFKC", given))) if part]


@functools.cache
def _words_of(choices: type[models.TextChoices]) -> dict[str, str]:
    """Code and Japanese name → code, whatever language is on."""
    with translation.override("ja"):
        return {word: value for value, label in choices.choices for word in (value, folded(str(label)))}


def _choices(row: Row, column: str, choices: type[models.TextChoices]) -> list[str]:
    known = _words_of(choices)
    for part in _parts(row[column]):
        if part not in known and part.lower() not in known:
            raise Refused(
                "is unknown", f"Write codes separated by ; — one of {', '.join(choices.values)}", column, part
            )
    return [known.get(part) or known[part.lower()] for part in _parts(row[column])]


def _competences(row: Row) -> list[str]:
    known = set(curriculum.competences().values_list("code", flat=True))
    codes = _parts(row["competences"])
    for code in codes:
        if code not in known:
            raise Refused("is no competence", "Write codes of EntreComp such as 1.2;2.5", "competences", code)
    return codes


def _day(row: Row, column: str) -> dt.date:
    try:
        return DayField().clean(row[column])
    except (ValidationError, OverflowError):
        raise Refused(
            "is no day" if row[column] else "is empty", "Write it as 2026-04-01", column, row[column]
        ) from None


# ── from ambassadors to the database ──────────────────────────────────────────
def _keep(listed: Listed) -> tuple[str, str]:
    """The person as the file says; what happened ("new", "changed", "") and to whom. Raises: Refused."""
    person = Ambassador.objects.select_for_update(of=("self",)).filter(user__email__iexact=listed.mail).first()
    if person is None:
        person = _new(listed)
        _say_the_rest(person, listed)
        return "new", f"{person.name_ja} ({person.slug})"
    changes = [name for name, value in listed.fields.items() if getattr(person, name) != value]
    for name in changes:
        setattr(person, name, listed.fields[name])
    if changes:
        person.save()
    if listed.slug and listed.slug != person.slug:
        try:
            rename(person, by=None, slug=listed.slug)
        except NotAllowed:
            raise _slug_refused(listed) from None
        changes.append("slug")
    changes += _say_the_rest(person, listed)
    return ("changed", f"{person.name_ja} {', '.join(changes)}") if changes else ("", "")


def _slug_refused(listed: Listed) -> Refused:
    return Refused(
        "is taken, was taken before, or is no address",
        "Use small ASCII letters, digits and hyphens that nobody has or had, or leave it empty",
        "slug",
        listed.slug,
    )


def _new(listed: Listed) -> Ambassador:
    """An account without a password where there is none, and the card."""
    fields = listed.fields
    if not (fields.get("prefecture_code") or fields.get("country_code")):
        raise Refused("is empty", "Write the prefecture, or country and time_zone of somebody abroad", "prefecture", "")
    slug = listed.slug or proposed_slug(fields.get("name_en", ""))
    try:
        refuse_bad_slug(slug)
    except NotAllowed:
        raise _slug_refused(listed) from None
    user = User.objects.filter(email__iexact=listed.mail).first()
    if user is None:
        user = User.objects.create_user(listed.mail, name=fields["name_ja"], name_kana=fields["name_kana"])
        # Confirmed by the first code that is typed, like any other address.
        EmailAddress.objects.create(user=user, email=listed.mail, primary=True, verified=False)
    abroad = fields.get("country_code", "JP") != "JP"
    usual = {"visits_in_person": not abroad, "visits_online": True}
    return Ambassador.objects.create(user=user, slug=slug, **usual | fields)


def _say_the_rest(person: Ambassador, listed: Listed) -> list[str]:
    """Facets, competences and the appointment; the names of what changed."""
    changes = []
    for kind, values in listed.facets.items():
        if set(person.facets.filter(kind=kind).values_list("value", flat=True)) != set(values):
            set_facets(person, kind, values)
            changes.append(f"{kind}s")
    if listed.competences is not None:
        known = set(person.competences.values_list("code", flat=True))
        if known != set(listed.competences):
            person.competences.set(curriculum.competences().filter(code__in=listed.competences))
            changes.append("competences")
    if _appoint(person, listed):
        changes.append("appointment")
    return changes


def _appoint(person: Ambassador, listed: Listed) -> bool:
    if person.appointments.filter(from_day=listed.from_day, until=listed.until).exists():
        return False
    if other := person.appointments.filter(from_day__lte=listed.until, until__gte=listed.from_day).first():
        raise Refused(
            f"overlaps the appointment from {other.from_day} until {other.until}",
            "Correct the days, or change that appointment on the desk's page first",
            "from_day",
            listed.from_day.isoformat(),
        )
    Appointment.objects.create(ambassador=person, from_day=listed.from_day, until=listed.until)
    return True
