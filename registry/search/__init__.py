"""Finds agents, always by ``search(parse_search("meal planner"))``.

``docs/SEARCH.md`` is the contract. ``query`` parses the text, ``matching`` and ``ranking`` turn it
into SQL, ``pages`` reads rows, ``facets`` counts, ``fallback`` and ``spelling`` help a search
without matches, and ``results`` puts all of it together.
"""

from registry.search.query import BEST_MATCH, RECENT, SORTS, AgentSearch, parse_search
from registry.search.results import SearchPage, search

__all__ = [
    "BEST_MATCH",
    "RECENT",
    "SORTS",
    "AgentSearch",
    "SearchPage",
    "parse_search",
    "search",
]
