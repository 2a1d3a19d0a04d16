"""Revisions of the pages that show content: one for each domain."""

from foundation.caching.actions import bump_revision
from foundation.caching.models import SITE
from foundation.caching.queries import get_revisions
from profiles.models import Scope
from profiles.revisions import revision_of_person
from registry.agents.revisions import agent_revision
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


def scope_revision(_request: object, scope: str) -> object:
    """The revision of the texts of a publisher, and of who that is."""
    rows = Scope.objects.filter(name=scope).values_list("holder_id", flat=True)
    # The page shows the publisher's name and picture, which change without any content.
    names = [revision_of_person(holder_id) for holder_id in rows]
    return get_revisions(SITE, revision_of_content(scope), *names) if names else None


def guides_revision(request: object, scope: str, name: str) -> object:
    """The revision of an agent and of the texts about it; None without it."""
    revision = agent_revision(request, scope, name)
    if revision is None:
        return None
    return revision, get_revisions(revision_of_content(STORE), revision_of_content(scope))
