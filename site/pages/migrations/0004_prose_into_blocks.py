"""What plain pages said as one text they say as their first block."""

import json
import uuid

from django.db import migrations


def carry(apps, schema_editor):
    for page in apps.get_model("pages", "PlainPage").objects.exclude(prose=""):
        page.body = json.dumps([{"type": "text", "value": page.prose, "id": str(uuid.uuid4())}], ensure_ascii=False)
        page.save(update_fields=["body"])


class Migration(migrations.Migration):
    dependencies = [("pages", "0003_kinds_of_pages")]
    operations = [migrations.RunPython(carry, migrations.RunPython.noop)]
