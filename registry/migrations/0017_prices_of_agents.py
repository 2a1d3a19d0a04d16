"""Store the price of each agent beside what a list shows of it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0016_trusted_publishers'),
    ]

    operations = [
        migrations.AddField(
            model_name='agent',
            name='has_offers',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='agent',
            name='price_satoshis',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='agent',
            name='price_offer_id',
            field=models.UUIDField(null=True),
        ),
    ]
