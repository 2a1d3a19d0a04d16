"""Drafts of an author."""

from uuid import UUID

from foundation.actor import Actor
from registry.models import Draft, DraftQuerySet, Version
from registry.publishing.errors import DraftNotFound


def list_drafts(*, by: Actor) -> list[Draft]:
    """Returns the actor's drafts, newest first, without their large columns."""
    return list(_own_drafts(by).defer("preview", "manifest").order_by("-created_at"))


def find_draft(draft_id: UUID, *, by: Actor) -> Draft:
    """Returns a draft of the actor. Raises DraftNotFound, also for drafts of others."""
    drafts = _own_drafts(by).select_related("owner_user__profile")
    draft = drafts.filter(pk=draft_id).first()
    if draft is None:
        raise DraftNotFound
    return draft


def _own_drafts(by: Actor) -> DraftQuerySet:
    return Draft.objects.alive().filter(owner_user_id=by.require_user().pk)


def find_published_version(tarball_sha256: str, *, by: Actor) -> Version | None:
    """Returns the actor's newest version with these bytes, or None."""
    versions = Version.objects.filter(
        uploaded_by_user_id=by.require_user().pk, tarball_sha256=tarball_sha256
    )
    return versions.select_related("agent").order_by("-uploaded_at").first()
