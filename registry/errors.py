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
    message = "There is no agent by this name."


class VersionNotFound(NotFound):
    code = "version_not_found"
    message = "This agent has no such version."


class AssetNotFound(NotFound):
    code = "asset_not_found"
    message = "This version has no such asset."


class AgentDelisted(Gone):
    code = "agent_delisted"
    message = "A maintainer has taken this agent out of the shop."


class VersionWithheld(Withheld):
    """``details`` has the reason, its text and since when."""

    code = "version_withheld"
    message = "A maintainer withholds this version: its files are not handed out."


class InvalidWithholding(Invalid):
    code = "invalid_body"
    message = "A version is withheld for malware, leaked_secrets or court."


class NotOwner(NotAllowed):
    code = "not_owner"
    message = "Only the agent's owner may do this."


class NotMaintainer(NotAllowed):
    code = "forbidden"
    message = "Only a maintainer may do this."


class OwnAgent(NotAllowed):
    code = "own_agent"
    message = "You can't decide about your own agent. Another maintainer must."


class DelistedForPublishing(NotAllowed):
    code = "agent_delisted"
    message = "A maintainer has delisted this agent: nothing can be published to it."


class ScopeMismatch(NotAllowed):
    code = "scope_mismatch"


class NotOfficial(NotAllowed):
    code = "not_official"
    message = "Only an official publisher may publish on the official channel."


class TarballTooLarge(TooLarge):
    code = "tarball_too_large"
    message = "The tarball is larger than 100 MiB."


class MissingMetadata(Malformed):
    code = "missing_metadata"
    message = "The form field metadata is missing: the JSON of agent.json."


class MissingTarball(Malformed):
    code = "missing_tarball"
    message = "The file tarball is missing."


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
    message = "The package breaks the rules; nothing was published."


class CannotCompare(Invalid):
    code = "cannot_compare"
    message = "Name two to four agents to compare, each as @scope/name."


class SameVersion(Invalid):
    code = "same_version"
    message = "A version does not differ from itself: choose two."


class NothingToCompare(NotFound):
    code = "nothing_to_compare"
    message = "This agent has one version so far: there is nothing to compare it with."


class FileNotInPackage(NotFound):
    code = "file_not_found"
    message = "The package of this version has no such file."


class BytesMissing(NotFound):
    """A catalogue may be imported without its files; a published version always has its own."""

    code = "file_not_stored"
    message = "This instance has the record of this file, and not its bytes."


class DraftNotFound(NotFound):
    code = "draft_not_found"
    message = "There is no such draft: it was published, thrown away, or older than a day."
