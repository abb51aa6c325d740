"""Who may open each address, and what happens there: `access.toml` says it, one entry per name of our own."""

import copy
import re
import tomllib
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone, translation

from accounts.invitations.actions import invite
from accounts.memberships.actions import join, list_domain
from accounts.models import Invitation, MailDomain, Membership, User
from outbox.actions import post_secret
from outbox.models import Letter
from outreach.ambassadors import pictures, profile
from outreach.ambassadors.models import PROPOSED_TEXTS, Recognisable
from outreach.availability import sources
from outreach.calendars import actions as calendars
from outreach.inquiries import actions as inquiries
from outreach.messages.actions import hide
from outreach.models import (
    Assistant,
    Attachment,
    Board,
    CalendarSource,
    Feed,
    Inquiry,
    Message,
    ProfileProposal,
    Request,
    Visit,
    WeeklyRule,
)
from outreach.visits.actions import withdraw
from tests.accounts.codes import proved
from tests.factories import (
    accepted_occasion,
    ambassador_of,
    make_occasion,
    make_request,
    past_visit,
    submitted_request,
)
from tests.outreach.availability.telling import weekly
from tests.outreach.rows import rows, undone, writing

pytestmark = pytest.mark.django_db

TABLE = tomllib.loads((Path(__file__).parent / "access.toml").read_text(encoding="utf-8"))
ROLES: list[str] = TABLE["roles"]
# What others have built, each under one folder: one entry for all its addresses.
FOLDERS = ("cms/", "accounts/", "documents/")
# Without an address of their own in English.
ONCE = ("healthz", "media", "csp_report")
NOWHERE = uuid.UUID("00000000-0000-4000-8000-000000000000")
FOREIGNERS = (
    "stranger_contact",
    "unverified_contact",
    "other_ambassador",
    "other_board_member",
    "viewer",
    "coordinator",
)
# Whose rights come from a membership alone; those of ambassadors last with their past visits.
MAY_LEAVE = (
    "school_contact",
    "colleague",
    "stranger_contact",
    "board_member",
    "board_colleague",
    "org_admin",
    "org_member",
    "viewer",
    "coordinator",
    "editor",
)
REFUSED = (403, 404, "sign-in")
OF_SIGN_IN = ("account_", "mfa_", "usersessions_")
SIGN_IN = re.compile(r"(/en)?/(accounts|cms)/login/")


@dataclass(frozen=True)
class Walk:
    """One address with one thing behind it, and the answers to each person."""

    name: str
    thing: str
    more: dict[str, str]
    answers: dict[str, list[Any]]

    def __str__(self) -> str:
        return f"{self.name}-{self.thing}"

    @property
    def anything(self) -> uuid.UUID | None:
        """Some id, where the address wants one and what lies behind it does not matter."""
        return None if self.thing == "nothing" else NOWHERE

    @property
    def is_for_some(self) -> bool:
        """Whether it answers somebody otherwise than a visitor who is not signed in."""
        return any(got != answers[0] for answers in self.answers.values() for got in answers)

    def address(self, thing: Any, language: str = "ja") -> str:
        """Of this thing; of one that does not exist when `thing` is an id."""
        if self.name in FOLDERS:
            return f"/{self.name}"
        if self.name == "wagtail_serve":
            return "/" if language == "ja" else f"/{language}/"
        kwargs = dict(self.more)
        if thing is not None:
            kwargs["public_id"] = getattr(thing, "public_id", thing)
        with translation.override(language):
            return reverse(self.name, kwargs=kwargs)


def walks() -> Iterator[Walk]:
    for name, things in TABLE["addresses"].items():
        for thing, entry in things.items():
            answers = {method: entry[method] for method in ("GET", "POST") if method in entry}
            yield Walk(name, thing, entry.get("with", {}), answers)


WALKS = list(walks())
WITH_A_THING = [walk for walk in WALKS if walk.thing != "nothing"]
WITH_GET = [walk for walk in WALKS if "GET" in walk.answers]
WITH_POST = [walk for walk in WALKS if "POST" in walk.answers]


