"""Schemas of the change feed, the index file and the update check."""

from typing import Annotated

from ninja import Schema
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictStr

from foundation.text.input import reject_nul
from registry.agents.schemas import AgentOffer
from registry.analysis.diff.capabilities import CapabilityChange


class ChangeOut(Schema):
    """``movedTo`` is the new id after `agent.transferred`, else absent."""

    kind: str
    id: str
    version: str | None
    at: str
    movedTo: str | None = None


class Changes(Schema):
    """``next`` is the ``since`` of the next request."""

    items: list[ChangeOut]
    next: str | None
    more: bool


class IndexedVersion(Schema):
    """``offer`` is absent if the version is free."""

    version: str
    channel: str
    sha256: str
    sizeBytes: int
    uploadedAt: str
    yankedAt: str | None
    withheld: bool
    tarballUrl: str
    offer: AgentOffer | None = None


class AgentIndex(Schema):
    id: str
    latest: str | None
    versions: list[IndexedVersion]


class Install(BaseModel):
    """An installed agent; ``scope`` and ``name`` are optional, the id has both."""

    model_config = ConfigDict(strict=True)

    id: Annotated[StrictStr, AfterValidator(reject_nul)]
    version: StrictStr
    name: StrictStr | None = None
    scope: StrictStr | None = None


class UpdatesIn(BaseModel):
    model_config = ConfigDict(strict=True)

    installs: list[Install]


class ProvenanceChangeOut(Schema):
    """How the source of the new version differs from that of the installed one.

    ``change`` is `lost` (from CI, now by hand), `gained` or `moved` (another repository or
    workflow).
    """

    change: str
    text: str


class MovedOut(Schema):
    """An installed agent that has another publisher.

    ``movedTo`` is the present id: it differs from ``id`` if the install has a former one.
    """

    id: str
    version: str
    movedFrom: str
    movedTo: str
    at: str


class UpdateOut(Schema):
    """``capabilities``: what the new version may do or asks for beyond the old one.

    It is null while the contents of the installed version are withheld. ``changesUrl`` is the page
    that shows all differences. ``provenanceChange`` is absent if the source is the same.
    """

    id: str
    from_: str = Field(alias="from")
    to: str
    channel: str
    yanked: bool
    capabilities: list[CapabilityChange] | None
    changes_url: str = Field(alias="changesUrl")
    provenance_change: ProvenanceChangeOut | None = Field(default=None, alias="provenanceChange")


class DeprecatedOut(Schema):
    """``successor`` is the agent to use instead."""

    id: str
    version: str
    reason: str
    successor: str | None


class Updates(Schema):
    """``deprecated``: installs that their publishers advise against; may be absent.

    ``moves``: installs under a former id, and those of agents that got another publisher in the
    last 30 days. Show them to the operator before an update. May be absent.
    """

    updates: list[UpdateOut]
    deprecated: list[DeprecatedOut] | None = None
    moves: list[MovedOut] | None = None
