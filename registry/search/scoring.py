"""Scores the agents of a search at once, by BM25F over all fields.

The sums have one place for each agent that has a term, so a search costs as much as its terms have
agents. The results have one place for each agent number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.search.understanding import QueryWord
from registry.search_index.entries import SearchField
from registry.search_index.postings import MAX_POSTED_IMPACT
from registry.search_index.queries import Postings

Array = NDArray[Any]

EXACT_ID, EXACT_NAME, NAME_BEGINS, TEXT, LOOSE, NONE = range(6)
"""The tiers of results, best first."""

# A smaller catalogue is treated like one of this size: in a small one, nothing is rare.
MIN_CATALOGUE = 1_000
# The share of what the words say that an agent must have, to be more than loosely related.
MIN_COVERAGE, MIN_LOOSE_COVERAGE = 0.5, 0.25
MIN_RELEVANCE, MIN_LOOSE_RELEVANCE = 0.08, 0.03
# A word that is only in the files of an agent counts this much for the coverage.
IN_FILES = np.float32(0.5)
# Scores within a step are near-equal: adoption and rating then decide.
STEP = 1.05
BEST_LEVEL = 255


@dataclass(frozen=True, slots=True)
class Scores:
    """Tier, level of the score (0 is the worst) and words, by agent number.

    ``words`` has a bit for each word, the first one the lowest. ``relevance`` is the score itself,
    from 0 to 1.
    """

    tiers: Array
    levels: Array
    words: Array
    relevance: Array


def score(
    words: Sequence[QueryWord], postings: dict[str, Postings], size: int, catalogue: int
) -> Scores:
    """Score all agents, whatever the filters; ``catalogue`` is their number."""
    places = _places_of(words, postings, size)
    weights = [weight_of(word, postings, catalogue) for word in words]
    all_weights = sum(weights) or 1.0
    total = np.zeros(places.count, np.float32)
    coverage = np.zeros(places.count, np.float32)
    bits = np.zeros(places.count, np.uint32)
    begins = np.ones(places.count, bool)
    for place, (word, weight) in enumerate(zip(words, weights, strict=True)):
        best, share, in_name = _best_alternative(word, postings, places, is_first=place == 0)
        begins &= in_name
        bits |= np.where(share > 0, np.uint32(1 << place), np.uint32(0))
        # In place, because new arrays take longer than the sums.
        best *= np.float32(weight / all_weights)
        share *= np.float32(weight / all_weights)
        total += best
        coverage += share
    # An agent with some of the words often must not come before one with all of them.
    total *= np.sqrt(coverage)
    tiers, levels = _tiers(total, coverage, begins & (bits > 0)), levels_of(total)
    # Names that begin with the text fit equally well.
    levels[tiers == NAME_BEGINS] = BEST_LEVEL
    return Scores(
        places.spread(tiers, NONE),
        places.spread(levels, 0),
        places.spread(bits, 0),
        places.spread(total, 0),
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """The places of the agents that have a term: all numbers, if most agents have one."""

    size: int
    numbers: Array | None = None
    by_number: Array | None = None

    @property
    def count(self) -> int:
        return self.size if self.numbers is None else len(self.numbers)

    def of(self, numbers: Array) -> Array:
        return numbers if self.by_number is None else self.by_number[numbers]

    def spread(self, values: Array, default: int) -> Array:
        """The values by agent number."""
        if self.numbers is None:
            return values
        by_number = np.full(self.size, default, values.dtype)
        by_number[self.numbers] = values
        return by_number


def _places_of(words: Sequence[QueryWord], postings: dict[str, Postings], size: int) -> _Places:
    """The places of the agents that have a term of these words."""
    terms = {alternative.term for word in words for alternative in word.alternatives}
    posted = [postings[term].numbers for term in terms if term in postings]
    if 2 * sum(map(len, posted)) > size:
        # To look places up would take longer than to leave many of them empty.
        return _Places(size)
    has_term = np.zeros(size, bool)
    for numbers in posted:
        has_term[numbers] = True
    numbers = np.flatnonzero(has_term)
    by_number = np.empty(size, np.int32)
    by_number[numbers] = np.arange(len(numbers), dtype=np.int32)
    return _Places(size, numbers, by_number)


def weight_of(word: QueryWord, postings: dict[str, Postings], catalogue: int) -> float:
    """How much a word counts: rare among agents, and telling in general."""
    literal = [alternative.term for alternative in word.alternatives if alternative.weight > 0.7]
    counts = [len(postings[term].numbers) for term in literal if term in postings]
    if not counts:
        all_counts = [
            len(postings[a.term].numbers) for a in word.alternatives if a.term in postings
        ]
        counts = [max(all_counts, default=0)]
    agents = max(counts)
    size = max(catalogue, MIN_CATALOGUE)
    idf = float(np.log1p((max(size - agents, 0) + 0.5) / (agents + 0.5)))
    return idf * word.importance


def _best_alternative(
    word: QueryWord, postings: dict[str, Postings], places: _Places, *, is_first: bool
) -> tuple[Array, Array, Array]:
    """Impact (0 to 1) and weight of the best alternative, and if in the name."""
    best, share = np.zeros(places.count, np.float32), np.zeros(places.count, np.float32)
    in_name = np.zeros(places.count, bool)
    field = SearchField.FIRST if is_first else SearchField.NAME
    present = [a for a in word.alternatives if a.term in postings]
    for alternative in present:
        posting = postings[alternative.term]
        where = places.of(posting.numbers)
        weight = np.float32(alternative.weight)
        impacts = posting.impacts * np.float32(alternative.weight / MAX_POSTED_IMPACT)
        shares = np.where(posting.fields == SearchField.BODY, IN_FILES * weight, weight)
        if len(present) > 1:
            impacts = np.maximum(best[where], impacts)
            shares = np.maximum(share[where], shares)
        best[where], share[where] = impacts, shares
        if alternative.is_literal:
            in_name[where] |= posting.fields & np.uint8(field) > 0
    return best, share, in_name


def _tiers(relevance: Array, coverage: Array, begins: Array) -> Array:
    tiers = np.full(len(relevance), NONE, np.uint8)
    tiers[(coverage >= MIN_LOOSE_COVERAGE) & (relevance >= MIN_LOOSE_RELEVANCE)] = LOOSE
    tiers[(coverage >= MIN_COVERAGE) & (relevance >= MIN_RELEVANCE)] = TEXT
    tiers[begins] = NAME_BEGINS
    return tiers


def levels_of(relevance: Array) -> Array:
    """The scores in steps of a few percent, so that near-equal ones are equal."""
    steps = np.maximum(relevance, np.float32(1e-6))
    np.log(steps, out=steps)
    steps *= np.float32(1 / np.log(STEP))
    np.rint(steps, out=steps)
    steps += np.float32(BEST_LEVEL)
    np.maximum(steps, np.float32(0), out=steps)
    np.minimum(steps, np.float32(BEST_LEVEL), out=steps)
    levels: Array = steps.astype(np.uint8)
    return levels
