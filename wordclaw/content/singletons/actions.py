"""Writes of globals."""

from typing import Any

from django.db import IntegrityError, transaction

from foundation.actor import Actor
from wordclaw.content.errors import GlobalNotFound, SingletonExists
from wordclaw.content.items.actions import add_item, replace_data
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentItem
from wordclaw.content.singletons.queries import document_of
from wordclaw.content.work import charged
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain


@charged
@transaction.atomic
def write_global(
    domain: Domain,
    slug: str,
    data: Any,
    *,
    expected_version: int | None = None,
    message: str = "",
    by: Actor,
) -> tuple[ContentItem, bool]:
    """Write the document of a singleton as a draft.

    Returns the item, and whether it is new.

    Raises ContentTypeNotFound, GlobalNotFound for a collection, or as `replace_data`.
    """
    authorize(by, "content.write", domain, resource_type="content_type", resource_id=slug)
    content_type = find_type(domain, slug)
    if not content_type.is_singleton:
        raise GlobalNotFound
    item = document_of(content_type)
    if item is not None:
        item = replace_data(
            domain, item.pk, data, expected_version=expected_version, message=message, by=by
        )
        return item, False
    try:
        # A savepoint: PostgreSQL refuses all further queries of a transaction after an error.
        with transaction.atomic():
            return add_item(content_type, data, message=message, is_only=True, by=by), True
    except IntegrityError as error:
        # Another request wrote the first document at the same time.
        raise SingletonExists(slug=slug) from error
