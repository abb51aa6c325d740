"""Who somebody is: the one way from a mail address and a password to a person, and what their groups give them."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission
from django.db.models import QuerySet


class AccountBackend(AuthenticationBackend):
    """A paused person is answered like one with a wrong password: who pauses is nobody else's business.

    Groups of the CMS count only while the role that gave them runs, so that its last day ends them as well.
    """

    @classmethod
    def _stash_user(cls, user: Any) -> None:
        return None

    def _get_group_permissions(self, user_obj: Any) -> QuerySet[Permission]:
        return (
            super()._get_group_permissions(user_obj)
            if user_obj.edits_pages or user_obj.is_coordinator
            else Permission.objects.none()
        )
