"""No surface gives a text of a paid agent to a reader without a right."""

import gzip
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import withhold_version, yank_version
from registry.agents.queries import find_agent
from tests.clawstore.sales.conftest import AGENT, API, SECRET, PaidAgent
from tests.support.http import client_of

TARBALL = f"{API}/versions/1.1.0/tarball"
PAGES = (
    "/", "/agents", f"/agents?q={SECRET}", "/agents?q=planner", f"/agents/suggest?q={SECRET}",
    AGENT, f"{AGENT}/versions", f"{AGENT}/versions/1.0.0", f"{AGENT}/files",
    f"{AGENT}/versions/1.1.0/files", f"{AGENT}/versions/1.1.0/files/README.md",
    f"{AGENT}/versions/1.1.0/files/README.md?view=source",
    f"{AGENT}/versions/1.1.0/files/data/list.yaml", f"{AGENT}/versions/1.0.0/files/HEARTBEAT.md",
    f"{AGENT}/changes", f"{AGENT}/changes/1.0.0...1.1.0", f"{AGENT}/changes/1.1.0...1.0.0",
    f"{AGENT}/downloads", f"{AGENT}/reviews", f"{AGENT}/share", f"{AGENT}/picture.png",
    "/agents/compare?id=@ada/planner&id=@ada/coach", "/embed/@ada/planner",
    "/badges/@ada/planner/version.svg", "/feeds/versions.atom", "/feeds/search.atom?q=planner",
    "/feeds/@ada.atom", "/feeds/@ada/planner.atom", "/@ada", "/sitemap.xml",
)  # fmt: skip
ENDPOINTS = (
    "/v1/agents", f"/v1/agents?q={SECRET}", "/v1/agents?q=planner", API, f"{API}/versions",
    f"/v1/search/semantic?q={SECRET}", f"{API}/versions/1.1.0", f"{API}/versions/1.1.0/facts",
    f"{API}/versions/1.1.0/files", f"{API}/changes/1.0.0...1.1.0", f"{API}/changes/1.1.0...1.0.0",
    "/v1/index", "/v1/users/ada", f"{API}/reviews", f"{API}/downloads",
    f"{API}/versions/1.1.0/files/README.md", f"{API}/versions/1.1.0/files/data/list.yaml",
    f"{API}/versions/1.0.0/files/HEARTBEAT.md", TARBALL, f"{API}/versions/1.0.0/tarball",
)  # fmt: skip


