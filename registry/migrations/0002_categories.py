"""The twelve initial categories; maintainers change them at the desk."""

from django.db import migrations

CATEGORIES = [
    ("productivity", "Productivity", "briefcase", 1),
    ("developer-tools", "Developer Tools", "code", 2),
    ("health-fitness", "Health & Fitness", "heart", 3),
    ("education", "Education", "book", 4),
    ("finance", "Finance", "dollar", 5),
    ("communication", "Communication", "chat", 6),
    ("entertainment", "Entertainment", "play", 7),
    ("writing", "Writing", "pencil", 8),
    ("research", "Research", "search", 9),
    ("data-analysis", "Data Analysis", "chart", 10),
    ("customer-support", "Customer Support", "headset", 11),
    ("other", "Other", "box", 99),
]


def add_categories(apps, schema_editor):
    Category = apps.get_model("registry", "Category")
    for slug, name, icon, sort_order in CATEGORIES:
        Category.objects.get_or_create(
            id=slug, defaults={"name": name, "icon": icon, "sort_order": sort_order}
        )


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [migrations.RunPython(add_categories, migrations.RunPython.noop)]