def names(resolver: URLResolver, before: str = "", spaces: tuple[str, ...] = ()) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern).removeprefix("en/")
        folder = next((folder for folder in FOLDERS if route.startswith(folder)), None)
        if folder:
            yield folder
        elif isinstance(pattern, URLResolver):
            yield from names(pattern, route, (*spaces, pattern.namespace) if pattern.namespace else spaces)
        else:
            assert isinstance(pattern, URLPattern)
            yield ":".join((*spaces, pattern.name or route))


def test_every_address_has_its_entry_and_every_entry_its_address():
    assert sorted(TABLE["addresses"]) == sorted(set(names(get_resolver())))


def test_every_entry_answers_every_person():
    known = {"sign-in", "led", "done", 200, 403, 404, 405, 409, 415, 422}
    for walk in WALKS:
        assert walk.answers, walk
        for answers in walk.answers.values():
            assert len(answers) == len(ROLES), walk
            assert set(answers) <= known, walk


# ── the people and the things ─────────────────────────────────────────────────
@pytest.fixture
def visitors(people) -> dict[str, User | None]:
    """Everybody by the name of their column."""
    board = people.board_member.memberships.get().board
    others = {
        "anonymous": None,
        "board_colleague": of_board("same-board@demo.example", board),
        "other_board_member": of_board(
            "other-board@demo.example", Board.objects.exclude(pk=board.pk).order_by("pk")[0]
        ),
    }
    found = {}
    for role in ROLES:
        person = others[role] if role in others else getattr(people, role)
        found[role] = getattr(person, "user", person)
    return found


def of_board(address: str, board: Board) -> User:
    person = User.objects.create_user(address, name="教育 委員")
    Membership.objects.create(person=person, role="board_member", board=board, verified_at=timezone.now())
    return person


@pytest.fixture
def nothing() -> None:
    return None


@pytest.fixture
def request_of_unverified(unverified_contact) -> Request:
    """Submitted by somebody for whom nobody has vouched."""
    return submitted_request(request=make_request(by=unverified_contact))


@pytest.fixture
def request_beside_unverified(unverified_contact, school_contact) -> Request:
    """Of somebody else at the school of a person for whom nobody has vouched."""
    school = unverified_contact.memberships.get().school
    colleague = User.objects.create_user("beside@demo.example", name="となりの 先生")
    Membership.objects.create(person=colleague, role="contact", school=school, verified_at=timezone.now())
    return submitted_request(request=make_request(by=colleague))


@pytest.fixture
def request_with_board(draft_request, school_contact, board_member) -> Request:
    """The board of the school wants to see its requests first."""
    board = board_member.memberships.get().board
    type(board).objects.filter(pk=board.pk).update(route="via")
    type(draft_request.school).objects.filter(pk=draft_request.school_id).update(board=board)
    return submitted_request(request=Request.objects.get(pk=draft_request.pk))


@pytest.fixture
def board(board_member) -> Board:
    """A prefecture's: of board_member, founder of the school of school_contact."""
    return board_member.memberships.get().board


@pytest.fixture
def municipal_board(board) -> Board:
    return Board.objects.get(kind="municipality", prefecture_code=board.prefecture_code)


@pytest.fixture
def draft_of_organisation(db) -> Request:
    return make_occasion()


@pytest.fixture
def event_of_organisation(db) -> Request:
    return submitted_request(request=make_occasion())


@pytest.fixture
def event_to_report(clock) -> Visit:
    return past_visit(clock, visit=accepted_occasion(ambassador=ambassador_of("ambassador2"), format="online"))


@pytest.fixture
def visit_with_messages(confirmed_visit, school_contact, colleague, ambassador, coordinator) -> Visit:
    """Everybody who may has written, each with a file; one message is hidden."""
    sides = (("school", school_contact), ("school", colleague), ("ambassador", ambassador.user))
    for party, person in (*sides, ("coordinator", coordinator)):
        message = Message.objects.create(visit=confirmed_visit, author=person, party=party, text="x")
        Attachment.objects.create(message=message, file="x", name="x.pdf", kind="pdf", size=1)
    hide(message, by=coordinator, reason="x")
    return confirmed_visit


