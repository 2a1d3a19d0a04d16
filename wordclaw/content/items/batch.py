"""Batches: many writes of items of one content type in one request."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from foundation.actor import Actor
from foundation.refusals import Invalid, Refusal
from foundation.text.input import read_uuid
from wordclaw.content.errors import BatchEmpty, BatchFailed, BatchTooLarge, ItemNotFound
from wordclaw.content.items.actions import create_item, lock_item, replace_data
from wordclaw.content.items.deletion import delete_item
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.work import charged, require_time
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain

# Each operation holds the lock of its row until the last has ended, and other writers wait.
MAX_OPERATIONS = 100


@dataclass(frozen=True, slots=True)
class BatchOperation:
    """One operation: create, update or delete."""

    op: str
    item_id: str = ""
    data: Any = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The result of one operation: the item's id and version, or the refusal."""

    index: int
    item_id: str | None = None
    version: int | None = None
    refusal: Refusal | None = None


class InvalidOperation(Invalid):
    code = "invalid_body"
    message = "op is create, update or delete; update and delete need an id."
    remediation = "Correct the operation."


@charged
@transaction.atomic
def run_batch(
    domain: Domain, slug: str, operations: list[BatchOperation], *, atomic: bool, by: Actor
) -> list[BatchResult]:
    """Run operations in their order.

    With ``atomic`` the first refusal undoes all and is raised as BatchFailed; otherwise each
    operation stands for itself. Raises ContentTypeNotFound, BatchEmpty or BatchTooLarge, and
    ContentTooCostly, which undoes all, too.
    """
    # Once before all, so that a stranger learns nothing from the refusals of single operations.
    authorize(by, "content.write", domain, resource_type="content_type", resource_id=slug)
    content_type = find_type(domain, slug)
    if not operations:
        raise BatchEmpty
    if len(operations) > MAX_OPERATIONS:
        raise BatchTooLarge
    _lock_items(content_type, operations)
    results = []
    for index, operation in enumerate(operations):
        # Between operations, because the check of one item is limited by itself.
        require_time()
        result = _run(content_type, index, operation, by=by)
        if result.refusal is not None and atomic:
            # The exception leaves the outer transaction, which undoes the operations before it.
            raise BatchFailed(index=index, error=refusal_json(result.refusal))
        results.append(result)
    return results


def _lock_items(content_type: ContentType, operations: list[BatchOperation]) -> None:
    # In one order: two batches with the same items in different orders would wait for each other.
    # A deletion needs the stronger lock at once, because raising it later can wait in the same way.
    has_deletion = any(operation.op == "delete" for operation in operations)
    ids = {read_uuid(operation.item_id) for operation in operations if operation.item_id}
    items = ContentItem.objects.of_type(content_type).filter(pk__in=ids - {None})
    locked_items = items.select_for_update(of=("self",), no_key=not has_deletion)
    list(locked_items.order_by("pk").values_list("pk"))


def _run(
    content_type: ContentType, index: int, operation: BatchOperation, *, by: Actor
) -> BatchResult:
    try:
        # A savepoint: what a refused operation began is undone.
        with transaction.atomic():
            item = _apply(content_type, operation, by=by)
    except Refusal as refusal:
        return BatchResult(index, operation.item_id or None, refusal=refusal)
    return BatchResult(index, str(item.pk), item.version)


def _apply(content_type: ContentType, operation: BatchOperation, *, by: Actor) -> ContentItem:
    domain, expected_version = content_type.domain, operation.expected_version
    if operation.op == "create":
        return create_item(domain, content_type.slug, operation.data, by=by)
    if operation.op not in ("update", "delete") or not operation.item_id:
        raise InvalidOperation
    # Locked here, so that the type and the expected version cannot change before the write below.
    item = lock_item(domain, operation.item_id, expected_version=expected_version)
    # The address names one type; an item of another is unknown under it.
    if item.content_type_id != content_type.pk:
        raise ItemNotFound
    if operation.op == "delete":
        delete_item(domain, item.pk, by=by)
        return item
    return replace_data(domain, item.pk, operation.data, by=by)


def refusal_json(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal as the API shows it."""
    error: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if refusal.details:
        error["details"] = refusal.details
    if refusal.remediation:
        error["remediation"] = refusal.remediation
    return error
