"""Every letter about a request, an offer, a visit or a report: for each kind of request, each host and both languages."""

import datetime as dt
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from accounts.models import User
from outbox.actions import Draft, post
from outbox.models import Letter
from outreach.models import (
    Ambassador,
    Board,
    Group,
    Offer,
    Organisation,
    PlannedGroup,
    Report,
    Request,
    Reschedule,
    School,
    Slot,
    Visit,
)
from outreach.requests import letters as of_requests
from outreach.requests.models import current_rules
from outreach.visits import actions as visits
from outreach.visits import letters as of_visits
from tests import factories
from ui import dates

pytestmark = pytest.mark.django_db

FOLDER = Path(__file__).resolve().parents[2] / "outreach" / "templates" / "outreach" / "letters"
NEWS = {path.name.split(".")[0] for path in FOLDER.glob("*.ja.txt")} & {
    word
    for module in (of_requests, of_visits)
    for word in re.findall(r"\"((?:offer|re[a-z]+|visit)_[a-z_]+)", Path(module.__file__).read_text())
    # Handing over has letters of its own: tests/outreach/requests/test_handover.py reads them.
    if "handed_over" not in word and word != "request_contact_changed"
}
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥、。「」（）：・～]")
HOME_ABROAD = "America/New_York"
CALLER = "Cnry Caller"
WITHOUT_ACCOUNT = "の方のアカウントがないため、このメールは"
OF_SCHOOLS = re.compile(r"学校|授業|訪問|school|lesson|visit", re.IGNORECASE)
# The button for leaving, the reader's other visits, and addresses.
OWN_WORDS = re.compile(r"“Leave the visit”|your other offers and visits|ほかの打診や訪問|https?://\S+")
# What can be asked for, by whom; the desk typed it where the host's people have no account.
SCENES = ("school", "school_by_phone", "school_arranged", "board_contest", "organisation_event", "desk_content")


def news_of(letter: Letter) -> str:
    return next(part for part in letter.key.split(":") if part in NEWS)


def whole(letter: Letter) -> str:
    return f"{letter.subject}\n{letter.body}"


def everything_in_plain_words(language: str) -> None:
    """People and places whose every word is told apart from the words of a letter."""
    for model in (School, Board, Organisation):
        model.objects.update(name_ja=Concat(Value("Cnry Place "), Cast("pk", CharField())), name_en="")
    School.objects.update(address="1-2-3 Cnry Street")
    User.objects.update(language=language, name="Cnry Name", name_kana="cnry")
    Ambassador.objects.update(name_ja="Cnry Card", name_en="", headline_ja="Cnry Headline", time_zone=HOME_ABROAD)


def scene(name: str, language: str) -> tuple[Visit, Offer]:
    """A visit on which one of two wanted ambassadors comes, another day proposed for it, and one more waiting offer."""
    request = factories.make_request()
    words = dict.fromkeys(
        ("aims", "place", "equipment", "access", "wishes", "times_note", "contact_hours"), "Cnry words"
    )
    Request.objects.filter(pk=request.pk).update(ambassadors_wanted=2, **words)
    PlannedGroup.objects.filter(request=request).update(label="2-3")
    request = factories.open_request(request=factories.submitted_request(request=request))
    second = factories.offer_for(request, ambassador=factories.second_ambassador())
    visit = factories.confirmed_visit(offer=factories.offer_for(request))
    turn_into(name, visit, second)
    everything_in_plain_words(language)
    # What the verbs have told on the way is not told again: its key is taken.
    Letter.objects.all().delete()
    return Visit.objects.get(pk=visit.pk), Offer.objects.get(pk=second.pk)


def turn_into(name: str, visit: Visit, offer: Offer) -> None:
    """The same rows as another kind of request, of another host."""
    request = Request.objects.filter(pk=visit.request_id)
    if name != "school":
        by_desk = {"entered_by": factories.account("coordinator"), "channel": "phone"}
        request.update(**by_desk, contact=factories.account("coordinator"), caller_name=CALLER)
    if name == "school_arranged":
        request.update(entry="arranged")
    if name in ("board_contest", "organisation_event", "desk_content"):
        host = {"board": Board.objects.first(), "organisation": Organisation.objects.first()}
        of_host = {key: value for key, value in host.items() if name.startswith(key)}
        told = {"title": "Cnry Title", "audience": "Cnry Audience", "people_expected": 1200, "theme": ""}
        request.update(**told, school=None, **of_host, kind=name.partition("_")[2])
        visit.request.planned_groups.all().delete()
        Visit.objects.filter(pk=visit.pk).update(school=None)
    if name == "desk_content":
        request.update(due_on=visit.day)
        Visit.objects.filter(pk=visit.pk).update(slot=None)
        Offer.objects.filter(pk=offer.pk).update(without_slots=True)
        visit.request.slots.update(dropped_at=timezone.now())
        offer.slots.clear()


