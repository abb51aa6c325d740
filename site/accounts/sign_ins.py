"""Where somebody is signed in, and how all of it ends at once."""

import datetime as dt

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import F
from django.utils import timezone

from accounts.models import User


def end_sign_ins(person: User) -> None:
    """Every device of this person is signed out, and links to a new password that were sent before are dead.

    What each sign-in remembers of the account no longer fits; that holds for sign-ins no list knows of, too.
    """
    User.objects.filter(pk=person.pk).update(sign_in_round=F("sign_in_round") + 1)
    person.refresh_from_db(fields=["sign_in_round"])
    for sign_in in UserSession.objects.filter(user=person):
        sign_in.end()


def forget_ended_sign_ins() -> str:
    """Sign-ins that ran out are gone, with the address and browser they were made from."""
    gone, _each = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    oldest = timezone.now() - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    alive = Session.objects.values("session_key")
    UserSession.objects.filter(created_at__lt=oldest).exclude(session_key__in=alive).delete()
    return f"{gone} ended sign-ins forgotten"
