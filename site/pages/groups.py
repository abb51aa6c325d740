"""What the two groups of the CMS may do. Roles put people into them; what a group may do is written here, not by hand.

Editors write and submit; Moderators, who also coordinate at the desk, read and publish.
"""

from typing import Any

from django.apps import apps

EDITORS, MODERATORS = "Editors", "Moderators"
BOTH = (
    ("wagtailadmin", "admin", ("access_admin",)),
    ("pages", "banner", ("add_banner", "change_banner", "delete_banner", "view_banner")),
    ("pages", "section", ("add_section", "change_section", "view_section")),
    ("wagtail_localize", None, ("submit_translation",)),
)
ONLY_MODERATORS = (
    ("accounts", "termsversion", ("add_termsversion", "change_termsversion", "view_termsversion")),
    ("wagtailredirects", "redirect", ("add_redirect", "change_redirect", "delete_redirect", "view_redirect")),
)
GRANTS = {EDITORS: BOTH, MODERATORS: BOTH + ONLY_MODERATORS}


def give_permissions(**kwargs: Any) -> None:
    """After every migrate; changes nothing the second time."""
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, grants in GRANTS.items():
        group, _made = Group.objects.get_or_create(name=name)
        for app, model, codes in grants:
            found = Permission.objects.filter(content_type__app_label=app, codename__in=codes)
            group.permissions.add(*(found.filter(content_type__model=model) if model else found))
