"""The parts of a publish request, independent of how they were sent."""

from dataclasses import dataclass
from typing import BinaryIO, Literal

from registry.package.imports.records import SourcePart


@dataclass(frozen=True, slots=True)
class UploadedAsset:
    """An icon or a screenshot. `path` is the file name that the sender gave it."""

    kind: Literal["icon", "screenshot"]
    path: str
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class UploadedFolder:
    """The files of a folder, one after another in one stream."""

    stream: BinaryIO
    parts: tuple[SourcePart, ...]


@dataclass(frozen=True, slots=True)
class Upload:
    """The parts of a publish request; None stands for a part that was not sent.

    `metadata` is the JSON of agent.json as the sender claims it. It is not trusted: the agent.json
    in the tarball must be the same. `too_large` means that the tarball was cut off at the limit.
    A browser may send a zip as the tarball, or a folder in its place. `listed_as` is the id that an
    agent has now, if a mirror takes over a package from before the agent moved.
    """

    metadata: str | None
    tarball: BinaryIO | None
    assets: tuple[UploadedAsset, ...] = ()
    channel: str | None = None
    too_large: bool = False
    folder: UploadedFolder | None = None
    listed_as: str = ""
