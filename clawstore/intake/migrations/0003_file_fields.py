"""Fields for files in the forms of the store."""

from django.db import migrations
from django.utils import timezone

from clawstore.intake.store_forms import add_file_fields


def add_fields(apps, schema_editor):
    size = add_file_fields(apps, timezone.now())
    store = apps.get_model("policy", "Domain").objects.get(name="store")
    if size:
        apps.get_model("content", "ContentSpace").objects.create(domain=store, size_bytes=size)


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0002_store_forms"),
        ("content", "0007_studio_lists"),
    ]
    operations = [migrations.RunPython(add_fields, migrations.RunPython.noop)]
