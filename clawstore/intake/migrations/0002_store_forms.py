"""The forms of the store, with their types and reviews."""

from django.db import migrations
from django.utils import timezone

from clawstore.intake.store_forms import seed_forms


def seed(apps, schema_editor):
    size = seed_forms(apps, timezone.now())
    store = apps.get_model("policy", "Domain").objects.get(name="store")
    if size:
        apps.get_model("content", "ContentSpace").objects.create(domain=store, size_bytes=size)


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0001_initial"),
        ("editorial", "0003_count_content_space"),
        ("runtime_forms", "0001_initial"),
        ("workflow", "0002_submissions"),
    ]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
