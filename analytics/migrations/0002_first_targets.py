"""The two public targets: 500 school visits a year, 10,000 high-school students and others by fiscal year 2027."""

from django.db import migrations

STAGES = ["high", "technical_college", "vocational_upper"]


def load(apps, schema_editor):
    Target = apps.get_model("analytics", "Target")
    for year in (2025, 2026, 2027):
        Target.objects.get_or_create(kpi="visits", from_year=year, until_year=year, version=1,
                                     defaults={"amount": 500, "stages": []})
    Target.objects.get_or_create(kpi="students", from_year=2025, until_year=2027, version=1,
                                 defaults={"amount": 10_000, "stages": STAGES})


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_first_tables")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
