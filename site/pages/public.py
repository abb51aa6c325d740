"""What a stranger may read: published, not restricted, not past its end. Every list, menu, map and feed asks here."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, PageViewRestriction

from ui.words import in_language_of_reader


def public_pages(kind: type[Page] = Page) -> Any:
    """Pages of this kind that everybody may read at this moment; nothing below a restricted page is among them."""
    # One condition instead of Wagtail's `public()`, which asks the database once more for each list.
    mine = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    restricted = PageViewRestriction.objects.annotate(mine=mine).filter(mine__startswith=F("page__path"))
    return (
        kind.objects.live()
        .filter(Q(expire_at__isnull=True) | Q(expire_at__gt=timezone.now()))
        .filter(~Exists(restricted))
    )


def in_language(pages: Any, language: str | None = None) -> Any:
    """Each page once: in this language, and in Japanese where nobody has translated it."""
    language = language or translation.get_language() or "ja"
    if language == "ja":
        return pages.filter(locale__language_code="ja")
    translated = pages.filter(locale__language_code=language)
    return pages.filter(
        Q(locale__language_code=language)
        | (Q(locale__language_code="ja") & ~Q(translation_key__in=translated.values("translation_key")))
    )


def address_of(page: Page) -> str:
    """Where the page opens, under /en/ for readers of English even where nobody has translated it."""
    return address_in_language_of_reader(page.get_url() or "/", page.locale.language_code)


def address_in_language_of_reader(own_url: str, language: str) -> str:
    """The address of a page in this language, as readers of the active one open it."""
    return in_language_of_reader(own_url) if language == "ja" else own_url


def refuse_what_cannot_be_opened(url: str) -> None:
    """An address of this house (/…), or one of the web or of mail; nothing a browser would run."""
    if url.startswith(("https://", "http://", "mailto:")) or (url[:1] == "/" and url[1:2] != "/"):
        return
    raise ValidationError(
        _("「%(value)s」は開けません。https:// か / で始まるアドレスを書いてください。"), params={"value": url}
    )


def ways_to(ids: list[int]) -> dict[int, str]:
    """Where pages open in the reader's language, by the number of each; those not for everybody are left out."""
    language = translation.get_language() or "ja"
    found = {page.pk: page for page in public_pages().filter(pk__in=ids).select_related("locale")}
    others = {page.translation_key: pk for pk, page in found.items() if page.locale.language_code != language}
    if others:
        twins = public_pages().filter(translation_key__in=others, locale__language_code=language)
        for twin in twins.select_related("locale"):
            found[others[twin.translation_key]] = twin
    return {pk: address_of(page) for pk, page in found.items()}
