"""Drafts of an author."""

from uuid import UUID

from foundation.actor import Actor
from profiles.queries import scope_of
from registry.models import Agent, Draft, DraftQuerySet, Version, VersionAsset
from registry.publishing.errors import DraftNotFound
from registry.rules.co_maintainers import agents_of, co_maintained_scopes
from registry.rules.identifiers import scope_and_name


def list_drafts(*, by: Actor) -> list[Draft]:
    """Returns the actor's drafts, newest first, without their large columns.

    Each has ``is_published``: a version of this number exists meanwhile.
    """
    drafts = list(_own_drafts(by).defer("preview", "manifest").order_by("-created_at"))
    numbers = Version.objects.filter(version__in={draft.version for draft in drafts})
    published_numbers = set(numbers.values_list("agent__scope", "agent__name", "version"))
    for draft in drafts:
        draft.is_published = (*scope_and_name(draft.full_id), draft.version) in published_numbers
    return drafts


def find_draft(draft_id: UUID, *, by: Actor) -> Draft:
    """Returns a complete draft of the actor. Raises DraftNotFound."""
    draft = find_any_draft(draft_id, by=by)
    if not draft.is_complete:
        raise DraftNotFound
    return draft


def find_any_draft(draft_id: UUID, *, by: Actor) -> Draft:
    """Returns a draft of the actor, complete or not. Raises DraftNotFound."""
    drafts = _own_drafts(by).select_related("owner_user__profile")
    draft = drafts.filter(pk=draft_id).first()
    if draft is None:
        raise DraftNotFound
    return draft


def find_import(draft_id: UUID, *, by: Actor) -> Draft:
    """Returns a draft of the actor that was made from an import. Raises DraftNotFound."""
    draft = find_any_draft(draft_id, by=by)
    if not draft.import_facts.get("source"):
        raise DraftNotFound
    return draft


def _own_drafts(by: Actor) -> DraftQuerySet:
    # Drafts belong to the person who sent them, not to all who may publish the agent.
    return Draft.objects.unexpired().filter(owner_user_id=by.require_user().pk)


def list_scopes(*, by: Actor) -> list[str]:
    """Returns the scopes that the actor may publish in, the own one first."""
    scope = scope_of(by.user_id)
    return [*([scope] if scope else []), *co_maintained_scopes(by.user_id)]


def find_published_version(tarball_sha256: str, *, by: Actor) -> Version:
    """Returns the actor's newest version with these bytes. Raises DraftNotFound."""
    versions = Version.objects.filter(
        uploaded_by_user_id=by.require_user().pk, tarball_sha256=tarball_sha256
    )
    # The same bytes may have been published under several agents.
    version = versions.select_related("agent").order_by("-uploaded_at").first()
    if version is None:
        raise DraftNotFound
    return version


def find_version_of_draft(draft: Draft) -> Version | None:
    """Returns the version that took the number of a draft, or None."""
    scope, name = scope_and_name(draft.full_id)
    versions = Version.objects.filter(agent__scope=scope, agent__name=name, version=draft.version)
    return versions.select_related("agent").first()


def find_earlier_images(full_id: str, *, by: Actor) -> list[VersionAsset]:
    """Returns the images of the latest version of an agent of the actor."""
    scope, name = scope_and_name(full_id)
    own = agents_of(by.require_user().pk, path="")
    agents = Agent.objects.filter(own, scope=scope, name=name)
    images = VersionAsset.objects.filter(version__in=agents.values("latest_version"))
    return list(images.select_related("version").order_by("ordering", "id"))