def report_on(visit: Visit) -> None:
    """Straight into its table: in this file nothing is said of when a report may be written."""
    made = Report.objects.create(
        visit=visit,
        format="online",
        comment="Cnry comment",
        reported_by=visit.request.contact,
        on_behalf_source="Cnry source",
        people=None if visit.school_id else 1150,
        link="" if visit.slot_id else "https://video.example/1",
    )
    if visit.school_id:
        Group.objects.create(
            report=made, school=visit.school, stage="high", grade=2, label="2-3", present=72, already_met=10
        )


def about_requests(request: Request) -> list[Draft]:
    tell = of_requests
    drafts = [
        *tell.submitted(request),
        *tell.taken_up(request),
        *tell.waitlisted(request, "Cnry reason"),
        *tell.handed_back(request, "Cnry reason"),
        *tell.declined(request, "Cnry reason"),
        *tell.unmatched(request, "Cnry reason"),
        *tell.expired(request),
        *tell.dates_added(request),
        *tell.withdrawn(request, "Cnry reason"),
    ]
    if slots := request.open_slots():
        drafts += tell.date_dropped(request, slots[-1])
    if request.school is None or request.caller_name:
        return drafts
    drafts += tell.sent_to_board(request) + tell.passed_on(request)
    request.school.board = Board.objects.exclude(pk=request.school.board_id).first()
    return drafts + tell.sent_to_board(request)


def about_offers(offer: Offer) -> list[Draft]:
    tell, slots = of_visits, list(offer.slots.all())
    drafts = [
        *tell.offered(offer),
        *tell.offer_declined(offer, slots[:1]),
        *tell.offer_retracted(offer, "Cnry reason"),
        *tell.offer_expired(offer),
    ]
    if slots:
        drafts += tell.offer_narrowed(offer, slots[0]) + tell.offer_lost_a_day(offer, dropped(slots[-1]))
    return drafts


def dropped(slot: Slot) -> Slot:
    slot.dropped_at = timezone.now()
    slot.save(update_fields=["dropped_at"])
    return slot


def about_visits(visit: Visit) -> list[Draft]:
    tell, by_party = of_visits, "Cnry party"
    comes, other = visit.present_ambassadors[0], factories.second_ambassador()
    drafts = [
        *tell.confirmed(visit),
        *tell.cancelled(visit, "Cnry reason", by_party),
        *tell.joined(visit, comes, other),
        *tell.somebody_left(visit, other, "Cnry reason"),
        *tell.settled(visit),
        *tell.not_held(visit, "Cnry reason", by_party),
        *tell.report_wanted(visit, 1),
        *tell.report_wanted(visit, 7),
        *tell.report_wanted(visit, 14),
        *tell.reported(visit, on_behalf=True),
        *tell.report_handed_back(visit, "Cnry reason"),
        *tell.verified(visit),
        *tell.corrected(visit, "Cnry reason"),
        *tell._of_visit_for(visit, [other.user], "visit_joined_ambassador", ambassador=comes, instead_of=None),
    ]
    return drafts


def about_another_day(visit: Visit) -> list[Draft]:
    if not visit.holds_time:
        return []
    tell, by_party = of_visits, "Cnry party"
    day = visit.request.open_slots()[-1]
    made = visit.reschedules.create(
        slot=day,
        old_slot=visit.slot,
        reason="Cnry reason",
        proposed_by=visit.request.contact,
        proposed_for="coordinator",
        expires_at=timezone.now() + dt.timedelta(days=3),
    )
    return [
        *tell.reschedule_proposed(made),
        *tell.reschedule_refused(made, "Cnry note", by_party),
        *tell.reschedule_expired(made),
        *tell.reschedule_ended(made, "Cnry reason"),
        *tell.moved(visit, day, "Cnry reason"),
    ]


def post_all(drafts: list[Draft]) -> list[Letter]:
    for draft in drafts:
        post(draft)
    return list(Letter.objects.filter(key__in=[draft.key for draft in drafts]).select_related("person"))


