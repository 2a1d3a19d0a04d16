"""References between items: checked on write, stored with each version."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet

from foundation.text.input import read_uuid
from wordclaw.content.errors import (
    InvalidAgentReference,
    InvalidAssetReference,
    InvalidReference,
    ReferenceOfWrongType,
)
from wordclaw.content.models import Asset, ContentItem, ContentReference
from wordclaw.policy.host import content_host
from wordclaw.policy.models import Domain
from wordclaw.schema.references import DocumentReference

MAX_LISTED = 100
"""References that an answer lists; the counts are of all."""


def require_valid_references(domain: Domain, references: list[DocumentReference]) -> None:
    """Raise a refusal for the first reference whose target may not be referred to.

    Raises InvalidReference, ReferenceOfWrongType, InvalidAssetReference or InvalidAgentReference.
    """
    of_items = [r for r in references if r.kind == "content_item"]
    slugs = _slugs_of(domain, of_items)
    for reference in of_items:
        slug = slugs.get(read_uuid(reference.target))
        if slug is None:
            raise InvalidReference(pointer=reference.pointer, contentItemId=reference.target)
        if reference.allowed_types and slug not in reference.allowed_types:
            raise ReferenceOfWrongType(
                pointer=reference.pointer,
                contentType=slug,
                allowedContentTypeSlugs=list(reference.allowed_types),
            )
    _require_assets(domain, [r for r in references if r.kind == "asset"])
    _require_agents([r for r in references if r.kind == "agent"])


def _slugs_of(domain: Domain, references: list[DocumentReference]) -> dict[UUID, str]:
    """The slugs of the content types of the items referred to, in one query."""
    ids = {read_uuid(reference.target) for reference in references}
    if not ids:
        return {}
    # By domain: a reference must not tell whether an item of another domain exists.
    items = ContentItem.objects.alive().filter(domain=domain, pk__in=ids)
    return dict(items.values_list("pk", "content_type__slug"))


def _require_assets(domain: Domain, references: list[DocumentReference]) -> None:
    ids = {read_uuid(reference.target) for reference in references}
    if not ids:
        return
    assets = Asset.objects.alive().filter(domain=domain, pk__in=ids)
    known_ids = set(assets.values_list("pk", flat=True))
    for reference in references:
        if read_uuid(reference.target) not in known_ids:
            raise InvalidAssetReference(pointer=reference.pointer, assetId=reference.target)


def _require_agents(references: list[DocumentReference]) -> None:
    if not references:
        return
    # Only the product knows agents; the runtime imports nothing of it.
    agents = content_host().known_agents({reference.target for reference in references})
    for reference in references:
        if reference.target not in agents:
            raise InvalidAgentReference(pointer=reference.pointer, agent=reference.target)


def store_references(item: ContentItem, references: list[DocumentReference]) -> None:
    """Store the references of an item's present version, and keep their targets.

    Until the end of the transaction a deletion of a target waits.
    """
    if not references:
        return
    ContentReference.objects.bulk_create(_row(item, reference) for reference in references)
    if connection.vendor == "postgresql":
        # Foreign keys are checked at the commit; checked now, they lock the rows of the targets.
        # SQLite has one writer at a time, and would check all tables.
        connection.check_constraints()


def _row(item: ContentItem, reference: DocumentReference) -> ContentReference:
    # A UUID can be written in several ways.
    is_uuid = reference.kind in ("content_item", "asset")
    target = read_uuid(reference.target) if is_uuid else reference.target
    return ContentReference(
        item=item,
        version=item.version,
        # The pointer is shown to people; a document of 64 levels with long keys could have a longer
        # one.
        pointer=reference.pointer[:500],
        kind=reference.kind,
        target=str(target),
        target_item_id=target if reference.kind == "content_item" else None,
        target_asset_id=target if reference.kind == "asset" else None,
    )


@dataclass(frozen=True, slots=True)
class ReferenceUse:
    """One place where something is referred to."""

    item_id: UUID
    content_type: str
    version: int
    pointer: str


@dataclass(frozen=True, slots=True)
class UsedBy:
    """References to a target.

    Active ones are in working copies and published versions, historical ones in former versions.
    """

    active_count: int
    historical_count: int
    active: list[ReferenceUse]
    historical: list[ReferenceUse]


def used_by(kind: str, target: str) -> UsedBy:
    """Return where a target is used, by items that are not deleted."""
    # By the text of the target, not by the foreign key, because agents have none.
    references = ContentReference.objects.filter(kind=kind, target=target, item__deleted_at=None)
    active = references.filter(is_active())
    historical = references.exclude(pk__in=active.values("pk"))
    return UsedBy(active.count(), historical.count(), _list(active), _list(historical))


def is_active() -> Q:
    """The condition for references in a working copy or in a published version."""
    return Q(version=F("item__version")) | Q(version=F("item__published_version__version"))


def active_uses(item: ContentItem) -> list[ReferenceUse]:
    """Return the active references to an item from other items."""
    references = ContentReference.objects.filter(
        kind="content_item", target=str(item.pk), item__deleted_at=None
    )
    # An item that refers to itself could otherwise never be deleted.
    return _list(references.filter(is_active()).exclude(item=item))


def _list(references: QuerySet[ContentReference]) -> list[ReferenceUse]:
    rows = references.order_by("-version", "id").values_list(
        "item_id", "item__content_type__slug", "version", "pointer"
    )
    return [ReferenceUse(*row) for row in rows[:MAX_LISTED]]
