"""Finding an ambassador, and what ambassadors write about themselves."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from curriculum import facts as curriculum
from outreach.ambassadors import pictures
from outreach.ambassadors.models import (
    PROPOSED_TEXTS,
    Ambassador,
    Facet,
    FacetKind,
    Language,
    Recognisable,
    Theme,
)
from outreach.schools.places import Stage, prefecture_choices
from ui.forms import NO_PUPIL_NAMES, HouseForm, LineField, ProseField

ANY = ("", _("選ばない"))
IN_PERSON, ONLINE = "in_person", "online"
FORMATS = ((IN_PERSON, _("対面")), (ONLINE, _("オンライン")))
FILTERS = ("prefecture", "theme", "stage", "format", "competence", "language")


class DirectoryForm(HouseForm):
    """All filters live in the address, so that a list can be sent to a colleague. What cannot be read is left out."""

    q = forms.CharField(
        label=_("氏名・ふりがな・肩書"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": "60"}),
    )
    prefecture = forms.ChoiceField(label=_("拠点の都道府県"), required=False)
    theme = forms.ChoiceField(label=_("テーマ"), choices=(ANY, *Theme.choices), required=False)
    stage = forms.ChoiceField(label=_("授業の対象"), choices=(ANY, *Stage.choices), required=False)
    format = forms.ChoiceField(label=_("形式"), choices=(ANY, *FORMATS), required=False)
    competence = forms.ChoiceField(label=_("資質・能力"), required=False)
    language = forms.ChoiceField(label=_("言語"), choices=(ANY, *Language.choices), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prefecture"].choices = [ANY, *prefecture_choices()]
        self.competences = {row.code: row for row in curriculum.competences()}
        named = [(code, f"{code} {row.name}") for code, row in self.competences.items()]
        self.fields["competence"].choices = [ANY, *named]

    def wanted(self) -> dict[str, str]:
        """The filters that can be read; an address that somebody has changed by hand finds as much as it can."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def found(self) -> QuerySet[Ambassador]:
        """Cards in public that answer all filters, by ふりがな."""
        wanted = self.wanted()
        rows = Ambassador.objects.in_public().matching(wanted.get("q", "")[:60].replace("\0", ""))
        if "prefecture" in wanted:
            rows = rows.filter(prefecture_code=wanted["prefecture"])
        if "format" in wanted:
            is_online = wanted["format"] == ONLINE
            rows = rows.filter(visits_online=True) if is_online else rows.filter(visits_in_person=True)
        for kind in FacetKind.values:
            if kind in wanted:
                having = Facet.objects.filter(kind=kind, value=wanted[kind])
                rows = rows.filter(pk__in=having.order_by().values("ambassador_id"))
        if "competence" in wanted:
            strong = Ambassador.competences.through.objects.filter(
                competence_id=self.competences[wanted["competence"]].pk
            )
            rows = rows.filter(pk__in=strong.values("ambassador_id"))
        return rows.order_by("name_kana", "pk")


class OfferingForm(HouseForm):
    """How, for whom, about what and in which languages: holds at once."""

    formats = forms.MultipleChoiceField(
        label=_("訪問の形式"),
        choices=FORMATS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("対面とオンラインのどちらかは選んでください。")},
    )
    stages = forms.MultipleChoiceField(
        label=_("授業の対象"), choices=Stage.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    themes = forms.MultipleChoiceField(
        label=_("テーマ"), choices=Theme.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    languages = forms.MultipleChoiceField(
        label=_("授業ができる言語"), choices=Language.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    @staticmethod
    def of(ambassador: Ambassador) -> dict[str, list[str]]:
        """What holds now, as the form shows it."""
        told: dict[str, list[str]] = {kind: [] for kind in FacetKind.values}
        for facet in ambassador.facets.all():
            told[facet.kind].append(facet.value)
        can = ((IN_PERSON, ambassador.visits_in_person), (ONLINE, ambassador.visits_online))
        return {
            "formats": [name for name, is_so in can if is_so],
            "stages": told[FacetKind.STAGE],
            "themes": told[FacetKind.THEME],
            "languages": told[FacetKind.LANGUAGE],
        }

    def told(self) -> dict[str, Any]:
        chosen = self.cleaned_data
        return {
            "visits_in_person": IN_PERSON in chosen["formats"],
            "visits_online": ONLINE in chosen["formats"],
            "themes": chosen["themes"],
            "stages": chosen["stages"],
            "languages": chosen["languages"],
        }


class CardForm(HouseForm):
    """The words and the photo of the card: they wait until the desk has read them."""

    headline_ja = LineField(label=_("肩書"), max_length=120)
    headline_en = LineField(label=_("肩書（英語）"), required=False, max_length=160)
    about_ja = ProseField(label=_("紹介"), required=False, max_length=2000, rows=6)
    about_en = ProseField(
        label=_("紹介（英語）"),
        required=False,
        max_length=3000,
        rows=6,
        help_text=_("空ければ、英語のページでは日本語のまま出ます。"),
    )
    expect_ja = ProseField(
        label=_("授業でできること"),
        required=False,
        max_length=1000,
        help_text=_("学校が何を期待できるかを書いてください。例：1コマでも、学年全体でもできます。"),
    )
    expect_en = ProseField(label=_("授業でできること（英語）"), required=False, max_length=1500)
    photo = forms.FileField(
        label=_("新しい写真"),
        required=False,
        help_text=format_lazy(
            "{}　{}",
            _("本人の顔が分かる写真。JPEG、PNG、WebP、10 MBまで。撮影した場所などの情報は消します。"),
            NO_PUPIL_NAMES,
        ),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    recognisable = forms.ChoiceField(
        label=_("写真に児童生徒が写っていますか"),
        choices=Recognisable.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("写真を選んだときだけ答えてください。"),
    )

    def clean_photo(self) -> pictures.Portrait | None:
        file = self.cleaned_data["photo"]
        if not file:
            return None
        try:
            return pictures.read(file)
        except pictures.UnusablePicture as refusal:
            raise ValidationError(str(refusal), code="unusable") from refusal

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        if self.files.get("photo"):
            if not told.get("recognisable"):
                self.add_error("recognisable", _("写真に児童生徒が写っているかどうかを選んでください。"))
            elif told["recognisable"] == Recognisable.NOT_AGREED:
                self.add_error(
                    "recognisable",
                    _("児童生徒が誰か分かる写真は、学校の同意がなければ使えません。別の写真を選んでください。"),
                )
            if self.errors and "photo" not in self.errors:
                # A browser does not send a file twice.
                self.add_error("photo", _("写真はまだ届いていません。ほかを直したあと、もう一度選んでください。"))
        elif told.get("recognisable"):
            self.add_error(
                "photo", _("写真が選ばれていません。写真を変えないときは、この画面を開き直してから書いてください。")
            )
        return told

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in PROPOSED_TEXTS}


class AssistantForm(HouseForm):
    """Whom the ambassador names."""

    email = forms.EmailField(
        label=_("秘書の方のメールアドレス"),
        max_length=254,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
        help_text=_("このアドレスで登録し、確認した人だけが秘書になります。"),
    )
