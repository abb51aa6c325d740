"""A claim becomes a lease: to whom and until when."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("outbox", "0002_let_go_of_claims"),
    ]

    operations = [
        migrations.RemoveField(model_name="letter", name="claimed_at"),
        migrations.AddField(
            model_name="letter",
            name="leased_to",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="letter",
            name="leased_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="letter",
            name="waits_since",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("leased_to__isnull", False), ("leased_until__isnull", False), ("state", "sending")),
                    models.Q(
                        models.Q(("state", "sending"), _negated=True),
                        ("leased_to__isnull", True),
                        ("leased_until__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="letter_is_leased_while_it_is_sent",
            ),
        ),
    ]
