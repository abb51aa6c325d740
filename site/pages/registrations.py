"""What pages show in the named places of lower parts."""

from django.db.models import Count, Max, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Page

from ui.context import MenuEntry, menu_entry


def cms_entry(request: HttpRequest) -> MenuEntry | None:
    """The way to the editors' house, for editors."""
    if request.user.is_authenticated and request.user.edits_pages:
        return menu_entry(request, _("ページの編集"), reverse("wagtailadmin_home"))
    return None


def public_state() -> str:
    """When a page was last published or taken down."""
    newest = Page.objects.aggregate(published=Max("last_published_at"), pages=Count("pk", filter=Q(live=True)))
    return f"{newest['published']} {newest['pages']}"
