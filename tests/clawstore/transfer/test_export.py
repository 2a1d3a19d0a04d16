"""Content of exports, public and private."""

import hashlib
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from clawstore.transfer.files import copy_out
from clawstore.transfer.snapshot import consistent_snapshot
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import iso
from registry.agents.actions import withhold_version
from registry.models import Agent, Category, Version, VersionAsset
from tests.support.catalogue import contents, create_sample_shop, lines

PUBLIC = {
    *("users", "profiles", "scopes", "categories", "agents", "versions", "agent_tags"),
    "former_addresses",
    *(
        "version_withholdings",
        "download_days",
        "version_assets",
        "version_files",
        "version_findings",
        "version_renderings",
        "version_analyses",
        "version_provenance",
        "reviews",
    ),
}
PRIVATE = {
    *(
        "roles",
        "suspensions",
        "notice_preferences",
        "accounts",
        "email_addresses",
        "former_accounts",
        "api_keys",
    ),
    *("reports", "appeals", "audit_logs", "changes", "agent_picks", "network_sketches"),
    *("domains", "domain_members", "content_types", "content_type_schemas"),
    *("content_assets", "content_items", "content_item_versions", "content_references"),
    *("webhooks", "follows", "trusted_publishers", "agent_transfers"),
    *("mirrors", "mirrored_agents", "mirror_problems"),
    *("licence_policies", "licence_policy_versions", "offers"),
    *("payments", "entitlements", "access_events"),
    *("agent_profiles", "revenue_events", "revenue_allocations", "allocation_status_events"),
    *("payout_batches", "payout_transfers"),
    *("workflows", "workflow_transitions", "review_tasks", "review_comments"),
    *("form_definitions", "form_submissions", "form_answers", "opened_reports"),
    *("external_feedback_tokens", "external_feedback_events"),
}


@pytest.fixture
def shop(ada: User, grace: User, root: User, storage_folder: Path) -> None:
    create_sample_shop(ada, grace, root)


