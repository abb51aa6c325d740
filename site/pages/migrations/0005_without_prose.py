from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("pages", "0004_prose_into_blocks")]
    operations = [migrations.RemoveField(model_name="plainpage", name="prose")]
