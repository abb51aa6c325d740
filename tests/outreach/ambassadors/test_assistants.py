"""Assistants: who they are, what they do in the ambassador's name, and what stays closed to them.

Every state × verb of the lives is walked with an assistant in `tests/outreach/test_lives.py`.
"""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress

from accounts.models import User
from outbox.models import Letter
from outreach.ambassadors import assistants
from outreach.lives import NotAllowed
from outreach.models import Assistant, Offer, Step, Visit
from outreach.visits import actions as visits
from tests import factories
from tests.outreach.pages import Reader
from tests.outreach.rows import rows

pytestmark = pytest.mark.django_db

PAGE = "/my/assistants/"
ADDRESS = "hisho@example.jp"


def account(email: str, *, verified: bool = True) -> User:
    person = User.objects.create_user(email, name="秘書 二子", name_kana="ひしょ ふたこ")
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=verified)
    return person


# ── naming and ending ─────────────────────────────────────────────────────────
def test_the_answer_and_the_letter_are_the_same_with_and_without_an_account(ambassador):
    account("known@example.jp")
    said = {}
    for address in ("known@example.jp", "stranger@example.jp"):
        body = Reader(ambassador).told(PAGE, email=address)
        letter = Letter.objects.get(to_address=address)
        said[address] = (body.count(address), letter.subject, letter.person, letter.language, letter.state)
    assert said["known@example.jp"] == said["stranger@example.jp"]


