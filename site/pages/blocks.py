"""What a page is built of: text, notes, steps, questions, facts, links, pictures. Each block has its own small template."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.rich_text import RichText

from pages.paste import tidied
from pages.public import refuse_what_cannot_be_opened, ways_to
from ui.words import in_language_of_reader

PROSE = ["h2", "h3", "bold", "ol", "ul", "link", "document-link"]
SHORT_PROSE = ["bold", "ol", "ul", "link"]


class TextBlock(blocks.RichTextBlock):
    """Running text. What a word processor brings along is taken out when the page is saved."""

    def __init__(self, features: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(features=features or PROSE, **kwargs)

    def clean(self, value: RichText) -> RichText:
        return RichText(tidied(super().clean(value).source))

    class Meta:
        label = _("文章")
        icon = "pilcrow"
        template = "pages/blocks/text.html"


class NoteBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(
        label=_("種類"),
        choices=[("plain", _("お知らせ")), ("good", _("よい知らせ")), ("care", _("注意"))],
        default="plain",
    )
    title = blocks.CharBlock(label=_("見出し"), max_length=60, required=False)
    text = TextBlock(SHORT_PROSE, label=_("文章"))

    class Meta:
        label = _("囲み")
        icon = "warning"
        template = "pages/blocks/note.html"


class StepBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("見出し"), max_length=40)
    time = blocks.CharBlock(label=_("かかる時間"), max_length=60, required=False)
    text = blocks.TextBlock(label=_("説明"), max_length=200)

    class Meta:
        label = _("手順")
        icon = "list-ol"


class QuestionBlock(blocks.StructBlock):
    """On the home page, where an answer is plain text."""

    question = blocks.CharBlock(label=_("質問"), max_length=120)
    answer = blocks.TextBlock(label=_("答え"), max_length=600)

    class Meta:
        label = _("よくある質問")
        icon = "help"


class AnswerBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("質問"), max_length=120)
    answer = TextBlock(SHORT_PROSE, label=_("答え"))

    class Meta:
        label = _("質問と答え")
        icon = "help"


class FactBlock(blocks.StructBlock):
    label = blocks.CharBlock(label=_("項目"), max_length=40)
    text = blocks.TextBlock(label=_("内容"), max_length=400)

    class Meta:
        label = _("項目と内容")
        icon = "list-ul"


class LinkBlock(blocks.StructBlock):
    """A card that leads on: to a page of ours, or to an address, never to both."""

    heading = blocks.CharBlock(label=_("見出し"), max_length=60)
    text = blocks.TextBlock(label=_("説明"), max_length=200, required=False)
    page = blocks.PageChooserBlock(label=_("ページ"), required=False)
    url = blocks.CharBlock(
        label=_("アドレス"), max_length=300, required=False, help_text=_("ページを選ばないときだけ書いてください。")
    )

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        url = value["url"]
        if bool(value["page"]) == bool(url):
            raise StructBlockValidationError(
                {"url": ValidationError(_("ページかアドレスの、どちらか一つを選んでください。"))}
            )
        if url:
            try:
                refuse_what_cannot_be_opened(url)
            except ValidationError as error:
                raise StructBlockValidationError({"url": error}) from error
        return value

    class Meta:
        label = _("行き先")
        icon = "link"


class LinksBlock(blocks.ListBlock):
    """Cards; one whose page is not for everybody, or not any more, is left out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(LinkBlock(), **kwargs)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        ways = ways_to([item["page"].pk for item in value if item["page"] is not None])
        cards = []
        for item in value:
            way = ways.get(item["page"].pk) if item["page"] is not None else in_language_of_reader(item["url"])
            if way:
                cards.append({"heading": item["heading"], "text": item["text"], "way": way})
        return {**super().get_context(value, parent_context), "cards": cards}

    class Meta:
        label = _("行き先")
        icon = "link"
        template = "pages/blocks/links.html"


class PictureBlock(blocks.StructBlock):
    picture = ImageChooserBlock(label=_("写真・図"))
    alt = blocks.CharBlock(
        label=_("写真の説明"),
        max_length=200,
        required=False,
        help_text=_("見えない人に、何が写っているかを伝えます。飾りのときだけ空のままにしてください。"),
    )
    is_decoration = blocks.BooleanBlock(label=_("飾りの写真（説明は要らない）"), required=False)
    caption = blocks.CharBlock(label=_("写真の下の言葉"), max_length=200, required=False)

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        errors = {}
        picture = value["picture"]
        if picture is not None and not picture.may_be_shown:
            errors["picture"] = ValidationError(
                _(
                    "「%(title)s」は、児童生徒が写っているかの確認が済んでいません。写真の編集画面で答えてから、もう一度選んでください。"
                ),
                params={"title": picture.title},
            )
        if not value["alt"] and not value["is_decoration"]:
            errors["alt"] = ValidationError(
                _("写真の説明を書いてください。飾りのときは「飾りの写真」に印を付けてください。")
            )
        if errors:
            raise StructBlockValidationError(errors)
        return value

    class Meta:
        label = _("写真・図")
        icon = "image"
        template = "pages/blocks/picture.html"


class FileBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("ファイル"))
    words = blocks.CharBlock(label=_("ファイルの名前と内容"), max_length=120)

    class Meta:
        label = _("ファイル")
        icon = "doc-full"
        template = "pages/blocks/file.html"


class DeskBlock(blocks.StaticBlock):
    class Meta:
        label = _("事務局の連絡先")
        icon = "mail"
        admin_text = _("事務局のメール、電話、受付時間を表示します。")
        template = "pages/blocks/desk.html"


class PartsOfAPage(blocks.StreamBlock):
    text = TextBlock()
    note = NoteBlock()
    steps = blocks.ListBlock(
        StepBlock(), label=_("手順"), icon="list-ol", template="pages/blocks/steps.html", min_num=1
    )
    questions = blocks.ListBlock(
        AnswerBlock(), label=_("質問と答え"), icon="help", template="pages/blocks/questions.html", min_num=1
    )
    facts = blocks.ListBlock(
        FactBlock(), label=_("項目と内容"), icon="list-ul", template="pages/blocks/facts.html", min_num=1
    )
    links = LinksBlock(min_num=1)
    picture = PictureBlock()
    file = FileBlock()
    contact = DeskBlock()
