"""What the frame around every page needs."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ui import places


@dataclass(frozen=True)
class MenuEntry:
    """One line of a menu; the page on screen is marked."""

    label: str
    url: str
    is_current: bool = False
    # Set where the label is not in the language of the page around it.
    lang: str = ""


@dataclass(frozen=True)
class PageLink:
    """A page of the CMS that editors have put into a menu."""

    label: str
    url: str
    lang: str = ""
    in_menu: bool = False
    in_footer: bool = False


@dataclass(frozen=True)
class Strip:
    """A line above every page."""

    kind: str
    label: str
    text: str
    lang: str = ""
    url: str = ""


@dataclass(frozen=True)
class OtherLanguage:
    code: str
    name: str
    url: str


@dataclass(frozen=True)
class DeskContact:
    """How people reach the desk; an empty phone is not shown."""

    mail: str
    phone: str = ""
    hours: str = ""


def menu_entry(request: HttpRequest, label: str, url: str) -> MenuEntry:
    here = request.path_info
    return MenuEntry(label, url, here == url or (url not in {"/", "/en/"} and here.startswith(url)))


def _page_entry(request: HttpRequest, link: PageLink) -> MenuEntry:
    entry = menu_entry(request, link.label, link.url)
    return MenuEntry(entry.label, entry.url, entry.is_current, link.lang)


def address_in(language: str, request: HttpRequest) -> str:
    """The address of this page in the other language, with the same query."""
    path = request.path_info
    bare = path[3:] if path.startswith("/en/") else path
    url = f"/en{bare}" if language == "en" else bare
    query = request.META.get("QUERY_STRING", "")
    return f"{url}?{query}" if query and request.method == "GET" else url


def other_language(request: HttpRequest) -> OtherLanguage | None:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        match = None
    if match is not None and getattr(match.func, "one_language", False):
        return None
    if translation.get_language() == "en":
        return OtherLanguage("ja", "日本語", address_in("ja", request))
    return OtherLanguage("en", "English", address_in("en", request))


def other_home() -> OtherLanguage:
    """The home page in the other language, for pages whose own address must not be repeated."""
    if translation.get_language() == "en":
        return OtherLanguage("ja", "日本語", "/")
    return OtherLanguage("en", "English", "/en/")


def desk_contact() -> DeskContact:
    return places.desk_contact.first() or DeskContact(settings.DESK_MAIL)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Menu, language switch, who is signed in and how to reach the desk; no page-sized query lives here."""
    if request.path_info.startswith("/cms/"):
        return {}
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    if signed_in:
        tools = [menu_entry(request, _("ログアウト"), reverse("account_logout"))]
    else:
        tools = [menu_entry(request, _("ログイン"), reverse("account_login"))]
    links = [link for links in places.page_links.ask() for link in links]
    menu = [*places.menu.ask(request), *(_page_entry(request, link) for link in links if link.in_menu)]
    footer = [_page_entry(request, link) for link in links if link.in_footer]
    return {
        "menu": menu,
        # Who looks for these on a phone has the whole page between themselves and its foot.
        "menu_more": [link for link in footer if link.url not in {entry.url for entry in menu}],
        "strips": [strip for strips in places.banners.ask() for strip in strips],
        "tools": tools,
        "other_language": other_language(request),
        "signed_in_as": user.get_full_name() if signed_in else "",
        "is_demo": bool(places.is_demo.first()),
        "desk_contact": desk_contact(),
        "footer_links": [
            menu_entry(request, _("派遣の申込み"), reverse("requests:new")),
            menu_entry(request, _("活動の広がり"), reverse("reach")),
            *footer,
        ],
        "site_url": settings.SITE_URL,
        "address": settings.SITE_URL + request.path_info,
        "address_ja": settings.SITE_URL + address_in("ja", request).partition("?")[0],
        "address_en": settings.SITE_URL + address_in("en", request).partition("?")[0],
    }


__all__ = [
    "DeskContact",
    "MenuEntry",
    "OtherLanguage",
    "PageLink",
    "Strip",
    "address_in",
    "frame",
    "menu_entry",
]
