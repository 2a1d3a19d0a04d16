"""The official SDK signs its user in at a running shop, on loopback."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.clawstore.mcp.test_live import run_alone
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor

pytestmark = [pytest.mark.live, pytest.mark.once]
CALLBACK = "http://127.0.0.1:3117/callback"


class Storage:
    """Where the SDK keeps its registration and its tokens."""

    def __init__(self) -> None:
        self.tokens: Any = None
        self.client: Any = None

    async def get_tokens(self) -> Any:
        return self.tokens

    async def set_tokens(self, tokens: Any) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> Any:
        return self.client

    async def set_client_info(self, client: Any) -> None:
        self.client = client


class Person:
    """A user whose browser the SDK sends to the page, and who allows what they tick."""

    def __init__(self, shop: LiveShop, login: str, *scopes: str) -> None:
        self.url = shop.url
        self.browser = Visitor(shop.url)
        self.browser.sign_in(login)
        self.scopes = scopes
        self.page = ""
        self.answer: dict[str, str] = {}

    async def open(self, address: str) -> None:
        path = address.removeprefix(self.url)
        self.page = self.browser.get(path).text
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)[-1:]
        fields = {"csrfmiddlewaretoken": token, "decision": "allow", "scopes": self.scopes}
        response = self.browser.http.post(path, data=fields, follow_redirects=False)
        query = parse_qs(urlsplit(response.headers["Location"]).query)
        self.answer = {name: values[0] for name, values in query.items()}

    async def answer_of_callback(self) -> Any:
        from mcp.client.auth import AuthorizationCodeResult

        return AuthorizationCodeResult(**self.answer)


async def use_tools(shop: LiveShop, storage: Storage, person: Person) -> dict[str, Any]:
    import httpx2
    from mcp import Client
    from mcp.client.auth import OAuthClientProvider
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared.auth import OAuthClientMetadata

    metadata = OAuthClientMetadata(client_name="Test app", redirect_uris=[CALLBACK])  # type: ignore[list-item]
    provider = OAuthClientProvider(
        f"{shop.url}/mcp", metadata, storage, person.open, person.answer_of_callback
    )
    async with httpx2.AsyncClient(auth=provider, timeout=30) as http_client:
        transport = streamable_http_client(f"{shop.url}/mcp", http_client=http_client)
        async with Client(transport) as client:
            before = {tool.name for tool in (await client.list_tools()).tools}
            rights = await client.call_tool("sign_in", {})
            after = {tool.name for tool in (await client.list_tools()).tools}
            follows = await client.call_tool("list_follows", {})
    return {
        "before": before,
        "rights": rights.structured_content,
        "after": after,
        "follows": follows.is_error,
    }


def test_sdk_signs_its_user_in(live_shop: LiveShop) -> None:
    storage, person = Storage(), Person(live_shop, "mcp-app-user", "read", "following:write")

    answers = run_alone(use_tools(live_shop, storage, person))

    assert "sign_in" in answers["before"]
    assert "list_follows" not in answers["before"]
    assert answers["rights"]["actor"]["login"] == "mcp-app-user"
    assert answers["rights"]["scopes"] == ["following:write", "read"]
    assert "list_follows" in answers["after"]
    assert not answers["follows"]
    assert "Test app" in person.page
    token = storage.tokens.access_token
    response = httpx.get(f"{live_shop.url}/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401
