"""Every address, operation and tool keeps the texts of paid agents and items.

The addresses come from the URL patterns, the API and the tools themselves, so that a new surface is
attacked without an entry here.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from clawstore.mcp.resources import TEMPLATES
from clawstore.mcp.shapes import input_schema
from clawstore.mcp.tools import TOOLS
from foundation.accounts.models import User
from tests.clawstore.mcp.conftest import McpClient
from tests.clawstore.sales.conftest import SECRET, PaidAgent, files
from tests.clawstore.sales.test_surfaces import body
from tests.support.http import Api, client_of
from tests.support.openapi import operations
from tests.wordclaw.conftest import ContentApi
from tests.wordclaw.payments.conftest import make_offer, mock_provider

__all__ = ["mock_provider"]
pytestmark = pytest.mark.once
# Values of the parts of addresses; one with another part is not attacked.
PARTS: dict[str, tuple[str, ...]] = {
    "scope": ("ada",), "name": ("planner",), "login": ("ada",), "domain": ("ada",),
    "version": ("1.0.0", "1.1.0"), "old": ("1.0.0",), "new": ("1.1.0",),
    "path": tuple(files("1.0.0")), "kind": ("version", "python"), "section": ("agents", "content"),
    "page": ("1",), "slug": ("stories",), "agent": ("@ada/planner",),
}  # fmt: skip
ARGUMENTS: dict[str, Any] = {
    "agent": "@ada/planner", "version": "1.0.0", "old": "1.0.0", "new": "1.1.0", "from": "1.0.0",
    "to": "1.1.0", "path": "README.md", "login": "ada", "domain": "ada", "contentType": "stories",
    "kind": "python", "ids": ["@ada/planner", "@ada/coach"], "agents": ["@ada/planner"],
    "installed": [{"id": "@ada/planner", "version": "1.0.0"}], "q": f"planner {SECRET}",
}  # fmt: skip
HOLE = re.compile(r"<(?:\w+:)?(\w+)>|\{(?:\w+:)?(\w+)\}")
SIGNED_OUT = ("accounts/logout", "admin/", "v1/")


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield f"/{here}"
        elif not here.startswith(SIGNED_OUT):
            yield from routes(entry, here)


def filled(pattern: str, values: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the addresses of a pattern with all values of its parts."""
    hole = HOLE.search(pattern)
    if hole is None:
        yield pattern
        return
    for value in values.get(hole[1] or hole[2], ()):
        yield from filled(pattern.replace(hole[0], value), values)


def addresses(item_id: str) -> list[str]:
    values = PARTS | {"item_id": (item_id,)}
    patterns = [route for route in routes() if not re.search(r"[\\^(]", route)]
    patterns += [path for method, path, _ in operations() if method == "get"]
    paths = [path for pattern in patterns for path in filled(pattern, values)]
    lists = [pattern for pattern in patterns if not HOLE.search(pattern)]
    return [*paths, *(f"{path}?q={SECRET}&id=@ada/planner&id=@ada/coach" for path in lists)]


def has_secret(response: Any) -> bool:
    # A search repeats what was searched for; the texts go on with "of".
    return f"{SECRET} of" in body(response)


@pytest.fixture
def story(paid: PaidAgent) -> str:
    """A sold item whose body is secret; its ID."""
    seller: ContentApi = paid.seller
    text = {"type": "string"}
    properties = {"title": text, "body": text | {"premium": True}}
    schema = {"type": "object", "properties": properties}
    seller.make_type("stories", schema=schema, visibility="public")
    item = seller.make_item("stories", {"title": "One", "body": f"{SECRET} of a story"})
    seller.publish(item)
    make_offer(seller, "content_item", item["id"])
    item_id: str = item["id"]
    return item_id


@pytest.mark.usefixtures("coach")
def test_no_address_shows_a_text_that_costs(
    paid: PaidAgent, story: str, grace: User, ada: User
) -> None:
    paths = addresses(story)
    assert len(paths) > 150
    shown_to_ada = [path for path in paths if path.startswith("/agents/@ada/planner/versions/1.1")]
    assert any(has_secret(client_of(ada).get(path)) for path in shown_to_ada)

    for client in (Client(), client_of(grace)):
        leaks = [path for path in paths if has_secret(client.get(path))]
        assert leaks == []


@pytest.mark.usefixtures("coach")
def test_no_tool_or_resource_shows_a_text_that_costs(paid: PaidAgent, story: str, api: Api) -> None:
    mcp, tools = McpClient(api), 0
    values = ARGUMENTS | {"item": story}
    for tool in TOOLS.values():
        schema = input_schema(tool)
        arguments = {name: values[name] for name in schema["properties"] if name in values}
        if not tool.is_read_only or not set(schema.get("required", ())) <= set(arguments):
            continue
        tools += 1
        for key in ("", paid.buyer_key):
            result = mcp.call(tool.name, key=key, **arguments)
            assert f"{SECRET} of" not in str(result), tool.name
    assert tools > 15
    names = {"scope": "ada", "name": "planner"} | values
    for template in TEMPLATES:
        uri = re.sub(r"\{\+?(\w+)\}", lambda match: quote(names[match[1]]), template.uri)
        answer = mcp.ask("resources/read", uri=uri)
        assert f"{SECRET} of" not in str(answer), uri
