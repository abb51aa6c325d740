"""Organisation: a body of the alliance; its people are memberships."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ui import dates
from ui.words import TwoLanguages


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def taking_part(self):
        """Those that have joined and not left."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=dates.today()))

    def matching(self, words: str):
        """Those whose name holds every word."""
        found = self
        for word in words.split()[:5]:
            found = found.filter(Q(name_ja__icontains=word) | Q(name_en__icontains=word) | Q(name_kana__icontains=word))
        return found


class Organisation(TwoLanguages, models.Model):
    """A body that takes part in the alliance."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("記号"), max_length=60, unique=True)
    name_ja = models.CharField(_("名称"), max_length=120)
    name_en = models.CharField(_("名称（英語）"), max_length=160, blank=True)
    name_kana = models.CharField(_("ふりがな"), max_length=160, blank=True)
    prefecture_code = models.CharField(_("都道府県"), max_length=2, blank=True)
    joined_on = models.DateField(_("参画した日"), null=True, blank=True)
    left_on = models.DateField(_("退いた日"), null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("参画機関")
        verbose_name_plural = _("参画機関")
        ordering = ("name_kana", "name_ja")

    def __str__(self) -> str:
        return self.name
