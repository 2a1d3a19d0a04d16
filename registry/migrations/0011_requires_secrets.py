from django.db import migrations


def read_required_secrets(apps, schema_editor):
    """An agent whose secrets are all optional does not require any."""
    Agent = apps.get_model("registry", "Agent")
    Version = apps.get_model("registry", "Version")
    for agent in Agent.objects.filter(requires_secrets=True).iterator():
        version = agent.latest_version or (
            Version.objects.filter(agent=agent).order_by("-uploaded_at", "-id").first()
        )
        setup = (version.manifest if version else {}).get("setup")
        secrets = setup.get("secrets") if isinstance(setup, dict) else None
        rows = secrets if isinstance(secrets, list) else []
        if not any(isinstance(row, dict) and row.get("required") for row in rows):
            agent.requires_secrets = False
            agent.save(update_fields=["requires_secrets"])


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0010_texts_of_content"),
    ]

    operations = [
        migrations.RenameField("agent", "asks_for_secrets", "requires_secrets"),
        migrations.RunPython(read_required_secrets, migrations.RunPython.noop),
    ]
