from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0018_agent_revision")]

    operations = [migrations.RenameModel("Change", "FeedEntry")]
