"""One stream of a client: what it listens to, and what it was told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from mcp.shared.subscriptions import (
    SUBSCRIPTION_ID_META_KEY,
    ResourcesListChanged,
    ResourceUpdated,
    ServerEvent,
    ToolsListChanged,
    event_to_notification,
)

from clawstore.mcp.listening.rights import may_read_topic
from clawstore.mcp.listening.stamps import Stamp, read_list_stamp, read_stamps
from clawstore.mcp.listening.topics import Subscriptions, Topic
from clawstore.ops.event_stream import EventStream, event_of
from foundation.actor import Actor

MAX_CHECKS = 25
"""Changed resources of one stream whose rights are checked in one round; the rest waits."""


@dataclass(eq=False, slots=True)
class Listener:
    """A stream with its caller and the stamps of which it was told.

    ``find_actor`` returns the actor of the credential as it is now, or None at its end.
    """

    subscriptions: Subscriptions
    subscription_id: str | int
    by: Actor
    find_actor: Callable[[], Actor | None]
    stream: EventStream | None = None
    stamps: dict[str, Stamp | None] = field(default_factory=dict)
    list_stamp: object = None

    def remember_present(self) -> None:
        """Store the present stamps: from here on, changes are told."""
        stamps = read_stamps(self.subscriptions.topics.values())
        self.stamps = {uri: stamps.get(topic) for uri, topic in self.subscriptions.topics.items()}
        if self.subscriptions.has_resource_list:
            self.list_stamp = read_list_stamp()

    def find_changes(self, present: "Present") -> "ResourceChanges":
        """Return what differs from what was told; of many resources a part."""
        uris = [
            uri
            for uri, topic in self.subscriptions.topics.items()
            if present.stamps.get(topic) != self.stamps[uri]
        ]
        is_list_changed = (
            self.subscriptions.has_resource_list and present.list_stamp != self.list_stamp
        )
        return ResourceChanges(uris[:MAX_CHECKS], is_list_changed)

    def confirm_actor(self) -> bool:
        """Read the actor anew, and tell of other tools. False if the credential has ended."""
        actor = self.find_actor()
        if actor is None:
            return False
        if self.subscriptions.has_tool_list and actor.scopes != self.by.scopes:
            self.tell(ToolsListChanged())
        self.by = actor
        return True

    def tell_changes(self, changes: "ResourceChanges", present: "Present") -> None:
        """Tell of the changes that the caller may see, and remember all of them."""
        if changes.is_list_changed:
            self.tell(ResourcesListChanged())
            self.list_stamp = present.list_stamp
        for uri in changes.uris:
            topic = self.subscriptions.topics[uri]
            if may_read_topic(topic, self.by):
                self.tell(ResourceUpdated(uri))
            self.stamps[uri] = present.stamps.get(topic)

    def tell(self, event: ServerEvent) -> None:
        if self.stream is not None:
            notification = event_to_notification(event, self.meta)
            self.stream.send(message_event(notification.model_dump(**WIRE)))

    def finish(self) -> None:
        """End the stream in order: its credential has ended."""
        if self.stream is not None:
            self.stream.finish()

    @property
    def meta(self) -> dict[str, Any]:
        return {SUBSCRIPTION_ID_META_KEY: self.subscription_id}


@dataclass(frozen=True, slots=True)
class Present:
    """The stamps of all topics of a process, and of the list of resources."""

    stamps: Mapping[Topic, Stamp]
    list_stamp: object


@dataclass(frozen=True, slots=True)
class ResourceChanges:
    uris: list[str]
    is_list_changed: bool

    @property
    def is_empty(self) -> bool:
        return not (self.uris or self.is_list_changed)


WIRE: dict[str, Any] = {"by_alias": True, "mode": "json", "exclude_none": True}


def message_event(message: Mapping[str, Any]) -> bytes:
    """Return a message of JSON-RPC as an event."""
    return event_of(orjson.dumps({"jsonrpc": "2.0"} | dict(message)))
