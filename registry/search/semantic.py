"""Search by meaning alone: the agents whose texts are most similar to a text."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from foundation.refusals import InvalidParameter
from foundation.text.embedding import load_embedder
from registry.agents.revisions import site_revisions
from registry.errors import MeaningUnavailable
from registry.search.fusion import LOOSE_SIMILARITY
from registry.search.pages import read_numbered_rows
from registry.search.query import MAX_TEXT_LENGTH, AgentSearch
from registry.search.suggest import COLUMNS, Suggestion, make_suggestion
from registry.search_index.columns import Flag
from registry.search_index.queries import read_columns
from registry.vectors.queries import read_vectors


@dataclass(frozen=True, slots=True)
class RelatedAgent:
    """The requested columns of an agent, and its similarity to the text, up to 1."""

    row: dict[str, Any]
    similarity: float


LEAST_SIMILARITY = 0.12
"""Of the closest agents to a text that nothing fits."""
MAX_CLOSEST = 3


def closest_agents(search: AgentSearch) -> list[Suggestion]:
    """The agents that are closest in meaning to a text, whatever the filters.

    None without a text or a model.
    """
    if not search.text or load_embedder() is None:
        return []
    agents = search_by_meaning(
        search.text, columns=COLUMNS, limit=MAX_CLOSEST, at_least=LEAST_SIMILARITY
    )
    return [make_suggestion(agent.row) for agent in agents]


def search_by_meaning(
    text: str, *, columns: tuple[str, ...], limit: int, at_least: float = LOOSE_SIMILARITY
) -> list[RelatedAgent]:
    """At most ``limit`` similar listed agents, the most similar one first.

    Raises InvalidParameter for a blank text and a text that is too long, and MeaningUnavailable
    without a model.
    """
    if not text.strip():
        raise InvalidParameter("Enter a text to search for.", parameter="q")
    if len(text) > MAX_TEXT_LENGTH:
        raise InvalidParameter(f"q must have at most {MAX_TEXT_LENGTH} characters.", parameter="q")
    embedder = load_embedder()
    if embedder is None:
        raise MeaningUnavailable
    query = embedder.embed_query(text)
    # A text of unknown words has no direction, and all agents would be equally far from it.
    if not query.any():
        return []
    revisions = site_revisions()
    revision = (revisions.catalogue, revisions.ranking)
    is_listed = read_columns(revision).rows["flags"] & Flag.LISTED > 0
    numbers, similarities = read_vectors(revision).nearest(query, is_listed)
    is_near = similarities >= at_least
    numbers, similarities = numbers[is_near], similarities[is_near]
    best = np.lexsort((numbers, -similarities))[:limit]
    by_number = dict(zip(numbers[best].tolist(), similarities[best].tolist(), strict=True))
    rows = {row["number"]: row for row in read_numbered_rows(list(by_number), columns)}
    return [RelatedAgent(rows[n], round(s, 3)) for n, s in by_number.items() if n in rows]