def body(response: Any) -> str:
    """The text of an answer, unpacked if it is a package."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    is_packed = data[:2] == b"\x1f\x8b"
    return (gzip.decompress(data) if is_packed else data).decode(errors="replace")


def leaks(client: Client, paths: tuple[str, ...], **headers: str) -> list[str]:
    """The addresses whose answers have the text."""
    found_at = []
    for path in paths:
        response: Any = client.get(path, headers=headers)
        assert response.status_code < 500, path
        text = body(response)
        # A search says what was searched for.
        if f"{SECRET} of" in text or (SECRET in text and SECRET not in path):
            found_at.append(path)
    return found_at


@pytest.mark.once
def test_reader_without_a_right_gets_no_text_of_a_sold_agent(
    paid: PaidAgent, grace: User, root: User
) -> None:
    headers = {"Authorization": f"Bearer {paid.buyer_key}"}

    assert leaks(Client(), PAGES + ENDPOINTS) == []
    assert leaks(Client(), PAGES + ENDPOINTS, **headers) == []
    # The second time from the cache of pages.
    assert leaks(Client(), PAGES) == []
    assert leaks(client_of(grace), PAGES + ENDPOINTS) == []
    assert leaks(client_of(root), PAGES + ENDPOINTS) == []
    for method in ("get", "head"):
        response: Any = getattr(Client(), method)(TARBALL, headers={"Range": "bytes=0-9"})
        assert response.status_code == 402
        assert response["WWW-Authenticate"].startswith("L402 ")
    assert Client().get(f"/v1/agents?q={SECRET}").json()["items"] == []


@pytest.mark.once
def test_buyer_and_seller_read_everything(paid: PaidAgent, ada: User, grace: User) -> None:
    paid.buy()
    texts = {
        f"{AGENT}", f"{AGENT}/versions/1.0.0", f"{AGENT}/versions/1.1.0/files/README.md",
        f"{AGENT}/versions/1.1.0/files/data/list.yaml", f"{AGENT}/changes/1.0.0...1.1.0",
    }  # fmt: skip
    bytes_ = {f"{API}/versions/1.1.0/files/README.md", TARBALL, f"{API}/changes/1.0.0...1.1.0"}

    for client in (client_of(paid.buyer), client_of(ada)):
        assert texts | bytes_ <= set(leaks(client, PAGES + ENDPOINTS))
    headers = {"Authorization": f"Bearer {paid.buyer_key}"}
    assert bytes_ <= set(leaks(Client(), ENDPOINTS, **headers))
    response: Any = paid.api.get(TARBALL, key=paid.buyer_key)
    assert response["Cache-Control"] == "private, no-store"
    # What a buyer was shown is not what the next visitor gets.
    assert leaks(Client(), PAGES + ENDPOINTS) == []
    assert leaks(client_of(grace), PAGES) == []


@pytest.mark.once
def test_reads_are_counted_once_per_version_and_hour(sell: Any) -> None:
    paid = sell(maxReads=1)
    paid.buy()

    for _ in range(3):
        assert paid.api.get(TARBALL, key=paid.buyer_key).status_code == 200
    assert paid.api.get(f"{API}/versions/1.0.0/tarball", key=paid.buyer_key).status_code == 402


def test_offer_on_a_version_gates_that_one_alone(sell: Any) -> None:
    sell("agent_version", "@ada/planner@1.0.0")
    client = Client()

    assert client.get(f"{API}/versions/1.0.0/tarball").status_code == 402
    assert client.get(TARBALL).status_code == 200
    assert "offer" not in client.get(API).json()


@pytest.mark.once
def test_stopped_offer_makes_the_agent_free_again(paid: PaidAgent) -> None:
    assert Client().get(API).json()["offer"] == {"id": paid.offer["id"], "amountSatoshis": 21}
    assert Client().get("/v1/agents").json()["items"][0]["offer"]["amountSatoshis"] == 21

    paid.seller.patch(f"/offers/{paid.offer['id']}", {"active": False})

    assert "offer" not in Client().get(API).json()
    assert SECRET in Client().get(AGENT).content.decode()
    assert Client().get(TARBALL).status_code == 200


def test_withheld_comes_before_the_price_and_yanked_stays(
    paid: PaidAgent, as_root: Actor, as_ada: Actor
) -> None:
    paid.buy()
    yank_version(find_agent("ada", "planner"), "1.0.0", reason=None, by=as_ada)
    assert paid.api.get(f"{API}/versions/1.0.0/tarball", key=paid.buyer_key).status_code == 200

    withhold_version(
        find_agent("ada", "planner"), "1.1.0", reason="malware", text="Bad.", by=as_root
    )
    assert Client().get(TARBALL).status_code == 451
    assert paid.api.get(TARBALL, key=paid.buyer_key).status_code == 451


def test_public_export_has_no_text_and_no_package(paid: PaidAgent, tmp_path: Path) -> None:
    """A mirror has no offers, and would give away what is sold."""
    call_command("export_catalogue", str(tmp_path / "public"), stdout=StringIO())
    call_command("export_catalogue", str(tmp_path / "backup"), "--private", stdout=StringIO())

    def has_secret(folder: str) -> bool:
        paths = [path for path in (tmp_path / folder).rglob("*") if path.is_file()]
        packages = [gzip.decompress(p.read_bytes()) for p in paths if p.suffix in (".gz", ".tgz")]
        return any(
            SECRET.encode() in data for data in [*packages, *(p.read_bytes() for p in paths)]
        )

    assert has_secret("backup")
    assert not has_secret("public")
