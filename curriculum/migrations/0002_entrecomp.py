"""The fifteen competences of EntreComp stand in the table from the start."""

from django.db import migrations

from curriculum.competences import entrecomp


def load(apps, schema_editor):
    framework, _created = apps.get_model("curriculum", "Framework").objects.get_or_create(
        key=entrecomp.KEY, defaults={"name_ja": entrecomp.NAME_JA, "name_en": entrecomp.NAME_EN,
                                     "source": entrecomp.SOURCE, "version": entrecomp.VERSION})
    Competence = apps.get_model("curriculum", "Competence")
    for order, (code, name_ja, name_en) in enumerate(entrecomp.COMPETENCES, start=1):
        area_ja, area_en = entrecomp.AREAS[code[0]]
        Competence.objects.get_or_create(framework=framework, code=code, defaults={
            "name_ja": name_ja, "name_en": name_en, "area_ja": area_ja, "area_en": area_en, "order": order})


class Migration(migrations.Migration):
    dependencies = [("curriculum", "0001_first_tables")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
