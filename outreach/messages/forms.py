"""Writing a message, with files."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outreach.lives import NotAllowed
from outreach.messages.inspection import MOST_FILES, Harmless, harmless
from outreach.messages.models import LONGEST, Kind
from ui.forms import NO_PUPIL_NAMES, HouseForm, ProseField


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Up to three files, each looked at and kept only as harmless; they come out as `Harmless`."""

    def __init__(self, **kwargs: Any) -> None:
        # The endings are a help for whoever chooses, and let a telephone send JPEG for its own kind of picture.
        endings = ",".join(f".{Kind(kind).ending}" for kind in Kind.values)
        super().__init__(widget=FilesInput(attrs={"class": "input", "accept": endings}), required=False, **kwargs)

    def clean(self, uploads: Any, initial: Any = None) -> list[Harmless]:
        sent = [upload for upload in uploads or [] if isinstance(upload, UploadedFile)]
        if len(sent) > MOST_FILES:
            raise ValidationError(_("添付できるのは一度に3ファイルまでです。分けて送ってください。"))
        kept, refused = [], []
        for upload in sent:
            try:
                kept.append(harmless(upload))
            except NotAllowed as refusal:
                refused.append(str(refusal))
        if refused:
            raise ValidationError(refused)
        return kept


def _answer(label: Any, help_text: Any = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        choices=(("yes", gettext_lazy("はい")), ("no", gettext_lazy("いいえ"))),
        coerce=lambda word: word == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("「はい」か「いいえ」を選んでください。")},
    )


class MessageForm(HouseForm):
    text = ProseField(
        label=gettext_lazy("メッセージ"),
        max_length=LONGEST,
        rows=5,
        help_text=gettext_lazy("4,000字まで。学校、推進大使、事務局が読みます。"),
    )
    attachments = FilesField(
        label=gettext_lazy("ファイルを添える"),
        help_text=format_lazy(
            "{}　{}",
            gettext_lazy(
                "PDF、画像（JPEG・PNG・WebP）、テキスト、Word・Excel・PowerPoint。3つまで、1つ5MBまで。"
                "画像からは、撮影した場所などの情報を消します。"
            ),
            NO_PUPIL_NAMES,
        ),
    )
    shows_pupils = _answer(
        gettext_lazy("画像を添えるとき：児童生徒がだれか分かりますか"),
        gettext_lazy("顔や名札が写っているときは「はい」です。画像を見られるのは、この訪問の関係者だけです。"),
    )
    has_consent = _answer(gettext_lazy("画像を添えるとき：学校の同意がありますか"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A browser forgets which files were chosen: whoever has to put something right chooses them again.
        self.files_are_lost = bool(self.files and self.errors)
        self.details_open = self.files_are_lost or {"shows_pupils", "has_consent"} & set(self.errors)

    def clean(self) -> dict[str, Any]:
        """With a picture it must be said whether pupils can be recognised, and then that their school agrees."""
        told = super().clean()
        if any(Kind(file.kind).is_picture for file in told.get("attachments") or ()):
            if told.get("shows_pupils") is None:
                self.add_error("shows_pupils", _("画像に写っている児童生徒がだれか分かるかどうかを選んでください。"))
            elif told["shows_pupils"] and told.get("has_consent") is not True:
                self.add_error(
                    "has_consent",
                    _("児童生徒がだれか分かる画像は、学校の同意があるときだけ送れます。別の画像にしてください。"),
                )
        return told
