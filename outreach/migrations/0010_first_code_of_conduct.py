"""The first code of conduct, the words by which ambassadors are found, and English as one of their languages."""

import unicodedata

from django.db import migrations

YEAR = 2025
BODY_JA = """\
児童生徒と二人きりになりません。授業や面談には、学校の教職員に必ず同席してもらいます。
児童生徒と個人的に連絡を取り合いません。電話番号、メールアドレス、SNSの連絡先を渡したり、聞いたりしません。
商品やサービスの販売、勧誘、投資や寄附の呼びかけ、政治活動や宗教活動をしません。
自分のスマートフォンなどで児童生徒を撮影、録音しません。写真が必要なときは学校に頼みます。
訪問で知った児童生徒や家庭のことを、外で話したり、SNSに書いたりしません。
人格を傷つける言葉、差別、ハラスメント、体罰を許しません。自分がしないだけでなく、見たときは止めます。
体調がすぐれないときは無理をせず、できるだけ早く学校と事務局に知らせます。
気がかりなことがあれば、だれでも事務局に伝えられます。伝えた人が不利に扱われることはありません。
"""
BODY_EN = """\
I am never alone with pupils. A member of the school's staff is present in every lesson and conversation.
I keep no private contact with pupils. I neither give nor ask for telephone numbers, mail addresses or social media accounts.
I do not sell, solicit, or call for investments or donations, and I do no political or religious campaigning.
I take no pictures or recordings of pupils with my own phone or other devices. Where pictures are needed, I ask the school.
What I learn about pupils and their families on a visit I neither talk about elsewhere nor write about on social media.
I tolerate no degrading words, discrimination, harassment or corporal punishment: I do not do it, and I step in when I see it.
When I am unwell I do not come at any price, and tell the school and the desk as early as I can.
Anybody can tell the desk about a concern. Nobody who does so is put at a disadvantage.
"""


def search_key(*texts):
    """As outreach.schools.models.search_key was on this day."""
    text = unicodedata.normalize("NFKC", "".join(texts)).lower()
    for short, full in (("高校", "高等学校"), ("高専", "高等専門学校")):
        text = text.replace(short, full)
    return "".join(chr(ord(m) - 0x60) if "ァ" <= m <= "ヶ" else m for m in text if not m.isspace())


def load(apps, schema_editor):
    Code = apps.get_model("outreach", "CodeOfConduct")
    Code.objects.get_or_create(fiscal_year=YEAR, version=1, defaults={"body_ja": BODY_JA, "body_en": BODY_EN})
    Ambassador, Facet = (apps.get_model("outreach", name) for name in ("Ambassador", "Facet"))
    for person in Ambassador.objects.order_by("pk").iterator():
        person.search_text = search_key(
            person.name_ja, person.name_kana, person.name_en, person.headline_ja, person.headline_en
        )[:700]
        person.save(update_fields=["search_text"])
        for language in ("ja", "en") if person.teaches_in_english else ("ja",):
            Facet.objects.get_or_create(ambassador=person, kind="language", value=language)


def unload(apps, schema_editor):
    """The tables go with the migration before this one; only English finds its way back."""
    Ambassador = apps.get_model("outreach", "Ambassador")
    Ambassador.objects.filter(facets__kind="language", facets__value="en").update(teaches_in_english=True)


class Migration(migrations.Migration):
    dependencies = [("outreach", "0009_ambassadors_in_public")]
    operations = [migrations.RunPython(load, unload)]
