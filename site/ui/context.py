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
    return {
        "menu": list(places.menu.ask(request)),
        "tools": tools,
        "other_language": other_language(request),
        "signed_in_as": user.get_full_name() if signed_in else "",
        "is_demo": bool(places.is_demo.first()),
        "desk_contact": desk_contact(),
        "footer_links": [
            menu_entry(request, _("派遣の申込み"), reverse("requests:new")),
            menu_entry(request, _("活動の広がり"), reverse("reach")),
        ],
        "site_url": settings.SITE_URL,
    }


__all__ = ["DeskContact", "MenuEntry", "OtherLanguage", "address_in", "frame", "menu_entry"]
