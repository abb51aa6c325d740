"""Every form that people fill in, with data that it takes, and what hostile hands put into its fields."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from curriculum.models import Competence
from demo.people import PASSWORD
from outreach.models import School

KEY = "11111111-1111-4111-8111-111111111111"
NOWHERE = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Form:
    """`good` gives data that the form takes, from the thing the form is about; `who` fills it in."""

    name: str
    page: Callable[[Any], str]
    good: Callable[[Any], dict[str, Any]]
    who: str | None = "school_contact"
    thing: str = "school"
    further: tuple[str, ...] = ()
    not_kept: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return self.name

    def fields(self, thing: Any) -> list[str]:
        return [*self.good(thing), *self.further]


def at(template: str) -> Callable[[Any], str]:
    """The address of a page about the thing."""
    return lambda thing: template.format(id=thing.public_id)


def slots(thing: Any) -> list[str]:
    return [str(slot.public_id) for slot in thing.slots.order_by("rank")]


FORMS = (
    Form(
        "signup",
        lambda _thing: "/accounts/signup/",
        lambda _thing: {
            "name": "山田 花子",
            "name_kana": "やまだ はなこ",
            "email": "hanako@example.jp",
            "password1": "tanbo-to-ine-2026",
        },
        who=None,
        not_kept=frozenset({"password1"}),
    ),
    Form(
        "login",
        lambda _thing: "/accounts/login/",
        lambda _thing: {"login": "teacher@demo.example", "password": PASSWORD},
        who=None,
        further=("remember", "next"),
        not_kept=frozenset({"password", "remember", "next"}),
    ),
    Form("reset", lambda _thing: "/accounts/password/reset/", lambda _thing: {"email": "hanako@example.jp"}, who=None),
    Form("login-code", lambda _thing: "/accounts/login/code/", lambda _thing: {"email": "hanako@example.jp"}, who=None),
    Form(
        "join",
        lambda _thing: "/my/school/",
        lambda school: {
            "school": str(School.objects.exclude(pk=school.pk).open().first().public_id),
            "position": "教諭",
            "phone": "03-0000-0000",
        },
        not_kept=frozenset({"school"}),
    ),
    Form(
        "request-new",
        lambda _thing: "/requests/new/",
        lambda school: {
            "school": str(school.public_id),
            "contact_phone": "03-0000-0000",
            "contact_hours": "16時以降",
            "form_key": KEY,
        },
        not_kept=frozenset({"school", "form_key"}),
    ),
    Form(
        "request-school",
        at("/requests/{id}/edit/school/"),
        lambda _thing: {"contact_phone": "03-0000-0000", "contact_hours": "16時以降"},
        thing="draft_request",
    ),
    Form(
        "request-dates",
        at("/requests/{id}/edit/dates/"),
        lambda _thing: {
            "day_1": "2026-12-14",
            "periods_1": ["3", "4"],
            "day_2": "2026-12-15",
            "from_2": "9:40",
            "until_2": "10:30",
            "answer_by": "2026-12-05",
            "times_note": "午前がよい",
        },
        thing="draft_request",
        further=("school_day_1", "from_1", "day_3", "periods_3"),
        not_kept=frozenset({"periods_1", "periods_3", "school_day_1"}),
    ),
    Form(
        "request-lesson",
        at("/requests/{id}/edit/lesson/"),
        lambda _thing: {
            "format": "in_person",
            "theme": "story",
            "aims": "挑む力",
            "competences": [Competence.objects.first().code],
            "lesson_name": "探究",
            "course": "full_time",
            "grade_high_2": "74",
            "class_words": "2年3組",
            "place": "体育館",
            "equipment": "端末",
            "access": "駅から徒歩",
            "wishes": "なし",
        },
        thing="draft_request",
        further=("grade_high_1",),
        not_kept=frozenset({"format", "theme", "competences", "course"}),
    ),
    Form(
        "withdraw", at("/requests/{id}/withdraw/"), lambda _thing: {"reason": "行事です。"}, thing="submitted_request"
    ),
    Form("cancel", at("/visits/{id}/cancel/"), lambda _thing: {"reason": "閉鎖です。"}, thing="confirmed_visit"),
    Form(
        "accept",
        at("/offers/{id}/accept/"),
        lambda offer: {"slot": slots(offer)[0], "note": "楽しみです。"},
        who="ambassador",
        thing="waiting_offer",
        not_kept=frozenset({"slot"}),
    ),
    Form(
        "decline-offer",
        at("/offers/{id}/decline/"),
        lambda _thing: {"decline-note": "出張です。"},
        who="ambassador",
        thing="waiting_offer",
    ),
    Form(
        "report",
        at("/visits/{id}/report/"),
        lambda _thing: {"present_high_2": "72", "format": "in_person", "comment": "よい問い", "may_be_quoted": "on"},
        thing="past_visit",
        further=("present_high_1",),
        not_kept=frozenset({"format", "may_be_quoted"}),
    ),
    Form(
        "offer",
        at("/desk/requests/{id}/offer/"),
        lambda request: {
            "ambassador": str(ambassador_id()),
            "slots": slots(request)[:2],
            "expires_on": "2026-11-27",
            "message": "お願いします。",
            "form_key": KEY,
        },
        who="coordinator",
        thing="open_request",
        not_kept=frozenset({"ambassador", "slots", "form_key"}),
    ),
    Form(
        "retract",
        at("/desk/offers/{id}/retract/"),
        lambda _thing: {"reason": "別の方に。"},
        "coordinator",
        "waiting_offer",
    ),
    Form(
        "vouch",
        at("/desk/memberships/{id}/"),
        lambda _thing: {"how": "call", "note": "教頭に電話"},
        who="coordinator",
        thing="waiting_membership",
        not_kept=frozenset({"how"}),
    ),
    Form(
        "rules",
        lambda _thing: "/desk/rules/",
        lambda _thing: {
            "opens_on": "2026-04-01",
            "closes_on": "2027-02-26",
            "mode": "first_come",
            "slots_wanted": "3",
            "days_ahead": "14",
            "answer_days": "7",
            "offer_days": "5",
            "travel_buffer": "90",
            "online_buffer": "15",
            "note": "見直し",
        },
        who="coordinator",
        not_kept=frozenset({"mode"}),
    ),
    Form(
        "target",
        lambda _thing: "/dashboard/targets/students/",
        lambda _thing: {"amount": "9000", "stages": ["high"], "note": "見直し"},
        who="coordinator",
        not_kept=frozenset({"stages"}),
    ),
)

# Filters and searches: the address with its parameters, and who looks.
SEARCHES = (
    ("/my/school/", ("prefecture", "name", "school"), "school_contact"),
    ("/requests/", ("page",), "school_contact"),
    ("/desk/", ("q", "prefecture", "list", "page"), "coordinator"),
    ("/desk/memberships/", ("page",), "coordinator"),
    ("/desk/reports/", ("page",), "coordinator"),
    ("/desk/letters/", ("q", "state", "page"), "coordinator"),
    ("/dashboard/", ("as_of", "year"), "viewer"),
    ("/dashboard/behind/visits/", ("as_of", "year", "page"), "viewer"),
)

HOSTILE = {
    "empty": "",
    "long": "あ" * 100_000,
    "wide": "１２３ＡＢＣ",
    "control": "a\x00b\x07\x1b[31m\u202e\u200b\r\nBcc: x@example.jp",
    "html": "<script>alert(1)</script>{{ 7|add:7 }}%(x)s' OR 1=1 --",
    "emoji": "😀👩🏽‍🏫",
}
HOSTILE_TO_NUMBERS = {
    "huge": "9" * 40,
    "negative": "-1",
    "id": NOWHERE,
    "first-day": "0001-01-01",
    "last-day": "9999-12-31",
    "no-day": "99999999999999999999-1-1",
    "no-clock": "99999999999999999999:00",
}
WORDS = {
    *("name", "name_kana", "email", "password1", "login", "password", "position", "phone", "contact_phone"),
    *("contact_hours", "times_note", "aims", "lesson_name", "class_words", "place", "equipment", "access", "wishes"),
    *("reason", "note", "decline-note", "comment", "message", "q"),
}


def hostile_to(name: str) -> dict[str, str]:
    """What is put into a field of this name."""
    return HOSTILE if name in WORDS else HOSTILE | HOSTILE_TO_NUMBERS


def worst_for(name: str) -> dict[str, str]:
    """What gets furthest while all other fields are right: each of these is tried in one field alone."""
    if name in WORDS:
        chosen = {"long", "control"}
    elif name.startswith(("day_", "answer_by", "expires_on", "opens_on", "closes_on")):
        chosen = {"first-day", "last-day", "no-day"}
    elif name.startswith(("from_", "until_")):
        chosen = {"huge", "no-clock"}
    else:
        chosen = {"control", "huge"}
    return {what: value for what, value in hostile_to(name).items() if what in chosen}


def ambassador_id() -> Any:
    from tests.factories import ambassador_of

    return ambassador_of("ambassador").public_id
