"""Refusals of a publish. Codes are public and never change."""

from foundation.refusals import Conflict, Invalid, Malformed, NotAllowed, NotFound, TooLarge
from registry.limits import MAX_FOLDER_FILES
from registry.package.limits import LIMITS, format_bytes


class TarballTooLarge(TooLarge):
    code = "tarball_too_large"
    message = f"The tarball is larger than {format_bytes(LIMITS.tarball_bytes)}."


class FolderTooLarge(TooLarge):
    code = "folder_too_large"
    message = f"The files of the folder are larger than {format_bytes(LIMITS.unpacked_bytes)}."


class TooManyFolderFiles(TooLarge):
    code = "too_many_folder_files"
    message = (
        f"A browser may send {MAX_FOLDER_FILES:,} files of a folder. Move folders such as .git and"
        " node_modules out of it, or upload it as a zip."
    )


class MetadataTooLarge(TooLarge):
    code = "metadata_too_large"
    message = f"The form fields are larger than {format_bytes(LIMITS.metadata_bytes)}."


class MalformedMultipart(Malformed):
    code = "invalid_multipart"


class MissingMetadata(Malformed):
    code = "missing_metadata"
    message = "The form field metadata, the JSON of agent.json, is missing."


class MissingTarball(Malformed):
    code = "missing_tarball"
    message = "The form field tarball, the package, is missing."


class InvalidMetadata(Malformed):
    code = "invalid_metadata"


class InvalidManifest(Invalid):
    """`details["errors"]` lists the violations, each with `path` and `message`."""

    code = "invalid_manifest"


class InvalidCategory(Malformed):
    code = "invalid_category"


class InvalidChannel(Invalid):
    code = "invalid_channel"
    message = (
        "A pre-release must use the beta channel; any other version must use community or official."
    )


class ScopeMismatch(NotAllowed):
    """`details["scope"]` is the scope of the account, or None if it has none."""

    code = "scope_mismatch"


class NotOfficial(NotAllowed):
    code = "not_official"
    message = "Only an official publisher can publish on the official channel."


class DelistedForPublishing(NotAllowed):
    code = "agent_delisted"
    message = "A maintainer delisted this agent: no new versions can be published."


class AgentArchived(Conflict):
    code = "agent_archived"
    message = "This agent is archived. End that on its lifecycle page to publish a new version."


class VersionNotMonotonic(Conflict):
    code = "version_not_monotonic"


class ValidationFailed(Invalid):
    """`details["findings"]` lists all findings, warnings included."""

    code = "validation_failed"


class QuotaExceeded(NotAllowed):
    """`details["quota_bytes"]` is what an account may keep."""

    code = "quota_exceeded"


class TooManyDrafts(Conflict):
    """`details["drafts"]` is the number that an account may have."""

    code = "too_many_drafts"


class DraftNotFound(NotFound):
    code = "draft_not_found"
    message = "Draft not found: it was published, was discarded, or is older than one day."
