"""The parts of another shop's answers that a mirror reads, each with its limits.

Further keys are ignored, so that a source may be a newer release.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from registry.rules.identifiers import AGENT_ID
from registry.rules.lengths import REASON_LENGTH

# No NUL, which PostgreSQL cannot store.
Text = Annotated[str, StringConstraints(max_length=REASON_LENGTH, pattern=r"^[^\x00]*$")]
Cursor = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[\x21-\x7e]*$")]
FullId = Annotated[str, StringConstraints(max_length=130, pattern=f"^{AGENT_ID.pattern}$")]
Number = Annotated[
    str, StringConstraints(max_length=128, pattern=r"^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$")
]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9-]+$")]
MAX_VERSIONS = 10_000
MAX_IMAGES = 64


class Answered(BaseModel):
    model_config = ConfigDict(extra="ignore")


class SourceEvent(Answered):
    """An event of the change feed; those of kinds that are unknown here count, too."""

    id: FullId
    movedTo: FullId | None = None


class SourceFeed(Answered):
    items: list[SourceEvent] = Field(max_length=1000)
    next: Cursor | None
    more: bool


class ListedAgent(Answered):
    scope: Name
    name: Name


class AgentList(Answered):
    items: list[ListedAgent] = Field(max_length=1000)
    nextCursor: Cursor | None = None


class SourceVersion(Answered):
    version: Number
    channel: Name
    sha256: Digest
    sizeBytes: int = Field(ge=1)
    yankedAt: str | None
    is_withheld: bool = Field(alias="withheld")
    offer: Any = None


class SourceIndex(Answered):
    id: FullId
    versions: list[SourceVersion] = Field(max_length=MAX_VERSIONS)


class Deprecation(Answered):
    reason: Text
    successor: FullId | None = None


class Move(Answered):
    from_: FullId = Field(alias="from")


class AgentFacts(Answered):
    """The facts about an agent beside its versions."""

    deprecation: Deprecation | None = None
    archivedAt: str | None = None
    move: Move | None = None


class SourceMoves(Answered):
    items: list[Move] = Field(max_length=1000)


class VersionRow(Answered):
    version: Number
    yankedReason: Text | None = None
    deprecation: Deprecation | None = None


class VersionRows(Answered):
    items: list[VersionRow] = Field(max_length=1000)
    nextCursor: Cursor | None = None


class SourceWithholding(Answered):
    reason: Name | Annotated[str, StringConstraints(max_length=64)]
    text: Text


class Image(Answered):
    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
    kind: Name
    path: Annotated[str, StringConstraints(max_length=1024)]
    sizeBytes: int = Field(ge=1)
    sha256: Digest


class VersionRecord(Answered):
    """One version in full. The manifest is compared with the package, not read here."""

    version: Number
    channel: Name
    manifest: dict[str, Any]
    tarballSha256: Digest
    tarballSizeBytes: int
    withholding: SourceWithholding | None = Field(default=None, alias="withheld")
    assets: list[Image] = Field(max_length=MAX_IMAGES)