def all_letters(scene_name: str, language: str = "ja") -> list[Letter]:
    """All that can be told about the rows of one scene."""
    visit, offer = scene(scene_name, language)
    report_on(visit)
    return post_all(
        about_requests(visit.request) + about_offers(offer) + about_visits(visit) + about_another_day(visit)
    )


def empty_lines_said(text: str) -> list[str]:
    """Lines that name something and say nothing: "Name:" with an empty line behind it, or brackets around nothing."""
    return re.findall(r"^.*[：:] *(?=\n\n)|^.*(?:（）|\(\)|（、|\(, ).*$", text, re.MULTILINE)


def faults_of(letter: Letter) -> set[str]:
    text, is_english = whole(letter), letter.language == "en"
    pages = re.findall(rf"{settings.SITE_URL}(/\S*)", letter.body)
    faults = {
        "subject": "Kakehashi" not in letter.subject or "\n" in letter.subject,
        "leftover": re.search(r"\{\{|\}\}|\{%|%\}|%\(|\bNone\b|\[\]|\bcnry\b", text),
        "html": re.search(r"[<>]|&(amp|lt|gt|quot|#)", text),
        "words": bool(JAPANESE.search(text)) is is_english,
        "gap": "\n\n\n" in letter.body or re.search(r"[ 　]\n", letter.body),
        "says nothing": empty_lines_said(text),
        "addressed": letter.person.name not in letter.body,
        # Where to go on, and the house itself.
        "pages": len(pages) != 2 or any(page.startswith("/en/") is not is_english for page in pages),
    }
    return {fault for fault, is_wrong in faults.items() if is_wrong}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("scene_name", SCENES)
def test_every_letter_is_whole_plain_text_in_the_language_of_its_reader(scene_name, language, caplog):
    caplog.set_level("DEBUG", logger="django.template")
    told = all_letters(scene_name, language)
    # Names that a template asked for in vain: most readers are no ambassadors, and some receipts know no rules.
    assert {record.args[0] for record in caplog.records if record.name == "django.template"} <= {
        *("ambassador", "rules", "in_name_of", "for_host")
    }
    assert {news_of(letter): faults_of(letter) for letter in told if faults_of(letter)} == {}
    if scene_name == "school":
        assert {news_of(letter) for letter in told} == NEWS


def test_both_languages_name_the_same_things():
    """All but the reader, who is "you" in English."""

    def named(path: Path) -> set[str]:
        names = {name.partition("|")[0] for name in re.findall(r"\{\{ (.*?) \}\}", path.read_text())}
        return names - {"person.name"}

    for path in FOLDER.rglob("*.ja.txt"):
        if path.name.startswith(tuple(NEWS)) or path.parent != FOLDER:
            assert named(path) == named(path.with_name(path.name.replace(".ja.", ".en."))), path.name


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("scene_name", ["board_contest", "organisation_event", "desk_content"])
def test_nothing_is_said_of_a_school_or_a_lesson_where_the_host_is_none(scene_name, language):
    """Each letter about another kind, without its foot; only what the reader's own page is called may speak of visits."""
    told = all_letters(scene_name, language)
    for proposal in Reschedule.objects.all():
        Letter.objects.filter(key__startswith=f"reschedule:{proposal.public_id}").delete()
        proposal.proposed_for = "school"
        told += post_all(of_visits.reschedule_proposed(proposal))
    lines = {line for letter in told for line in whole(letter).partition("\n--\n")[0].splitlines()}
    assert [line for line in lines if OF_SCHOOLS.search(OWN_WORDS.sub("", line))] == []
    reasons = [word for name, word in vars(of_visits).items() if name.isupper()]
    assert [str(reason) for reason in reasons if OF_SCHOOLS.search(str(reason).replace("訪問", ""))] == []


@pytest.mark.parametrize("scene_name", ["school", "desk_content"])
def test_whoever_lives_abroad_reads_each_time_twice(scene_name):
    """Of the letters to ambassadors that name a time to come; content has none."""
    with_times = {"offer_sent", "offer_narrowed", "offer_lost_a_day", "visit_confirmed_ambassador", "visit_moved"}
    with_times |= {"visit_joined_ambassador", "visit_left_others", "reschedule_asked", "reschedule_refused"}
    to_ambassadors = [letter for letter in all_letters(scene_name) if hasattr(letter.person, "ambassador")]
    twice = {news_of(letter) for letter in to_ambassadors if "New York" in letter.body}
    assert twice & with_times == (with_times if scene_name == "school" else set())


