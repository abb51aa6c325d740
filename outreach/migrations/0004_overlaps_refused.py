"""PostgreSQL refuses two holds of one ambassador that overlap for different requests.

SQLite has no such constraint; there triggers say the same, made after every migrate (outreach/availability/guards.py).
"""

from django.db import migrations

NAME = "ambassador_free_at_that_time"


def refuse_overlaps(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    schema_editor.execute(
        f"ALTER TABLE outreach_hold ADD CONSTRAINT {NAME} EXCLUDE USING gist"
        " (ambassador_id WITH =, request_id WITH <>, tstzrange(blocked_from, blocked_until) WITH &&)"
        " WHERE (is_holding)"
    )


def allow_overlaps(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE outreach_hold DROP CONSTRAINT {NAME}")


class Migration(migrations.Migration):
    dependencies = [("outreach", "0003_booking_rules")]
    operations = [migrations.RunPython(refuse_overlaps, allow_overlaps)]
