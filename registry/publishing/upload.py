"""What a person hands in to be published, whatever the door it came through."""

from dataclasses import dataclass
from typing import BinaryIO, Literal


@dataclass(frozen=True, slots=True)
class UploadedAsset:
    """An icon or a screenshot as it was sent; ``path`` is the name that the sender gave it."""

    kind: Literal["icon", "screenshot"]
    path: str
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class Upload:
    """``metadata`` is the JSON of agent.json as the sender claims it; the tarball is the truth.

    None stands for a part that was not sent. ``too_large`` says that the door stopped reading the
    tarball at the limit.
    """

    metadata: str | None
    tarball: BinaryIO | None
    assets: tuple[UploadedAsset, ...] = ()
    channel: str | None = None
    too_large: bool = False
