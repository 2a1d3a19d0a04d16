"""No tool does what the same key cannot do over HTTP."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from clawstore.mcp.arguments import operation_call
from clawstore.mcp.shapes import input_schema, path_arguments, shape_of
from clawstore.mcp.tool import Tool
from clawstore.mcp.tools import TOOLS
from foundation.access.scopes import declared_scopes
from foundation.accounts.models import User
from registry.models import Agent
from reviews.models import Review
from tests.clawstore.mcp.conftest import McpClient
from tests.support.http import Api
from tests.support.openapi import operations
from tests.wordclaw.conftest import ContentApi

pytestmark = [pytest.mark.once, pytest.mark.django_db]
# Operations that are no tools, each with the reason.
NOT_TOOLS = {
    "GET /health": "It says whether the server lives, to monitoring that speaks no MCP.",
    "GET /me": "The older form of whoami.",
    "GET /index/@{scope}/{name}.json": "A file for mirrors with what list_versions answers.",
    "GET /agents/{scope}/{name}/versions/{version}/tarball": (
        "An archive of up to 100 MiB is no text for a model; read_file reads each file of it."
    ),
    "GET /as/{token}/agents/{scope}/{name}": (
        "The credential of a buyer's CLI stands in the address; buyers read by get_agent."
    ),
    "GET /as/{token}/agents/{scope}/{name}/versions/{version}": "As above: get_version.",
    "GET /as/{token}/agents/{scope}/{name}/versions/{version}/tarball": "As above: read_file.",
    "GET /trusted-publishing/audience": "A part of the exchange below.",
    "POST /trusted-publishing/token": (
        "A run of CI exchanges its identity for a key; its answer would put a key into a context."
    ),
    "GET /domains/{domain}/forms/{slug}/submissions.csv": "A table of what list_submissions reads.",
    "GET /public/external-feedback": (
        "A guest opens a link that a member sent, and gives a name; a model has neither."
    ),
    "POST /public/external-feedback": "As above: feedback is what a person outside thinks.",
    "POST /payments/webhooks/{provider}/settled": "Signed by the payment provider alone.",
    "POST /payments/webhooks/lnbits/hint": "As above.",
}


def all_operations() -> set[str]:
    """Every operation of the API."""
    return {f"{method.upper()} {path.removeprefix('/v1')}" for method, path, _ in operations()}


def tool_operations() -> set[str]:
    """The operations of the tools, without the converters of their parameters."""
    return {re.sub(r"\{\w+:", "{", tool.operation) for tool in TOOLS.values()}


def test_every_operation_is_a_tool_or_says_why_not() -> None:
    uncovered = all_operations() - tool_operations() - NOT_TOOLS.keys()

    assert uncovered == set()
    assert NOT_TOOLS.keys() <= all_operations() - tool_operations()


def test_every_tool_is_of_an_operation() -> None:
    assert tool_operations() <= all_operations()
    scopes = {tool.scope for tool in TOOLS.values() if tool.scope}
    assert scopes <= declared_scopes().keys()


@pytest.mark.parametrize("tool", TOOLS.values(), ids=lambda tool: tool.name)
def test_tool_has_a_schema_of_its_own(tool: Tool) -> None:
    schema = input_schema(tool)

    assert schema["type"] == "object"
    assert set(schema.get("required", ())) <= schema["properties"].keys()
    # An argument of the path must not hide a field of the body.
    assert not (path_arguments(tool).keys() & shape_of(tool.operation).body.keys())
    assert shape_of(tool.operation).description or tool.description


class Shop:
    """Rows of every kind, and the arguments that name them."""

    def __init__(self, content: ContentApi, review: Review, coach: Agent) -> None:
        content.make_type(visibility="public")
        item = content.make_item()
        workflow = content.post("/workflows", {"contentType": "post", "name": "W"}).json()
        transition = {"fromState": "draft", "toState": "published"}
        content.post(f"/workflows/{workflow['id']}/transitions", transition)
        task = content.post(f"/content-items/{item['id']}/submit", {"to": "published"}).json()
        form = {"name": "F", "slug": "f", "contentType": "post", "fields": [{"name": "title"}]}
        content.post("/forms", form | {"publicRead": False})
        hook = {"url": "https://example.org/hook", "events": ["*"]}
        webhook = content.post("/webhooks", hook).json()
        self.arguments: dict[str, Any] = {
            "agent": "@ada/coach",
            "version": "1.0.0",
            "old": "1.0.0",
            "new": "1.0.0",
            "path": "SOUL.md",
            "domain": "ada",
            "contentType": "post",
            "item": item["id"],
            "task": task["id"],
            "workflow": workflow["id"],
            "form": "f",
            "review": str(review.pk),
            "login": "ada",
            "kind": "agent",
            "target": "@ada/coach",
            "data": {"title": "Two"},
            "decision": "approved",
            "to": "published",
            "operation": "content.write",
            "role": "reader",
            "rating": 5,
            "body": "A text.",
            "reason": "spam",
            "agentId": str(coach.pk),
            "details": "It is spam.",
            "status": "draft",
            "schema": {"type": "object"},
            "url": "https://example.org/hook",
            "events": ["*"],
            "active": False,
            "webhook": webhook["id"],
            "artifact": "python",
        }

    def arguments_of(self, tool: Tool) -> dict[str, Any]:
        """Arguments for all that the tool needs, with an unknown id where no row is."""
        schema = input_schema(tool)
        needed_names = set(schema.get("required", ())) | path_arguments(tool).keys()
        fields = shape_of(tool.operation).body.keys() & self.arguments.keys()
        unknown_id = "00000000-0000-4000-8000-000000000000"
        values = {name: self.arguments.get(name, unknown_id) for name in needed_names | fields}
        if tool.name in ("compare_item_versions", "get_item_version"):
            values |= {name: 1 for name in ("old", "new", "version") if name in values}
        if tool.name in ("list_reports", "resolve_report"):
            values["status"] = "resolved"
        return values


@pytest.fixture
def shop(content: ContentApi, review: Review, coach: Agent) -> Shop:
    return Shop(content, review, coach)


def over_http(api: Api, tool: Tool, arguments: dict[str, Any], key: str) -> tuple[bool, Any]:
    """Whether the operation refuses, with its code or its answer."""
    call = operation_call(tool, arguments)
    query = "&".join(f"{name}={value}" for name, value in call.query)
    with transaction.atomic():
        response = api._send(tool.method, f"/v1{call.path}?{query}", call.body, key, {})
        body = response.json() if response["Content-Type"] == "application/json" else None
        transaction.set_rollback(True)
    if response.status_code >= 400:
        return True, (response.status_code, body["error"]["code"])
    return False, set(body) if isinstance(body, dict) else None


def through_mcp(
    mcp: McpClient, tool: Tool, arguments: dict[str, Any], key: str
) -> tuple[bool, Any]:
    with transaction.atomic():
        result = mcp.call(tool.name, key=key, **arguments)
        transaction.set_rollback(True)
    body = result["structuredContent"]
    return bool(result.get("isError")), body


def test_tool_answers_each_caller_as_its_operation_does(
    mcp: McpClient,
    api: Api,
    shop: Shop,
    ada: User,
    grace: User,
    root: User,
    key_for: Callable[..., str],
) -> None:
    """With keys of a stranger, of the owner and of a maintainer, and without one."""
    scopes = [name for name, scope in declared_scopes().items() if not scope.role]
    keys = {
        "nobody": "",
        "without scopes": key_for(ada, "read"),
        "stranger": key_for(grace, *scopes),
        "bound": key_for(ada, *scopes, bound_to="@ada/other"),
        "owner": key_for(ada, *scopes),
        "maintainer": key_for(root, *declared_scopes()),
    }
    successes = 0
    for tool in TOOLS.values():
        if tool.run is not None:
            continue
        arguments = shop.arguments_of(tool)
        for name, key in keys.items():
            is_refused, answer = over_http(api, tool, arguments, key)
            is_error, body = through_mcp(mcp, tool, arguments, key)
            assert is_error == is_refused, (tool.name, name, answer, body)
            if is_refused:
                assert body["code"] == answer[1], (tool.name, name, answer, body)
            elif answer is not None:
                assert set(body) - {"untrusted"} == answer, (tool.name, name)
                successes += 1

    assert successes > 150
