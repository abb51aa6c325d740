"""Framework and Competence."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from ui.words import TwoLanguages


class Framework(TwoLanguages, models.Model):
    """A published list of competences, such as EntreComp."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(_("記号"), max_length=40, unique=True)
    name_ja = models.CharField(_("名称"), max_length=120)
    name_en = models.CharField(_("名称（英語）"), max_length=120, blank=True)
    source = models.CharField(_("出典"), max_length=300, blank=True)
    version = models.CharField(_("版"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("枠組み")
        verbose_name_plural = _("枠組み")
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name


class Competence(TwoLanguages, models.Model):
    """One named thing to be learned, with its place in the framework."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="competences", verbose_name=_("枠組み"))
    code = models.CharField(_("番号"), max_length=20)
    area_ja = models.CharField(_("領域"), max_length=80, blank=True)
    area_en = models.CharField(_("領域（英語）"), max_length=80, blank=True)
    name_ja = models.CharField(_("名称"), max_length=120)
    name_en = models.CharField(_("名称（英語）"), max_length=120, blank=True)
    order = models.PositiveSmallIntegerField(_("並び"), default=0)

    class Meta:
        verbose_name = _("資質・能力")
        verbose_name_plural = _("資質・能力")
        ordering = ("framework_id", "order", "code")
        constraints = [models.UniqueConstraint(fields=("framework", "code"), name="competence_code_once_per_framework")]

    def __str__(self) -> str:
        return self.name
