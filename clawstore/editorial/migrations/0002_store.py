"""The content types of the store's domain, and the policies."""

from django.db import migrations
from django.utils import timezone

from clawstore.editorial.seeding import seed_store


def seed(apps, schema_editor):
    seed_store(apps, timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("editorial", "0001_initial"),
        ("policy", "0002_store"),
        ("content", "0001_initial"),
    ]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
