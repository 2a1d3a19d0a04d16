"""Tools that check and publish packages; nothing is stored before a publish."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from foundation.accounts.models import User
from registry.models import Version
from tests.clawstore.mcp.conftest import McpClient
from tests.support.http import Api
from tests.support.packages import manifest, package_files, tarball
from tests.support.uploads import PUBLISH, parts

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def files_of(**changes: Any) -> list[dict[str, str]]:
    files = package_files(None, manifest(**changes))
    return [{"path": path, "base64": b64encode(data).decode()} for path, data in files.items()]


def test_package_is_checked_without_a_key(mcp: McpClient, stored_files: Any) -> None:
    report = mcp.read("check_package", files=files_of())
    bad_report = mcp.read("check_package", files=[{"path": "agent.json", "text": "{}"}])

    assert (report["isAccepted"], report["id"]) == (True, "@ada/planner")
    assert (bad_report["isAccepted"], bad_report["id"]) == (False, None)
    assert bad_report["findings"][0]["help"]
    assert stored_files() == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "missing_tarball"),
        ({"files": "agent.json"}, "invalid_arguments"),
        ({"files": [{"path": 'a"\r\nX: y', "text": ""}]}, "invalid_arguments"),
        ({"files": ["agent.json"]}, "invalid_arguments"),
        ({"packageBase64": "%%%"}, "invalid_arguments"),
        ({"files": [], "icon": {"path": "a.png"}}, "invalid_arguments"),
    ],
)
def test_unusable_package_is_refused(mcp: McpClient, arguments: dict[str, Any], code: str) -> None:
    assert mcp.code("check_package", **arguments) == code


def test_version_is_tried_then_published(
    mcp: McpClient, ada: User, key_for: Callable[..., str], stored_files: Any
) -> None:
    key = key_for(ada, "agents:publish")

    tried_version = mcp.read("publish_version", key=key, files=files_of(), dryRun=True)
    assert (tried_version["id"], tried_version["dryRun"]) == ("@ada/planner", True)
    assert (Version.objects.count(), stored_files()) == (0, [])

    version = mcp.read("publish_version", key=key, files=files_of())
    assert (version["id"], version["version"]) == ("@ada/planner", "1.0.0")
    assert mcp.code("publish_version", key=key, files=files_of()) == "version_not_monotonic"

    package = {
        "packageBase64": b64encode(tarball(None, manifest(version="1.1.0"))).decode(),
        "metadata": tarball_metadata("1.1.0"),
    }
    assert mcp.read("publish_version", key=key, **package)["version"] == "1.1.0"


def tarball_metadata(version: str) -> str:
    return package_files(None, manifest(version=version))["agent.json"].decode()


def test_version_of_another_scope_is_not_published(
    mcp: McpClient, grace: User, key_for: Callable[..., str]
) -> None:
    for dry_run in (True, False):
        for key, code in (
            ("", "unauthorized"),
            (key_for(grace, "read"), "insufficient_scope"),
            (key_for(grace, "agents:publish"), "scope_mismatch"),
        ):
            assert mcp.code("publish_version", key=key, files=files_of(), dryRun=dry_run) == code


def test_publish_is_tried_over_http(
    api: Api, ada: User, key_for: Callable[..., str], stored_files: Any
) -> None:
    key = key_for(ada, "agents:publish")

    answer = api.upload(f"{PUBLISH}?mode=dry_run", parts(), key=key)
    wrong_mode = api.upload(f"{PUBLISH}?mode=wet", parts(), key=key)

    assert answer.json()["dryRun"] is True
    assert answer.json()["channel"] == "community"
    assert (Version.objects.count(), stored_files()) == (0, [])
    assert wrong_mode.status_code == 400


@pytest.mark.usefixtures("limits_on")
def test_checks_are_limited(mcp: McpClient) -> None:
    codes = [mcp.code("check_package") for _ in range(11)]

    assert codes == [*["missing_tarball"] * 10, "rate_limited"]
