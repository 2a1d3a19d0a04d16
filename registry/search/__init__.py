"""Finding agents: the only place that knows how text is matched and ranked.

Page, suggestions and API build the same `AgentSearch`. `docs/SEARCH.md` is the contract.
"""

from registry.search.facets import FacetCounts, common_tags, count_facets
from registry.search.fallback import Reading, Taken, readings_of, take_agents
from registry.search.matching import search_agents
from registry.search.query import BEST_MATCH, MOST_TAGS, MOST_TEXT, SORTS, AgentSearch, is_operator
from registry.search.ranking import InOrder, in_order
from registry.search.suggest import Suggestion, suggest_agents

__all__ = [
    "BEST_MATCH",
    "MOST_TAGS",
    "MOST_TEXT",
    "SORTS",
    "AgentSearch",
    "FacetCounts",
    "InOrder",
    "Reading",
    "Suggestion",
    "Taken",
    "common_tags",
    "count_facets",
    "in_order",
    "is_operator",
    "readings_of",
    "search_agents",
    "suggest_agents",
    "take_agents",
]