def test_news_for_a_host_without_an_account_is_passed_on_by_the_desk():
    """The coordinator who entered the request reads whom to tell; ambassadors learn it with the contact data."""
    told = all_letters("school_by_phone")
    to_the_host = {"request_taken_up", "visit_confirmed_school", "visit_cancelled_school", "report_wanted"}
    to_pass_on = {news_of(letter) for letter in told if WITHOUT_ACCOUNT in letter.body}
    assert to_pass_on >= to_the_host
    assert {news for news in to_pass_on if news.endswith(("_desk", "_ambassador"))} == set()
    outside = {news_of(letter) for letter in told if CALLER in whole(letter) and not letter.person.is_coordinator}
    assert outside == {"visit_confirmed_ambassador"}


def test_a_host_with_an_account_is_told_by_the_letter_itself():
    told = all_letters("school")
    assert [letter.key for letter in told if WITHOUT_ACCOUNT in letter.body] == []


def test_content_has_a_due_date_and_no_time():
    visit, offer = scene("desk_content", "ja")
    told = post_all(of_visits.offered(offer) + of_visits.confirmed(visit) + of_requests.submitted(visit.request))
    due = dates.day_words(visit.day)
    assert [letter.key for letter in told if due not in letter.body] == []
    assert [letter.key for letter in told if "希望日時" in letter.body or "日時：" in letter.body] == []


def test_it_is_told_how_many_of_the_wanted_ambassadors_come():
    visit, _offer = scene("school", "ja")
    told = post_all(
        of_visits.confirmed(visit) + of_visits.somebody_left(visit, factories.second_ambassador(), "家庭の用事。")
    )
    said = {news_of(letter) for letter in told if "2人のうち1人が決ま" in letter.body}
    assert said == {"visit_confirmed_school", "visit_confirmed_desk", "visit_left_school", "visit_left_desk"}


def test_a_declined_offer_names_the_other_days_that_would_suit():
    _visit, offer = scene("school", "ja")
    (third,) = [slot for slot in offer.request.open_slots() if slot.rank == 3]
    (told,) = post_all(of_visits.offer_declined(offer, [third]))
    assert f"・第3希望　{third.words}" in told.body


def test_an_offer_that_lost_a_day_goes_on_about_the_others():
    _visit, offer = scene("school", "ja")
    first, second = offer.slots.order_by("rank")
    (told,) = post_all(of_visits.offer_lost_a_day(offer, dropped(second)))
    gone, _heading, goes_on = told.body.partition("続いている日時")
    assert (second.words in gone, second.words in goes_on) == (True, False)
    assert (first.words in gone, first.words in goes_on) == (False, True)


def test_the_rules_of_intake_stand_on_the_receipt():
    visit, _offer = scene("school", "ja")
    told = post_all(of_requests.submitted(visit.request))
    rules = current_rules(visit.request.fiscal_year)
    (receipt,) = [letter for letter in told if news_of(letter) == "request_submitted"]
    assert dates.day_words(rules.closes_on, year=True) in receipt.body


def test_a_question_waits_for_the_morning_of_whoever_is_asked(asked_at, ambassador_abroad, coordinator):
    """Ten in the morning in Tokyo is two at night in Berlin."""
    request = asked_at(dates.at_tokyo(dt.date(2027, 1, 12), dt.time(16)), format="online")
    offer = visits.send_offer(request, by=coordinator, ambassador=ambassador_abroad, slots=list(request.slots.all()))
    letter = Letter.objects.get(key=f"offer:{offer.public_id}:offer_sent:{ambassador_abroad.user_id}")
    assert dates.moment_words(letter.next_try_at, zone=ZoneInfo("Europe/Berlin")) == "11月20日（金） 8:00"
    assert not Letter.objects.due(timezone.now()).filter(pk=letter.pk).exists()
    visits.retract(offer, by=coordinator, reason="日時が変わった")
    assert not Letter.objects.filter(key__startswith=f"offer:{offer.public_id}:").exists()


def test_who_has_been_asked_by_day_is_told_that_the_question_is_taken_back(asked_at, ambassador, coordinator):
    request = asked_at(dates.at_tokyo(dt.date(2027, 1, 12), dt.time(10)))
    offer = visits.send_offer(request, by=coordinator, ambassador=ambassador, slots=list(request.slots.all()))
    visits.retract(offer, by=coordinator, reason="日時が変わった")
    assert Letter.objects.filter(key=f"offer:{offer.public_id}:offer_retracted:{ambassador.user_id}").exists()
