"""The claim: what an upload says of itself, and the refusals that need no byte of the package.

Their order is part of the wire's contract.
"""

from dataclasses import dataclass
from typing import BinaryIO

from foundation.actor import Actor
from profiles.queries import scope_of
from registry import errors
from registry.agents.queries import newest_version_number
from registry.models import Agent, Category, Channel
from registry.package.limits import PackageLimits
from registry.package.manifest.schema import Manifest, ManifestError, parse_manifest
from registry.package.manifest.strict_json import StrictJsonError, parse_json
from registry.publishing.upload import Upload
from registry.rules.permissions import OFFICIAL
from registry.rules.semver import channel_of, is_newer


@dataclass(frozen=True, slots=True)
class Claim:
    """A manifest that was read, the JSON value that it was read from, the channel it goes to, and
    the tarball that has yet to prove it."""

    manifest: Manifest
    document: object
    channel: str
    tarball: BinaryIO


def read_claim(upload: Upload, limits: PackageLimits) -> Claim:
    """The upload's metadata; refuses what is missing, not JSON, or against the schema."""
    if upload.too_large or _size(upload) > limits.tarball_bytes:
        raise errors.TarballTooLarge
    if upload.metadata is None:
        raise errors.MissingMetadata
    if upload.tarball is None:
        raise errors.MissingTarball
    document, manifest = _read(upload.metadata)
    if not Category.objects.filter(pk=manifest.category).exists():
        raise errors.InvalidCategory(f"Category {manifest.category} does not exist.")
    channel = channel_of(manifest.version, upload.channel)
    if channel is None:
        raise errors.InvalidChannel(
            "A pre-release must use the beta channel; any other version must use community or"
            " official.",
            channel=upload.channel,
        )
    return Claim(manifest, document, channel, upload.tarball)


def _size(upload: Upload) -> int:
    return upload.tarball.seek(0, 2) if upload.tarball is not None else 0


def _read(metadata: str) -> tuple[object, Manifest]:
    try:
        document = parse_json(metadata)
        return document, parse_manifest(document)
    except StrictJsonError as error:
        raise errors.InvalidMetadata(f"metadata is not JSON: {error}") from error
    except ManifestError as error:
        found = [{"path": each.path, "message": each.message} for each in error.violations]
        raise errors.InvalidManifest(
            f"agent.json is invalid. Errors: {len(found)}.", errors=found
        ) from error


def refuse_foreign_scope(claim: Claim, by: Actor) -> None:
    """Everybody publishes under their own scope alone."""
    by.require("agents:publish", about=claim.manifest.id)
    scope = scope_of(by.user_id)
    if scope is None:
        raise errors.ScopeMismatch(
            "Your account has no scope: your GitHub login is already the scope of another"
            " GitHub account, or it is not a valid scope. You can review and report, but not"
            " publish.",
            scope=None,
        )
    if claim.manifest.scope != scope:
        raise errors.ScopeMismatch(
            f"You can publish under @{scope}, not under @{claim.manifest.scope}.", scope=scope
        )


def refuse_foreign_agent(agent: Agent, claim: Claim, by: Actor) -> None:
    """The agent is the publisher's own, not delisted, and the channel open to them."""
    if not by.is_user(agent.owner_user_id):
        raise errors.NotOwner
    if agent.is_delisted:
        raise errors.DelistedForPublishing(reason=agent.delisted_reason)
    refuse_channel(claim, by)


def refuse_channel(claim: Claim, by: Actor) -> None:
    user = by.require_user()
    if claim.channel == Channel.OFFICIAL and not user.has_role(OFFICIAL):
        raise errors.NotOfficial


def refuse_early(claim: Claim, by: Actor) -> None:
    """What can be known before the package is opened; all of it is asked again under the lock."""
    refuse_foreign_scope(claim, by)
    agent = Agent.objects.filter(scope=claim.manifest.scope, name=claim.manifest.agent_name).first()
    if agent is None:
        refuse_channel(claim, by)
        return
    refuse_foreign_agent(agent, claim, by)
    refuse_not_newer(claim)


def refuse_not_newer(claim: Claim) -> None:
    """Strictly newer than every version that was ever published under this id."""
    manifest = claim.manifest
    current = newest_version_number(manifest.scope, manifest.agent_name)
    if current is not None and not is_newer(manifest.version, current):
        raise errors.VersionNotMonotonic(
            f"{manifest.id}: version {manifest.version} is not newer than {current}.",
            id=manifest.id,
            current=current,
            requested=manifest.version,
        )
