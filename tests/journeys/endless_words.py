"""The invented world with every text that somebody wrote as long as its field allows, and hard to break.

Rows take turns: one in Latin letters without a blank, the next in Japanese, so that short and long stand side by side.
"""

from django.db.models import CharField, F, Q, TextField, Value
from django.db.models.functions import Cast, Concat
from wagtail.models import Page

from accounts.models import Invitation, Membership, User
from accounts.terms.models import TermsVersion
from analytics.kpis.models import Target
from demo.people import ACCOUNTS, OTHERS
from outbox.models import Letter
from outreach.messages.models import Attachment
from outreach.models import (
    Ambassador,
    Board,
    CodeOfConduct,
    Group,
    Inquiry,
    InquiryStep,
    IntakeRules,
    Message,
    Offer,
    Organisation,
    Participation,
    PlannedGroup,
    ProfileProposal,
    Report,
    Request,
    Reschedule,
    School,
    Step,
)
from pages.models import EventPage, NewsPage
from pages.notices import Banner, Section
from tests.journeys.every_page import CAREFUL, NEW

LONGEST_NAME_OF_A_SCHOOL = 60
RUN = "W" * 200
GERMAN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft "
JAPANESE = "架け橋を渡る長い名前の"
LONG_ADDRESS = "https://www.example.jp/" + "katakana-and-kanji-" * 12
LONG_MAIL = f"{'w' * 60}@{'very-long-domain-' * 6}x.example.jp"
LONG_TEXT = "\n".join(("長い文が続きます。" * 60, RUN, LONG_ADDRESS, LONG_MAIL, GERMAN * 3))
# What people write, table by table; codes, keys and states are left as they are.
WRITTEN = {
    Ambassador: ("name_ja", "name_en", "name_kana", "headline_ja", "headline_en")
    + ("about_ja", "about_en", "expect_ja", "expect_en", "pause_reason"),
    Attachment: ("name",),
    Board: ("name_ja", "name_en"),
    CodeOfConduct: ("note",),
    EventPage: ("lead", "place", "audience", "organiser", "cost"),
    Group: ("label",),
    Inquiry: ("text", "place", "when_where", "name"),
    InquiryStep: ("text",),
    IntakeRules: ("note",),
    Invitation: ("body_name",),
    Letter: ("subject", "body"),
    Membership: ("position", "body_name", "verification_note", "end_reason"),
    Message: ("text", "hidden_reason"),
    NewsPage: ("lead",),
    Offer: ("message", "answer_note", "override_reason"),
    Organisation: ("name_ja", "name_en", "name_kana"),
    Participation: ("left_reason",),
    PlannedGroup: ("label",),
    ProfileProposal: ("headline_ja", "headline_en", "about_ja", "about_en", "expect_ja", "expect_en", "reason"),
    Report: ("comment", "ambassador_comment", "on_behalf_source"),
    Request: ("contact_hours", "caller_name", "evidence", "principal_name", "title", "audience", "aims", "lesson_name")
    + ("place", "place_text", "equipment", "access", "times_note", "wishes"),
    Reschedule: ("reason", "override_reason"),
    School: ("name_ja", "name_en", "name_kana", "address"),
    Section: ("name_ja", "name_en"),
    Step: ("reason",),
    Target: ("note",),
    TermsVersion: ("changes_ja", "changes_en"),
    User: ("name", "name_kana"),
}


def write_endlessly() -> None:
    """Whoever looks signs in as before: their own addresses stay."""
    for table, names in WRITTEN.items():
        rows = table._base_manager.annotate(turn=F("pk") % 2)
        for name in names:
            written = table._meta.get_field(name)
            # What may be left empty is filled where it belongs to every such row; a reason has its occasion.
            filled = table in (Request, Offer, PlannedGroup) and "reason" not in name
            empty = Q(pk=None) if filled else Q(**{name: ""})
            for turn in (0, 1):
                said = longest(table, written, turn)
                # No two of a name, as in life.
                said = numbered(said[:-6]) if name.startswith("name") else said
                rows.filter(turn=turn).exclude(empty).update(**{name: said})
    Report.objects.exclude(link="").update(link=LONG_ADDRESS)
    Inquiry.objects.exclude(mail="").update(mail=LONG_MAIL)
    EventPage.objects.exclude(apply_mail="").update(apply_mail=LONG_MAIL)
    known = [account.email for account in ACCOUNTS + OTHERS] + [f"{who}@demo.example" for who in (NEW, CAREFUL)]
    mail = numbered("w" * 40, LONG_MAIL[60:])
    User.objects.exclude(email__in=known).update(email=mail)
    Invitation.objects.update(address=mail)
    Letter.objects.update(to_address=LONG_MAIL)
    for kind in (NewsPage, EventPage):
        Page.objects.filter(pk__in=kind.objects.values("pk")).update(title=(GERMAN * 4)[:255], draft_title=GERMAN)
    Banner.objects.update(shown_until=None, text_ja=(JAPANESE * 20)[:200], text_en=(GERMAN * 4)[:300])


def numbered(words: str, more: str = "") -> Concat:
    return Concat(Value(words), Cast("pk", CharField()), Value(more))


def longest(table: type, written: CharField | TextField, turn: int) -> str:
    if written.max_length is None or written.max_length > 1_000:
        return LONG_TEXT
    most = LONGEST_NAME_OF_A_SCHOOL if (table, written.name) == (School, "name_ja") else written.max_length
    run = (RUN if turn else GERMAN.strip()) if most <= 200 else LONG_ADDRESS
    latin = (run * (most // len(run) + 1))[:most]
    return latin if turn or written.name.endswith("_en") else (JAPANESE * most)[:most]
