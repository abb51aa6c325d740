from django.db import migrations, models


class Migration(migrations.Migration):
    """A count in every account that all its sign-ins remember: counted up, they end at once."""

    dependencies = [("accounts", "0004_doors_and_invitations")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="sign_in_round",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
    ]
