"""No form breaks, loses what was typed, or does more than it shows."""

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.db import models
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.models import FormKey, Invitation, MailDomain, Membership, User
from outreach.models import (
    Board,
    Hold,
    Offer,
    ReachEntry,
    Report,
    Request,
    Reschedule,
    School,
    Slot,
    Step,
    Visit,
)
from tests.accounts.codes import proved
from tests.outreach.rows import our_tables, rows, undone, writing
from tests.ui.every_form import FORMS, HOSTILE, HOSTILE_TO_NUMBERS, NOWHERE, SEARCHES, Form, hostile_to, worst_for
from ui.forms import folded

pytestmark = pytest.mark.django_db

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]")
ERROR = re.compile(r'<p class="field__error">(.*?)</p>', re.DOTALL)
SUMMARY = re.compile(r"data-error-summary>(.*?)</div>", re.DOTALL)


@pytest.fixture
def thing(form: Form, request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(form.thing)


@pytest.fixture
def client_for(request: pytest.FixtureRequest):
    def client_for(who: str | None) -> Client:
        client = Client(raise_request_exception=False)
        if who:
            person = request.getfixturevalue(who)
            proved(client, getattr(person, "user", person))
        return client

    return client_for


def forget_tries() -> None:
    """What limits have counted; menus and banners, which every page would ask for again, stay."""
    names = [key.split(":", 2)[2] for key in list(cache._cache)]
    cache.delete_many(name for name in names if not name.startswith("pages:"))


def send(client: Client, page: str, data: dict[str, Any]):
    """Sent as a browser does it, and as if nobody had tried before: sign-in counts."""
    forget_tries()
    return client.post(page, {"csrfmiddlewaretoken": "x", **data})


every_form = pytest.mark.parametrize("form", FORMS, ids=str)


def faults(answer: Any, typed: dict[str, str], form: Form, language: str) -> list[str]:
    """What is wrong with this answer to what was typed into these fields."""
    if answer.status_code == 302:
        return []
    if answer.status_code not in {200, 422}:
        return [f"answered {answer.status_code}"]
    body = answer.content.decode()
    # What concerns no field that people see stands above the form.
    messages = [re.sub("あ+", "", unescape(text)) for text in ERROR.findall(body) or SUMMARY.findall(body)]
    found = []
    if not messages:
        found.append("no message beside the field")
    elif any(bool(JAPANESE.search(text)) is (language == "en") for text in messages):
        found.append(f"message in another language: {messages[0][:60]}")
    for name, value in typed.items():
        if name not in form.not_kept and not any(escape(text) in body for text in (value, folded(value))):
            found.append(f"what was typed into {name} is lost")
    if re.search(r'type="password"[^>]* value=', body):
        found.append("a password is shown")
    if "<script>alert" in body:
        found.append("markup is let through")
    return found


@every_form
def test_whatever_is_typed_into_every_field_is_sent_back_with_sentences(form, thing, client_for, some_of):
    client, page, wrong = client_for(form.who), form.page(thing), []
    before = rows()
    chosen = dict(some_of(FORMS.index(form), (HOSTILE | HOSTILE_TO_NUMBERS).items(), every=4))
    for number, (what, value) in enumerate(chosen.items()):
        language = ("ja", "en")[number % 2]
        with undone(), writing() as written:
            # All of them together must not be more than the house takes at once.
            typed = dict.fromkeys(form.fields(thing), value[:10_000])
            answer = send(client, page if language == "ja" else f"/en{page}", typed)
            found = faults(answer, typed, form, language)
            if answer.status_code != 302 and written and rows() != before:
                found.append("something changed")
        wrong += [f"{what} ({language}): {fault}" for fault in found]
    assert wrong == []


@every_form
def test_whatever_is_typed_into_one_field_alone_is_taken_or_sent_back(form, thing, client_for, some_of):
    client, page, good = client_for(form.who), form.page(thing), form.good(thing)
    before, wrong = rows(), []
    for place, name in some_of(FORMS.index(form), enumerate(form.fields(thing)), every=2):
        worst = worst_for(name)
        for what, value in some_of(place, worst.items(), every=len(worst)):
            with undone(), writing() as written:
                answer = send(client, page, good | {name: value})
                found = faults(answer, {name: value}, form, "ja")
                if answer.status_code != 302 and written and rows() != before:
                    found.append("something changed")
            wrong += [f"{name} = {what}: {fault}" for fault in found]
    assert wrong == []


@every_form
def test_a_missing_or_doubled_field_breaks_nothing(form, thing, client_for, some_of):
    client, page, good = client_for(form.who), form.page(thing), form.good(thing)
    wrong = []
    for place, name in some_of(FORMS.index(form), enumerate(good), every=2):
        without = {key: value for key, value in good.items() if key != name}
        doubled = good | {name: [HOSTILE["html"], "9" * 40, HOSTILE["html"]]}
        for what, data in some_of(place, [("missing", without), ("doubled", doubled)], every=2):
            with undone():
                wrong += [f"{name} {what}: {fault}" for fault in faults(send(client, page, data), {}, form, "ja")]
    with undone():
        wrong += [f"nothing sent: {fault}" for fault in faults(send(client, page, {}), {}, form, "ja")]
    assert wrong == []


@pytest.mark.parametrize(("page", "names", "who"), SEARCHES, ids=[page for page, _names, _who in SEARCHES])
def test_whatever_is_searched_for_the_page_answers(page, names, who, client_for, reported_visit, some_of):
    client, wrong = client_for(who), []
    before = rows()
    for place, name in enumerate(names):
        for number, (what, value) in enumerate(some_of(place, hostile_to(name).items(), every=4)):
            # A longer address does not pass the web server.
            answer = client.get(f"{('', '/en')[number % 2]}{page}", {name: value[:1_000]})
            if answer.status_code != 200 or "<script>alert" in answer.content.decode():
                wrong.append(f"{name} = {what}: {answer.status_code}")
    assert wrong == []
    assert rows() == before


@pytest.mark.parametrize(
    ("name", "changed", "japanese", "english"),
    [
        ("signup", {"name_kana": "山田"}, "ふりがなとして読めません", "cannot be read"),
        ("signup", {"password1": "short"}, "短すぎ", "too short"),
        ("login", {"password": "wrong-password"}, "", ""),
        ("join", {"phone": ""}, "必須", "required"),
        ("join", {"school": NOWHERE}, "この学校は見つかりません", "was not found"),
        ("join-board", {"position": ""}, "必須", "required"),
        ("join-board", {"board": NOWHERE}, "この設置者は見つかりません", "was not found"),
        ("join-organisation", {"organisation": NOWHERE}, "この機関は見つかりません", "was not found"),
        ("invite", {"address": "guest"}, "有効なメールアドレス", "valid email"),
        ("invite-as-admin", {"role": "coordinator"}, "正しく選択", "valid choice"),
        ("desk-invite-staff", {"body_name": ""}, "必須", "required"),
        ("domain", {"domain": "gmail.com"}, "だれでも取れる", "Anybody"),
        ("domain", {"domain": "sakura"}, "ドメインとして読めません", "cannot be read"),
        ("successor", {"successor": NOWHERE}, "この人は選べません", "cannot be chosen"),
        ("approval", {"principal_agreed_on": "2026-11-21"}, "これからの日", "still to come"),
        ("approval", {"principal_name": ""}, "校長の氏名を書いて", "name of the principal"),
        ("request-new", {"contact_phone": "０３"}, "電話番号として読めません", "phone number"),
        ("request-school", {"contact_phone": "内線だけ"}, "電話番号として読めません", "phone number"),
        ("request-dates", {"day_1": "2026-12-12"}, "土曜日", "Saturday"),
        ("request-dates", {"day_1": "2026-11-23"}, "以降の日", "or later"),
        ("request-dates", {"day_1": "2026-12-31", "periods_1": ["9"]}, "時程にない時限", "period"),
        ("request-dates", {"day_1": "2027-04-12"}, "次の年度", "next fiscal year"),
        ("request-dates", {"day_1": "2026-11-01"}, "過ぎた日", "past"),
        ("request-dates", {"periods_1": ["1", "3"]}, "続けて2コマまで", "two"),
        ("request-dates", {"periods_1": []}, "時限を選んでください", "period"),
        ("request-dates", {"day_2": "2026-12-14", "from_2": "11:00", "until_2": "12:00"}, "同じ日時", "same"),
        ("request-dates", {"until_2": "23:00"}, "30分から3時間", "3 hours"),
        ("request-dates", {"until_2": ""}, "両方書いて", "both"),
        ("request-dates", {"answer_by": "2026-11-21"}, "大使を探す時間", "time"),
        ("request-dates", {"answer_by": "2026-12-14"}, "希望日時より前", "before"),
        ("occasion-dates", {"until_1": "18:00"}, "8時間まで", "8 hours"),
        ("occasion-dates", {"from_1": "", "until_1": ""}, "始まりと終わりの時刻", "start and end"),
        ("occasion-lesson", {"ambassadors_wanted": "6"}, "5", "5"),
        ("occasion-host", {"host": NOWHERE}, "選べません", "cannot"),
        ("content-lesson", {"due_on": "2026-12-01"}, "作る時間", "time"),
        ("outcome-content", {"link": "javascript:alert(1)"}, "アドレスとして読めません", "address"),
        ("outcome", {"people": "0"}, "1", "1"),
        ("request-lesson", {"ambassadors_wanted": "6"}, "5", "5"),
        ("request-lesson", {"theme": "money"}, "正しく選択", "valid choice"),
        ("request-lesson", {"grade_high_2": ""}, "人数を", "number"),
        ("request-lesson", {"grade_high_2": "-1"}, "0", "0"),
        ("request-lesson", {"competences": ["999999"]}, "", ""),
        ("withdraw", {"reason": "　"}, "必須", "required"),
        ("accept", {"slot": NOWHERE}, "この打診にない日時", "not in the offer"),
        ("report", {"present_high_2": "0"}, "1つは書いて", "at least one"),
        ("report", {"format": "either"}, "", ""),
        ("offer", {"ambassador": NOWHERE}, "選べません", "cannot"),
        ("offer", {"expires_on": "2026-11-19"}, "過ぎた日", "past"),
        ("vouch", {"how": "colleague"}, "", ""),
        ("rules", {"closes_on": "2026-03-01"}, "始まりより後", "after"),
        ("rules", {"slots_wanted": "6"}, "5", "5"),
        ("board-route", {"reason": ""}, "必須", "required"),
        ("board-route", {"route": "direct"}, "経路はもう「直接」", "already"),
        ("board-ask", {"schools": []}, "学校を1つは", "at least one"),
        ("board-ask", {"schools": [NOWHERE]}, "この学校は選べません", "cannot"),
        ("desk-pass-on", {"reason": ""}, "必須", "required"),
        ("profile", {"headline_ja": ""}, "必須", "required"),
        ("offering", {"formats": []}, "どちらかは選んで", "at least one"),
        ("assistants", {"email": "hisho"}, "", ""),
        ("assistants", {"email": "ambassador@demo.example"}, "ご自分の", "your own"),
        ("feeds", {"name": ""}, "必須", "required"),
        ("feeds", {"scope": "all"}, "正しく選択", "valid choice"),
        ("feed-name", {"name": "　"}, "必須", "required"),
        ("appoint", {"from_day": "2027-03-31"}, "重なります", "overlaps"),
        ("end-appointment", {"until": "2027-03-31"}, "前日まで", "day before"),
        ("card-address", {"slug": "風見"}, "使えません", "cannot be used"),
        ("decide-profile", {"reason": ""}, "公開しない理由", "why"),
        ("conduct", {"fiscal_year": "2020"}, "", ""),
        ("question", {"mail": ""}, "必須", "required"),
        ("question", {"topic": "money"}, "正しく選択", "valid choice"),
        ("question", {"homepage": "https://example.com/"}, "もう一度ボタン", "once more"),
        ("concern", {"text": " "}, "必須", "required"),
        ("concern", {"mail": "hanako"}, "有効なメールアドレス", "valid email"),
        ("concern", {"homepage": "https://example.com/"}, "もう一度ボタン", "once more"),
        ("inquiry-answer", {"text": ""}, "必須", "required"),
        ("inquiry-note", {"note": ""}, "必須", "required"),
        ("inquiry-close", {"reason": "　"}, "必須", "required"),
        ("target", {"amount": "0"}, "1", "1"),
        ("target", {"stages": []}, "1つは選んで", "at least one"),
    ],
)
def test_what_is_wrong_is_sent_back_with_its_sentence(name, changed, japanese, english, client_for, request):
    form = next(form for form in FORMS if form.name == name)
    thing = request.getfixturevalue(form.thing)
    client = client_for(form.who)
    before = rows()
    for prefix, words in (("", japanese), ("/en", english)):
        answer = send(client, f"{prefix}{form.page(thing)}", form.good(thing) | changed)
        assert answer.status_code in {200, 422}
        body = answer.content.decode()
        assert words in unescape(" ".join(ERROR.findall(body) or SUMMARY.findall(body)))
    assert rows() == before


def test_nothing_foreign_can_be_chosen(asked_at, open_request, waiting_offer, ambassador, stranger_contact, client_for):
    by_name = {form.name: form for form in FORMS}
    foreign = asked_at(timezone.now() + dt.timedelta(days=40))
    slot = str(foreign.slots.get().public_id)
    resting = type(ambassador).objects.exclude(pk=ambassador.pk).first()
    type(ambassador).objects.filter(pk=resting.pk).update(paused_at=timezone.now())
    tries = (
        ("request-new", open_request.school, {"school": str(foreign.school.public_id)}),
        ("accept", waiting_offer, {"slot": slot}),
        ("offer", open_request, {"slots": [slot]}),
        ("offer", open_request, {"ambassador": str(resting.public_id)}),
    )
    before = rows()
    for name, thing, changed in tries:
        form = by_name[name]
        client = client_for(form.who)
        answer = send(client, form.page(thing), form.good(thing) | changed)
        assert answer.status_code in {200, 422}, changed
        assert SUMMARY.search(answer.content.decode()), changed
        before["User"] = rows(User)["User"]  # signing in is written down
        assert rows() == before


# ── mass assignment ───────────────────────────────────────────────────────────
def foreign_value(field: models.Field, row: models.Model | None) -> str:
    """Something that would be noticed in this field."""
    if isinstance(field, models.ForeignKey | models.OneToOneField):
        other = field.related_model._base_manager.exclude(pk=getattr(row, field.attname, None)).last()
        return str(other.pk) if other else "1"
    if field.choices:
        return str(field.choices[-1][0])
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateTimeField):
        return "2020-01-01T00:00"
    if isinstance(field, models.DateField):
        return "2030-01-01"
    if isinstance(field, models.UUIDField):
        return "22222222-2222-4222-8222-222222222222"
    if isinstance(field, models.IntegerField):
        return "77"
    return "CNRY"


