"""Fixtures of content that has pages."""

from typing import Any

import pytest

from clawstore.editorial.seeding import type_source
from foundation.accounts.models import User
from foundation.actor import Actor
from wordclaw.content.items.actions import create_item, publish_item, replace_data
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.singletons.actions import write_global
from wordclaw.content.types.actions import create_content_type
from wordclaw.policy.actions import find_domain


class Author:
    """Writes content of a domain: ``author.publish("guides", slug="first", …)``."""

    def __init__(self, domain: str, by: Actor) -> None:
        self.by = by
        self.domain = find_domain(domain, by)

    def draft(self, kind: str, **fields: Any) -> ContentItem:
        self._make_type(kind)
        if kind == "notice":
            return write_global(self.domain, kind, fields, by=self.by)[0]
        return create_item(self.domain, kind, fields, by=self.by)

    def publish(self, kind: str, **fields: Any) -> ContentItem:
        return publish_item(self.domain, self.draft(kind, **fields).pk, by=self.by)

    def edit(self, item: ContentItem, **fields: Any) -> ContentItem:
        return replace_data(self.domain, item.pk, item.data | fields, by=self.by)

    def publish_edit(self, item: ContentItem, **fields: Any) -> ContentItem:
        return publish_item(self.domain, self.edit(item, **fields).pk, by=self.by)

    def _make_type(self, kind: str) -> None:
        if not ContentType.objects.filter(domain=self.domain, slug=kind).exists():
            source = dict(type_source(kind))
            create_content_type(self.domain, source, manifest=source.pop("manifest"), by=self.by)


@pytest.fixture
def store(root: User) -> Author:
    """A maintainer who writes the store's content."""
    return Author("store", Actor(user=root, door="page"))


@pytest.fixture
def ada_writes(ada: User) -> Author:
    """Ada, who writes content of her scope."""
    return Author("ada", Actor(user=ada, door="page"))
