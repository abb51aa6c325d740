"""What pages show in the named places of lower parts."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from ui.context import MenuEntry, menu_entry


def cms_entry(request: HttpRequest) -> MenuEntry | None:
    """The way to the editors' house, for editors."""
    if request.user.is_authenticated and request.user.edits_pages:
        return menu_entry(request, _("ページの編集"), reverse("wagtailadmin_home"))
    return None
