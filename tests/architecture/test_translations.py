"""Every text of a screen or letter is there in English, and no placeholder is lost on the way."""

import gettext

import pytest
from babel.messages.catalog import Message

from ui import translations


@pytest.fixture
def small_house(tmp_path, monkeypatch):
    """A source folder of its own, so that a test can say exactly which texts stand in it."""
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "CATALOGUE", tmp_path / "locale" / "django.po")
    (tmp_path / "site" / "templates").mkdir(parents=True)
    return tmp_path / "site"


def gathered() -> dict:
    return {translations.key_of(message): message for message in translations.collect() if message.id}


def test_the_catalogue_holds_what_the_sources_say():
    assert translations.is_up_to_date(), "run `make fix`, then add the English"


def test_every_text_has_its_english():
    assert translations.problems(translations.read_catalogue()) == []


def test_python_texts_are_found_with_plural_and_context(small_house):
    (small_house / "visit.py").write_text(
        'A = _("一つ"\n    "の文")\n'
        'B = ngettext_lazy("%(n)d件", "%(n)d件まで", "n")\n'
        '# Translators: of the sky\nC = pgettext("天体", "月")\nD = _(variable)\n'
    )
    found = gathered()
    assert set(found) == {("一つの文", None), ("%(n)d件", None), ("月", "天体")}
    assert found["%(n)d件", None].id == ("%(n)d件", "%(n)d件まで")
    assert found["月", "天体"].auto_comments == ["Translators: of the sky"]


def test_template_texts_are_found_trimmed_with_plural_and_context(small_house):
    (small_house / "templates" / "visit.html").write_text(
        '<h1>{% translate "訪問" %}</h1>\n'
        '    <p title="{{ name|default:_("名なし") }}">\n'
        "  {% blocktranslate trimmed count n=visits|length %}\n    {{ n }}件\n      です\n"
        "  {% plural %}\n    {{ n }}件も\n  {% endblocktranslate %}\n"
        '{% translate "月" context "天体" %}</p> def class ( [ " \'\n'
    )
    found = gathered()
    assert set(found) == {("訪問", None), ("名なし", None), ("%(n)s件 です", None), ("月", "天体")}
    assert found["%(n)s件 です", None].id == ("%(n)s件 です", "%(n)s件も")


def test_gathering_twice_changes_nothing_and_keeps_the_english(small_house):
    (small_house / "visit.py").write_text('A = _("訪問")\nB = ngettext("%(n)d件", "%(n)d件", n)\n')
    catalogue = translations.collect()
    catalogue.get("訪問").string = "Visit"
    catalogue.get(("%(n)d件", "%(n)d件")).string = ("One visit", "%(n)d visits")
    translations.CATALOGUE.write_bytes(translations.written(catalogue))
    before = translations.CATALOGUE.read_bytes()
    translations.collect()
    assert translations.CATALOGUE.read_bytes() == before
    assert translations.is_up_to_date()
    assert translations.problems(translations.read_catalogue()) == []


def test_a_source_that_cannot_be_read_changes_nothing(small_house):
    (small_house / "visit.py").write_text('A = _("訪問")\n')
    translations.collect()
    before = translations.CATALOGUE.read_bytes()
    (small_house / "visit.py").write_text('A = _("訪問"\n')
    with pytest.raises(translations.UnreadableSource, match="site/visit.py"):
        translations.collect()
    assert translations.CATALOGUE.read_bytes() == before


def test_the_compiled_catalogue_is_what_django_reads(small_house):
    (small_house / "visit.py").write_text('A = _("訪問")\nB = pgettext("天体", "月")\nC = _("まだ")\n')
    catalogue = translations.collect()
    catalogue.get("訪問").string = "Visit"
    catalogue.get("月", "天体").string = "Moon"
    translations.CATALOGUE.write_bytes(translations.written(catalogue))
    assert translations.compile_catalogue() == 2
    with translations.compiled_path().open("rb") as file:
        english = gettext.GNUTranslations(file)
    assert (english.gettext("訪問"), english.pgettext("天体", "月"), english.gettext("まだ")) == (
        "Visit",
        "Moon",
        "まだ",
    )


@pytest.mark.parametrize(
    ("japanese", "english", "is_right"),
    [
        ("%(name)sさん", "Dear %(name)s", True),
        ("%(name)sさん", "Dear %(nmae)s", False),
        ("{count}件", "{count} visits", True),
        ("{count}件", "visits", False),
        ("100%% %s", "%s is 100%%", True),
        ("%s", "%d", False),
        (("%(n)d件", "%(n)d件"), ("One visit", "%(n)d visits"), True),
        (("%(n)d件", "%(n)d件"), ("%(n)d visit", "Many visits"), False),
        ("訪問", " ", False),
    ],
)
def test_placeholders_are_the_same_on_both_sides(japanese, english, is_right):
    assert (list(translations.problems_of(Message(japanese, english))) == []) is is_right
