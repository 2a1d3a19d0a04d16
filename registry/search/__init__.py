"""Finds agents, always by ``search(parse_search("meal planner"))``.

``docs/SEARCH.md`` is the contract. ``query`` parses the text, ``word_forms`` finds the forms of
its words, ``matching`` and ``scoring`` find the agents in the index, ``fusion`` adds their meaning,
``pages`` reads rows, ``facets`` counts, and ``results`` puts all of it together.
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
