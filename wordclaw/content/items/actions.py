"""Writes of content items.

Every write locks the item's row, checks the version that the caller expects, adds a row to the
versions and an event to the audit log, all in one transaction.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction

from foundation.actor import Actor
from foundation.clock import now
from foundation.compiled_insert import CompiledInsert
from foundation.text.input import read_uuid
from wordclaw.content.errors import (
    ItemHeld,
    ItemNotFound,
    NothingPublished,
    SingletonExists,
    VersionOfItemNotFound,
    WorkflowRequired,
)
from wordclaw.content.items.capacity import refuse_full_domain
from wordclaw.content.items.recording import (
    add_unchanged_version,
    add_version,
    checked,
    record_change,
)
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentItem, ContentItemVersion, ContentType
from wordclaw.content.models.items import ARCHIVED, DRAFT, PUBLISHED
from wordclaw.content.summaries import set_summary
from wordclaw.content.work import charged
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain
from wordclaw.requests.errors import PreconditionFailed
from wordclaw.schema.merge import merge_patch

State = ContentItem.State
ADD_ITEM = CompiledInsert(ContentItem)


@charged
@transaction.atomic
def create_item(
    domain: Domain, slug: str, data: Any, *, message: str = "", by: Actor
) -> ContentItem:
    """Create an item of a content type as a draft of version 1.

    Raises ContentTypeNotFound, ItemDoesNotFit, a refusal of a reference, TooManyItems, or
    SingletonExists for a singleton, which is written through its global.
    """
    _authorize(by, "content.write", domain, "content_type", slug)
    content_type = find_type(domain, slug)
    if content_type.is_singleton:
        raise SingletonExists(slug=content_type.slug)
    return add_item(content_type, data, message=message, by=by)


def add_item(
    content_type: ContentType,
    data: Any,
    *,
    message: str = "",
    status: str = DRAFT,
    is_only: bool = False,
    by: Actor,
) -> ContentItem:
    """Add an item for an actor who was authorized.

    ``status`` is never that of a published item. ``is_only`` marks the item of a singleton.
    """
    references = checked(content_type, data)
    refuse_full_domain(content_type.domain)
    moment = now()
    item = ContentItem(
        domain_id=content_type.domain_id,
        content_type=content_type,
        data=data,
        status=status,
        schema_version=content_type.schema_version,
        author_id=by.user_id,
        data_author_id=by.user_id,
        # The unique column lets the database refuse a second document, which two requests at once
        # could pass here.
        singleton_of=content_type if is_only else None,
        created_at=moment,
        updated_at=moment,
    )
    item.author = by.user  # type: ignore[assignment]
    set_summary(item)
    ADD_ITEM.add(item)
    add_version(item, references, message=message)
    record_change("create", item, by=by)
    return item


def lock_item(
    domain: Domain,
    item_id: str | UUID,
    *,
    expected_version: int | None = None,
    is_deletion: bool = False,
) -> ContentItem:
    """Lock the row of an item that is not deleted.

    A deletion also waits for writers of items that refer to this one. Raises ItemNotFound, or
    PreconditionFailed if the item's version is not the expected one.
    """
    # Without the key, so that writers of items that refer to this one need not wait.
    items = ContentItem.objects.select_for_update(of=("self",), no_key=not is_deletion)
    item = find_by_id(items.with_readers_parts().alive().filter(domain=domain), item_id)
    if item is None:
        raise ItemNotFound
    # Compared under the lock: before it, two writers could both find the expected version.
    if expected_version is not None and item.version != expected_version:
        raise PreconditionFailed(current=item.version, expected=expected_version)
    return item


def lock_type_of(domain: Domain, item_id: str | UUID) -> None:
    """Lock the content type of an item that is going to be published; see `lock_type`."""
    items = ContentItem.objects.filter(domain=domain, pk=read_uuid(item_id))
    type_id = items.values_list("content_type", flat=True).first()
    # An item that is not there is refused by `lock_item`.
    if type_id is not None:
        lock_type(type_id)


def lock_type(type_id: UUID) -> None:
    """Lock a content type, before any item of it, until the end of the transaction.

    A change of the schema checks what is published, and a publication checks its item with the
    schema: one of them must wait for the other, or an item that does not fit is published. The type
    comes first, because a change of the schema locks items, too.
    """
    ContentType.objects.select_for_update(no_key=True).filter(pk=type_id).first()


def find_by_id(items: Any, item_id: str | UUID) -> ContentItem | None:
    """Return the item of a queryset with this id; None also for what is no UUID."""
    try:
        key = item_id if isinstance(item_id, UUID) else UUID(item_id)
    except ValueError:
        return None
    item: ContentItem | None = items.filter(pk=key).first()
    return item


@charged
@transaction.atomic
def replace_data(
    domain: Domain,
    item_id: str | UUID,
    data: Any,
    *,
    expected_version: int | None = None,
    message: str = "",
    by: Actor,
) -> ContentItem:
    """Replace the data of the working copy whole. Readers keep the published version.

    Raises ItemNotFound, PreconditionFailed, ItemDoesNotFit or a refusal of a reference.
    """
    _authorize(by, "content.write", domain, "content_item", str(item_id))
    item = lock_item(domain, item_id, expected_version=expected_version)
    return _edit(item, data, message=message, by=by)


@charged
@transaction.atomic
def patch_data(
    domain: Domain,
    item_id: str | UUID,
    patch: Any,
    *,
    expected_version: int | None = None,
    message: str = "",
    by: Actor,
) -> ContentItem:
    """Apply a merge patch (RFC 7396) to the working copy; see `replace_data`."""
    _authorize(by, "content.write", domain, "content_item", str(item_id))
    item = lock_item(domain, item_id, expected_version=expected_version)
    # Merged under the lock, so that two patches of different fields both survive.
    return _edit(item, merge_patch(item.data, patch), message=message, by=by)


def _edit(item: ContentItem, data: Any, *, message: str, by: Actor) -> ContentItem:
    references = checked(item.content_type, data)
    data_before, item.data = item.data, data
    _to_draft(item, by=by)
    _save(item, by=by)
    add_version(item, references, message=message)
    record_change("update", item, before=data_before, by=by)
    return item


def _to_draft(item: ContentItem, *, by: Actor) -> None:
    item.status = DRAFT
    item.data_author_id = by.user_id
    set_summary(item)
    item.schema_version = item.content_type.schema_version
    if item.published_version_id:
        item.publication_state = State.CHANGED


def _save(item: ContentItem, *, by: Actor) -> None:
    item.version += 1
    item.updated_at = now()
    item.author_id = by.user_id
    item.author = by.user  # type: ignore[assignment]
    item.save()


@charged
@transaction.atomic
def publish_item(
    domain: Domain,
    item_id: str | UUID,
    *,
    expected_version: int | None = None,
    message: str = "",
    by: Actor,
) -> ContentItem:
    """Make the working copy what readers get; a published one stays as it is.

    The data is checked with today's schema. Raises ItemNotFound, PreconditionFailed,
    WorkflowRequired, ItemHeld, ItemDoesNotFit or a refusal of a reference.
    """
    _authorize(by, "content.write", domain, "content_item", str(item_id))
    lock_type_of(domain, item_id)
    item = lock_item(domain, item_id, expected_version=expected_version)
    require_no_workflow(item.content_type)
    if item.publication_state == State.PUBLISHED:
        return item
    return _publish(item, message=message, by=by)


def require_no_workflow(content_type: ContentType) -> None:
    """Raise WorkflowRequired if only a review changes the state of the type's items."""
    if content_type.is_governed:
        raise WorkflowRequired


