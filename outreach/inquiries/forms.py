"""Writing to the desk; and what the desk writes about it."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outreach.inquiries.models import LONGEST, Danger, Kind, SchoolMayKnow, Topic, Writer
from ui.forms import AddressField, HouseForm, LineField, PhoneField, ProseField

# Nobody sees this field: what fills it in is a machine that fills in everything.
TRAP = "homepage"


class InquiryForm(HouseForm):
    """What both forms share: a machine is asked to try again, and whoever is no machine loses nothing by it."""

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        if self.data.get(TRAP):
            self.add_error(None, _("送る前に、もう一度確かめます。このまま、もう一度ボタンを押してください。"))
        return told


class QuestionForm(InquiryForm):
    kind = Kind.QUESTION

    topic = forms.ChoiceField(label=gettext_lazy("用件"), choices=[("", "—"), *Topic.choices])
    text = ProseField(
        label=gettext_lazy("お問い合わせの内容"),
        max_length=LONGEST,
        rows=8,
        help_text=gettext_lazy("4,000字まで。"),
    )
    name = LineField(
        label=gettext_lazy("お名前"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    mail = AddressField(help_text=gettext_lazy("返事はこのアドレスに届きます。"))
    place = LineField(
        label=gettext_lazy("学校・機関の名前"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )


class ConcernForm(InquiryForm):
    """In words that a pupil reads; only what happened must be told."""

    kind = Kind.CONCERN

    text = ProseField(
        label=gettext_lazy("何がありましたか"),
        max_length=LONGEST,
        rows=8,
        help_text=gettext_lazy(
            "分かるところだけで大丈夫です（4,000字まで）。自分のことを書くときも、名前はいりません。"
        ),
    )
    danger = forms.ChoiceField(
        label=gettext_lazy("いま、あぶない目にあっている人がいますか"),
        choices=Danger.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    when_where = LineField(
        label=gettext_lazy("いつ、どこで"),
        required=False,
        help_text=gettext_lazy("例：先週の金曜日、体育館での授業のあと"),
    )
    writer = forms.ChoiceField(
        label=gettext_lazy("書いているあなたは"), choices=Writer.choices, required=False, widget=forms.RadioSelect
    )
    name = LineField(
        label=gettext_lazy("お名前"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("書かなくても送れます。"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    mail = AddressField(
        required=False,
        help_text=gettext_lazy(
            "返事がほしいときに書いてください。受け付けたことだけをメールで知らせます。書いた内容はのせません。"
        ),
    )
    phone = PhoneField(
        label=gettext_lazy("電話番号"),
        required=False,
        help_text=gettext_lazy("電話で話したいときに書いてください。"),
    )
    school_may_know = forms.ChoiceField(
        label=gettext_lazy("事務局から、あなたの学校に連絡してもよいですか"),
        choices=SchoolMayKnow.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "「先に聞いてほしい」ときは、メールアドレスか電話番号も書いてください。"
            "連絡先がないときは、命があぶないときのほかは、学校に連絡しません。"
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.initial.get("name"):
            self.fields["name"].help_text = format_lazy(
                "{}　{}",
                gettext_lazy("書かなくても送れます。"),
                gettext_lazy(
                    "ログインしているので、名前とメールアドレスを入れてあります。"
                    "消して送れば、だれが送ったかは事務局にも分かりません。"
                ),
            )


FORMS: dict[str, type[InquiryForm]] = {Kind.QUESTION: QuestionForm, Kind.CONCERN: ConcernForm}


# ── at the desk ───────────────────────────────────────────────────────────────
class NoteForm(HouseForm):
    note = ProseField(
        label=gettext_lazy("記録"),
        max_length=LONGEST,
        rows=4,
        help_text=gettext_lazy("事務局だけが読みます。だれといつ話したか、何を決めたかを書いてください。"),
    )


class AnswerForm(HouseForm):
    text = ProseField(label=gettext_lazy("返事"), max_length=LONGEST, rows=8)
    then_close = forms.BooleanField(label=gettext_lazy("この返事で対応を終える"), required=False)

    def __init__(self, *args: Any, is_concern: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_concern:
            self.fields["text"].help_text = format_lazy(
                "{}　{}",
                gettext_lazy(
                    "このままメールで届きます。家族などがメールを見ることもあります。心配の中身は書かないでください。"
                ),
                self.fields["text"].help_text,
            )
        else:
            self.fields["text"].help_text = format_lazy(
                "{}　{}", gettext_lazy("このままメールで届きます。"), self.fields["text"].help_text
            )
