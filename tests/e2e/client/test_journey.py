"""The unmodified npm client `clawstore` 0.1.7 against a live shop."""

import hashlib
import json
import re
import struct
import zlib

import pytest

from tests.e2e.client.conftest import Workspace
from tests.e2e.client.npm import Done, NpmClient
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor

pytestmark = pytest.mark.client


def test_login_is_approved_in_the_browser(stranger: NpmClient, live_shop: LiveShop) -> None:
    linus = Visitor(live_shop.url)
    linus.sign_in("linus")

    done = stranger.login(lambda url: linus.decide_device(url, "approve"))

    assert done.code == 0
    assert "Logged in successfully" in done.out
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
    done = stranger.login(lambda url: ada_at_the_browser.decide_device(url, "deny"))

    assert done.code == 1
    assert not (stranger.home / ".clawstore/auth.json").exists()


def test_without_a_login_nothing_is_published(stranger: NpmClient) -> None:
    assert stranger.run("whoami") == Done(1, "Not logged in. Run `clawstore login` first.\n")


def test_publish_find_read_install(workspace: Workspace, client: NpmClient) -> None:
    published = workspace.publish()

    assert published.code == 0
    assert f"Published {workspace.id}@0.1.0\n  Channel: community" in published.out
    digest = re.search(r"SHA-256: ([0-9a-f]{64})\n", published.out)[1]

    results = client.run("search", "publish-find-read")
    assert results.code == 0
    assert results.out.split("\n")[:2] == [
        f"  {workspace.id} — Keeps a diary",
        "    0 downloads · no ratings · productivity",
    ]

    info = client.run("info", workspace.id)
    assert info.code == 0
    for phrase in (
        f"  The publish-find-read-install ({workspace.id})\n  Keeps a diary\n",
        "  Writes down **what was done**.\n",
        "  Category:   productivity\n  License:    MIT\n  Downloads:  0\n",
        "  Rating:     no ratings\n",
        "  Latest version: 0.1.0 (community)\n",
        "  Author: ada\n",
    ):
        assert phrase in info.out

    installed = client.run("install", workspace.id)
    assert installed.code == 0
    assert f"SHA-256 verified: {digest}\n" in installed.out
    home = client.home / ".openclaw/workspace-publish-find-read-install"
    for name in ("AGENTS.md", "SOUL.md", "IDENTITY.md"):
        assert (home / name).read_text() == (workspace.folder / name).read_text()

    listed = client.run("list")
    assert listed.code == 0
    assert f"  {workspace.id}@0.1.0  (manual)\n    {home}\n" in listed.out


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_publish_with_pictures(workspace: Workspace, live_shop: LiveShop) -> None:
    pictures = {"store/icon.png": png(64, 64)}
    pictures |= {f"store/screenshots/{n}.png": png(320, 200 + n) for n in (1, 2)}
    for path, content in pictures.items():
        (workspace.folder / path).write_bytes(content)
    icon, *screenshots = pictures
    workspace.change(store={"icon": icon, "screenshots": screenshots})

    assert workspace.publish().code == 0

    address = "/v1/agents/ada/publish-with-pictures/versions/0.1.0"
    assets = live_shop.get(address).json()["assets"]
    assets_by_path = {
        a["path"]: live_shop.get(f"{address}/assets/{a['id']}").content for a in assets
    }
    assert assets_by_path == pictures


def test_publish_the_same_version_again(workspace: Workspace) -> None:
    assert workspace.publish().code == 0

    again = workspace.publish()

    assert again.code == 1
    assert "Publish failed: [version_not_monotonic]" in again.out


def test_publish_under_somebody_elses_scope(workspace: Workspace) -> None:
    workspace.change(id="@linus/not-mine")

    refused = workspace.publish()

    assert refused.code == 1
    assert "Publish failed: [scope_mismatch]" in refused.out


def test_update_check_then_update(workspace: Workspace, client: NpmClient) -> None:
    assert workspace.publish("1.0.0").code == 0
    assert client.run("install", workspace.id).code == 0
    (workspace.folder / "SOUL.md").write_text("# Soul\n\nOlder and wiser.\n")
    assert workspace.publish("1.1.0").code == 0

    checked = client.run("update", workspace.id, "--check")
    assert checked.code == 0
    assert f"  {workspace.id}: 1.0.0 → 1.1.0 (community)\n" in checked.out
    soul = client.home / ".openclaw/workspace-update-check-then-update/SOUL.md"
    assert "Older and wiser." not in soul.read_text()

    assert client.run("update", workspace.id).code == 0
    assert soul.read_text() == "# Soul\n\nOlder and wiser.\n"
    assert f"  {workspace.id}@1.1.0  " in client.run("list").out
    assert workspace.id not in client.run("update", workspace.id, "--check").out


def test_yank_with_a_reason(workspace: Workspace, client: NpmClient, live_shop: LiveShop) -> None:
    assert workspace.publish("1.0.0").code == 0
    assert workspace.publish("1.1.0").code == 0
    assert client.run("install", workspace.id).code == 0

    yanked = client.run("yank", f"{workspace.id}@1.1.0", "-r", "Forgets Sundays")

    assert yanked == Done(0, f"Yanked {workspace.id}@1.1.0\n")
    version = live_shop.get("/v1/agents/ada/yank-with-a-reason/versions/1.1.0").json()
    assert version["yankedReason"] == "Forgets Sundays"
    assert "  Latest version: 1.0.0 (community)\n" in client.run("info", workspace.id).out
    moved = client.run("update", workspace.id, "--check").out
    assert f"  {workspace.id}: 1.1.0 → 1.0.0 (community) (current version yanked)\n" in moved
    # Pinned, it can still be had.
    assert client.run("install", f"{workspace.id}@1.1.0").code == 0


def test_install_of_what_is_not_there(client: NpmClient) -> None:
    assert client.run("info", "@ada/nothing-here").code == 1
    assert client.run("install", "@ada/nothing-here").code == 1


def test_the_tarball_is_served_byte_for_byte(workspace: Workspace, live_shop: LiveShop) -> None:
    published = workspace.publish()

    answer = live_shop.get(
        "/v1/agents/ada/the-tarball-is-served-byte-for-byte/versions/0.1.0/tarball"
    )

    assert "Content-Encoding" not in answer.headers
    assert hashlib.sha256(answer.content).hexdigest() in published.out