def _publish(item: ContentItem, *, message: str, by: Actor) -> ContentItem:
    if item.held_at is not None:
        raise ItemHeld
    # Again at publication, because the schema or a target may have changed since the draft was
    # saved.
    references = checked(item.content_type, item.data)
    item.status = PUBLISHED
    item.schema_version = item.content_type.schema_version
    _save(item, by=by)
    item.published_version = add_version(item, references, message=message)
    item.publication_state = State.PUBLISHED
    item.published_at = item.updated_at
    # A second save, because the version must exist before the item can point to it.
    item.save(update_fields=["published_version", "publication_state", "published_at"])
    record_change("publish", item, by=by)
    return item


@transaction.atomic
def unpublish_item(
    domain: Domain,
    item_id: str | UUID,
    *,
    expected_version: int | None = None,
    message: str = "",
    by: Actor,
) -> ContentItem:
    """Take an item from readers; the working copy stays as a draft.

    Raises ItemNotFound, PreconditionFailed, WorkflowRequired or NothingPublished.
    """
    _authorize(by, "content.write", domain, "content_item", str(item_id))
    item = lock_item(domain, item_id, expected_version=expected_version)
    require_no_workflow(item.content_type)
    if item.published_version_id is None:
        raise NothingPublished
    return withdraw(item, DRAFT, "unpublish", message=message, by=by)


