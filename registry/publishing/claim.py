"""The checks of a publish that do not open the package.

A claim is what an upload says about itself. The order of the refusals is part of the API.
"""

import json
import os
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from foundation.actor import Actor
from profiles.errors import ScopeMirrored
from profiles.mirrored import MIRROR_DOOR, source_of
from profiles.models import Scope
from profiles.queries import scope_of
from registry.agents.former_addresses import refuse_former
from registry.agents.queries import list_categories, newest_version_number
from registry.errors import NotOwner
from registry.examiner.records import ManifestIdentity
from registry.examiner.tasks import Examiner
from registry.models import Agent, Channel
from registry.package.limits import PackageLimits
from registry.publishing.errors import (
    AgentArchived,
    DelistedForPublishing,
    InvalidCategory,
    InvalidChannel,
    InvalidManifest,
    InvalidMetadata,
    MissingMetadata,
    MissingTarball,
    NotOfficial,
    ScopeMismatch,
    TarballTooLarge,
    VersionNotMonotonic,
)
from registry.publishing.upload import Upload
from registry.rules.co_maintainers import is_co_maintainer, is_of, lock_co_maintainer
from registry.rules.permissions import OFFICIAL
from registry.rules.semver import channel_of, is_newer
from registry.sandbox.examination import Examination


@dataclass(frozen=True, slots=True)
class Claim:
    """The claimed manifest, its text and its JSON value; the channel and the tarball."""

    manifest: ManifestIdentity
    metadata: str
    document: dict[str, Any]
    channel: str
    tarball: BinaryIO
    size: int
    """Bytes of the tarball."""


def refuse_incomplete(upload: Upload, limits: PackageLimits) -> None:
    """Refuses an upload that is too large or lacks a part."""
    size = tarball_size(upload.tarball) if upload.tarball is not None else 0
    if upload.too_large or size > limits.tarball_bytes:
        raise TarballTooLarge
    if upload.metadata is None:
        raise MissingMetadata
    require_tarball(upload)


def tarball_size(tarball: BinaryIO) -> int:
    return tarball.seek(0, os.SEEK_END)


def require_tarball(upload: Upload) -> BinaryIO:
    if upload.tarball is None:
        raise MissingTarball
    return upload.tarball


def read_claim(upload: Upload, examination: Examination) -> Claim:
    """Returns the claim of an upload. Refuses malformed and invalid metadata."""
    metadata = upload.metadata or ""
    answer = examination.call(Examiner.read_manifest, metadata)
    if answer.syntax_error:
        raise InvalidMetadata(f"metadata is not JSON: {answer.syntax_error}")
    if answer.identity is None:
        errors = [
            {"path": violation.path, "message": violation.message}
            for violation in answer.violations
        ]
        message = f"agent.json is invalid. Errors: {len(errors)}."
        raise InvalidManifest(message, errors=errors)
    manifest = answer.identity
    # The database has the categories, so the schema of agent.json cannot check this.
    categories = [category.pk for category in list_categories()]
    if manifest.category not in categories:
        raise InvalidCategory(
            f"Category {manifest.category} does not exist. Choose from: {', '.join(categories)}."
        )
    channel = channel_of(manifest.version, upload.channel)
    if channel is None:
        raise InvalidChannel(channel=upload.channel)
    # The examiner has accepted the text, so it is an object and safe to parse here.
    document = json.loads(metadata)
    tarball = require_tarball(upload)
    if upload.listed_as:
        manifest = replace(manifest, id=upload.listed_as)
    return Claim(manifest, metadata, document, channel, tarball, tarball_size(tarball))


def refuse_early(claim: Claim, by: Actor) -> None:
    """Refuses what can be known before the package is opened.

    `add_version` repeats these checks under the lock, because another publish may come first.
    """
    refuse_foreign_scope(claim, by)
    agent = Agent.objects.filter(scope=claim.manifest.scope, name=claim.manifest.agent_name).first()
    if agent is None:
        refuse_former(claim.manifest.scope, claim.manifest.agent_name)
        refuse_official_channel(claim, by)
    else:
        refuse_foreign_agent(agent, claim, by)
        refuse_not_newer(claim)


def refuse_foreign_scope(claim: Claim, by: Actor, *, is_locked: bool = False) -> None:
    """Refuses scopes that the actor may not publish in, for maintainers too.

    Those are all but the own scope and those whose holder has made the actor a co-maintainer. With
    `is_locked` the removal of a co-maintainer waits for the end of the transaction.
    """
    by.require("agents:publish", about=claim.manifest.id)
    if by.door != MIRROR_DOOR and (source := source_of(claim.manifest.scope)):
        raise ScopeMirrored(claim.manifest.scope, source)
    scope = scope_of(by.user_id)
    if claim.manifest.scope == scope:
        return
    check = lock_co_maintainer if is_locked else is_co_maintainer
    if check(claim.manifest.scope, by.user_id):
        return
    # The new owner of an agent that moved, whose agent.json still has the former id.
    refuse_former(claim.manifest.scope, claim.manifest.agent_name)
    if scope is None:
        raise ScopeMismatch(
            "Your account has no scope yet. Sign in once on the website to get it.", scope=None
        )
    raise ScopeMismatch(
        f"You can publish under @{scope}, not under @{claim.manifest.scope}."
        f" Write @{scope}/{claim.manifest.agent_name} as the id in agent.json.",
        scope=scope,
    )


def refuse_foreign_agent(agent: Agent, claim: Claim, by: Actor) -> None:
    """Refuses foreign and delisted agents, and a channel that is not allowed."""
    if not is_of(agent, by.user_id):
        raise NotOwner
    # A new version must not bring back what a maintainer took from the list.
    if agent.is_delisted:
        raise DelistedForPublishing(reason=agent.delisted_reason)
    if agent.archived_at is not None:
        raise AgentArchived
    refuse_official_channel(claim, by)


def refuse_official_channel(claim: Claim, by: Actor) -> None:
    if claim.channel != Channel.OFFICIAL:
        return
    holder = Scope.objects.select_related("holder").filter(name=claim.manifest.scope).first()
    # A co-maintainer lends the scope of others no role that it does not have.
    people = [by.require_user(), *([holder.holder] if holder else [])]
    if not all(person.has_role(OFFICIAL) for person in people):
        raise NotOfficial


def refuse_not_newer(claim: Claim) -> None:
    """Refuses a version that is not newer than all others, yanked ones included."""
    manifest = claim.manifest
    current = newest_version_number(manifest.scope, manifest.agent_name)
    # Yanked numbers count, too: installs may be pinned to them.
    if current is not None and not is_newer(manifest.version, current):
        raise VersionNotMonotonic(
            f"{manifest.id}: version {manifest.version} is not newer than {current}.",
            id=manifest.id,
            current=current,
            requested=manifest.version,
        )
