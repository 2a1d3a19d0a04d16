"""Stamps of topics: values that change whenever the resource does.

They are read for all streams of a process at once, one query for each kind of topic.
"""

from collections.abc import Collection, Iterable
from typing import Any

from clawstore.mcp.listening.topics import AGENT, FILE, ITEM, TYPE, VERSION, Topic
from registry.agents.revisions import catalogue_revision
from registry.models import Agent, Version
from wordclaw.content.models import ContentItem, ContentType

Stamp = tuple[object, ...]


def read_stamps(topics: Iterable[Topic]) -> dict[Topic, Stamp]:
    """Return the present stamp of each topic; none for what does not exist."""
    by_kind: dict[str, set[Topic]] = {}
    for topic in topics:
        by_kind.setdefault(VERSION if topic.kind == FILE else topic.kind, set()).add(topic)
    stamps: dict[Topic, Stamp] = {}
    for kind, read in READERS.items():
        if kind in by_kind:
            stamps |= read(by_kind[kind])
    return stamps


def read_list_stamp() -> object:
    """Return the stamp of the list of resources: the revision of the catalogue."""
    return catalogue_revision()


def _agents(topics: Collection[Topic]) -> dict[Topic, Stamp]:
    agents = Agent.objects.filter(
        scope__in={topic.place for topic in topics}, name__in={topic.name for topic in topics}
    )
    rows: dict[Any, Stamp] = {
        (scope, name): (revision,)
        for scope, name, revision in agents.values_list("scope", "name", "revision")
    }
    return _by_key(topics, rows, lambda topic: (topic.place, topic.name))


def _versions(topics: Collection[Topic]) -> dict[Topic, Stamp]:
    """Return the yank, the withholding and the deprecation of each version."""
    versions = Version.objects.marked_withheld().filter(
        agent__scope__in={topic.place for topic in topics},
        agent__name__in={topic.name for topic in topics},
        version__in={topic.version for topic in topics},
    )
    columns = ("yanked_at", "yanked_reason", "is_withheld", "agent__deprecated_versions")
    rows: dict[Any, Stamp] = {
        (scope, name, number): (*values, deprecated_versions.get(number))
        for scope, name, number, *values, deprecated_versions in versions.values_list(
            "agent__scope", "agent__name", "version", *columns
        )
    }
    return _by_key(topics, rows, lambda topic: (topic.place, topic.name, topic.version))


def _types(topics: Collection[Topic]) -> dict[Topic, Stamp]:
    types = ContentType.objects.filter(
        domain__name__in={topic.place for topic in topics},
        slug__in={topic.name for topic in topics},
        deleted_at=None,
    )
    rows: dict[Any, Stamp] = {
        (domain, slug): tuple(values)
        for domain, slug, *values in types.values_list(
            "domain__name", "slug", "pk", "schema_version", "updated_at"
        )
    }
    return _by_key(topics, rows, lambda topic: (topic.place, topic.name))


def _items(topics: Collection[Topic]) -> dict[Topic, Stamp]:
    """Return the published version of each item; drafts are no news."""
    ids = {topic.item_id for topic in topics}
    items = ContentItem.objects.filter(
        pk__in=ids, deleted_at=None, published_version__isnull=False
    ).values_list("domain__name", "pk", "published_version_id")
    rows: dict[Any, Stamp] = {(domain, pk): (version_id,) for domain, pk, version_id in items}
    return _by_key(topics, rows, lambda topic: (topic.place, topic.item_id))


def _by_key(topics: Collection[Topic], rows: dict[Any, Stamp], key: Any) -> dict[Topic, Stamp]:
    return {topic: rows[key(topic)] for topic in topics if key(topic) in rows}


READERS = {AGENT: _agents, VERSION: _versions, TYPE: _types, ITEM: _items}
