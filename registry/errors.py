"""Refusals of the registry. Codes are public and never change."""

from foundation.refusals import (
    Conflict,
    Gone,
    Invalid,
    Malformed,
    NotAllowed,
    NotFound,
    TooLarge,
    Withheld,
)


class AgentNotFound(NotFound):
    code = "agent_not_found"
    message = "Agent not found."


class VersionNotFound(NotFound):
    code = "version_not_found"
    message = "Version not found."


class AssetNotFound(NotFound):
    code = "asset_not_found"
    message = "Asset not found."


class AgentDelisted(Gone):
    code = "agent_delisted"
    message = "A maintainer delisted this agent."


class VersionWithheld(Withheld):
    """``details`` has the reason, its text and since when."""

    code = "version_withheld"
    message = "A maintainer withheld this version: its files cannot be downloaded."


class InvalidWithholding(Invalid):
    code = "invalid_body"
    message = "The reason must be malware, leaked_secrets or court."


class NotOwner(NotAllowed):
    code = "not_owner"
    message = "Only the agent's owner can do this."


class NotMaintainer(NotAllowed):
    code = "forbidden"
    message = "Only a maintainer can do this."


class OwnAgent(NotAllowed):
    code = "own_agent"
    message = "You can't decide about your own agent. Another maintainer must."


class DelistedForPublishing(NotAllowed):
    code = "agent_delisted"
    message = "A maintainer delisted this agent: no new versions can be published."


class ScopeMismatch(NotAllowed):
    code = "scope_mismatch"


class NotOfficial(NotAllowed):
    code = "not_official"
    message = "Only an official publisher can publish on the official channel."


class TarballTooLarge(TooLarge):
    code = "tarball_too_large"
    message = "The tarball is larger than 100 MiB."


class MissingMetadata(Malformed):
    code = "missing_metadata"
    message = "The form field metadata, the JSON of agent.json, is missing."


class MissingTarball(Malformed):
    code = "missing_tarball"
    message = "The form field tarball, the package, is missing."


class InvalidMetadata(Malformed):
    code = "invalid_metadata"


class InvalidManifest(Invalid):
    code = "invalid_manifest"


class InvalidCategory(Malformed):
    code = "invalid_category"


class InvalidChannel(Invalid):
    code = "invalid_channel"


class InvalidReason(Invalid):
    code = "invalid_body"


class VersionNotMonotonic(Conflict):
    code = "version_not_monotonic"


class ValidationFailed(Invalid):
    code = "validation_failed"
    message = "The package has errors; nothing was published."


class CannotCompare(Invalid):
    code = "cannot_compare"
    message = "Enter two to four agents to compare, each as @scope/name."


class SameVersion(Invalid):
    code = "same_version"
    message = "Choose two different versions."


class NothingToCompare(NotFound):
    code = "nothing_to_compare"
    message = "This agent has only one version, so there is nothing to compare."


class FileNotInPackage(NotFound):
    code = "file_not_found"
    message = "This version's package has no such file."


class BytesMissing(NotFound):
    """A catalogue may be imported without its files; a published version always has its own."""

    code = "file_not_stored"
    message = "This file is not stored on this instance."


class DraftNotFound(NotFound):
    code = "draft_not_found"
    message = "Draft not found: it was published, was discarded, or is older than one day."
