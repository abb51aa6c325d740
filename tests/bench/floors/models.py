"""A table of plain rows, and a page of five blocks."""

from django.db import models
from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page


class Row(models.Model):
    """Six cells."""

    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=80)
    place = models.CharField(max_length=80)
    state = models.CharField(max_length=20)
    day = models.DateField()
    amount = models.PositiveIntegerField()

    class Meta:
        app_label = "floors"


class BlocksPage(Page):
    body = StreamField(
        [
            ("heading", blocks.CharBlock()),
            ("paragraph", blocks.RichTextBlock()),
            ("lines", blocks.ListBlock(blocks.CharBlock())),
            ("quotation", blocks.BlockQuoteBlock()),
            ("fact", blocks.StructBlock([("label", blocks.CharBlock()), ("text", blocks.TextBlock())])),
        ]
    )

    content_panels = [*Page.content_panels, FieldPanel("body")]
    template = "floors/blocks_page.html"

    class Meta:
        app_label = "floors"
