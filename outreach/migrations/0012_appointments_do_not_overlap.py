"""PostgreSQL refuses two appointments of one ambassador that share a day.

SQLite has no such constraint; there triggers say the same, made after every migrate (outreach/availability/guards.py).
"""

from django.db import migrations

NAME = "appointments_do_not_overlap"


def refuse_overlaps(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(
        f"ALTER TABLE outreach_appointment ADD CONSTRAINT {NAME} EXCLUDE USING gist"
        " (ambassador_id WITH =, daterange(from_day, until, '[]') WITH &&)"
    )


def allow_overlaps(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE outreach_appointment DROP CONSTRAINT {NAME}")


class Migration(migrations.Migration):
    dependencies = [("outreach", "0011_english_is_a_language")]
    operations = [migrations.RunPython(refuse_overlaps, allow_overlaps)]
