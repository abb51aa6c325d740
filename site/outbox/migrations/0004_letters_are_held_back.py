"""A letter to somebody whose account is paused stays here."""

from django.db import migrations, models

STATES = [
    ("waiting", "送信待ち"),
    ("sending", "送信中"),
    ("sent", "送信済み"),
    ("given_up", "送信できませんでした"),
    ("held_back", "送りません（利用停止中）"),
]


class Migration(migrations.Migration):
    dependencies = [("outbox", "0003_letters_are_leased")]

    operations = [
        migrations.RemoveConstraint(model_name="letter", name="letter_state_is_known"),
        migrations.AlterField(
            model_name="letter",
            name="state",
            field=models.CharField(choices=STATES, default="waiting", max_length=10, verbose_name="状態"),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", [state for state, _name in STATES])), name="letter_state_is_known"
            ),
        ),
    ]
