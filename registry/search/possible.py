"""Whether a search can find an agent, without asking the index.

A search is answered in milliseconds, which is too long for each of ten thousand searches that
people follow. This looks at the terms of one agent alone. It may say yes of an agent that the
search does not find, and never no of one that it finds.
"""

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from foundation.text.stems import german_stem, stem
from foundation.text.terms import query_terms
from registry.models import IndexedAgent
from registry.search.query import AgentSearch, telling_words
from registry.search.synonyms import synonyms_of
from registry.search_index.entries import scope_term, tag_term, unpack_entries


@dataclass(frozen=True, slots=True)
class Needs:
    """The terms and words by which a search finds an agent.

    The agent has all of ``terms``, and a form of one of ``words``, if there are any.
    """

    terms: frozenset[str]
    words: tuple[str, ...] = ()


def needs_of(search: AgentSearch) -> Needs:
    """Return what an agent needs to be found by a search, without fallback."""
    terms = {tag_term(tag) for tag in search.tags}
    if search.scope:
        terms.add(scope_term(search.scope))
    for operator in search.operators:
        if operator.kind == "scope" and not operator.excludes:
            terms.add(scope_term(operator.value))
        elif operator.kind == "tag" and not operator.excludes:
            terms.add(tag_term(operator.value))
    # An ID or a scope is found by the names, and a text that is all filters by the filters.
    if not search.text or search.name.startswith("@"):
        return Needs(frozenset(terms))
    # Also the words that were read as filters, which are text if no agent fits with them.
    words = [*search.words, *telling_words(search.name)]
    parts = list(dict.fromkeys(part for word in words for part in query_terms(word)))
    compounds = [f"{first}{second}" for first, second in pairwise(parts)]
    return Needs(frozenset(terms), (*parts, *compounds))


class AgentTerms:
    """The terms of an agent, and the ways in which a search looks them up."""

    def __init__(self, terms: Collection[str]) -> None:
        self._terms = frozenset(terms)
        self._ordered_terms = sorted(self._terms)
        self._stems = {stem(term) for term in self._terms}
        self._german_stems = {german_stem(term) for term in self._terms}

    def may_meet(self, needs: Needs) -> bool:
        """Whether a search with these needs can find the agent."""
        if not needs.terms <= self._terms:
            return False
        return not needs.words or any(self._may_have(word) for word in needs.words)

    def _may_have(self, word: str) -> bool:
        return (
            stem(word) in self._stems
            or self._has_beginning(word)
            or german_stem(word) in self._german_stems
            or any(stem(synonym) in self._stems for synonym in synonyms_of(word))
        )

    def _has_beginning(self, word: str) -> bool:
        place = bisect_left(self._ordered_terms, word)
        return place < len(self._ordered_terms) and self._ordered_terms[place].startswith(word)


def read_agent_terms(agent_id: UUID) -> AgentTerms | None:
    """Return the terms of an agent; None if it is not in the index."""
    row = IndexedAgent.objects.filter(agent_id=agent_id).first()
    return AgentTerms(unpack_entries(row.entries)) if row is not None else None
