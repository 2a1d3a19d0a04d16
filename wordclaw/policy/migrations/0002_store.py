"""The domain of the shop's own content."""

import uuid

from django.db import migrations
from django.utils import timezone


def create_store(apps, schema_editor):
    apps.get_model("policy", "Domain").objects.create(
        id=uuid.uuid4(), name="store", kind="store", created_at=timezone.now()
    )


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial")]
    operations = [migrations.RunPython(create_store, migrations.RunPython.noop)]
