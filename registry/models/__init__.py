"""Agents, their versions, and what belongs to a version.

Tables and columns bear the names of the data model. Columns beyond it say why they are here.
"""

from registry.models.agents import (
    LISTED_ORDERS,
    OFFERS_BETA,
    Agent,
    AgentDescription,
    AgentQuerySet,
    AgentTag,
    Category,
)
from registry.models.change_feed import FeedEntry
from registry.models.computed import (
    ComputedFromBytes,
    FileView,
    StoredPage,
    StoredRow,
    VersionAnalysis,
    VersionDiff,
    VersionDiffPage,
    VersionFile,
    VersionFinding,
    VersionRendering,
)
from registry.models.downloads import (
    DownloadDay,
    DownloadDayQuerySet,
    DownloadSeen,
    NetworkSketch,
)
from registry.models.drafts import (
    Draft,
    DraftQuerySet,
)
from registry.models.mirroring import Mirror, MirroredAgent, MirrorProblem
from registry.models.picks import AgentPick
from registry.models.provenance import CiKey, TrustedPublisher, VersionProvenance
from registry.models.search_index import (
    IndexedAgent,
    SearchColumns,
    SearchPosting,
    SearchValue,
    SearchWord,
    WordFilterBlock,
)
from registry.models.transfers import AgentTransfer, FormerAddress, TransferStatus
from registry.models.vectors import AgentVector, VectorBlock
from registry.models.versions import (
    Channel,
    Version,
    VersionAsset,
    VersionQuerySet,
    VersionWithholding,
    WithholdingQuerySet,
)

__all__ = [
    "LISTED_ORDERS",
    "OFFERS_BETA",
    "Agent",
    "AgentDescription",
    "AgentPick",
    "AgentQuerySet",
    "AgentTag",
    "AgentTransfer",
    "AgentVector",
    "Category",
    "Channel",
    "CiKey",
    "ComputedFromBytes",
    "DownloadDay",
    "DownloadDayQuerySet",
    "DownloadSeen",
    "Draft",
    "DraftQuerySet",
    "FeedEntry",
    "FileView",
    "FormerAddress",
    "IndexedAgent",
    "Mirror",
    "MirrorProblem",
    "MirroredAgent",
    "NetworkSketch",
    "SearchColumns",
    "SearchPosting",
    "SearchValue",
    "SearchWord",
    "StoredPage",
    "StoredRow",
    "TransferStatus",
    "TrustedPublisher",
    "VectorBlock",
    "Version",
    "VersionAnalysis",
    "VersionAsset",
    "VersionDiff",
    "VersionDiffPage",
    "VersionFile",
    "VersionFinding",
    "VersionProvenance",
    "VersionQuerySet",
    "VersionRendering",
    "VersionWithholding",
    "WithholdingQuerySet",
    "WordFilterBlock",
]