OWNED = (Request, Slot, Offer, Visit, Report, Membership, Invitation, MailDomain, User, School, Hold, Step, ReachEntry)
# Rows that a form may make: their keys differ from one try to the next where a sequence goes on counting.
NEW_EACH_TIME = {Report, Offer, Visit, Step, Request, Reschedule, User, Slot, Board}


def every_model_field() -> dict[str, str]:
    """A value for each field of each table, under its name and under that of its column."""
    values = {}
    for table in OWNED:
        for field in table._meta.concrete_fields:
            values[field.name] = values[field.attname] = foreign_value(field, None)
    return values


def substance() -> dict[str, list[dict[str, Any]]]:
    """What the rows say, without what is new each time: keys, moments, references to rows that are new themselves."""
    said = {}
    for table in our_tables():
        if table is FormKey:
            # It remembers a print of all that was sent, so it differs.
            continue
        kept = [
            field
            for field in table._meta.concrete_fields
            if not field.primary_key
            and field.name
            not in {"public_id", "form_key", "key", "message_id", "password", "body", "token_hash", "sealed_address"}
            and not (field.is_relation and field.related_model in NEW_EACH_TIME)
        ]
        # Of rows that one statement made, the engine chooses which comes first.
        said[table.__name__] = sorted(
            [
                {
                    field.name: getattr(row, field.attname) is None
                    if isinstance(field, models.DateTimeField)
                    else getattr(row, field.attname)
                    for field in kept
                }
                for row in table._base_manager.order_by("pk")
            ],
            key=repr,
        )
    return said


@every_form
def test_fields_that_a_form_does_not_show_are_not_written(form, thing, client_for):
    client, page, good = client_for(form.who), form.page(thing), form.good(thing)
    more = {name: value for name, value in every_model_field().items() if name not in form.fields(thing)}
    outcomes = []
    for data in (good, more | good):
        with undone():
            assert send(client, page, data).status_code == 302
            outcomes.append(substance())
    assert outcomes[1] == outcomes[0]
