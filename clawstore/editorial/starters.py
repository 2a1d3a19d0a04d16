"""Ready-made content types, which a publisher adds to their domain."""

from dataclasses import dataclass

from clawstore.editorial.errors import StarterNotFound
from clawstore.editorial.kinds import KINDS
from clawstore.editorial.seeding import type_source
from foundation.actor import Actor
from wordclaw.content.models import ContentType
from wordclaw.content.types.actions import create_content_type
from wordclaw.policy.models import Domain, DomainKind


def starters_of(domain: Domain) -> list[str]:
    """Return the slugs of the content types whose items have pages in a domain."""
    return [kind.slug for kind in KINDS.values() if domain.kind in kind.domains]


def add_starter(domain: Domain, slug: str, *, by: Actor) -> ContentType:
    """Add a ready-made content type to a domain.

    Raises StarterNotFound, ContentTypeSlugConflict or TooManyContentTypes.
    """
    if slug not in starters_of(domain):
        raise StarterNotFound(starters=starters_of(domain))
    # A copy, because the cached value would lose its manifest.
    source = dict(type_source(slug))
    manifest = source.pop("manifest")
    # The ordinary action, so that a starter has no right and no limit of its own.
    return create_content_type(domain, source, manifest=manifest, by=by)


@dataclass(frozen=True, slots=True)
class Starter:
    """A ready-made content type that a domain can add."""

    slug: str
    name: str
    description: str


def list_missing_starters(domain: Domain) -> list[Starter]:
    """Return the ready-made content types that a domain does not have, in one query."""
    types = ContentType.objects.filter(domain=domain, deleted_at=None)
    present = set(types.values_list("slug", flat=True))
    return [
        Starter(slug, type_source(slug)["name"], type_source(slug)["description"])
        for slug in starters_of(domain)
        if slug not in present
    ]


def has_starter(domain: Domain, slug: str) -> bool:
    """Whether a domain has a content type of this slug."""
    types = ContentType.objects.filter(domain=domain, slug=slug, deleted_at=None)
    return types.exists()


SCOPE_STARTERS = [kind.slug for kind in KINDS.values() if DomainKind.SCOPE in kind.domains]
"""The slugs of the ready-made content types of publishers."""
