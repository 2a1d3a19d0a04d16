"""What rows show, for every agent that is there, and which comparisons say that more is asked for.
The sums of signed-in users follow within the hour, when the worker rolls the windows."""

from dataclasses import asdict
from itertools import islice

from django.db import migrations

from registry.analysis.summary import summarise_manifest
from registry.rules.periods import days_between

BATCH = 200


def fill_agents(apps, schema_editor):
    Agent = apps.get_model("registry", "Agent")
    waiting = Agent.objects.order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(waiting, BATCH)):
        _fill(apps, batch)
        columns = ["brief", "version_count", "days_between_versions"]
        Agent.objects.bulk_update(batch, columns)


def _fill(apps, agents):
    Version = apps.get_model("registry", "Version")
    Withholding = apps.get_model("registry", "VersionWithholding")
    held = set(Withholding.objects.filter(lifted_at=None).values_list("version_id", flat=True))
    rows = Version.objects.filter(agent__in=agents).order_by("-uploaded_at", "id")
    versions = {}
    for row in rows.values("id", "agent_id", "uploaded_at", "yanked_at"):
        versions.setdefault(row["agent_id"], []).append(row)
    shown = {agent.pk: _shown(agent, versions.get(agent.pk, []), held) for agent in agents}
    briefs = _briefs(apps, Version.objects.filter(pk__in=[pk for pk in shown.values() if pk]))
    for agent in agents:
        times = [row["uploaded_at"] for row in versions.get(agent.pk, [])]
        agent.brief = briefs.get(shown[agent.pk], {})
        agent.version_count = len(times)
        agent.days_between_versions = days_between(times)


def _briefs(apps, versions):
    pictures = apps.get_model("registry", "VersionAsset").objects.filter(kind="icon")
    pictures = pictures.filter(version__in=versions).order_by("-ordering", "-id")
    icons = {version_id: str(pk) for version_id, pk in pictures.values_list("version_id", "pk")}
    columns = ("pk", "version", "channel", "manifest")
    return {
        pk: {"version": number, "channel": channel, "icon": icons.get(pk)}
        | asdict(summarise_manifest(manifest))
        for pk, number, channel, manifest in versions.values_list(*columns)
    }


def _shown(agent, rows, held):
    readable = [row for row in rows if row["id"] not in held]
    alive = [row for row in readable if row["yanked_at"] is None]
    first = next(iter(alive or readable), None)
    return agent.latest_version_id or (first and first["id"])


def mark_growth(apps, schema_editor):
    Comparison = apps.get_model("registry", "VersionComparison")
    rows = Comparison.objects.filter(is_adjacent=True).order_by("pk")
    grown = []
    for pk, summary in rows.values_list("pk", "summary").iterator(chunk_size=BATCH):
        if any(change.get("grows") for change in summary.get("capabilities", ())):
            grown.append(pk)
    for start in range(0, len(grown), BATCH):
        Comparison.objects.filter(pk__in=grown[start : start + BATCH]).update(asks_for_more=True)


class Migration(migrations.Migration):
    dependencies = [("registry", "0015_what_rows_show")]
    operations = [
        migrations.RunPython(fill_agents, migrations.RunPython.noop),
        migrations.RunPython(mark_growth, migrations.RunPython.noop),
    ]
