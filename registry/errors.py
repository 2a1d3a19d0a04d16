"""Refusals that several features share. Codes are public and never change."""

from foundation.own_matters import OwnMatter
from foundation.refusals import (
    Gone,
    InsufficientStorage,
    Invalid,
    NotAllowed,
    NotFound,
    TooMany,
    Unavailable,
    Withheld,
)


class AgentNotFound(NotFound):
    code = "agent_not_found"
    message = "Agent not found."


class AgentMoved(AgentNotFound):
    """The agent has another id now: `details["id"]`. Reads are redirected to it."""

    status = 409
    code = "agent_moved"

    def __init__(self, former_id: str, full_id: str) -> None:
        super().__init__(f"{former_id} is {full_id} now. Use that id.", id=full_id)
        self.full_id = full_id


class VersionNotFound(NotFound):
    code = "version_not_found"
    message = "Version not found."


class AssetNotFound(NotFound):
    code = "asset_not_found"
    message = "Asset not found."


class AgentDelisted(Gone):
    code = "agent_delisted"
    message = "A maintainer delisted this agent."


class MeaningUnavailable(Unavailable):
    code = "meaning_unavailable"
    message = "This server has no model for a search by meaning. Use GET /v1/agents?q= instead."


class VersionWithheld(Withheld):
    """`details` has `reason`, `text` and `since`."""

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


class OwnAgent(OwnMatter):
    code = "own_agent"
    message = "You can't decide about your own agent. Another maintainer must."


class InvalidReason(Invalid):
    code = "invalid_body"


class PackageTooCostly(Invalid):
    """A limit of the sandbox stopped the check of a package.

    `details["reason"]` is time, memory, output or crash. `details["findings"]` has a finding with
    the file that was being examined.
    """

    code = "package_too_costly"


class PublishingBusy(TooMany):
    code = "publishing_busy"
    message = "Too many packages are being checked at the moment. Try again in a few seconds."


class PublishingPaused(TooMany):
    code = "publishing_paused"
    message = "Your last package was too expensive to check. Try again in a minute."


class DiffTooCostly(Invalid):
    """A limit of the sandbox stopped the comparison; `details["path"]` is the file."""

    code = "diff_too_costly"
    message = "These versions differ too much to be compared here."


class DiffsBusy(TooMany):
    code = "diffs_busy"
    message = "Too many versions are being compared at the moment. Try again in a few seconds."


class TextTooCostly(Invalid):
    """A limit of the sandbox stopped the rendering of a text."""

    code = "text_too_costly"
    message = "This text takes too long to render."


class TextsBusy(TooMany):
    code = "texts_busy"
    message = "Too many texts are being rendered at the moment. Try again in a few seconds."


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
    """The record has no file here, as after an import of a catalogue alone."""

    code = "file_not_stored"
    message = "This file is not stored on this instance."


class FilesBusy(TooMany):
    code = "files_busy"
    message = "Too many packages are being unpacked at the moment. Try again in a few seconds."


class FileTooLargeNow(InsufficientStorage):
    message = "The server has no disk space left to unpack this file. Download the package instead."
