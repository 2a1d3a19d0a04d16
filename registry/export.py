"""Assembles the exported tables and the personal data of the features."""

from collections import deque
from collections.abc import Collection
from itertools import islice

from foundation.caching.actions import bump_revision
from foundation.caching.models import SITE
from registry.agents import export as agents
from registry.agents.export import AGENT_PICKS, AGENT_TAGS, AGENTS, CATEGORIES
from registry.agents.revisions import MENTIONS, RANKING
from registry.downloads.export import DOWNLOAD_DAYS, NETWORK_SKETCHES
from registry.downloads.rolling import recount_networks, roll_sums
from registry.downloads.trending import refresh_trending
from registry.mirroring.export import MIRROR_PROBLEMS, MIRRORED_AGENTS, MIRRORS
from registry.mirrors.export import CHANGES
from registry.provenance import export as provenance
from registry.provenance.export import TRUSTED_PUBLISHERS, VERSION_PROVENANCE
from registry.publishing import export as publishing
from registry.publishing.export import (
    VERSION_ANALYSES,
    VERSION_ASSETS,
    VERSION_FILES,
    VERSION_FINDINGS,
    VERSION_RENDERINGS,
    VERSIONS,
    WITHHOLDINGS,
)
from registry.publishing.imported_texts import store_descriptions
from registry.search_index.actions import CATALOGUE, index_next, places_in_block
from registry.transfers import export as transfers
from registry.transfers.export import AGENT_TRANSFERS, FORMER_ADDRESSES

__all__ = [
    "AGENTS",
    "AGENT_PICKS",
    "AGENT_TAGS",
    "AGENT_TRANSFERS",
    "CATEGORIES",
    "CHANGES",
    "DOWNLOAD_DAYS",
    "FORMER_ADDRESSES",
    "MIRRORED_AGENTS",
    "MIRRORS",
    "MIRROR_PROBLEMS",
    "NETWORK_SKETCHES",
    "PERSONAL_DATA",
    "TRUSTED_PUBLISHERS",
    "VERSIONS",
    "VERSION_ANALYSES",
    "VERSION_ASSETS",
    "VERSION_FILES",
    "VERSION_FINDINGS",
    "VERSION_PROVENANCE",
    "VERSION_RENDERINGS",
    "WITHHOLDINGS",
    "after_import",
]

DESCRIPTIONS_PER_INDEX_RUN = 16
"""Batches of descriptions, which have about as many texts as agents are indexed."""
PERSONAL_DATA = (
    *agents.PERSONAL_DATA,
    *publishing.PERSONAL_DATA,
    *provenance.PERSONAL_DATA,
    *transfers.PERSONAL_DATA,
)


def after_import(absent: Collection[str]) -> None:
    """Derive what an export does not have; ``absent`` names its tables and columns."""
    roll_sums()
    refresh_trending()
    recount_networks()
    agents.derive_columns(absent)
    for name in (SITE, CATALOGUE, RANKING, MENTIONS):
        bump_revision(name)
    # This text needs no files; the description of the listing is that of the latest version.
    descriptions = store_descriptions() if VERSION_RENDERINGS.name in absent else iter(())
    # A child process renders descriptions while this one indexes, after the columns are derived.
    next(descriptions, None)
    while index_next(places_in_block()):
        deque(islice(descriptions, DESCRIPTIONS_PER_INDEX_RUN), maxlen=0)
    deque(descriptions, maxlen=0)