@pytest.fixture
def withdrawn_request(submitted_request, school_contact) -> Request:
    return withdraw(submitted_request, by=school_contact, reason="行事と重なりました。")


@pytest.fixture
def card_that_waits(ambassador, settings, tmp_path) -> ProfileProposal:
    """New words and a photo that the desk has not read."""
    settings.MEDIA_ROOT = tmp_path
    words = {name: "新しい" for name in PROPOSED_TEXTS}
    portrait = pictures.Portrait({"small": b"\xff\xd8", "large": b"\xff\xd8"})
    return profile.propose(
        ambassador, by=ambassador.user, texts=words, portrait=portrait, recognisable=Recognisable.NOBODY
    )


@pytest.fixture
def new_concern(coordinator) -> Inquiry:
    """With every word that can be told; the coordinator has opened it and kept a note."""
    told = {"when_where": "x", "name": "x", "mail": "x@example.jp", "phone": "03-0000-0000", "writer": "pupil"}
    row = inquiries.send(kind="concern", text="x", danger="yes", **told)
    inquiries.open_concern(row, by=coordinator)
    inquiries.note(row, by=coordinator, text="x")
    return row


@pytest.fixture
def closed_question(coordinator) -> Inquiry:
    row = inquiries.send(kind="question", topic="press", text="x", name="x", mail="x@example.jp", place="x")
    inquiries.answer(row, by=coordinator, text="x", then_close=True)
    return row


@pytest.fixture
def calendar_source(ambassador) -> CalendarSource:
    """Read a moment ago, so that nobody reads it again."""
    source = sources.connect(ambassador, by=ambassador.user, name="x", address="https://calendar.google.com/x.ics")
    CalendarSource.objects.filter(pk=source.pk).update(tried_at=timezone.now())
    return source


@pytest.fixture
def waiting_calendar(ambassador) -> CalendarSource:
    return sources.connect(ambassador, by=ambassador.user, name="x", address="https://cloud.example.jp/x.ics")


@pytest.fixture
def link_to_assistant(ambassador, assistant) -> Assistant:
    return ambassador.assistants.get()


@pytest.fixture
def weekly_rule(ambassador) -> WeeklyRule:
    return weekly(ambassador, [1])[0]


@pytest.fixture
def feed_of_ambassador(ambassador) -> Feed:
    return calendars.make(by=ambassador.user, name="スマートフォン", scope="full")[0]


@pytest.fixture
def membership_of_unverified(unverified_contact) -> Membership:
    return unverified_contact.memberships.get()


@pytest.fixture
def role_of_coordinator(coordinator) -> Membership:
    return coordinator.memberships.get()


@pytest.fixture
def membership_of_contact(school_contact) -> Membership:
    return school_contact.memberships.get()


@pytest.fixture
def membership_of_contact_with_request(draft_request, membership_of_contact) -> Membership:
    return membership_of_contact


@pytest.fixture
def membership_of_new_colleague(school) -> Membership:
    """Says to belong to the school of school_contact."""
    return join(school, by=User.objects.create_user("new@example.jp", name="新任 先生"))


@pytest.fixture
def invitation_of_school(school, school_contact) -> Invitation:
    return invite("guest@example.jp", by=school_contact, role="contact", place=school)


@pytest.fixture
def domain_of_school(school, coordinator) -> MailDomain:
    return list_domain(school, "sakura-h.example.ed.jp", by=coordinator)


@pytest.fixture
def letter_to_contact(submitted_request, school_contact) -> Letter:
    return Letter.objects.get(person=school_contact)


@pytest.fixture
def secret_letter(school_contact) -> Letter:
    return post_secret(to_address=school_contact.email, subject="コード", body="CNRY42", person=school_contact)


def client_of(person: User | None, **more: Any) -> Client:
    client = Client(**more)
    return client if person is None else proved(client, person)


