"""Scheduled publishing: what is due goes out, what has run out comes in. `tick` asks for it once a minute."""

from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Page, Revision


def publish_what_is_due() -> str | None:
    """Pages whose 解禁日時 has come are published, those past their end are taken off; a sentence if there were any."""
    now = timezone.now()
    due = Revision.objects.filter(approved_go_live_at__lt=now).count()
    over = Page.objects.live().filter(expire_at__lt=now).count()
    if not due and not over:
        return None
    call_command("publish_scheduled", verbosity=0)
    return f"{due} pages published, {over} pages taken off"
