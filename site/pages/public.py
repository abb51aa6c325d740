"""What a stranger may read: published, not restricted, not past its end. Every list, menu, map and feed asks here."""

from typing import Any

from django.db.models import Q
from django.utils import timezone, translation
from wagtail.models import Page


def public_pages(kind: type[Page] = Page) -> Any:
    """Pages of this kind that everybody may read at this moment."""
    return kind.objects.live().public().filter(Q(expire_at__isnull=True) | Q(expire_at__gt=timezone.now()))


def address_of(page: Page) -> str:
    """Where the page opens, under /en/ for readers of English even where nobody has translated it."""
    url = page.get_url() or "/"
    if translation.get_language() == "en" and page.locale.language_code == "ja":
        return f"/en{url}"
    return url
