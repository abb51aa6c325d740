"""Schools that are there already get the key by which they are found without their owner's name."""

from django.db import migrations

BATCH = 1_000


def fill(apps, schema_editor):
    from outreach.schools.models import keys_of

    School = apps.get_model("outreach", "School")
    batch = []
    for school in School.objects.order_by("pk").iterator(chunk_size=BATCH):
        _text, school.name_key = keys_of(
            school.name_ja, school.name_kana, school.name_en, school.prefecture_code, school.founder_code
        )
        batch.append(school)
        if len(batch) == BATCH:
            School.objects.bulk_update(batch, ["name_key"])
            batch = []
    School.objects.bulk_update(batch, ["name_key"])


class Migration(migrations.Migration):
    dependencies = [("outreach", "0006_schools_founded_and_closed")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
