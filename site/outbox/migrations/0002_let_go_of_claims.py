"""Letters that a worker of the old version had in hand wait again: it has stopped, and its claim had no owner."""

from django.db import migrations


def let_go(apps, schema_editor):
    apps.get_model("outbox", "Letter").objects.filter(state="sending").update(state="waiting", claimed_at=None)


class Migration(migrations.Migration):

    dependencies = [
        ("outbox", "0001_first_tables"),
    ]

    operations = [
        migrations.RunPython(let_go, migrations.RunPython.noop, elidable=True),
    ]
