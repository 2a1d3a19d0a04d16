"""Items and content types as subjects of offers."""

from uuid import UUID

from foundation.text.input import read_uuid
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.paywall import ITEM, TYPE
from wordclaw.content.summaries import title_in
from wordclaw.payments.subjects import SaleSubject, SaleSubjectType
from wordclaw.policy.host import content_host
from wordclaw.schema.premium import visible_data


def find_item(domain_name: str, subject_id: str) -> SaleSubject | None:
    item = _item(domain_name, subject_id)
    if item is None:
        return None
    return SaleSubject(
        id=str(item.pk),
        title=_title_for_all(item),
        path=f"/v1/domains/{domain_name}/content-items/{item.pk}",
        is_public=item.content_type.is_public,
        is_readable=item.published_version_id is not None,
    )


def _title_for_all(item: ContentItem) -> str:
    """Return the title that readers see also while the item has a price."""
    content_type, snapshot = item.content_type, item.published_version
    data = visible_data(content_type.schema, snapshot.data) if snapshot is not None else {}
    return title_in(content_type, data) or str(content_type.name)


def _item(domain_name: str, subject_id: str) -> ContentItem | None:
    items = ContentItem.objects.alive().with_readers_parts()
    item: ContentItem | None = items.filter(
        domain__name=domain_name, pk=read_uuid(subject_id)
    ).first()
    return item


def find_type(domain_name: str, subject_id: str) -> SaleSubject | None:
    content_type = _type(domain_name, subject_id)
    if content_type is None:
        return None
    return SaleSubject(
        id=content_type.slug,
        title=content_type.name,
        path=f"/v1/domains/{domain_name}/content-types/{content_type.slug}/items",
        is_public=content_type.is_public,
    )


def _type(domain_name: str, slug: str) -> ContentType | None:
    types = ContentType.objects.filter(domain__name=domain_name, slug=slug, deleted_at=None)
    content_type: ContentType | None = types.select_related("domain").first()
    return content_type


def _lock_type(type_id: UUID) -> None:
    """Lock a content type, as a publication of its items does.

    The one that comes second sees what the first one did: a text is never published for all while
    its offer begins.
    """
    ContentType.objects.select_for_update(no_key=True).filter(pk=type_id).first()


def update_item(domain_name: str, subject_id: str) -> None:
    """Tell the host that readers get more or less of an item."""
    item = _item(domain_name, subject_id)
    if item is None:
        return
    _lock_type(item.content_type_id)
    item = _item(domain_name, subject_id)
    if item is not None:
        content_host().item_changed(item)


def update_type(domain_name: str, subject_id: str) -> None:
    content_type = _type(domain_name, subject_id)
    if content_type is not None:
        _lock_type(content_type.pk)
        content_host().type_changed(content_type)


CONTENT_ITEM = SaleSubjectType(name=ITEM, find=find_item, offer_changed=update_item)
CONTENT_TYPE = SaleSubjectType(name=TYPE, find=find_type, offer_changed=update_type)
