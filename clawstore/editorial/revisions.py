"""Revisions of the pages that show content: one for each domain."""

from foundation.caching.actions import bump_revision
from foundation.caching.models import SITE
from foundation.caching.queries import get_revisions
from wordclaw.policy.actions import STORE


def revision_of_content(domain_name: str) -> str:
    """Return the name of the revision that covers all published content of a domain."""
    return f"content:{domain_name}"


def bump_content(domain_name: str) -> None:
    """Mark all pages that show content of a domain as changed."""
    bump_revision(revision_of_content(domain_name))


def content_revision(_request: object, **address: object) -> object:
    """The revision of all content of a domain; that of the store without a ``scope``."""
    return get_revisions(SITE, revision_of_content(str(address.get("scope") or STORE)))
