"""Stored names for looking up learn that 𠮷田 is found by 吉田, and that a selector of a variant says nothing of the name."""

import re

from django.db import migrations

RARE = re.compile("[𠮷\ufe00-\ufe0f\U000e0100-\U000e01ef]")
BATCH = 1000


def fold(apps, schema_editor):
    for model, names in (("School", ("search_text", "name_key")), ("Ambassador", ("search_text",))):
        rows = apps.get_model("outreach", model).objects.only("pk", *names)
        changed = []
        for row in rows.iterator(chunk_size=BATCH):
            before = [getattr(row, name) for name in names]
            for name, text in zip(names, before, strict=True):
                setattr(row, name, RARE.sub(lambda found: "吉" if found[0] == "𠮷" else "", text))
            if before != [getattr(row, name) for name in names]:
                changed.append(row)
        apps.get_model("outreach", model).objects.bulk_update(changed, names, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("outreach", "0017_place_of_the_lesson")]

    operations = [migrations.RunPython(fold, migrations.RunPython.noop, elidable=True)]
