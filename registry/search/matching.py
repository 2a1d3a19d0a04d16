"""Finds the agents of a search and their order, once for all of a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foundation.text.stems import stem
from registry.search.fusion import Similarities, add_meaning, measure_similarities
from registry.search.index import Index
from registry.search.masks import has_price, has_value, is_in_channel, requires_secrets
from registry.search.names import is_id
from registry.search.query import FREE, PAID, AgentSearch, Operator
from registry.search.scoring import (
    BEST_LEVEL,
    LOOSE,
    MIN_COVERAGE,
    MIN_LOOSE_COVERAGE,
    NAME_BEGINS,
    NONE,
    TEXT,
    Scores,
    equal_scores,
    score,
    weigh_words,
)
from registry.search.whole_index import WholeIndex
from registry.search.word_forms import QueryWord, understand
from registry.search_index.columns import language_bits
from registry.search_index.entries import scope_term, tag_term
from registry.search_index.queries import Columns, Postings

Array = NDArray[Any]

# Loosely related agents are listed below fewer results than this, and at most so many of them.
ENOUGH_RESULTS, MAX_LOOSE = 5, 20
MAX_SCOPES = 50
_SECONDS = 2**32 - 1


@dataclass
class AgentMatches:
    """The agents that a search finds.

    ``filters`` has the mask of each filter that a facet counts without. They and ``by_meaning``
    have a place for each agent of the ``scores``, which pass all other filters.
    """

    search: AgentSearch
    columns: Columns
    scores: Scores
    filters: dict[str, Array]
    words: Sequence[QueryWord] = ()
    # Which agents the words alone do not find.
    by_meaning: Array = field(default_factory=lambda: np.zeros(0, bool))

    @cached_property
    def worst_tier(self) -> int:
        """The worst listed tier: loose results only if there is little else."""
        is_better = self.passing_without("") & (self.scores.tiers < LOOSE)
        return LOOSE if int(np.count_nonzero(is_better)) < ENOUGH_RESULTS else TEXT

    def passing_without(self, kind: str) -> Array:
        """Which places pass all filters but that of one facet, whatever the text."""
        mask = np.ones(len(self.scores.numbers), bool)
        for other, passes in self.filters.items():
            if other != kind:
                mask &= passes
        return mask

    def found_without(self, kind: str) -> Array:
        """Which places are found without the filter of one facet."""
        mask = self.passing_without(kind)
        mask &= self.scores.tiers <= self.worst_tier
        return mask

    @property
    def total(self) -> int:
        return len(self.places)

    @cached_property
    def places(self) -> Array:
        """The places of all that are found, in no order."""
        places = np.flatnonzero(self.found_without(""))
        if self.worst_tier < LOOSE:
            return places
        loose = self.scores.tiers[places] == LOOSE
        count = len(places) - max(0, int(np.count_nonzero(loose)) - MAX_LOOSE)
        return self._first(places, self._ranks_of(places), count)

    @cached_property
    def numbers(self) -> Array:
        """The numbers of all that are found, in the order of `places`."""
        numbers: Array = self.scores.numbers[self.places]
        return numbers

    @cached_property
    def ranks(self) -> Array:
        """The ranks of all that are found, lower is better, in the order of `places`."""
        return self._ranks_of(self.places)

    def _ranks_of(self, places: Array) -> Array:
        # Tier, score, weight, last publish.
        rows, numbers = self.columns.rows, self.scores.numbers[places]
        ranks: Array = self.scores.tiers[places].astype(np.int64) << 48
        ranks |= (255 - self.scores.levels[places]).astype(np.int64) << 40
        ranks |= (255 - rows["weight"][numbers]).astype(np.int64) << 32
        ranks |= _SECONDS - rows["updated"][numbers].astype(np.int64)
        return ranks

    def best(self, count: int) -> Array:
        """The numbers of the first that are found, best first."""
        numbers: Array = self.scores.numbers[self._first(self.places, self.ranks, count)]
        return numbers

    def _first(self, places: Array, ranks: Array, count: int) -> Array:
        if 4 * count < len(places):
            # To sort all of a common word takes ten times as long as the rest of the search.
            worst = np.partition(ranks, count - 1)[count - 1] if count > 0 else -1
            is_first = ranks <= worst
            places, ranks = places[is_first], ranks[is_first]
        # By place in the end, so that equal ranks have one order on each page.
        return places[np.lexsort((places, ranks))][:count]

    def rank_of(self, number: int) -> int:
        """The rank of an agent that is found."""
        return int(self._ranks_of(np.array([self._place_of(number)]))[0])

    def tier_of(self, number: int) -> int:
        """The tier of an agent that is found."""
        return int(self.scores.tiers[self._place_of(number)])

    def _place_of(self, number: int) -> int:
        return int(np.searchsorted(self.scores.numbers, number))

    @property
    def is_loose(self) -> bool:
        """Whether all that is found is loosely related."""
        return self.best_tier == LOOSE

    @cached_property
    def best_tier(self) -> int:
        """The tier of the first result; NONE without results."""
        return int(self.scores.tiers[self.places].min(initial=NONE))

    @property
    def spelling(self) -> str:
        """The text with its corrections, or "" without any."""
        if not any(word.correction for word in self.words):
            return ""
        return " ".join(word.correction or word.text for word in self.words)

    def is_by_meaning(self, number: int) -> bool:
        """Whether an agent is found by the meaning of the text, and not by its words."""
        place = self._place_of(number)
        return place < len(self.by_meaning) and bool(self.by_meaning[place])

    def missing_words(self, number: int) -> list[str]:
        """The words of the search that an agent does not have."""
        bits = int(self.scores.words[self._place_of(number)])
        return [word.text for place, word in enumerate(self.words) if not bits >> place & 1]


def find_matches(search: AgentSearch, *, may_be_loose: bool = True) -> AgentMatches:
    """The matches of a search.

    Filters that were read from the text are text if no agent fits with them. ``may_be_loose``:
    corrections, meaning and loosely related agents count.
    """
    matches = find_matches_in(WholeIndex(), search, may_be_loose=may_be_loose)
    if search.intents and not matches.total:
        # A name such as *Free Writer* is read as a filter, and the agent of this name must be
        # found.
        plain = search.as_plain_text()
        return find_matches_in(WholeIndex(), plain, may_be_loose=may_be_loose)
    return matches


def find_matches_in(index: Index, search: AgentSearch, *, may_be_loose: bool) -> AgentMatches:
    """The matches of a search in an index; filters in its text are filters."""
    return _Finder(index, search, may_be_loose=may_be_loose).find()


class _Finder:
    """Finds the agents of one search by its words, filters and meaning."""

    def __init__(self, index: Index, search: AgentSearch, *, may_be_loose: bool) -> None:
        self.index, self.search, self.may_be_loose = index, search, may_be_loose
        self.columns = index.columns
        self.words = understand(search.words, index, corrects=may_be_loose)
        terms = {alternative.term for word in self.words for alternative in word.alternatives}
        self.postings = index.read_postings(sorted({*terms, *_filter_terms(search)}))
        self.candidates = _candidates(search, index, self.postings)
        self.scopes = _scope_numbers(search, index)
        # The candidates in the tiers of names, the best tier last.
        self.named_agents = [
            (tier, self._only_candidates(numbers)) for tier, numbers in self._named_numbers()
        ]

    def _named_numbers(self) -> Iterable[tuple[int, Array]]:
        if self.scopes is not None:
            yield NAME_BEGINS, self.scopes
        if self.search.has_text:
            for tier, numbers in self.index.find_named(self.search.name).items():
                yield tier, np.array(numbers, np.int64)

    def _only_candidates(self, numbers: Array) -> Array:
        # An agent may have been published since the columns were read.
        numbers = numbers[numbers < self.columns.size]
        candidates: Array = numbers[self.candidates[numbers]]
        return candidates

    def find(self) -> AgentMatches:
        if self.words and self.scopes is None and not is_id(self.search.name):
            return self._find_words()
        if self.search.has_text and (self.search.text or self.scopes is not None):
            numbers, tier = self._numbers_of(()), NONE
        else:
            numbers, tier = np.flatnonzero(self.candidates), TEXT
        return self._match(equal_scores(numbers, tier), None)

    def _find_words(self) -> AgentMatches:
        similarities = None
        if self.may_be_loose:
            text = _corrected(self.search, self.words)
            similarities = measure_similarities(text, self.candidates, self.columns.revision)
        weighted_words = weigh_words(self.words, self.postings, self.columns.listed_count)
        # Loosely related agents, of which there are many more, are looked for only if there is
        # little else.
        for coverage in (MIN_COVERAGE, MIN_LOOSE_COVERAGE):
            posted_numbers = [
                self.postings[term].numbers for term in weighted_words.needed_terms(coverage)
            ]
            posted_numbers += [similarities.near_numbers] if similarities else []
            numbers = self._numbers_of(posted_numbers)
            # Without agents, each array would be empty.
            scores = (
                score(weighted_words, numbers, self.columns.size)
                if numbers.size
                else equal_scores(numbers, NONE)
            )
            matches = self._match(scores, similarities)
            if not self.may_be_loose or matches.worst_tier < LOOSE:
                break
        return matches

    def _numbers_of(self, posted_numbers: Iterable[Array]) -> Array:
        """The candidates among these numbers and those with a name, in ascending order."""
        is_found = np.zeros(self.columns.size, bool)
        for numbers in posted_numbers:
            # An agent may have been published since the columns were read.
            is_found[numbers[numbers < len(is_found)]] = True
        is_found &= self.candidates
        for _, numbers in self.named_agents:
            is_found[numbers] = True
        return np.flatnonzero(is_found)

    def _match(self, scores: Scores, similarities: Similarities | None) -> AgentMatches:
        for tier, numbers in self.named_agents:
            places, _ = scores.places_of(numbers)
            scores.tiers[places] = tier
            scores.levels[places] = BEST_LEVEL
            scores.words[places] = np.uint32(2**32 - 1)
        if not self.may_be_loose:
            scores.tiers[scores.tiers == LOOSE] = NONE
        fusion = add_meaning(similarities, scores)
        filters = _facet_filters(self.search, self.columns, scores.numbers)
        return AgentMatches(
            self.search, self.columns, fusion.scores, filters, self.words, fusion.by_meaning
        )


def _corrected(search: AgentSearch, words: Sequence[QueryWord]) -> str:
    """The text whose meaning is searched; "" for a scope."""
    # A scope names agents, and those of similar meaning would be noise.
    if search.name.startswith("@"):
        return ""
    if any(word.correction for word in words):
        return " ".join(word.correction or word.text for word in words)
    return search.text


def _scope_numbers(search: AgentSearch, index: Index) -> Array | None:
    """The agents of the scopes that begin with "@ada"; None for other texts."""
    if not search.name.startswith("@") or not search.name[1:] or {" ", "/"} & {*search.name}:
        return None
    scopes = [word.word for word in index.find_words_beginning(search.name, MAX_SCOPES)]
    numbers = [posting.numbers for posting in index.read_postings(scopes).values()]
    return np.concatenate(numbers) if numbers else None


# --- Filters ---------------------------------------------------------------------------------


def _filter_terms(search: AgentSearch) -> Iterable[str]:
    yield from (tag_term(tag) for tag in search.tags)
    yield from [scope_term(search.scope)] if search.scope else []
    for operator in search.operators:
        yield from _operator_terms(operator)


def _operator_terms(operator: Operator) -> list[str]:
    if operator.kind == "scope":
        return [scope_term(operator.value)]
    return [tag_term(operator.value)] if operator.kind == "tag" else []


def filtered_agents(search: AgentSearch, index: Index) -> Array:
    """The numbers of the agents that pass all filters of a search, whatever its text."""
    postings = index.read_postings(sorted({*_filter_terms(search)}))
    numbers: Array = np.flatnonzero(_candidates(search, index, postings))
    passes = np.ones(len(numbers), bool)
    for mask in _facet_filters(search, index.columns, numbers).values():
        passes &= mask
    passing_numbers: Array = numbers[passes]
    return passing_numbers


def _candidates(search: AgentSearch, index: Index, postings: dict[str, Postings]) -> Array:
    """Which agents pass the filters without facets: scope, tags, operators; by number."""
    columns = index.columns
    mask, size = columns.findable.copy(), columns.size
    required_terms = [tag_term(tag) for tag in search.tags]
    required_terms += [scope_term(search.scope)] if search.scope else []
    for term in required_terms:
        mask &= _has_term(postings, term, size)
    for operator in search.operators:
        if operator.kind == "word":
            continue
        terms = _operator_terms(operator)
        fits = (
            _has_term(postings, terms[0], size)
            if terms
            else has_value(columns, "category", [operator.value], slice(None))
        )
        mask &= ~fits if operator.excludes else fits
    for numbers in _excluded_numbers(search, index):
        mask[numbers[numbers < size]] = False
    return mask


def _has_term(postings: dict[str, Postings], term: str, size: int) -> Array:
    has_term = np.zeros(size, bool)
    if term in postings:
        numbers = postings[term].numbers
        has_term[numbers[numbers < size]] = True
    return has_term


def _excluded_numbers(search: AgentSearch, index: Index) -> Iterable[Array]:
    """The agents that have a word with a minus, in any of its forms."""
    excluded_words = search.excluded_words
    if not excluded_words:
        return
    # Without corrections and synonyms: a minus must exclude no more than what was typed.
    forms = index.find_words(excluded_words, {stem(word) for word in excluded_words}, ())
    for posting in index.read_postings([form.word for form in forms]).values():
        yield posting.numbers


def _facet_filters(search: AgentSearch, columns: Columns, numbers: Array) -> dict[str, Array]:
    """The mask of each filter that a facet counts without, for these agents."""
    masks = {"channel": is_in_channel(columns, search.channel, numbers)}
    for kind in ("category", "license", "provider"):
        value = getattr(search, kind)
        if value:
            masks[kind] = has_value(columns, kind, [value], numbers)
    needs_none = search.no_secrets or any(i.kind == "secrets" for i in search.intents)
    if needs_none:
        masks["no_secrets"] = ~requires_secrets(columns, numbers)
    prices = {search.price} | {FREE for intent in search.intents if intent.kind == "free"}
    for price in prices - {""}:
        fits_price = has_price(columns, numbers) == (price == PAID)
        masks["price"] = masks.get("price", True) & fits_price
    if search.languages:
        bits = np.uint32(language_bits(search.languages))
        masks["language"] = columns.rows["languages"][numbers] & bits == bits
    for intent in search.intents:
        if intent.kind == "provider":
            fits = has_value(columns, "provider", intent.values, numbers)
            masks["provider"] = masks.get("provider", True) & fits
        elif intent.kind == "license":
            names = [
                value
                for (kind, value) in columns.codes
                if kind == "license" and value.lower().startswith(intent.value.lower())
            ]
            fits = has_value(columns, "license", names, numbers)
            masks["license"] = masks.get("license", True) & fits
    return masks
