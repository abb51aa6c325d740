"""The pages of the invented world: help and policies as every house has them, and news and events of its own."""

import datetime as dt
from pathlib import Path
from typing import Any

from accounts.models import User
from accounts.terms.models import TermsAcceptance, TermsVersion
from pages.loading import LANGUAGES, Text, date_page, join, load_pages, texts, write
from pages.models import EventIndexPage, EventPage, NewsIndexPage, NewsPage
from pages.notices import Banner, Section, Urgency
from ui import dates

TEXTS = Path(__file__).resolve().parent / "texts"


def tell_pages(world: Any) -> None:
    """Everything a stranger reads, as old or as new as it should look today; everybody has accepted the terms."""
    done = load_pages()
    for page in done.pages:
        date_page(page, world.begins)
    # A number that nobody has.
    Section.objects.filter(key="desk").update(phone="03-0000-0000")
    _accept_terms(world)
    pages = done.places
    for kind, index, folder in ((NewsPage, NewsIndexPage, "news"), (EventPage, EventIndexPage, "events")):
        originals: dict[str, Any] = {}
        for language in LANGUAGES:
            parent = index.objects.get(locale__language_code=language)
            for text in texts(TEXTS, language):
                if text.parent != folder or parent.get_children().filter(slug=text.slug).exists():
                    continue
                page = kind(slug=text.slug, title=text.said["title"], live=False)
                (_dress_news if kind is NewsPage else _dress_event)(page, text, world)
                join(page, parent, originals.get(text.slug))
                originals.setdefault(text.slug, page)
                write(page, text.said, language, pages)
                _publish(page, text, world)
    Banner.objects.create(
        urgency=Urgency.NOTICE,
        text_ja="このサイトの例です。大雪で学校が休みになるときなど、急ぎのお知らせがここに出ます。",
        text_en="An example: urgent news, such as schools closed by heavy snow, stands here.",
        shown_from=world.now - dt.timedelta(days=400),
        shown_until=world.now - dt.timedelta(days=390),
    )


def _accept_terms(world: Any) -> None:
    version = TermsVersion.objects.get()
    TermsVersion.objects.filter(pk=version.pk).update(in_force_from=world.begins.date(), made_at=world.begins)
    TermsAcceptance.objects.bulk_create(
        TermsAcceptance(user=user, version=version, accepted_at=user.date_joined) for user in User.objects.all()
    )


def _day(world: Any, ahead: int) -> dt.date:
    return world.today + dt.timedelta(days=ahead)


def _dress_news(page: NewsPage, text: Text, world: Any) -> None:
    page.kind = text.said["kind"]
    page.released_on = _day(world, -text.said["days_ago"])


def _dress_event(page: EventPage, text: Text, world: Any) -> None:
    said, day = text.said, _day(world, text.said["in_days"])
    while not dates.is_school_weekday(day) or (day.month, day.day) < (1, 8) or (day.month, day.day) > (12, 25):
        day += dt.timedelta(days=1)
    page.starts_at = dates.at_tokyo(day, dt.time.fromisoformat(said["start"]))
    page.ends_at = dates.at_tokyo(day, dt.time.fromisoformat(said["end"]))
    page.place, page.is_online = said.get("place", ""), said.get("online", False)
    page.audience, page.organiser = said.get("audience", ""), said.get("organiser", "")
    page.cost = said.get("cost", "")
    page.apply_by = _day(world, said["apply_by_days"]) if "apply_by_days" in said else None
    page.apply_mail = said.get("apply_mail", "")
    page.apply_url = said.get("apply_path", "")


def _publish(page: Any, text: Text, world: Any) -> None:
    """Out since its day; on its day, when that is to come; taken off again, when its time is over."""
    days_ago = text.said.get("days_ago", 14)
    morning = dates.at_tokyo(_day(world, -days_ago), dt.time(10))
    if morning > world.now:
        page.go_live_at = morning
    revision = page.save_revision()
    revision.publish()
    if morning <= world.now:
        date_page(page, morning)
    if "expired_days_ago" in text.said:
        over = dates.at_tokyo(_day(world, -text.said["expired_days_ago"]), dt.time(17))
        type(page).objects.filter(pk=page.pk).update(expire_at=over, live=False, expired=True)
