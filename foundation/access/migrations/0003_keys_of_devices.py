from django.db import migrations, models


def mark_those_that_stand(apps, schema_editor):
    """Until now a device's key was known by its name alone."""
    keys = apps.get_model("access", "ApiKey").objects.filter(name__startswith="Device login: ")
    keys.update(from_device=True)


class Migration(migrations.Migration):
    dependencies = [("access", "0002_initial")]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="from_device",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(mark_those_that_stand, migrations.RunPython.noop),
    ]
