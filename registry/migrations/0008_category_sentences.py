"""A sentence about each category, for its page."""

from django.db import migrations, models

SENTENCES = {
    "productivity": "Agents that plan days, sort mail and keep notes in order.",
    "developer-tools": "Agents that read, test, review and operate code.",
    "health-fitness": "Agents for food, training, sleep and habits. They give no medical advice.",
    "education": "Agents that explain, quiz and help to teach.",
    "finance": "Agents for budgets, invoices, taxes and savings.",
    "communication": "Agents that help to find the right words for other people.",
    "entertainment": "Agents for games, films, music and stories.",
    "writing": "Agents that draft, edit, translate and proofread texts.",
    "research": "Agents that find, read and check sources.",
    "data-analysis": "Agents for spreadsheets, queries, charts and statistics.",
    "customer-support": "Agents that answer customers and look after help pages.",
    "other": "Agents for home, garden, pets and all else.",
}


def add_sentences(apps, schema_editor):
    Category = apps.get_model("registry", "Category")
    for slug, sentence in SENTENCES.items():
        Category.objects.filter(pk=slug, sentence="").update(sentence=sentence)


class Migration(migrations.Migration):
    dependencies = [("registry", "0007_agent_vectors")]
    operations = [
        migrations.AddField(
            model_name="category",
            name="sentence",
            field=models.CharField(
                blank=True,
                default="",
                help_text="What its agents do, on its page",
                max_length=160,
            ),
        ),
        migrations.RunPython(add_sentences, migrations.RunPython.noop),
    ]
