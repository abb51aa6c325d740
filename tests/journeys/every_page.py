"""Every type of page, who looks at it, and where it is found in the invented world.

`test_every_page.py` looks at each in a browser; `tests/architecture/test_every_page_is_looked_at.py` says that none is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse
from django.utils import translation

from accounts.invitations import actions as invitations
from accounts.models import Membership, User
from accounts.terms.models import TermsVersion
from outbox.models import Letter
from outreach.models import (
    Ambassador,
    Appointment,
    Board,
    CalendarSource,
    Feed,
    Inquiry,
    Message,
    Offer,
    ProfileProposal,
    Request,
    School,
    Visit,
)
from outreach.requests.actions import is_the_boards_turn
from outreach.requests.models import current_rules
from pages.models import EventPage, NewsPage, PlainPage
from pages.previews import make_link
from tests import factories
from ui.refusals import NotAllowed

NOBODY = ""
# Signed up and belongs nowhere: has accepted nothing yet.
NEW = "just-arrived"
# Has an app on the phone and codes on paper.
CAREFUL = "careful"


@dataclass(frozen=True)
class Look:
    """One page as one person sees it. `find` gives what stands in its address: a thing, parts of the address, or nothing."""

    name: str
    who: str = NOBODY
    find: Callable[[User | None], Any] | None = None
    more: tuple[tuple[str, Any], ...] = ()
    path: str = ""
    query: str = ""
    status: int = 200
    # What is typed into the only form of the page, to reach the page behind it.
    typed: tuple[tuple[str, str], ...] = ()
    # Opens by leading on to an address without its secret.
    leads_on: bool = False
    # Shows one language only, whatever the address says.
    language: str = ""

    def __str__(self) -> str:
        said = self.path or " ".join(str(value) for _key, value in self.more)
        return " ".join(part for part in (self.name, said, self.query, self.who) if part)

    def address(self, person: User | None, language: str) -> str:
        thing = self.find(person) if self.find else None
        parts, query = dict(self.more), self.query
        if isinstance(thing, dict):
            parts |= thing
            query = parts.pop("query", query)
        elif self.find:
            assert thing is not None, f"{self}: nothing like it in the world"
            parts["public_id"] = thing.public_id
        if self.name == "wagtail_serve":
            return f"{'' if language == 'ja' else '/en'}/{parts.get('path', self.path)}{query}"
        with translation.override(language):
            return reverse(self.name, kwargs=parts) + query


def first(rows: Any) -> Any:
    return rows.order_by("pk").first()


def asked(state: str, **more: Any) -> Callable[[User], Request | None]:
    """A request in this state that the person sees."""
    return lambda person: first(Request.objects.visible_to(person).filter(state=state, **more).distinct())


def asked_by_own(state: str) -> Callable[[User], Request | None]:
    return lambda person: first(Request.objects.filter(state=state, contact=person))


def visit(*states: str, **more: Any) -> Callable[[User], Visit | None]:
    return lambda person: first(Visit.objects.visible_to(person).filter(state__in=states, **more).distinct())


def planned(person: User) -> Visit | None:
    return first(Visit.objects.visible_to(person).planned().filter(request__kind="school_visit").distinct())


def held(person: User) -> Visit | None:
    return first(Visit.objects.visible_to(person).awaiting_report().distinct())


def talked_about(person: User) -> Visit | None:
    return first(Visit.objects.visible_to(person).exclude(messages=None).distinct())


def offered(person: User) -> Offer | None:
    return first(Offer.objects.waiting().filter(ambassador__user=person))


def own_feed(person: User) -> Feed | None:
    return first(person.feeds.living())


def any_offered(_person: User) -> Offer | None:
    return first(Offer.objects.waiting())


def still_with_board(_person: User) -> Request | None:
    """The board has days left to look at it."""
    rows = Request.objects.filter(state="with_board").order_by("pk")
    return next(
        (row for row in rows if is_the_boards_turn(row, row.board_answers_by(current_rules(row.fiscal_year)))), None
    )


def own_school(person: User) -> School:
    return School.objects.get(pk=person.school_ids[0])


def own_board(person: User) -> Board:
    return Board.objects.get(pk=person.verified_board_ids[0])


def own_membership(person: User) -> Membership:
    return person.current_memberships[0]


def account(who: str) -> Callable[[User], User]:
    return lambda _person: factories.account(who)


def role(who: str) -> Callable[[User], Membership]:
    return lambda _person: first(factories.account(who).memberships)


def unverified(_person: User) -> Membership | None:
    return factories.account("newcomer").memberships.first()


def card_slug(_person: User | None) -> dict[str, str]:
    return {"slug": factories.ambassador_of("ambassador").slug}


def some_ambassador(_person: User) -> Ambassador:
    return factories.ambassador_of("ambassador")


def appointment(_person: User) -> dict[str, Any]:
    row = Appointment.objects.filter(ambassador=some_ambassador(_person)).order_by("-from_day").first()
    return {"public_id": row.ambassador.public_id, "from_day": row.from_day}


def own_calendar(person: User) -> CalendarSource | None:
    return first(CalendarSource.objects.visible_to(person))


def calendar_to_decide(_person: User) -> CalendarSource | None:
    return first(CalendarSource.objects.waiting())


def proposal_of_card(_person: User) -> ProfileProposal | None:
    return first(ProfileProposal.objects.filter(decided_at=None))


def board_with_schools(_person: User) -> Board:
    return own_board(factories.account("board"))


def school_of_teacher(_person: User) -> School:
    return own_school(factories.account("teacher"))


def written(kind: str, state: str) -> Callable[[User], Inquiry | None]:
    return lambda _person: first(Inquiry.objects.filter(kind=kind, state=state))


def one_of_two(_person: User) -> dict[str, Any]:
    """A visit that two ambassadors hold, with one of them named."""
    row = Visit.objects.planned().filter(request__ambassadors_wanted=2, request__kind="school_visit").first()
    if len(row.present_ambassadors) == 1:
        others = Ambassador.objects.filter(visits_in_person=True).exclude(participations__visit=row).order_by("-pk")
        row = next(filter(None, (joined(row, other) for other in others)))
    return {"public_id": row.public_id, "query": f"?who={row.present_ambassadors[0].public_id}"}


def joined(row: Visit, other: Ambassador) -> Visit | None:
    try:
        return factories.joined_visit(row, other)
    except NotAllowed:
        return None


def readable_letter(_person: User) -> Letter:
    return first(Letter.objects.filter(person=factories.account("teacher"), is_secret=False))


def hideable(person: User) -> dict[str, Any]:
    message = first(Message.objects.filter(hidden_at=None))
    return {"public_id": message.visit.public_id, "message": message.public_id}


def dictated(_person: User) -> Request:
    """What a school tells by telephone, complete and not sent."""
    found = Request.objects.filter(state="draft", entered_by__email="coordinator@demo.example").first()
    return found or factories.dictated_request(
        own_school(factories.account("teacher2")), by=factories.account("coordinator")
    )


def draft_event(person: User) -> Request:
    found = Request.objects.filter(state="draft", kind="event", entered_by=person).first()
    return found or factories.make_occasion(by=person)


def returned_visit_of_desk(_person: User) -> Visit | None:
    return first(Visit.objects.filter(state="verified", request__kind="school_visit"))


def preview_link(kind: type) -> Callable[[User | None], dict[str, str]]:
    def find(_person: User | None) -> dict[str, str]:
        page = first(kind.objects.filter(locale__language_code="ja", live=True))
        _link, token = make_link(page, by=factories.account("editor"))
        return {"token": token}

    return find


def invitation(_person: User | None) -> dict[str, str]:
    """The token stands only in the letter; this one is known because it is made here."""
    token = invitations.new_token()
    row = invitations.invite(
        "guest@example.jp",
        by=factories.account("teacher"),
        role="contact",
        place=own_school(factories.account("teacher")),
    )
    type(row).objects.filter(pk=row.pk).update(token_hash=invitations.print_of(token))
    return {"token": token}


def reset_key(_person: User | None) -> dict[str, str]:
    person = factories.account("teacher2")
    return {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}


def cms(kind: type) -> Callable[[User | None], dict[str, str]]:
    """The path of a page that is out in both languages."""

    def find(_person: User | None) -> dict[str, str]:
        page = first(kind.objects.filter(locale__language_code="ja", live=True))
        return {"path": page.url_path.removeprefix("/home/")}

    return find


def page(number: int) -> Callable[[User | None], dict[str, int]]:
    return lambda _person: {"number": number}


def current_terms(_person: User | None) -> dict[str, int]:
    return {"number": TermsVersion.objects.in_force().number}


def edit(name: str, who: str, find: Callable[[User], Any]) -> Look:
    return Look("requests:edit", who, find, more=(("page", name),))


# Each list is walked by one test: those who share the work of the tests can share these.
PAGES: dict[str, tuple[Look, ...]] = {
    "everybody": (
        *(
            Look("wagtail_serve", path=path)
            for path in (
                "",
                "help/",
                "help/school/",
                "help/board/",
                "help/ambassador/",
                "help/organisation/",
                "news/",
                "events/",
                "parents/",
                "safety/",
                "contact/",
                "privacy/",
                "accessibility/",
            )
        ),
        Look("wagtail_serve", find=cms(NewsPage)),
        Look("wagtail_serve", find=cms(EventPage)),
        Look("wagtail_serve", path="parents/", query="?furigana=on"),
        Look("wagtail_serve", path="no-such-page/", status=404),
        Look("page_preview", find=preview_link(PlainPage), language="ja"),
        Look("page_preview", find=preview_link(NewsPage), language="ja"),
        Look("terms"),
        Look("terms_version", find=current_terms),
        Look("chances"),
        Look("reach"),
        Look("ambassadors:directory"),
        Look("ambassadors:directory", query="?format=in_person&stage=high&q=い"),
        Look("ambassadors:directory", query="?q=だれにも当てはまらない言葉"),
        Look("ambassadors:card", find=card_slug),
        Look("inquiries:concern"),
        Look("inquiries:concern_sent"),
        Look("inquiries:question"),
        Look("inquiries:question_sent"),
    ),
    "doors": (
        Look("account_login"),
        Look("account_signup"),
        *(Look("account_signup", query=f"?door={door}") for door in ("school", "board", "organisation", "invitation")),
        Look("account_request_login_code"),
        Look("account_request_login_code", path="code", typed=(("email", "teacher@demo.example"),)),
        Look("account_reset_password"),
        Look("account_reset_password_done"),
        Look("account_reset_password_from_key", find=reset_key, leads_on=True),
        Look("account_reset_password_from_key", more=(("uidb36", "1"), ("key", "gone"))),
        Look("account_reset_password_from_key_done"),
        Look("account_inactive"),
        Look("invitation", find=invitation),
        Look("invitation", more=(("token", "no-such-invitation"),), status=404),
        Look("my", NEW),
        Look("accept_terms", NEW),
        Look("choose_school", NEW),
        Look("choose_school", NEW, query="?prefecture=13&name=朝"),
        Look("choose_school", NEW, query="?prefecture=13&name=どこにもない"),
        Look("choose_board", NEW),
        Look("choose_board", NEW, query="?prefecture=13"),
        Look("choose_organisation", NEW),
        Look("requests:list", NEW),
        Look("my_colleagues", NEW),
        Look("my_security", NEW),
        Look("my_name", NEW),
        Look("account_email", NEW),
        Look("account_set_password", NEW),
        Look("account_change_password", "teacher"),
        Look("account_reauthenticate", "teacher"),
        Look("account_logout", NEW),
        Look("usersessions_list", NEW),
        Look("mfa_index", CAREFUL),
        Look("mfa_activate_totp", NEW),
        Look("mfa_deactivate_totp", CAREFUL),
        Look("mfa_view_recovery_codes", CAREFUL),
        Look("mfa_generate_recovery_codes", CAREFUL),
        Look("mfa_list_webauthn", CAREFUL),
        Look("mfa_add_webauthn", CAREFUL),
        Look("mfa_reauthenticate", CAREFUL),
    ),
    "school": (
        Look("my", "newcomer"),
        Look("my", "teacher"),
        Look("my_colleagues", "teacher"),
        Look("my_leave", "teacher", own_membership),
        Look("my_invite", "teacher", own_membership),
        Look("school_settings", "teacher", own_school),
        Look("bell_times", "teacher", own_school, more=(("stage", "high"),)),
        Look("requests:list", "teacher"),
        Look("requests:new", "teacher"),
        *(edit(name, "teacher", asked_by_own("draft")) for name in ("school", "dates", "lesson", "confirm")),
        Look("requests:schools", "teacher", asked_by_own("draft")),
        Look("requests:show", "teacher", asked("submitted")),
        Look("requests:show", "teacher", asked("booked")),
        Look("requests:show", "teacher", asked("completed")),
        Look("requests:show", "teacher2", asked("open")),
        Look("requests:contact", "teacher", asked("submitted")),
        Look("requests:approval", "teacher", asked("submitted")),
        Look("requests:print", "teacher", asked("submitted")),
        Look("requests:print", "teacher", asked("booked")),
        Look("requests:hand_over", "teacher", own_membership),
        Look("visits:dates", "teacher2", asked("open")),
        Look("visits:withdraw", "teacher", asked("submitted")),
        Look("visits:show", "teacher", planned),
        Look("visits:show", "teacher", held),
        Look("visits:show", "teacher", visit("verified", "corrected")),
        Look("visits:report", "teacher", held),
        Look("visits:not_held", "teacher", held),
        Look("visits:cancel", "teacher", planned),
        Look("visits:move", "teacher", planned),
        Look("messages:thread", "teacher", planned),
        Look("calendars:feeds", "teacher"),
        Look("people:list", "teacher", status=403),
    ),
    "ambassador": (
        Look("my", "ambassador"),
        Look("my", "assistant"),
        Look("visits:offer", "ambassador", offered),
        Look("visits:show", "ambassador", planned),
        Look("visits:show", "ambassador", visit("verified", "corrected")),
        Look("visits:show", "ambassador2", planned),
        Look("visits:cancel", "ambassador", planned),
        Look("visits:move", "ambassador", planned),
        Look("messages:thread", "ambassador", talked_about),
        Look("ambassadors:profile", "ambassador"),
        Look("ambassadors:assistants", "ambassador"),
        Look("ambassadors:conduct", "ambassador"),
        Look("availability:show", "ambassador"),
        Look("openings", "ambassador"),
        Look("calendar", "ambassador"),
        Look("calendar", "ambassador2", query="?view=week"),
        Look("calendar", "teacher", query="?view=list"),
        Look("calendar", "coordinator"),
        Look("availability:show", "ambassador2"),
        Look("availability:of", "assistant", lambda _person: factories.ambassador_of("ambassador2")),
        Look("availability:calendars", "ambassador"),
        Look("availability:calendars", "assistant"),
        Look("availability:calendar", "ambassador", own_calendar),
        Look("availability:calendar", "ambassador2", own_calendar),
        Look("calendars:feeds", "ambassador"),
        Look("calendars:feeds", "ambassador", path="address", typed=(("name", "スマートフォン"),)),
        Look("calendars:feed", "ambassador", own_feed),
    ),
    "boards and organisations": (
        Look("my", "board"),
        Look("boards:room", "board", own_board),
        Look("boards:room", "board", own_board, query="?list=done"),
        Look("boards:schools", "board", own_board),
        Look("boards:municipalities", "board", own_board),
        Look("boards:ask", "board", own_board),
        Look("boards:visit", "board", lambda person: first(Visit.objects.filter(school__board=own_board(person)))),
        Look("requests:show", "board", asked("with_board")),
        Look("requests:hand_back", "board", asked("with_board")),
        Look("requests:new", "board", query="?kind=contest"),
        Look("my", "member"),
        Look("my_colleagues", "orgadmin"),
        Look("my_invite", "orgadmin", own_membership),
        Look("requests:new", "member", query="?kind=event"),
        Look("requests:new", "member", query="?kind=content"),
        edit("school", "member", draft_event),
        edit("dates", "member", draft_event),
        edit("lesson", "member", draft_event),
        edit("confirm", "member", draft_event),
        Look("requests:show", "member", asked("booked")),
        Look("visits:show", "orgadmin2", visit("confirmed", request__kind="content")),
        Look("my", "viewer"),
        Look("visits:show", "viewer", visit("verified")),
        Look("dashboard", "viewer"),
        Look("targets", "viewer"),
        *(Look("behind", "viewer", more=(("key", key),)) for key in ("visits", "students")),
        Look("target", "coordinator", more=(("kpi", "visits"),)),
    ),
    "desk: requests": (
        Look("my", "coordinator"),
        Look("desk:queue", "coordinator"),
        *(Look("desk:queue", "coordinator", query=f"?list={name}") for name in ("waiting", "booked", "messages")),
        Look("desk:new", "coordinator"),
        Look("desk:new", "coordinator", query="?prefecture=13&name=朝"),
        *(
            Look("desk:write", "coordinator", dictated, more=(("page", name),))
            for name in ("dates", "lesson", "confirm")
        ),
        *(
            Look("desk:request", "coordinator", asked(state))
            for state in ("submitted", "open", "waitlisted", "booked", "completed", "returned")
        ),
        Look("desk:hand_back", "coordinator", asked("submitted")),
        Look("desk:decline", "coordinator", asked("open")),
        Look("desk:waitlist", "coordinator", asked("submitted")),
        Look("desk:unmatch", "coordinator", asked("open")),
        Look("desk:pass_on", "coordinator", still_with_board),
        Look("desk:retract", "coordinator", any_offered),
        Look("visits:reopen", "coordinator", asked("withdrawn")),
        Look("desk:reports", "coordinator"),
        Look("desk:report", "coordinator", held),
        Look("desk:correct", "coordinator", returned_visit_of_desk),
        Look("visits:show", "coordinator", visit("reported")),
        Look("visits:show", "coordinator", visit("cancelled")),
        Look("visits:hand_back", "coordinator", visit("reported")),
        Look("visits:leave", "coordinator", one_of_two),
        Look("visits:replace", "coordinator", one_of_two),
        Look("messages:hide", "coordinator", hideable),
    ),
    "desk: people": (
        Look("desk:memberships", "coordinator"),
        Look("desk:membership", "coordinator", unverified),
        Look("desk:end_membership", "coordinator", unverified),
        Look("desk:domains", "coordinator"),
        Look("desk:invitations", "coordinator"),
        Look("desk:invite", "coordinator"),
        Look("desk:ambassadors", "coordinator"),
        Look("desk:ambassador", "coordinator", some_ambassador),
        Look("desk:end_appointment", "coordinator", appointment),
        Look("desk:pause", "coordinator", some_ambassador),
        Look("desk:profiles", "coordinator"),
        Look("desk:profile", "coordinator", proposal_of_card),
        Look("desk:conduct", "coordinator"),
        Look("desk:calendars", "coordinator"),
        Look("desk:refuse_calendar", "coordinator", calendar_to_decide),
        Look("desk:schools", "coordinator"),
        Look("desk:schools", "coordinator", query="?prefecture=13"),
        Look("desk:school", "coordinator", school_of_teacher),
        Look("desk:school_founder", "coordinator", school_of_teacher),
        Look("desk:boards", "coordinator"),
        Look("desk:board", "coordinator", board_with_schools),
        Look("desk:letters", "coordinator"),
        Look("desk:letter", "coordinator", readable_letter),
        Look("desk:inquiries", "coordinator"),
        Look("desk:inquiry", "coordinator", written("concern", "new")),
        Look("desk:inquiry", "coordinator", written("question", "closed")),
        Look("desk:close_inquiry", "coordinator", written("concern", "new")),
        Look("desk:reopen_inquiry", "coordinator", written("question", "closed")),
        Look("desk:rules", "coordinator"),
        Look("people:list", "coordinator"),
        Look("people:person", "coordinator", account("teacher")),
        Look("people:person", "admin", account("coordinator")),
        Look("people:pause", "coordinator", account("teacher")),
        Look("people:reopen", "admin", account("teacher")),
        Look("people:grant", "admin", account("teacher")),
        Look("people:forget_factor", "admin", account(CAREFUL)),
        Look("people:renew", "admin", role("coordinator")),
        Look("people:end", "admin", role("coordinator")),
    ),
}

# Addresses with a GET that are no page of ours to look at.
NO_PAGES = {
    "healthz": "JSON for machines",
    "media": "files",
    "csp_report": "takes what browsers report",
    "documents/": "files",
    "messages:file": "files",
    "ambassadors:waiting_photo": "a picture",
    "board_requests_csv": "a CSV file",
    "sitemap": "XML for machines",
    "robots": "text for machines",
    "news_feed": "XML for machines",
    "feed_ics": "a calendar file",
    "feed_freebusy": "a calendar file",
    "events_ics": "a calendar file",
    "calendars:address": "shown once behind the form of the feeds, and looked at there",
    "cms/": "of Wagtail; walked in a file of its own",
    "accounts/": "many pages of allauth, each in the table by its own name",
    "wagtailcore_login": "leads to the sign-in page",
    "boards:list": "leads to the only board, or to the desk's list",
    "my_invitation": "leads on from an invitation that was opened before",
    "desk:add_domain": "leads to the list of domains, where the form stands",
}
