"""Topics of streams: resources by their address, and lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import mcp_types as types
from mcp.shared.exceptions import MCPError

from clawstore.mcp.resources import match_address
from foundation.text.input import read_uuid

MAX_ADDRESSES = 50
"""Addresses of one stream."""
AGENT, VERSION, FILE = "get_agent", "get_version", "read_file"
TYPE, ITEM = "get_content_type", "get_item"
TOOLS_OF_VERSIONS = {VERSION: VERSION, "get_facts": VERSION, FILE: FILE}


@dataclass(frozen=True, slots=True)
class Topic:
    """A resource: its kind, and what names it.

    ``place`` is the scope or the domain; ``name`` is that of an agent, a slug, or the id of an
    item; ``version`` and ``path`` are of a version and its file, or empty.
    """

    kind: str
    place: str
    name: str
    version: str = ""
    path: str = ""

    @property
    def item_id(self) -> UUID:
        return read_uuid(self.name)


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The part of a request to listen that is honoured."""

    topics: Mapping[str, Topic] = field(default_factory=dict)
    has_resource_list: bool = False
    has_tool_list: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.topics or self.has_resource_list or self.has_tool_list)

    def as_filter(self) -> types.SubscriptionFilter:
        """Return the part of the request that is honoured."""
        return types.SubscriptionFilter(
            resource_subscriptions=list(self.topics) or None,
            resources_list_changed=self.has_resource_list or None,
            tools_list_changed=self.has_tool_list or None,
        )


def read_subscriptions(request: types.SubscriptionFilter) -> Subscriptions:
    """Return what can be listened to. Raises MCPError for too many addresses.

    An address that fits a template is accepted whether or not something is there, so an answer
    tells nothing of what the caller may not read. Prompts change with a release alone.
    """
    addresses = request.resource_subscriptions or []
    if len(addresses) > MAX_ADDRESSES:
        message = f"A stream has at most {MAX_ADDRESSES} resources."
        remediation = "Listen to fewer resources, or to the list of resources."
        data = {"code": "too_many_subscriptions", "message": message, "remediation": remediation}
        raise MCPError(types.INVALID_PARAMS, message, data)
    topics = {uri: topic for uri in addresses if (topic := read_topic(uri)) is not None}
    return Subscriptions(
        topics, bool(request.resources_list_changed), bool(request.tools_list_changed)
    )


def read_topic(uri: str) -> Topic | None:
    """Return the topic of an address; None for one that fits no template."""
    match = match_address(uri)
    # No database stores this character.
    if match is None or any("\0" in value for value in match[1].values()):
        return None
    tool, values = match
    if tool == ITEM:
        return Topic(ITEM, values["domain"], values["item"])
    if tool == TYPE:
        return Topic(TYPE, values["domain"], values["contentType"])
    scope, name = values["scope"].removeprefix("@").lower(), values["name"].lower()
    kind = TOOLS_OF_VERSIONS.get(tool, AGENT)
    return Topic(kind, scope, name, values.get("version", ""), values.get("path", ""))
