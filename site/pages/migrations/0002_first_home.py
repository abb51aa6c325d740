"""The home page in both languages, in place of Wagtail's welcome page; editors change every word of it."""

import json
import uuid

from django.db import migrations

FACTS = {
    "ja": ["学校の負担は0円", "小・中・高校、高専、特別支援学校など", "対面でもオンラインでも"],
    "en": ["Free of charge for schools", "Elementary, junior high, high schools, KOSEN and others",
           "In person or online"],
}
TEXTS = {
    "ja": {
        "title": "起業家や挑戦する人が、あなたの教室へ", "kicker": "アントレプレナーシップ推進大使の学校への派遣",
        "headline": "起業家や挑戦する人が、あなたの教室へ。",
        "lead": "自分で問題を見つけ、挑み、人と協力する力を育てる授業です。先生が希望の日時を出すと、事務局が推進大使を探してお返事します。",
    },
    "en": {
        "title": "Entrepreneurs and people who take on challenges, in your classroom",
        "kicker": "School visits by Entrepreneurship Promotion Ambassadors",
        "headline": "People who take on challenges, in your classroom.",
        "lead": "Lessons in which pupils find problems themselves, take them on and work with others. Name the days that "
                "suit you; the desk finds an ambassador and answers.",
    },
}
STEPS = {
    "ja": [("申し込む", "約5分・下書きできます", "希望日時を第3希望まで。時限で選べます。"),
           ("大使が決まる", "回答希望日までに", "事務局が打診し、決まったらメールでお知らせします。"),
           ("訪問授業", "1コマ、続けて2コマまで", "対面でもオンラインでも。学級でも学年でも。"),
           ("実施報告", "約2分", "人数を確かめて送るだけ。活動の広がりに数えられます。")],
    "en": [("Ask", "About 5 minutes, drafts are kept", "Up to three ranked days, chosen by school period."),
           ("An ambassador is found", "By the day you need an answer", "The desk asks around and writes to you."),
           ("The visit", "One period, up to two", "In person or online, for a class or a whole grade."),
           ("The report", "About 2 minutes", "Check the number of pupils and send it. It counts toward the reach.")],
}
QUESTIONS = {
    "ja": [("費用はかかりますか。", "かかりません。推進大使の謝金と旅費は事務局が払います。会場の設備は学校のものをお使いください。"),
           ("だれが申し込めますか。", "国公私立の小・中・高等学校、義務教育学校、中等教育学校、特別支援学校、高等専門学校、"
            "専修学校の教職員の方です。教育委員会の確認が要る地域では、事務局がご案内します。"),
           ("いつまでに申し込めばよいですか。", "希望日の2週間前までが目安です。受付の終わりの日はこのページの上にあります。"),
           ("どのくらいの時間がかかりますか。", "申込みは約5分、授業のあとの報告は約2分です。途中で下書きを保存できます。"),
           ("生徒の名前を伝える必要はありますか。", "ありません。伝えていただくのは学年と人数だけです。")],
    "en": [("What does it cost?", "Nothing. The desk pays the ambassador's fee and travel. The school provides "
            "the room and its equipment."),
           ("Who may apply?", "Staff of elementary, junior high and high schools, compulsory education schools, secondary "
            "schools, special needs schools, colleges of technology and vocational schools, whoever founded them. Where the "
            "board of education must be asked first, the desk tells you how."),
           ("Until when?", "About two weeks before the day you wish for. The last day of this year's intake stands at "
            "the top of this page."),
           ("How long does it take?", "About five minutes to ask and two minutes to report afterwards. Drafts are kept."),
           ("Do we have to name pupils?", "No. Only grades and numbers are asked for.")],
}


def stream(kind, values):
    return json.dumps([{"type": kind, "value": value, "id": str(uuid.uuid4())} for value in values], ensure_ascii=False)


def content(language):
    return {
        **TEXTS[language], "facts": stream("fact", FACTS[language]),
        "steps": stream("step", [{"heading": h, "time": t, "text": x} for h, t, x in STEPS[language]]),
        "questions": stream("question", [{"question": q, "answer": a} for q, a in QUESTIONS[language]]),
    }


def load(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    Locale = apps.get_model("wagtailcore", "Locale")
    HomePage = apps.get_model("pages", "HomePage")
    if HomePage.objects.exists():
        return
    kind, _created = ContentType.objects.get_or_create(model="homepage", app_label="pages")
    japanese, _created = Locale.objects.get_or_create(language_code="ja")
    english, _created = Locale.objects.get_or_create(language_code="en")
    Page.objects.filter(slug="home", depth=2).delete()
    Page.objects.filter(depth=1).update(locale=japanese)
    key = uuid.uuid4()
    homes = {}
    for place, (language, locale, slug) in enumerate((("ja", japanese, "home"), ("en", english, "home-en")), start=1):
        words = content(language)
        homes[language] = HomePage.objects.create(
            draft_title=words["title"], slug=slug, content_type=kind, path=f"0001{place:04d}", depth=2, numchild=0,
            url_path=f"/{slug}/", locale=locale, translation_key=key, live=True, **words)
    Page.objects.filter(depth=1).update(numchild=2)
    Site.objects.all().delete()
    Site.objects.create(hostname="localhost", port=80, root_page_id=homes["ja"].pk, is_default_site=True,
                        site_name="Kakehashi（架け橋）")


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_first_tables"), ("wagtailcore", "0054_initial_locale"),
                    ("contenttypes", "0002_remove_content_type_name")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