def export(folder: Path, *arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("export_catalogue", str(folder), *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def summary_of(folder: Path) -> Any:
    return orjson.loads((folder / "catalogue.json").read_bytes())


@pytest.mark.once
def test_public_export_has_public_data_only(shop: None, tmp_path: Path) -> None:
    export(tmp_path / "out")

    assert {path.stem for path in (tmp_path / "out").glob("*.jsonl")} == PUBLIC
    users = lines(tmp_path / "out", "users")
    assert [set(user) for user in users] == [
        {"id", "username", "name", "image", "is_active", "created_at"}
    ] * 3
    assert "delisted_by_user_id" not in lines(tmp_path / "out", "agents")[0]
    all_texts = b"".join(contents(tmp_path / "out").values())
    assert b"ada@example.org" not in all_texts
    assert b"localdomain" not in all_texts


def test_backup_has_everything_and_is_readable_by_its_owner_only(
    shop: None, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    export(folder, "--private")

    assert {path.stem for path in folder.glob("*.jsonl")} == PUBLIC | PRIVATE
    assert lines(folder, "accounts")[0]["uid"] == "7"
    assert [row["email"] for row in lines(folder, "email_addresses")] == ["ada@example.org"]
    assert [row["reason"] for row in lines(folder, "reports")] == ["spam"]
    modes = {path.stat().st_mode & 0o777 for path in folder.glob("*.jsonl")}
    modes |= {path.stat().st_mode & 0o777 for path in (folder / "files").rglob("*.tgz")}
    assert modes == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.once
def test_exported_line_has_names_of_the_data_model_and_iso_times(
    shop: None, ada: User, tmp_path: Path
) -> None:
    export(tmp_path / "out")

    version = Version.objects.get(version="1.1.0")
    line = next(row for row in lines(tmp_path / "out", "versions") if row["id"] == str(version.pk))
    assert line == {
        "id": str(version.pk),
        "agent_id": str(version.agent_id),
        "version": "1.1.0",
        "channel": "community",
        "manifest": version.manifest,
        "tarball_r2_key": version.tarball_r2_key,
        "tarball_sha256": version.tarball_sha256,
        "tarball_size_bytes": version.tarball_size_bytes,
        "download_count": 0,
        "uploaded_by_user_id": str(ada.pk),
        "uploaded_at": iso(version.uploaded_at),
        "yanked_at": None,
        "yanked_by_user_id": None,
        "yanked_reason": None,
        "yanked_by_co_maintainer": False,
    }


@pytest.mark.once
def test_summary_has_counts_and_digests(shop: None, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    complaints = export(folder)[1]

    summary = summary_of(folder)
    assert set(summary["tables"]) == PUBLIC
    for name, table in summary["tables"].items():
        content = (folder / f"{name}.jsonl").read_bytes()
        assert table == {
            "rows": content.count(b"\n"),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    sizes = [path.stat().st_size for path in (folder / "files").rglob("*") if path.is_file()]
    assert summary["files"] == {"count": 4, "bytes": sum(sizes), "missing": 1, "keptBack": 0}
    assert (summary["format"], summary["formatVersion"], summary["private"]) == (
        "clawstore-catalogue",
        1,
        False,
    )
    deleted_version = Version.objects.get(version="0.1.0")
    assert complaints == f"Skipped 1 missing or damaged files ({deleted_version.tarball_r2_key}).\n"


@pytest.mark.once
def test_exported_files_have_the_names_of_their_keys(shop: None, tmp_path: Path) -> None:
    export(tmp_path / "out")

    asset = VersionAsset.objects.get()
    file_bytes = (tmp_path / "out" / "files" / asset.r2_key).read_bytes()
    assert hashlib.sha256(file_bytes).hexdigest() == asset.sha256


@pytest.mark.once
def test_damaged_file_is_left_out_and_named(
    shop: None, tmp_path: Path, storage_folder: Path
) -> None:
    version = Version.objects.get(version="1.0.0")
    (storage_folder / version.tarball_r2_key).write_bytes(b"rotten")

    complaints = export(tmp_path / "out")[1]

    assert version.tarball_r2_key in complaints
    assert not (tmp_path / "out" / "files" / version.tarball_r2_key).exists()
    assert summary_of(tmp_path / "out")["files"]["missing"] == 2


@pytest.fixture
def withheld_version(shop: None, as_root: Actor) -> Version:
    """Version 1.1.0 of Ada's agent, with files, a picture and texts."""
    version = Version.objects.select_related("agent").get(version="1.1.0")
    withhold_version(
        version.agent, "1.1.0", reason="leaked_secrets", text="A key in it.", by=as_root
    )
    return version


def test_public_export_has_no_bytes_or_texts_of_a_withheld_version(
    withheld_version: Version, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    output = export(folder)[0]

    rows = {row["id"]: row for row in lines(folder, "versions")}
    assert rows[str(withheld_version.pk)]["manifest"] == {}
    assert rows[str(withheld_version.pk)]["tarball_sha256"] == withheld_version.tarball_sha256
    assert all(row["manifest"] for id, row in rows.items() if id != str(withheld_version.pk))
    for name in ("version_assets", "version_files", "version_findings", "version_renderings"):
        assert str(withheld_version.pk) not in {row["version_id"] for row in lines(folder, name)}
    assert [row["version_id"] for row in lines(folder, "version_withholdings")] == [
        str(withheld_version.pk)
    ]
    files = {str(path.relative_to(folder / "files")) for path in folder.rglob("files/**/*.*")}
    assert len(files) == 2
    assert withheld_version.tarball_r2_key not in files
    counts = summary_of(folder)["files"]
    assert (counts["count"], counts["missing"], counts["keptBack"]) == (2, 1, 1)
    assert "withheld, skipped            1" in output


@pytest.mark.once
def test_version_withheld_during_an_export_is_left_out(
    shop: None, as_root: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version withheld between the rows and the files of an export is excluded."""
    coach = Agent.objects.get(name="coach")

    def withhold_then_copy(*args: Any, **kwargs: Any) -> Any:
        withhold_version(coach, "1.1.0", reason="malware", text="Bad.", by=as_root)
        return copy_out(*args, **kwargs)

    monkeypatch.setattr("clawstore.transfer.exporting.copy_out", withhold_then_copy)
    export(tmp_path / "out")

    counts = summary_of(tmp_path / "out")["files"]
    assert (counts["count"], counts["keptBack"]) == (2, 2)


@pytest.mark.once
def test_backup_includes_withheld_versions(withheld_version: Version, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    export(folder, "--private")

    row = next(row for row in lines(folder, "versions") if row["id"] == str(withheld_version.pk))
    assert row["manifest"] == withheld_version.manifest
    assert (folder / "files" / withheld_version.tarball_r2_key).is_file()
    assert (folder / "files" / withheld_version.assets.get().r2_key).is_file()
    assert str(withheld_version.pk) in {
        row["version_id"] for row in lines(folder, "version_renderings")
    }
    assert summary_of(folder)["files"] == summary_of(folder)["files"] | {"count": 4, "keptBack": 0}


@pytest.mark.once
def test_export_refuses_a_folder_with_files(shop: None, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("mine")

    with pytest.raises(CommandError, match="is not empty"):
        export(tmp_path / "out")

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["letter.txt"]


@pytest.mark.once
def test_export_changes_nothing(shop: None, tmp_path: Path) -> None:
    before = list(Agent.objects.order_by("pk").values())

    export(tmp_path / "out", "--private")

    assert list(Agent.objects.order_by("pk").values()) == before
    assert default_storage.exists(Version.objects.get(version="1.0.0").tarball_r2_key)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_export_is_a_snapshot_and_blocks_no_writer() -> None:
    with consistent_snapshot():
        before = Category.objects.count()
        writer = Thread(target=_add_category)
        writer.start()
        writer.join(10)
        assert not writer.is_alive()
        assert Category.objects.count() == before

    assert Category.objects.count() == before + 1


def _add_category() -> None:
    Category.objects.create(id="late", name="Late", icon="box", sort_order=1)
    connection.close()
