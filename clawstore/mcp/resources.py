"""Resources: agents, their files, content types and content items, by address."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from clawstore.mcp.answers import ToolAnswer
from clawstore.mcp.caller import Caller
from clawstore.mcp.calling import call_tool
from clawstore.mcp.tools import TOOLS
from foundation.text.expressions import Pattern, compile_text
from foundation.web.responses import JSON

SCHEME = "clawstore://"
SLASHED, PLAIN = compile_text(r"\{\+(\w+)\}"), compile_text(r"\{(\w+)\}")
MAX_LENGTH = 2000
"""Characters of an address that are read."""


@dataclass(frozen=True, slots=True)
class ResourceEntry:
    """A resource in the list, or a template of resources."""

    uri: str
    name: str
    description: str
    type: str = JSON
    updated_at: str | None = None


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """Addresses of one form, and the tool whose answer they lead to."""

    pattern: Pattern[str]
    tool: str
    template: ResourceEntry


def _kind(
    address: str, tool: str, name: str, description: str, media_type: str = JSON
) -> ResourceKind:
    """Return the kind with a URI template; ``{+path}`` may have slashes."""
    pattern = SLASHED.sub(r"(?P<\1>.+)", SCHEME + address)
    pattern = PLAIN.sub(r"(?P<\1>[^/]+)", pattern)
    entry = ResourceEntry(SCHEME + address, name, description, media_type)
    return ResourceKind(compile_text(pattern), tool, entry)


VERSION = "agents/{scope}/{name}/versions/{version}"
KINDS: tuple[ResourceKind, ...] = (
    _kind("agents/{scope}/{name}", "get_agent", "agent", "An agent with its latest version."),
    _kind(VERSION, "get_version", "version", "A version with its manifest."),
    _kind(f"{VERSION}/facts", "get_facts", "facts", "What a version does, read from its bytes."),
    _kind(
        f"{VERSION}/files/{{+path}}",
        "read_file",
        "file",
        "A file of a version, at most its first 256 KiB.",
        "text/plain",
    ),
    _kind(
        "domains/{domain}/content-types/{contentType}",
        "get_content_type",
        "content type",
        "A content type with its schema.",
    ),
    _kind(
        "domains/{domain}/content-items/{item}",
        "get_item",
        "content item",
        "The published snapshot of a content item.",
    ),
)
TEMPLATES = [kind.template for kind in KINDS]
NOT_FOUND = ToolAnswer(
    {
        "code": "resource_not_found",
        "message": "There is no resource at this address.",
        "remediation": "Use an address of the list, or one that fits a template.",
    },
    is_error=True,
)


def list_agents(cursor: str | None, caller: Caller) -> ToolAnswer:
    """Return a page of agents."""
    arguments = {"limit": 50} | ({"cursor": cursor} if cursor else {})
    return call_tool(TOOLS["search_agents"], arguments, caller)


def entries_of(page: dict[str, Any]) -> Iterator[ResourceEntry]:
    """Yield the resources of a page of agents."""
    for agent in page["items"]:
        uri = f"{SCHEME}agents/{quote(agent['scope'])}/{quote(agent['name'])}"
        name = f"@{agent['scope']}/{agent['name']}"
        tagline, updated_at = agent.get("tagline") or "", agent["updatedAt"]
        yield ResourceEntry(uri, name, tagline, updated_at=updated_at)


def read_resource(uri: str, caller: Caller) -> ToolAnswer:
    """Return what is at an address; a refusal is an answer, too."""
    match = match_address(uri)
    if match is None:
        return NOT_FOUND
    tool, values = match
    if "scope" in values:
        scope = values.pop("scope").removeprefix("@")
        values["agent"] = f"@{scope}/{values.pop('name')}"
    return call_tool(TOOLS[tool], values, caller)


def match_address(uri: str) -> tuple[str, dict[str, str]] | None:
    """Return the tool that reads an address, and the parts of the address, or None."""
    for kind in KINDS:
        match = kind.pattern.fullmatch(uri) if len(uri) <= MAX_LENGTH else None
        if match is not None:
            return kind.tool, {name: unquote(value) for name, value in match.groupdict().items()}
    return None
