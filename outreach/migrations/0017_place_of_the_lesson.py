from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outreach', '0016_inquiries'),
    ]

    operations = [
        migrations.AddField(
            model_name='request',
            name='place_text',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='授業を行う場所（住所）'),
        ),
    ]
