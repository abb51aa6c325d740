"""Whoever changes what every page shows sees it at once: pages in memory are forgotten."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from wagtail.signals import page_published, page_unpublished, post_page_move

from ui.caching import forget_pages


def _forget(**kwargs: Any) -> None:
    """Now, for whoever asks in this transaction, and once it is there for all: somebody may have kept the old in between."""
    forget_pages()
    transaction.on_commit(forget_pages)


def watch() -> None:
    """Publishing, taking off, moving, deleting; and rows that stand on every page."""
    from wagtail.models import PageViewRestriction

    from accounts.terms.models import TermsVersion
    from pages.notices import Banner, Section
    from pages.pictures import Picture

    for signal in (page_published, page_unpublished, post_page_move):
        signal.connect(_forget, dispatch_uid="pages.freshness")
    for model in (Banner, Section, Picture, PageViewRestriction, TermsVersion):
        post_save.connect(_forget, sender=model, dispatch_uid=f"pages.freshness.{model.__name__}")
        post_delete.connect(_forget, sender=model, dispatch_uid=f"pages.freshness.{model.__name__}")