def answer(client: Client, method: str, address: str) -> Any:
    """The status code, or in a word where a redirect leads and whether it did something."""
    ask, cookies, changed = getattr(client, method.lower()), copy.deepcopy(client.cookies), False
    with undone(), writing() as written:
        got = ask(address)
    if written and method == "POST":
        # Whether anything is different is seen in all tables before and after; most answers write nothing at all.
        with undone():
            client.cookies, before = cookies, rows()
            got = ask(address)
            changed = rows() != before
    if got.status_code not in {301, 302}:
        return f"{got.status_code}, and something changed" if changed else got.status_code
    if changed:
        return "done"
    return "sign-in" if SIGN_IN.match(got.headers["Location"]) else "led"


def languages(walk: Walk, role: str) -> tuple[str, ...]:
    """The same view answers in both languages (a test says so): in English a few visitors are enough."""
    is_once = walk.name in (*FOLDERS, *ONCE)
    return ("ja", "en") if role in {"anonymous", "colleague", "stranger_contact"} and not is_once else ("ja",)


@pytest.fixture
def thing(walk: Walk, request: pytest.FixtureRequest, db) -> Any:
    return request.getfixturevalue(walk.thing)


def wanted(walk: Walk, method: str, role: str) -> Any:
    return walk.answers[method][ROLES.index(role)]


def test_both_addresses_of_a_page_lead_to_the_same_view():
    def view_at(walk, language):
        with translation.override(language):
            return resolve(walk.address(walk.anything, language)).func

    twice = [walk for walk in WALKS if walk.name not in {*FOLDERS, *ONCE}]
    assert [walk.name for walk in twice if view_at(walk, "ja") is not view_at(walk, "en")] == []


# ── the walk ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_each_person_gets_the_answer_of_the_table(walk, visitors, thing, monkeypatch):
    # Who may is decided before a page is drawn; drawing them all would take minutes.
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *args, **kwargs: "")
    assert wrong_answers(walk, visitors, thing) == []


def wrong_answers(walk: Walk, visitors: dict[str, User | None], thing: Any) -> list[str]:
    """Where an answer is not the one of the table."""
    wrong = []
    for role, person in visitors.items():
        client = client_of(person)
        for method in walk.answers:
            for language in languages(walk, role):
                got = answer(client, method, walk.address(thing, language))
                if got != wanted(walk, method, role):
                    wrong.append(f"{method} {language} as {role}: {got}, not {wanted(walk, method, role)}")
    return wrong


@pytest.mark.parametrize("walk", [walk for walk in WALKS if walk.is_for_some], ids=str)
def test_whoever_has_left_or_is_paused_is_refused_with_the_next_request(walk, visitors, thing, monkeypatch):
    """Signed in before, and the page still open: what it asks for is answered as to somebody who never belonged."""
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *args, **kwargs: "")
    anybody, newcomer = Client(), client_of(newcomer_with_an_account())
    to_newcomer = {method: answer(newcomer, method, walk.address(thing)) for method in walk.answers}
    wrong = []
    for role, person in visitors.items():
        methods = [method for method in walk.answers if wanted(walk, method, role) not in REFUSED]
        if person is None or not methods:
            continue
        client = client_of(person)
        ways_out = {"paused": (pause, anybody)} | ({"left": (leave, newcomer)} if role in MAY_LEAVE else {})
        for way, (go, other) in ways_out.items():
            with undone():
                go(person)
                for method in methods:
                    got = answer(client, method, walk.address(thing))
                    like = walk.answers[method][0] if other is anybody else to_newcomer[method]
                    # What the others are told may change when somebody goes: then they are asked now.
                    if got != like and got != (like := answer(other, method, walk.address(thing))):
                        wrong.append(f"{method} as {role} who {way}: {got}, not {like}")
    assert wrong == []


def newcomer_with_an_account() -> User:
    """Signed up, belongs nowhere."""
    return User.objects.create_user("never-belonged@demo.example", name="新しい人")


