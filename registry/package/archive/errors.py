"""Reasons to stop reading an archive. Each becomes a finding for the author."""

from typing import ClassVar


class ArchiveError(Exception):
    """Base class. `code` is the code of the finding, the message is a full sentence."""

    code: ClassVar[str]


class UnreadableArchive(ArchiveError):
    """The archive is damaged, or two programs could read it differently."""

    code = "archive_unreadable"


class ArchiveTooLarge(ArchiveError):
    """The archive exceeds a size limit, packed or unpacked."""

    code = "package_too_large"


class TooManyFiles(ArchiveError):
    """The archive has more files or folders than the limits allow."""

    code = "too_many_files"
