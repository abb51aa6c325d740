"""Private words stay with those they are meant for: every text field holds a canary, and everybody reads every page.

`canaries.toml` says of every text field who may read it; a field that it does not name fails. How a person stands to a
row is worked out here from the rows alone and not by asking `rules.py` or `visible_to`, so that a slip there shows.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.models import CharField, EmailField, TextField, Value
from django.db.models.functions import Cast, Concat

from accounts.models import Invitation, MailDomain, Membership, User
from outbox.models import Letter
from outreach.models import (
    Ambassador,
    Assistant,
    CalendarSource,
    Feed,
    Message,
    Offer,
    Participation,
    ProfileProposal,
    Request,
    School,
    Visit,
)
from tests import factories
from tests.architecture import test_access as access
from tests.outreach.rows import OURS

pytestmark = pytest.mark.django_db
# The people and the things behind the addresses are the fixtures of the walk.
for _name in dir(access):
    if type(getattr(access, _name)).__name__ == "FixtureFunctionDefinition":
        globals()[_name] = getattr(access, _name)

TABLE = tomllib.loads((Path(__file__).parent / "canaries.toml").read_text(encoding="utf-8"))
CANARY = re.compile(r"cnry-([a-z]+)-([a-z_]+)-(\d+)", re.IGNORECASE)
# By which of its fields a row leads to its request.
BEHIND = ("request", "visit", "offer", "report", "message")
NOT_WORDS: set[str] = set(TABLE["not_words"])
READERS: dict[str, set[str]] = {field: set(readers) for field, readers in TABLE["readers"].items()}


# ── the canaries ──────────────────────────────────────────────────────────────
def text_fields() -> dict[str, tuple[type[models.Model], models.Field]]:
    """Every field of ours that holds words somebody has written: “model.field”."""
    found = {}
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            if model._meta.app_label == "pages":
                continue
            for field in model._meta.concrete_fields:
                if isinstance(field, CharField | TextField) and not field.choices:
                    found[f"{model._meta.model_name}.{field.name}"] = (model, field)
    return found


def test_of_every_text_field_it_is_said_who_may_read_it():
    assert set(text_fields()) == NOT_WORDS | set(READERS)
    assert not NOT_WORDS & set(READERS)


def let_canaries_in() -> None:
    """Every text field of every row says what it is and whose: the number is the key of its row."""
    for name, (model, field) in text_fields().items():
        if name in NOT_WORDS or model is Letter:
            continue
        song = f"cnry-{name.replace('.', '-')}-"
        parts = [Value(song), Cast("pk", CharField())]
        if isinstance(field, EmailField):
            parts.append(Value("@cnry.example"))
        model._base_manager.exclude(**{field.name: ""}).update(**{field.name: Concat(*parts)})


def heard_in(text: str) -> set[tuple[str, int]]:
    return {(f"{model}.{field}".lower(), int(key)) for model, field, key in CANARY.findall(text)}


# ── how somebody stands to a row ──────────────────────────────────────────────
class Standing:
    """Who has to do with which rows, read from the tables once."""

    def __init__(self) -> None:
        self.requests = {row.pk: row for row in Request.objects.select_related("school")}
        self.places: dict[int, list[Membership]] = defaultdict(list)
        for membership in Membership.objects.current():
            self.places[membership.person_id].append(membership)
        self.ambassador_of = dict(Ambassador.objects.values_list("user_id", "pk"))
        self.authors = set(Message.objects.values_list("author", "visit__request"))
        self.asked = set(Offer.objects.filter(state="sent").values_list("ambassador", "request"))
        self.taking_part = set(
            Participation.objects.filter(left_at__isnull=True)
            .exclude(visit__state__in=("cancelled", "not_held"))
            .values_list("ambassador", "visit__request")
        )

    def to_request(self, person: User, key: int) -> set[str]:
        row = self.requests[key]
        words = set()
        for place in self.places[person.pk]:
            if place.verified_at is None:
                continue
            for body in ("school_id", "board_id", "organisation_id"):
                if getattr(row, body) and getattr(place, body) == getattr(row, body):
                    words.add("host")
            if row.school_id and place.board_id and place.board_id == row.school.board_id:
                words.add("board")
        if row.entered_by_id == person.pk and any(p.school_id == row.school_id for p in self.places[person.pk]):
            words.add("host")
        ambassador = self.ambassador_of.get(person.pk)
        if (ambassador, key) in self.asked:
            words.add("asked")
        if (ambassador, key) in self.taking_part:
            words.add("party")
        return words

    def to_person(self, person: User, key: int) -> set[str]:
        """To a row of a person: their own, one of the same place, or somebody met by way of a request."""
        if person.pk == key:
            return {"self"}
        words = set()
        mine, theirs = self.places[person.pk], self.places[key]
        for body in ("school_id", "board_id", "organisation_id"):
            here = {getattr(p, body) for p in mine if p.verified_at} & {getattr(p, body) for p in theirs}
            if here - {None}:
                words.add("colleague")
        for row in self.requests.values():
            if key in (row.contact_id, row.entered_by_id):
                words |= {f"{word} of contact" for word in self.to_request(person, row.pk)}
        for author, request in self.authors:
            if author == key:
                words |= {f"{word} of author" for word in self.to_request(person, request)}
        guest = self.ambassador_of.get(key)
        for ambassador, request in self.taking_part:
            if ambassador == guest:
                words |= {f"{word} of guest" for word in self.to_request(person, request)}
        return words

    def to_place(self, person: User, row: Any) -> set[str]:
        """To what concerns one place: somebody who belongs there, and for whom somebody has vouched."""
        known = [place for place in self.places[person.pk] if place.verified_at]
        bodies = ("school_id", "board_id", "organisation_id")
        is_here = any(
            getattr(row, body) and getattr(place, body) == getattr(row, body) for place in known for body in bodies
        )
        return {"colleague"} if is_here else set()

    def of_a_copy(self, letter: Letter) -> User:
        """Who reads the main mail of a school: somebody who belongs there, not the contact person."""
        request = next(
            row for row in self.requests.values() if row.school and row.school.main_mail == letter.to_address
        )
        members = Membership.objects.current().verified().at(request.school).exclude(person=request.contact_id)
        return members.select_related("person").first().person

    def to(self, person: User | None, row: models.Model) -> set[str]:
        if person is None:
            return set()
        words = set()
        if person.is_superuser or any(p.role == "coordinator" for p in self.places[person.pk]):
            words.add("desk")
        if any(p.role == "viewer" for p in self.places[person.pk]):
            words.add("viewer")
        if isinstance(row, User):
            return words | self.to_person(person, row.pk)
        if isinstance(row, Ambassador):
            return words | self.to_person(person, row.user_id)
        if isinstance(row, Assistant | CalendarSource | ProfileProposal):
            return words | self.to_person(person, row.ambassador.user_id)
        if isinstance(row, Membership | Feed):
            return words | self.to_person(person, row.person_id)
        if isinstance(row, Invitation | MailDomain):
            return words | self.to_place(person, row)
        if isinstance(row, School):
            return words | self.to_place(person, Membership(school=row))
        for field in BEHIND:
            if isinstance(row, Request):
                return words | self.to_request(person, row.pk)
            if hasattr(row, f"{field}_id") and getattr(row, f"{field}_id"):
                return words | self.to_request(person, request_behind(row))
        return words


def request_behind(row: Any) -> int:
    while not isinstance(row, Request):
        row = getattr(row, next(f for f in BEHIND if getattr(row, f"{f}_id", None)))
    return row.pk


@cache
def may_be_read_by(name: str) -> set[str]:
    return READERS[name]


def trespasses(standing: Standing, person: User | None, text: str) -> Iterator[str]:
    for name, key in sorted(heard_in(text)):
        readers = may_be_read_by(name)
        if "everybody" in readers or ("signed in" in readers and person is not None):
            continue
        model, _field = text_fields()[name]
        how = standing.to(person, model._base_manager.get(pk=key))
        if not how & readers:
            yield f"{name} {key} (stands to it as: {', '.join(sorted(how)) or 'a stranger'})"


# ── reading ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("walk", access.WITH_GET, ids=str)
def test_no_page_tells_a_word_to_somebody_it_is_not_meant_for(walk, visitors, thing, some_of):
    """Whoever is let in reads the page; of those who are refused, who all get the same page, every day a sixth."""
    let_canaries_in()
    standing = Standing()
    told = []
    asked = [role for role in visitors if access.wanted(walk, "GET", role) != "sign-in"]
    refused = [role for role in asked if access.wanted(walk, "GET", role) in access.REFUSED]
    chosen = some_of(access.WITH_GET.index(walk), refused, every=6)
    for role in asked:
        if role in refused and role not in chosen:
            continue
        person = visitors[role]
        reader = person and User.objects.get(pk=person.pk)
        got = access.client_of(reader).get(walk.address(thing))
        text = f"{got.headers} {got.getvalue().decode(errors='replace')}"
        told += [f"{role}: {name}" for name in trespasses(standing, reader, text)]
    assert told == []


def test_no_letter_tells_a_word_to_somebody_it_is_not_meant_for(draft_request, ambassador, clock, monkeypatch):
    """The whole road, with canaries in every row before each verb; each letter is read as by whom it goes to."""
    # Their addresses are canaries soon: who they are is remembered by key.
    keys = {person.email.partition("@")[0]: person.pk for person in User.objects.all()}
    monkeypatch.setattr(factories, "account", lambda who: User.objects.get(pk=keys[who]))
    heard = set()
    known = set(Letter.objects.values_list("pk", flat=True))
    for verb in road(draft_request.pk, ambassador, clock):
        let_canaries_in()
        verb()
        standing = Standing()
        for letter in Letter.objects.exclude(pk__in=known).select_related("person"):
            known.add(letter.pk)
            reader = letter.person or standing.of_a_copy(letter)
            assert list(trespasses(standing, reader, letter.subject + letter.body)) == [], letter.key
            heard |= {name for name, _key in heard_in(letter.body)}
    assert {"request.contact_phone", "user.email", "user.name", "request.aims", "school.name_ja"} <= heard


def road(key: int, ambassador: Ambassador, clock: Any) -> Iterator[Callable[[], Any]]:
    yield lambda: factories.submitted_request(request=Request.objects.get(pk=key))
    yield lambda: factories.open_request(request=Request.objects.get(pk=key))
    yield lambda: factories.offer_for(Request.objects.get(pk=key), ambassador=ambassador)
    yield lambda: factories.confirmed_visit(offer=Offer.objects.get(request=key))
    yield lambda: factories.proposed_move(Visit.objects.get(request=key))
    yield lambda: factories.past_visit(clock, visit=Visit.objects.get(request=key))
    yield lambda: factories.reported_visit(Visit.objects.get(request=key))
    yield lambda: factories.verified_visit(Visit.objects.get(request=key))


def test_a_canary_is_heard_where_a_word_is_told(draft_request, visitors):
    """The walk can fail: a stranger who is let in by mistake hears what is not for them."""
    let_canaries_in()
    page = access.client_of(visitors["coordinator"]).get("/desk/")
    assert page.status_code == 200
    song = f"cnry-user-email-{visitors['school_contact'].pk}@cnry.example"
    stranger, contact = visitors["stranger_contact"], visitors["school_contact"]
    assert list(trespasses(Standing(), contact, song)) == []
    assert list(trespasses(Standing(), stranger, song)) == [f"user.email {contact.pk} (stands to it as: a stranger)"]
