"""What pages show in the named places of lower parts: menus, banners, the way into the editors' house."""

import operator
from functools import reduce
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pages.public import address_of, in_language, public_pages, ways_to
from ui import places
from ui.caching import kept
from ui.context import DeskContact, MenuEntry, PageLink, Strip, menu_entry
from ui.words import in_reader_language, is_untranslated

KINDS_IN_MENUS = ("plainpage", "newsindexpage", "eventindexpage")


def cms_entry(request: HttpRequest) -> MenuEntry | None:
    """The way to the editors' house, for editors."""
    if request.user.is_authenticated and request.user.edits_pages:
        return menu_entry(request, _("ページの編集"), reverse("wagtailadmin_home"))
    return None


def links_of_editors() -> list[PageLink]:
    """Pages that editors have put into the menu or below every page, in the order of the tree."""
    language = translation.get_language() or "ja"
    now = timezone.now()
    rows = kept("links", lambda: _read_links(language))
    return [link for ends, link in rows if ends is None or ends > now]


def _read_links(language: str) -> list[tuple[Any, PageLink]]:
    in_footer = Coalesce(*(F(f"{kind}__in_footer") for kind in KINDS_IN_MENUS), Value(False))
    kinds = reduce(operator.or_, (Q(**{f"{kind}__isnull": False}) for kind in KINDS_IN_MENUS))
    chosen = in_language(public_pages(), language).filter(kinds).annotate(in_footer=in_footer)
    rows = []
    for page in chosen.filter(Q(show_in_menus=True) | Q(in_footer=True)).select_related("locale"):
        lang = "" if page.locale.language_code == language else page.locale.language_code
        link = PageLink(page.title, address_of(page), lang, page.show_in_menus, page.in_footer)
        # Translated trees are siblings: what orders them alike is the place below their home.
        rows.append((page.path[8:], page.expire_at, link))
    return [(ends, link) for _path, ends, link in sorted(rows, key=lambda row: row[0])]


def banners_now() -> list[Strip]:
    """Emergencies first, then the newest."""
    now = timezone.now()
    rows = [banner for banner in kept("banners", _read_banners) if banner.shown_from <= now]
    rows = [banner for banner in rows if banner.shown_until is None or banner.shown_until > now]
    return [
        Strip(
            kind=banner.urgency,
            label=banner.get_urgency_display(),
            text=in_reader_language(banner, "text"),
            lang="ja" if is_untranslated(banner, "text") else "",
            url=banner.way,
        )
        for banner in sorted(rows, key=lambda banner: banner.urgency)
    ]


def desk_as_written() -> DeskContact | None:
    """How the desk is reached, as editors have written it at its section; without a mail there, that of the house.

    An error page asks as well: with no database there is nothing to read.
    """
    try:
        mail, phone = kept("desk", _read_desk)
    except DatabaseError:
        return None
    return DeskContact(mail or settings.DESK_MAIL, phone)


def _read_desk() -> tuple[str, str]:
    from pages.notices import Section

    return Section.objects.filter(key="desk").values_list("mail", "phone").first() or ("", "")


def _read_banners() -> list[Any]:
    from pages.notices import Banner

    banners = list(Banner.objects.ahead_of(timezone.now()))
    ways = ways_to([banner.page_id for banner in banners if banner.page_id])
    for banner in banners:
        banner.way = ways.get(banner.page_id, "")
    return banners


def register() -> None:
    from pages.panels import pages_panel
    from pages.previews import forget_ended_links
    from pages.schedule import publish_what_is_due

    places.menu.register(cms_entry, rank=60)
    places.page_links.register(links_of_editors)
    places.my_page.register(pages_panel, rank=50)
    places.banners.register(banners_now)
    places.desk_contact.register(desk_as_written)
    places.tick_jobs.register(publish_what_is_due, rank=5)
    places.tick_jobs.register(forget_ended_links, rank=95)
