"""Mirrors at the desk and in the metrics."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from registry.mirroring.actions import run_mirror
from registry.models import Mirror, MirrorProblem
from tests.registry.mirroring.conftest import OPERATOR
from tests.support.servers.fake_source import fake_source


@pytest.mark.django_db
def test_desk_and_metrics_show_how_far_a_mirror_is(desk: Client, storage_folder: Path) -> None:
    with fake_source() as fake:
        fake.publish("@linus/planner", "1.0.0")["withheld"] = {"reason": "court", "text": "Law."}
        fake.publish("@linus/planner", "1.1.0")["tarballSha256"] = "0" * 64
        run_mirror(fake.url, scopes=["@linus"], by=OPERATOR)
    mirror = Mirror.objects.get()
    listing = desk.get(reverse("admin:registry_mirror_changelist")).text
    for text in (fake.url, "@linus", "alarm", "0 / 1", "2, 1"):
        assert text in listing
    page = desk.get(reverse("admin:registry_mirror_change", args=[mirror.pk])).text
    assert f"mirror__id__exact={mirror.pk}" in page
    problems = desk.get(
        reverse("admin:registry_mirrorproblem_changelist"), {"mirror__id__exact": str(mirror.pk)}
    ).text
    for text in ("@linus/planner@1.0.0", "withheld_at_source", "digest_mismatch"):
        assert text in problems
    row = MirrorProblem.objects.get(version="1.1.0")
    page = desk.get(reverse("admin:registry_mirrorproblem_change", args=[row.pk])).text
    assert "are not those of the index" in page
    log = desk.get(reverse("admin:audit_auditlog_changelist")).text
    assert "contradicts itself about" in log
    metrics = desk.get("/metrics", REMOTE_ADDR="127.0.0.1", HTTP_HOST="localhost").text
    for name, number in (("waiting_agents", 0), ("problems", 2), ("alarms", 1)):
        assert f'clawstore_mirror_{name}{{source="{fake.url}"}} {number}.0' in metrics
    assert "clawstore_mirror_lag_seconds" in metrics


@pytest.mark.django_db
def test_mirror_whose_first_run_was_killed_is_not_up_to_date(desk: Client) -> None:
    Mirror.objects.create(source="https://agents.example.org")

    listing = desk.get(reverse("admin:registry_mirror_changelist")).text

    assert "not finished yet" in listing
    assert "up to date" not in listing