def pause(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def leave(person: User) -> None:
    person.memberships.update(ended_at=timezone.now())


@pytest.mark.parametrize("walk", WITH_A_THING, ids=str)
def test_a_foreign_thing_answers_like_a_missing_one(walk, visitors, thing, some_of):
    """Byte for byte. That it is 404 for everybody, the walk of the table says: every day one in eight compares pages."""
    for method in walk.answers:
        strangers = [role for role in FOREIGNERS if wanted(walk, method, role) == 404]
        for role in some_of(WITH_A_THING.index(walk), strangers, every=8):
            ask: Callable = getattr(client_of(visitors[role]), method.lower())
            for language in languages(walk, role):
                foreign, nowhere = ask(walk.address(thing, language)), ask(walk.address(NOWHERE, language))
                assert (foreign.status_code, foreign.content) == (nowhere.status_code, nowhere.content), role
                assert dict(foreign.headers) == dict(nowhere.headers), role


@pytest.mark.parametrize("walk", WITH_GET, ids=str)
def test_reading_writes_nothing(walk, visitors, thing, some_of):
    readers = [role for role in ROLES if wanted(walk, "GET", role) not in REFUSED]
    for number, role in enumerate(some_of(WITH_GET.index(walk), readers, every=5)):
        client = client_of(visitors[role])
        for read in (client.get, client.head)[: 2 if number == 0 else 1]:
            with writing(any_table=True) as written:
                read(walk.address(thing))
            assert written == [], role


def test_nothing_is_sent_without_the_token_of_its_form(school_contact, superuser):
    clients = [client_of(person, enforce_csrf_checks=True) for person in (None, school_contact, superuser)]
    before = rows()
    for client in clients:
        taken = {walk.name: client.post(walk.address(walk.anything)).status_code for walk in WITH_POST}
        # A browser that reports what it stopped knows no token, and tells nothing but that.
        without_token = {name for name, status in taken.items() if status != 403}
        assert without_token == {"csp_report"}, taken
    assert rows() == before


@pytest.mark.parametrize(
    "page", ["login", "signup", "password/reset", "login/code", "logout", "password/change", "email"]
)
def test_the_forms_of_sign_in_need_their_token_as_well(page, school_contact):
    for person in (None, school_contact):
        client = client_of(person, enforce_csrf_checks=True)
        assert client.post(f"/accounts/{page}/", {"email": "a@example.jp"}).status_code == 403
    assert not Letter.objects.exists()


def test_an_address_takes_only_the_methods_of_its_entry(visitors):
    """Asked by somebody who is let in: at some doors the superuser is a stranger as well."""
    known = defaultdict(set)
    for walk in WALKS:
        known[walk.name] |= set(walk.answers)
    clients = {role: client_of(person) for role, person in visitors.items()}
    taken = [
        f"{method} {walk}"
        for walk in WALKS
        if walk.name not in (*FOLDERS, "wagtail_serve")
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known[walk.name]
        if getattr(clients[let_in(walk)], method.lower())(walk.address(walk.anything)).status_code != 405
    ]
    assert taken == []


def let_in(walk: Walk) -> str:
    open_to = (
        role for role in reversed(ROLES) for got in walk.answers.values() if got[ROLES.index(role)] not in REFUSED
    )
    return next(open_to, "superuser")


@pytest.mark.parametrize(
    "page",
    [name for name in get_resolver().reverse_dict if isinstance(name, str) and name.startswith(OF_SIGN_IN)],
)
def test_no_page_of_sign_in_breaks_for_anybody(page, school_contact):
    kwargs = {"uidb36": "1", "key": "set-password"} if page.endswith("from_key") else {}
    kwargs |= {"pk": 1} if page in {"mfa_edit_webauthn", "mfa_remove_webauthn"} else {}
    for person in (None, school_contact):
        for language in ("ja", "en"):
            with translation.override(language):
                address = reverse(page, kwargs=kwargs)
            assert client_of(person).get(address, follow=True).status_code in {200, 403, 404}