def test_a_letter_says_what_to_do(ambassador, settings, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assistants.name_assistant(ambassador, by=ambassador.user, email="Hisho@Example.jp")
    (mail,) = mailoutbox
    assert mail.to == [ADDRESS]
    assert f"{settings.SITE_URL}/my/" in mail.body
    assert f"{settings.SITE_URL}/accounts/signup/" in mail.body
    assert ambassador.name in mail.body


def test_the_link_holds_from_the_moment_the_address_is_confirmed(waiting_offer, ambassador):
    page = waiting_offer.get_absolute_url()
    assistants.name_assistant(ambassador, by=ambassador.user, email=ADDRESS)
    person = account(ADDRESS, verified=False)
    assert Reader(person).sees(page) == 404
    assert "の秘書" not in Reader(person).reads("/my/")
    EmailAddress.objects.filter(user=person).update(verified=True)
    assert Reader(person).sees(page) == 200
    assert f"{ambassador.name}さんの秘書" in Reader(person).reads("/my/")


def test_capitals_in_an_address_play_no_part(waiting_offer, ambassador):
    person = account("Hisho@example.jp".lower())
    EmailAddress.objects.filter(user=person).update(email="HISHO@example.jp")
    assistants.name_assistant(ambassador, by=ambassador.user, email="hisho@EXAMPLE.jp ")
    assert Reader(person).sees(waiting_offer.get_absolute_url()) == 200
    assert list(ambassador.assistants.all().people()) == [person]


def test_the_link_ends_with_a_button_at_once(waiting_offer, ambassador, assistant):
    page = waiting_offer.get_absolute_url()
    assert Reader(assistant).sees(page) == 200
    link = Assistant.objects.get()
    assert "指名を終えました" in Reader(ambassador).told(f"{PAGE}{link.public_id}/end/")
    assert Reader(assistant).sees(page) == 404
    answer = Reader(assistant).sends(f"{page}accept/", slot=waiting_offer.slots.first().public_id)
    assert answer.status_code == 404
    assert Letter.objects.filter(to_address=ADDRESS).count() == 2
    assert Offer.objects.get().state == "sent"


def test_an_account_that_was_switched_off_acts_no_longer(waiting_offer, assistant):
    User.objects.filter(pk=assistant.pk).update(is_active=False)
    assistant.refresh_from_db()
    with pytest.raises(NotAllowed):
        visits.decline(waiting_offer, by=assistant)


def test_nobody_else_names_or_ends(ambassador, other_ambassador, assistant, school_contact):
    link = Assistant.objects.get()
    before = rows(Assistant)
    for by in (other_ambassador.user, assistant, school_contact):
        with pytest.raises(NotAllowed):
            assistants.name_assistant(ambassador, by=by, email="x@example.jp")
        with pytest.raises(NotAllowed):
            assistants.end_assistant(link, by=by)
    assert Reader(other_ambassador).sends(f"{PAGE}{link.public_id}/end/").status_code == 404
    assert rows(Assistant) == before


def test_the_desk_may_end_a_link(coordinator, assistant):
    assistants.end_assistant(Assistant.objects.get(), by=coordinator)
    assert not Assistant.objects.current().exists()


def test_said_twice_it_is_one_link_and_one_letter(ambassador):
    for _number in range(2):
        assistants.name_assistant(ambassador, by=ambassador.user, email=ADDRESS)
    assert Assistant.objects.count() == Letter.objects.count() == 1


def test_not_oneself_not_too_many_and_not_too_often(ambassador):
    name = lambda email: assistants.name_assistant(ambassador, by=ambassador.user, email=email)
    with pytest.raises(NotAllowed, match="ご自分の"):
        name(ambassador.user.email.upper())
    for number in range(assistants.MOST):
        name(f"a{number}@example.jp")
    with pytest.raises(NotAllowed, match="3人まで"):
        name("one-more@example.jp")
    for number in range(assistants.MOST_A_DAY - assistants.MOST):
        assistants.end_assistant(Assistant.objects.current().first(), by=ambassador.user)
        name(f"b{number}@example.jp")
    assistants.end_assistant(Assistant.objects.current().first(), by=ambassador.user)
    with pytest.raises(NotAllowed, match="今日はもう"):
        name("c@example.jp")


# ── what they do ──────────────────────────────────────────────────────────────
def test_an_assistant_accepts_and_is_written_down_as_the_person(waiting_offer, assistant, ambassador):
    one = Reader(assistant)
    assert waiting_offer.get_absolute_url() in one.reads("/my/")
    body = one.reads(waiting_offer.get_absolute_url())
    assert f"{ambassador.name}さんに代わって返事をします" in body
    one.sends(f"{waiting_offer.get_absolute_url()}accept/", slot=waiting_offer.slots.first().public_id)
    visit = Visit.objects.get()
    assert visit.present_ambassadors == [ambassador]
    step = Step.objects.get(subject="offer", verb="accept")
    assert (step.by, step.party) == (assistant, "ambassador")
    assert ambassador.name in one.reads("/my/")
    page = one.reads(visit.get_absolute_url())
    assert visit.request.contact.email in page
    assert f"{ambassador.name}さんの訪問授業" in page


def test_an_assistant_proposes_and_agrees_to_another_day(confirmed_visit, assistant, ambassador, school_contact):
    mine = factories.proposed_move(confirmed_visit, by=assistant)
    assert [person.pk for person in mine.agreed.all()] == [ambassador.pk]
    visits.withdraw_proposal(mine, by=assistant)
    theirs = factories.proposed_move(Visit.objects.get(), by=school_contact)
    assert "日時の変更に返事をする" in Reader(assistant).reads("/my/")
    body = Reader(assistant).told(f"/visits/{confirmed_visit.public_id}/move/{theirs.public_id}/agree/")
    assert "訪問の日時が変わりました" in body


def test_an_assistant_of_one_leaves_for_that_one_alone(visit_of_two, ambassador, other_ambassador, assistant):
    one = Reader(assistant)
    assert f"{ambassador.name}さんの担当を外れる" in one.reads(visit_of_two.get_absolute_url())
    answer = one.sends(f"/visits/{visit_of_two.public_id}/leave/?who={other_ambassador.public_id}", reason="x")
    assert answer.status_code == 403
    one.sends(f"/visits/{visit_of_two.public_id}/leave/", reason="発熱です。")
    assert Visit.objects.get().present_ambassadors == [other_ambassador]


def test_whoever_acts_for_two_says_for_whom(visit_of_two, ambassador, other_ambassador, assistant):
    assistants.name_assistant(other_ambassador, by=other_ambassador.user, email=assistant.email)
    with pytest.raises(NotAllowed, match="2人以上の推進大使の秘書"):
        visits.leave(visit_of_two, by=assistant, reason="発熱です。")
    visits.leave(visit_of_two, by=assistant, reason="発熱です。", ambassador=ambassador)
    assert Visit.objects.get().present_ambassadors == [other_ambassador]
    assert f"{other_ambassador.name}さん" in Reader(assistant).reads("/my/")


def test_assistants_read_the_letters_of_offers_and_visits(open_request, ambassador, assistant, coordinator):
    offer = factories.offer_for(open_request, ambassador=ambassador)
    factories.confirmed_visit(offer=offer)
    letters = {letter.key.split(":")[-2]: letter for letter in Letter.objects.filter(person=assistant)}
    assert set(letters) == {"offer_sent", "visit_confirmed_ambassador"}
    for letter in letters.values():
        assert f"{ambassador.name}さんの秘書\n{assistant.name} 様" in letter.body
    own = Letter.objects.get(person=ambassador.user, key__contains="offer_sent")
    rest = letters["offer_sent"].body.partition("様")[2]
    assert own.body.partition("様")[2] == rest
    assert "秘書" not in own.body


def test_a_letter_in_english_says_for_whom_it_is(open_request, ambassador, assistant):
    User.objects.filter(pk=assistant.pk).update(language="en")
    factories.offer_for(open_request, ambassador=ambassador)
    letter = Letter.objects.get(person=assistant)
    assert "This comes to you as the assistant of Ryo Kazami." in letter.body


# ── what stays closed ─────────────────────────────────────────────────────────
@pytest.mark.parametrize("page", ["/my/profile/", "/my/assistants/", "/my/conduct/"])
def test_profile_assistants_and_conduct_are_the_ambassadors_own(assistant, page):
    assert Reader(assistant).sees(page) == 403
    assert Reader(assistant).sends(page, headline_ja="x", email="x@example.jp").status_code == 403


@pytest.mark.parametrize("verb", ["offering", "take-back", "photo/remove"])
def test_no_verb_of_the_profile_is_open(assistant, verb):
    before = rows()
    assert Reader(assistant).sends(f"/my/profile/{verb}/", formats=["online"]).status_code == 403
    after = rows()
    after["User"] = before["User"]  # signing in is written down
    assert after == before


def test_an_assistant_sees_nothing_of_others(assistant, visit_of_two, other_ambassador, ambassador):
    foreign = Offer.objects.get(ambassador=other_ambassador)
    nowhere = Reader(assistant).client.get("/offers/00000000-0000-4000-8000-000000000000/")
    assert Reader(assistant).client.get(foreign.get_absolute_url()).content == nowhere.content
    visits.leave(visit_of_two, by=ambassador.user, reason="発熱です。")
    assert Reader(assistant).sees(visit_of_two.get_absolute_url()) == 404


def test_the_links_of_yesterday_are_kept(ambassador, assistant, clock):
    link = Assistant.objects.get()
    clock.shift(dt.timedelta(days=1))
    assistants.end_assistant(link, by=ambassador.user)
    again = assistants.name_assistant(ambassador, by=ambassador.user, email=ADDRESS)
    assert again.pk != link.pk
    assert Assistant.objects.filter(email=ADDRESS).count() == 2
