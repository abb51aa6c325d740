"""Pictures of the CMS. One with people on it stays inside until somebody has said whether pupils can be recognised."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class People(models.TextChoices):
    UNSAID = "", _("まだ答えていない")
    NOBODY = "nobody", _("人は写っていない")
    UNKNOWABLE = "unknowable", _("人が写っているが、児童生徒の顔や名前は分からない")
    PUPILS = "pupils", _("児童生徒がだれか分かる")


class PictureQuerySet(models.QuerySet["Picture"]):
    def that_may_be_shown(self) -> "PictureQuerySet":
        return self.filter(
            models.Q(people__in=(People.NOBODY, People.UNKNOWABLE)) | models.Q(people=People.PUPILS, has_consent=True)
        )


class Picture(AbstractImage):
    """A picture or drawing for pages."""

    people = models.CharField(
        _("写っている人"),
        max_length=12,
        choices=People.choices,
        default=People.UNSAID,
        blank=True,
        help_text=_(
            "答えるまで、この写真は公開されません。児童生徒の氏名・名簿・座席表が写った写真は入れないでください。"
        ),
    )
    has_consent = models.BooleanField(
        _("学校が、保護者と本人の同意を確かめている"),
        default=False,
        help_text=_("児童生徒がだれか分かる写真は、これが無いと公開されません。"),
    )
    credit = models.CharField(_("撮影・提供"), max_length=120, blank=True)

    admin_form_fields = (*Image.admin_form_fields, "people", "has_consent", "credit")

    class Meta(AbstractImage.Meta):
        verbose_name = _("写真・図")
        verbose_name_plural = _("写真・図")

    @property
    def may_be_shown(self) -> bool:
        """Whether a stranger may see it; not before both questions have an answer."""
        return self.people in {People.NOBODY, People.UNKNOWABLE} or (self.people == People.PUPILS and self.has_consent)


class Drawing(AbstractRendition):
    """A picture in the size a page needs."""

    image = models.ForeignKey(Picture, models.CASCADE, related_name="renditions")

    class Meta:
        verbose_name = _("写真の縮小版")
        verbose_name_plural = _("写真の縮小版")
        constraints = [
            models.UniqueConstraint(fields=("image", "filter_spec", "focal_point_key"), name="one_drawing_per_size")
        ]


__all__ = ["Drawing", "People", "Picture"]
