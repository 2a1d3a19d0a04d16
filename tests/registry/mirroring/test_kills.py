"""Kills runs of a mirror between any two statements, and lets the next ones go on."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers.commands import ROOT, environment_of, manage
from tests.support.servers.fake_source import fake_source
from tests.support.servers.tables import copy_tables

pytestmark = pytest.mark.live
RESULT = """
from registry.models import *
from profiles.models import Scope
from foundation.audit.models import AuditLog
rows = Version.objects.order_by("agent__name", "uploaded_at")
print("versions", [(row.agent.name, row.version, row.yanked_at is None) for row in rows])
print("events", AuditLog.objects.filter(action="version.published").count())
print("yanks", AuditLog.objects.filter(action="version.yanked").count())
print("scopes", Scope.objects.filter(mirrored_from__isnull=False).count())
print("pending", MirroredAgent.objects.pending().count(), MirrorProblem.objects.count())
"""


def test_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    environment = environment_of(tmp_path, MIRROR_ALLOW_PRIVATE="127.0.0.0/8", DEMO="off")
    copy_tables(tmp_path / "clawstore.sqlite3")
    with fake_source() as fake:
        for name in ("planner", "coach"):
            for number in ("1.0.0", "1.1.0"):
                fake.publish(f"@ada/{name}", number)
            fake.versions[f"@ada/{name}"][0]["yankedAt"] = "2026-11-21T20:10:20.000Z"
        command = [sys.executable, "-m", "tests.registry.mirroring.killed_runs", fake.url]
        process = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500
        )
    assert process.returncode == 0, process.stderr
    assert int(process.stdout.split()[-1]) > 10, process.stdout
    result = manage(environment, "shell", "-c", RESULT)
    versions = [
        (name, number, number == "1.1.0")
        for name in ("coach", "planner")
        for number in ("1.0.0", "1.1.0")
    ]
    assert f"versions {versions}" in result
    for line in ("events 4", "yanks 2", "scopes 1", "pending 0 0"):
        assert line in result, result