@transaction.atomic
def archive_item(
    domain: Domain,
    item_id: str | UUID,
    *,
    expected_version: int | None = None,
    message: str = "",
    by: Actor,
) -> ContentItem:
    """Archive an item: readers no longer get it, members still find it.

    Raises ItemNotFound, PreconditionFailed or WorkflowRequired.
    """
    _authorize(by, "content.write", domain, "content_item", str(item_id))
    item = lock_item(domain, item_id, expected_version=expected_version)
    require_no_workflow(item.content_type)
    # Repeating a change of state is no error, so that a client may send it again after a lost
    # answer.
    if item.status == ARCHIVED:
        return item
    return withdraw(item, ARCHIVED, "archive", message=message, by=by)


def withdraw(
    item: ContentItem, status: str, action: str, *, message: str, by: Actor
) -> ContentItem:
    """Take a locked item from readers and give it another state."""
    if item.published_version_id:
        item.publication_state = State.UNPUBLISHED
    # The version itself stays: an unpublished text can be compared and rolled back to.
    item.published_version = item.published_at = None
    item.status = status
    _save(item, by=by)
    add_unchanged_version(item, message=message, is_withdrawal=action != "restore")
    record_change(action, item, by=by)
    return item


def move_item(item: ContentItem, state: str, *, message: str = "", by: Actor) -> ContentItem:
    """Give a locked item a state that a workflow leads to.

    The caller checks the right, and that the state was approved. The states published, draft and
    archived also change what readers get. Raises ItemHeld, ItemDoesNotFit or a refusal of a
    reference.
    """
    if state == PUBLISHED:
        return _publish(item, message=message, by=by)
    if state == ARCHIVED:
        return withdraw(item, ARCHIVED, "archive", message=message, by=by)
    if state == DRAFT and item.publication_state == State.PUBLISHED:
        return withdraw(item, DRAFT, "unpublish", message=message, by=by)
    item.status = state
    _save(item, by=by)
    add_unchanged_version(item, message=message)
    record_change("move", item, by=by, state=state)
    return item


STATE_CHANGES: dict[str, Callable[..., ContentItem]] = {
    "publish": publish_item,
    "unpublish": unpublish_item,
    "archive": archive_item,
}
"""Changes of state that can be asked for by name, at once or at a time."""


@charged
@transaction.atomic
def roll_back_item(
    domain: Domain,
    item_id: str | UUID,
    version: int,
    *,
    expected_version: int | None = None,
    message: str = "",
    by: Actor,
) -> ContentItem:
    """Make a draft with the data of a former version. This does not publish it.

    Raises ItemNotFound, PreconditionFailed, VersionOfItemNotFound, or ItemDoesNotFit if the data
    does not fit today's schema.
    """
    _authorize(by, "content.write", domain, "content_item", str(item_id))
    item = lock_item(domain, item_id, expected_version=expected_version)
    target = ContentItemVersion.objects.filter(item=item, version=version).first()
    if target is None:
        raise VersionOfItemNotFound
    # A former version may not fit today's schema, and its targets may be deleted.
    references = checked(item.content_type, target.data)
    # Never published by this: a rollback must not go round the review of what readers get.
    source, item.data = item.version, target.data
    _to_draft(item, by=by)
    _save(item, by=by)
    add_version(item, references, message=message)
    record_change("rollback", item, fromVersion=source, toVersion=version, by=by)
    return item


def _authorize(by: Actor, operation: str, domain: Domain, kind: str, name: str) -> None:
    authorize(by, operation, domain, resource_type=kind, resource_id=name)
