"""Name two columns of agents for what they hold."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0013_yanked_by_co_maintainer")]

    operations = [
        migrations.RemoveIndex("agent", "listed_by_rise"),
        migrations.RemoveIndex("agent", "category_by_rise"),
        migrations.RenameField("agent", "rising", "trend_ratio"),
        migrations.RenameField("agent", "brief", "row_facts"),
        migrations.AddIndex(
            "agent",
            models.Index(
                fields=["-trend_ratio", "id"],
                name="listed_by_rise",
                condition=models.Q(is_listed=True),
            ),
        ),
        migrations.AddIndex(
            "agent",
            models.Index(
                fields=["category", "-trend_ratio", "id"],
                name="category_by_rise",
                condition=models.Q(is_listed=True, trend_ratio__isnull=False),
            ),
        ),
    ]
