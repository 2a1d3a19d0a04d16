"""Queries about content types."""

from functools import cache

from django.db.models import CharField, QuerySet, UUIDField

from foundation.actor import Actor
from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import Parameter
from foundation.paging import Ordering, Sort
from wordclaw.content.errors import ContentTypeNotFound
from wordclaw.content.models.types import ContentType
from wordclaw.policy.actions import authorize, decide
from wordclaw.policy.models import Domain

BY_SLUG: Ordering = (Sort("slug"), Sort("id"))


def readable_types(domain: Domain, by: Actor) -> QuerySet[ContentType]:
    """Return all content types for members, and the public ones for others."""
    types = ContentType.objects.filter(domain=domain, deleted_at=None).select_related("domain")
    return types if reads_drafts(domain, by) else types.filter(visibility="public")


def reads_drafts(domain: Domain, by: Actor) -> bool:
    """Whether the actor reads private types and drafts of a domain."""
    # `decide` and not `authorize`: asking which list to show is no attempt, and belongs in no log.
    return by.is_known and decide(by, "content.read", domain).refusal is None


def find_readable_type(domain: Domain, slug: str, by: Actor) -> ContentType:
    """Return a content type that the actor may see.

    A private one does not exist for strangers. Raises ContentTypeNotFound, or Unauthenticated for
    anonymous actors, who may have the right after they have signed in.
    """
    content_type = _find(domain, slug)
    if content_type is not None and content_type.is_public:
        return content_type
    authorize(
        by,
        "content.read",
        domain,
        resource_type="content_type",
        resource_id=slug,
        # Strangers get the answer of a type that does not exist.
        hidden_as=ContentTypeNotFound,
    )
    if content_type is None:
        raise ContentTypeNotFound
    return content_type


def find_type(domain: Domain, slug: str) -> ContentType:
    """Return a content type for an actor who was authorized.

    Raises ContentTypeNotFound.
    """
    content_type = _find(domain, slug)
    if content_type is None:
        raise ContentTypeNotFound
    return content_type


def _find(domain: Domain, slug: str) -> ContentType | None:
    types = _type_of_slug_query().instances(domain_id=domain.pk, slug=slug)
    for content_type in types:
        content_type.domain = domain
    return types[0] if types else None


@cache
def _type_of_slug_query() -> CompiledInstances[ContentType]:
    types = ContentType.objects.filter(
        domain=Parameter("domain_id", UUIDField()),
        slug=Parameter("slug", CharField()),
        deleted_at=None,
    )
    return CompiledInstances(types, relations=(), annotations=(), is_prepared=True)
