"""The unmodified npm client `clawstore` 0.1.7 against a live shop."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from clawstore.about.author_guide import STARTER
from tests.e2e.client.conftest import Workspace
from tests.e2e.client.npm import Done, NpmClient
from tests.support.packages import png
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor

pytestmark = pytest.mark.client


def test_login_is_approved_in_the_browser(stranger: NpmClient, live_shop: LiveShop) -> None:
    linus = Visitor(live_shop.url)
    linus.sign_in("linus")

    result = stranger.login(lambda url: linus.decide_device(url, "approve"))

    assert result.code == 0
    assert "Logged in successfully" in result.out
    token = json.loads((stranger.home / ".clawstore/auth.json").read_text())["token"]
    assert token.startswith("claw_")
    account = stranger.run("whoami")
    assert account.code == 0
    assert re.findall(r"(\w+): +(\S+)", account.out) == [
        ("Name", "linus"),
        ("Scope", "@linus"),
        ("Email", "linus@localhost.localdomain"),
        ("Agents", "0"),
    ]
    assert "Already logged in as linus" in stranger.run("login").out


def test_login_denied_in_the_browser_ends_at_once(
    stranger: NpmClient, ada_at_the_browser: Visitor
) -> None:
    result = stranger.login(lambda url: ada_at_the_browser.decide_device(url, "deny"))

    assert result.code == 1
    assert not (stranger.home / ".clawstore/auth.json").exists()


def test_client_without_a_login_says_so(stranger: NpmClient) -> None:
    assert stranger.run("whoami") == Done(1, "Not logged in. Run `clawstore login` first.\n")


def test_client_publishes_finds_reads_and_installs(workspace: Workspace, client: NpmClient) -> None:
    publication = workspace.publish()

    assert publication.code == 0
    assert f"Published {workspace.id}@0.1.0\n  Channel: community" in publication.out
    digest = re.search(r"SHA-256: ([0-9a-f]{64})\n", publication.out)[1]

    results = client.run("search", workspace.name)
    assert results.code == 0
    assert results.out.split("\n")[:2] == [
        f"  {workspace.id} — Keeps a diary",
        "    0 downloads · no ratings · productivity",
    ]

    info = client.run("info", workspace.id)
    assert info.code == 0
    for phrase in (
        f"  The {workspace.name} ({workspace.id})\n  Keeps a diary\n",
        "  Writes down **what was done**.\n",
        "  Category:   productivity\n  License:    MIT\n  Downloads:  0\n",
        "  Rating:     no ratings\n",
        "  Latest version: 0.1.0 (community)\n",
        "  Author: ada\n",
    ):
        assert phrase in info.out

    installation = client.run("install", workspace.id)
    assert installation.code == 0
    assert f"SHA-256 verified: {digest}\n" in installation.out
    home = workspace.installed_folder
    for name in ("AGENTS.md", "SOUL.md", "IDENTITY.md"):
        assert (home / name).read_text() == (workspace.folder / name).read_text()

    listing = client.run("list")
    assert listing.code == 0
    assert f"  {workspace.id}@0.1.0  (manual)\n    {home}\n" in listing.out


def test_client_publishes_pictures(workspace: Workspace, live_shop: LiveShop) -> None:
    pictures = {"store/icon.png": png(64, 64)}
    pictures |= {f"store/screenshots/{n}.png": png(320, 200 + n) for n in (1, 2)}
    for path, content in pictures.items():
        (workspace.folder / path).write_bytes(content)
    icon, *screenshots = pictures
    workspace.change(store={"icon": icon, "screenshots": screenshots})

    assert workspace.publish().code == 0

    address = f"{workspace.api_path}/versions/0.1.0"
    assets = live_shop.get(address).json()["assets"]
    assets_by_path = {
        a["path"]: live_shop.get(f"{address}/assets/{a['id']}").content for a in assets
    }
    assert assets_by_path == pictures


def test_client_may_not_publish_a_version_twice(workspace: Workspace) -> None:
    assert workspace.publish().code == 0

    second_answer = workspace.publish()

    assert second_answer.code == 1
    assert "Publish failed: [version_not_monotonic]" in second_answer.out


def test_client_may_not_publish_in_a_foreign_scope(workspace: Workspace) -> None:
    workspace.change(id="@linus/not-mine")

    refusal = workspace.publish()

    assert refusal.code == 1
    assert "Publish failed: [scope_mismatch]" in refusal.out


def test_client_checks_for_updates_and_updates(workspace: Workspace, client: NpmClient) -> None:
    assert workspace.publish("1.0.0").code == 0
    assert client.run("install", workspace.id).code == 0
    (workspace.folder / "SOUL.md").write_text("# Soul\n\nOlder and wiser.\n")
    assert workspace.publish("1.1.0").code == 0

    check = client.run("update", workspace.id, "--check")
    assert check.code == 0
    assert f"  {workspace.id}: 1.0.0 → 1.1.0 (community)\n" in check.out
    soul = workspace.installed_folder / "SOUL.md"
    assert "Older and wiser." not in soul.read_text()

    assert client.run("update", workspace.id).code == 0
    assert soul.read_text() == "# Soul\n\nOlder and wiser.\n"
    assert f"  {workspace.id}@1.1.0  " in client.run("list").out
    assert workspace.id not in client.run("update", workspace.id, "--check").out


def test_client_yanks_with_a_reason(
    workspace: Workspace, client: NpmClient, live_shop: LiveShop
) -> None:
    assert workspace.publish("1.0.0").code == 0
    assert workspace.publish("1.1.0").code == 0
    assert client.run("install", workspace.id).code == 0

    yank_result = client.run("yank", f"{workspace.id}@1.1.0", "-r", "Forgets Sundays")

    assert yank_result == Done(0, f"Yanked {workspace.id}@1.1.0\n")
    version = live_shop.get(f"{workspace.api_path}/versions/1.1.0").json()
    assert version["yankedReason"] == "Forgets Sundays"
    assert "  Latest version: 1.0.0 (community)\n" in client.run("info", workspace.id).out
    redirect = client.run("update", workspace.id, "--check").out
    assert f"  {workspace.id}: 1.1.0 → 1.0.0 (community) (current version yanked)\n" in redirect
    # The exact version can still be installed.
    assert client.run("install", f"{workspace.id}@1.1.0").code == 0


def test_co_maintainer_publishes_and_yanks(
    workspace: Workspace,
    client: NpmClient,
    stranger: NpmClient,
    ada_at_the_browser: Visitor,
    live_shop: LiveShop,
) -> None:
    assert workspace.publish().code == 0
    maria = Visitor(live_shop.url)
    maria.sign_in("maria")
    assert stranger.login(lambda url: maria.decide_device(url, "approve")).code == 0
    workspace.change(version="0.2.0")
    refusal = stranger.run("publish", cwd=workspace.folder)
    assert refusal.code == 1
    assert "You can publish under @maria, not under @ada." in refusal.out

    members = "/studio/@ada/members"
    page = ada_at_the_browser.get(members)
    ada_at_the_browser.submit(page, to=members, login="maria", role="editor")
    maria.submit(maria.get("/account"), to="/studio/@ada/invitation", do="accept")
    publication = stranger.run("publish", cwd=workspace.folder)
    yank_result = stranger.run("yank", f"{workspace.id}@0.2.0", "-r", "Forgets Sundays")

    assert f"Published {workspace.id}@0.2.0\n" in publication.out
    assert yank_result == Done(0, f"Yanked {workspace.id}@0.2.0\n")
    versions = maria.get(f"/agents/{workspace.id}/versions").text
    assert "by the publisher" in versions
    assert "@maria" in versions


def test_client_refuses_to_install_an_unknown_agent(client: NpmClient) -> None:
    assert client.run("info", "@ada/nothing-here").code == 1
    assert client.run("install", "@ada/nothing-here").code == 1


def test_client_gets_the_published_bytes(workspace: Workspace, live_shop: LiveShop) -> None:
    publication = workspace.publish()

    answer = live_shop.get(f"{workspace.api_path}/versions/0.1.0/tarball")

    assert "Content-Encoding" not in answer.headers
    assert hashlib.sha256(answer.content).hexdigest() in publication.out


def test_client_accepts_the_starter_and_refuses_its_schema_key(
    stranger: NpmClient, tmp_path: Path
) -> None:
    """The author's guide says both."""
    folder = tmp_path / "starter"
    shutil.copytree(STARTER, folder)
    assert stranger.run("validate", cwd=folder).code == 0

    manifest = json.loads((folder / "agent.json").read_text())
    manifest["$schema"] = "https://claws.example.org/agent.schema.json"
    (folder / "agent.json").write_text(json.dumps(manifest))

    refusal = stranger.run("validate", cwd=folder)
    assert refusal.code == 1
    assert "must NOT have additional properties" in refusal.out
