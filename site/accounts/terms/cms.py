"""Where editors write the next version of the terms."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.views.snippets import SnippetViewSet

from accounts.terms.models import TermsVersion


class KeptPolicy(ModelPermissionPolicy):
    """Nobody deletes a version: people have accepted it."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action != "delete" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return super().user_has_any_permission(user, {action for action in actions if action != "delete"})


class TermsViewSet(SnippetViewSet):
    model = TermsVersion
    icon = "doc-full-inverse"
    menu_label = _("利用規約")
    list_display = ["number", "in_force_from", "asks_again"]
    panels = [
        FieldRowPanel([FieldPanel("number"), FieldPanel("in_force_from")]),
        FieldPanel("body_ja"),
        FieldPanel("body_en"),
        FieldPanel("changes_ja"),
        FieldPanel("changes_en"),
        FieldPanel("asks_again"),
    ]


register_permission_policy(TermsVersion, KeptPolicy(TermsVersion))
