"""Streams of changes with the official SDK as client and a real server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from mcp import Client
from mcp.shared.subscriptions import ResourcesListChanged, ResourceUpdated

from tests.clawstore.mcp.test_live import run_alone
from tests.support.packages import manifest, tarball
from tests.support.servers.shop import LiveShop, eventually
from tests.support.servers.visitor import Visitor
from tests.support.uploads import PUBLISH
from tests.wordclaw.conftest import ALL_SCOPES, POST

pytestmark = [pytest.mark.live, pytest.mark.once]
SOON = 10.0
"""Seconds in which a client hears of a change; on an idle machine one."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    folder = tmp_path_factory.mktemp("streams")
    with LiveShop(folder, WEB_WORKERS="1", MCP_STREAMS="8") as shop:
        yield shop


class Writer:
    """A user with a key, and what it writes over HTTP."""

    def __init__(self, shop: LiveShop, login: str) -> None:
        self.shop, self.login = shop, login
        self.key = shop.key(login, *ALL_SCOPES, "agents:publish", "agents:yank")
        self.headers = {"Authorization": f"Bearer {self.key}"}

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        options |= {"headers": self.headers} | ({"json": body} if body is not None else {})
        response = self.shop.post(path, **options)
        assert response.status_code < 300, response.text
        return response.json()

    def publish(self, full_id: str, version: str) -> None:
        document = manifest(id=full_id, version=version)
        files = {"tarball": ("a.tgz", tarball({}, document))}
        self.post(PUBLISH, data={"metadata": json.dumps(document)}, files=files)

    def revoke_key(self) -> None:
        visitor = Visitor(self.shop.url)
        visitor.sign_in(self.login)
        page = visitor.get("/account/keys")
        visitor.submit(page, to="/revoke")

    def content(self, path: str, body: Any = None) -> Any:
        return self.post(f"/v1/domains/{self.login}{path}", body)


@asynccontextmanager
async def client_of(shop: LiveShop, key: str = "") -> AsyncIterator[Client]:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http_client:
        transport = streamable_http_client(f"{shop.url}/mcp", http_client=http_client)
        async with Client(transport) as client:
            yield client


async def hear(subscription: Any, seconds: float = SOON) -> Any:
    """The next event of a stream; None if there is none soon."""
    try:
        return await asyncio.wait_for(anext(subscription), seconds)
    except TimeoutError:
        return None


def test_sdk_hears_of_changes_that_it_may_read(shop: LiveShop) -> None:
    writer = Writer(shop, "ada")
    writer.content(
        "/content-types", {"name": "P", "slug": "post", "schema": POST, "visibility": "public"}
    )
    items = [
        writer.content("/content-types/post/items", {"data": {"title": "One"}}) for _ in range(2)
    ]
    uri = f"clawstore://domains/ada/content-items/{items[0]['id']}"
    type_uri = "clawstore://domains/ada/content-types/post"

    async def run() -> None:
        async with client_of(shop) as client:
            assert client.server_capabilities.resources.subscribe
            async with client.listen(resource_subscriptions=[uri, type_uri]) as stream:
                # A draft is no news.
                writer.content(f"/content-items/{items[1]['id']}/publish")
                assert await hear(stream, 1) is None
                writer.content(f"/content-items/{items[0]['id']}/publish")
                assert await hear(stream) == ResourceUpdated(uri)
                writer.content(f"/content-items/{items[0]['id']}/unpublish")
                assert await hear(stream, 1) is None

    run_alone(run())


def test_stream_of_an_agent_its_version_and_the_list(shop: LiveShop) -> None:
    writer = Writer(shop, "grace")
    agent_uri = "clawstore://agents/grace/radar"
    file_uri = f"{agent_uri}/versions/1.0.0/files/README.md"

    async def run() -> list[Any]:
        async with client_of(shop, writer.key) as client:
            uris = [agent_uri, file_uri, "clawstore://agents/ada/nothing", "file:///etc/passwd"]
            stream = client.listen(resource_subscriptions=uris, resources_list_changed=True)
            async with stream as events:
                assert uris[:3] == events.honored.resource_subscriptions
                writer.publish("@grace/radar", "1.0.0")
                heard = {str(await hear(events)) for _ in range(3)}
                writer.post("/v1/agents/grace/radar/versions/1.0.0/yank", {"reason": "Broken."})
                heard_later = {str(await hear(events)) for _ in range(3)}
                return [heard, heard_later]

    changes = {str(ResourcesListChanged()), *map(str, map(ResourceUpdated, (agent_uri, file_uri)))}
    assert run_alone(run()) == [changes, changes]


def listen(shop: LiveShop, key: str = "") -> Any:
    """An open answer to a request to listen, as bytes arrive."""
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    meta["io.modelcontextprotocol/clientCapabilities"] = {}  # type: ignore[assignment]
    params = {"_meta": meta, "notifications": {"resourcesListChanged": True}}
    body = {"jsonrpc": "2.0", "id": 7, "method": "subscriptions/listen", "params": params}
    headers = {"Accept": "application/json, text/event-stream"} | (
        {"Authorization": f"Bearer {key}"} if key else {}
    )
    headers |= {"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "subscriptions/listen"}
    return httpx.stream("POST", f"{shop.url}/mcp", json=body, headers=headers, timeout=30)


def test_streams_have_places_and_pages_have_their_threads(shop: LiveShop) -> None:
    key = shop.key("linus", "read")
    with ExitStack() as stack:
        # Of eight: two for each caller, and more threads than the server has for pages.
        streams = [stack.enter_context(listen(shop, key)) for key in ("", "", key, key)]
        assert [stream.status_code for stream in streams] == [200] * 4
        for caller in ("", key):
            with listen(shop, caller) as refused_stream:
                refused_stream.read()
                error = refused_stream.json()["error"]["data"]
                assert (refused_stream.status_code, error["code"]) == (503, "too_many_streams")
                assert error["remediation"]
                assert refused_stream.headers["Retry-After"] == "30"
        assert shop.get("/agents").status_code == 200
        assert "clawstore_mcp_streams 4.0" in shop.get("/metrics").text
        assert "clawstore_mcp_streams_refused_total 2.0" in shop.get("/metrics").text
    eventually(lambda: "clawstore_mcp_streams 0.0" in shop.get("/metrics").text, True)


def test_revoked_key_ends_its_stream_without_an_event(shop: LiveShop) -> None:
    writer = Writer(shop, "margaret")
    with listen(shop, writer.key) as stream:
        writer.revoke_key()
        Writer(shop, "katherine").publish("@katherine/orbit", "1.0.0")
        frames = [line for line in stream.iter_lines() if line.startswith("data:")]

    assert ["acknowledged" in frames[0], "list_changed" in str(frames)] == [True, False]
    assert json.loads(frames[-1][5:])["result"]["resultType"] == "complete"


def test_server_that_stops_ends_its_streams_at_once(shop: LiveShop) -> None:
    with listen(shop) as stream:
        lines = stream.iter_lines()
        assert "acknowledged" in next(line for line in lines if line.startswith("data:"))
        start = time.monotonic()
        shop.stop()
        seconds = time.monotonic() - start
        assert [line for line in lines if line.startswith("data:")][-1].count('"result"') == 1
    shop.start()

    # Of the grace period of 30 seconds.
    assert seconds < 20
