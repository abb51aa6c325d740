"""Stored names for looking up learn that 慶応 is 慶應, 付属 is 附属, and 竜ヶ崎, 竜ケ崎 and 竜が崎 are one name."""

import re

from django.db import migrations

OTHER_CHARACTERS = str.maketrans(
    "應龍澤濱邊邉櫻廣國學齋齊嶋嶌眞德髙﨑惠壽條瀧藪附淵冨萬曾榮靜圓實檜籠驒諫鷗會澁瀨關與鹽鐵彌穗禮豐藏縣灣",
    "応竜沢浜辺辺桜広国学斎斉島島真徳高崎恵寿条滝薮付渕富万曽栄静円実桧篭騨諌鴎会渋瀬関与塩鉄弥穂礼豊蔵県湾",
)
KE = re.compile(r"[ゕゖ]|(?<=[一-龯々])け(?=[一-龯々]|$)")
BATCH = 1000


def fold(apps, schema_editor):
    for model, names in (("School", ("search_text", "name_key")), ("Ambassador", ("search_text",))):
        rows = apps.get_model("outreach", model).objects.only("pk", *names)
        changed = []
        for row in rows.iterator(chunk_size=BATCH):
            before = [getattr(row, name) for name in names]
            for name, text in zip(names, before, strict=True):
                setattr(row, name, KE.sub("が", text.translate(OTHER_CHARACTERS)))
            if before != [getattr(row, name) for name in names]:
                changed.append(row)
        apps.get_model("outreach", model).objects.bulk_update(changed, names, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("outreach", "0014_boards_have_days_to_answer")]

    operations = [migrations.RunPython(fold, migrations.RunPython.noop, elidable=True)]
