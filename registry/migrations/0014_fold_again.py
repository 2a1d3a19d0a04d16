"""What a search reads, folded in the new way, and what one narrows it down by, for every agent that
is there. A recount mends what this cannot see (agents of which nothing is offered)."""

from itertools import islice

from django.db import migrations

from registry.agents.listing import filter_columns, searched_columns

BATCH = 200
COLUMNS = [
    *("search_text", "folded_name", "more_words"),
    *("latest_channel", "model_provider", "asks_for_secrets"),
]


def fold_again(apps, schema_editor):
    Agent = apps.get_model("registry", "Agent")
    waiting = Agent.objects.order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(waiting, BATCH)):
        _fold(apps, batch)
        Agent.objects.bulk_update(batch, COLUMNS)


def _fold(apps, agents):
    tags, versions = {}, {}
    tagged = apps.get_model("registry", "AgentTag").objects.filter(agent__in=agents)
    for agent_id, tag in tagged.order_by("tag").values_list("agent_id", "tag"):
        tags.setdefault(agent_id, []).append(tag)
    Version = apps.get_model("registry", "Version")
    for version in Version.objects.filter(agent__in=agents).order_by("uploaded_at", "id"):
        versions[version.agent_id] = versions[version.pk] = version
    for agent in agents:
        latest = versions.get(agent.latest_version_id)
        shown = latest or versions.get(agent.pk)
        columns = searched_columns(agent, tags.get(agent.pk, []))
        columns |= filter_columns(shown.manifest if shown else {})
        columns["latest_channel"] = latest.channel if latest else ""
        for column, value in columns.items():
            setattr(agent, column, value)


class Migration(migrations.Migration):
    dependencies = [("registry", "0013_search_columns")]
    operations = [migrations.RunPython(fold_again, migrations.RunPython.noop)]
