"""Scores the agents of a search at once, by BM25F over all fields.

The sums have one place for each agent that may be found, so a search costs as much as its telling
words have agents.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.search.word_forms import QueryWord
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
    """Tier, level of the score and words of the agents that may be found.

    The worst level is 0. All arrays have a place for each of ``numbers``, which ascend. ``words``
    has a bit for each word, the first one the lowest. ``relevance`` is the score itself, from 0 to
    1.
    """

    numbers: Array
    tiers: Array
    levels: Array
    words: Array
    relevance: Array

    def places_of(self, numbers: Array) -> tuple[Array, Array]:
        """The places of those of these numbers that have one, and a mask of those."""
        places = np.searchsorted(self.numbers, numbers)
        is_present = places < len(self.numbers)
        is_present[is_present] = self.numbers[places[is_present]] == numbers[is_present]
        return places[is_present], is_present


def equal_scores(numbers: Array, tier: int) -> Scores:
    """These agents in one tier, without a score."""
    size = len(numbers)
    return Scores(
        numbers,
        np.full(size, tier, np.uint8),
        np.zeros(size, np.uint8),
        np.zeros(size, np.uint32),
        np.zeros(size, np.float32),
    )


@dataclass(frozen=True, slots=True)
class WeightedWords:
    """The words of a search with their postings and shares, whose sum is one."""

    words: Sequence[QueryWord]
    postings: dict[str, Postings]
    shares: Sequence[float]

    def needed_terms(self, coverage: float) -> Iterator[str]:
        """Terms of which an agent must have one to reach a coverage, in rare words first.

        The words that are left out say too little together. So a search for a rare and a common
        word looks at the agents of the rare one.
        """
        remainder = sum(self.shares)
        for place in sorted(range(len(self.words)), key=self.shares.__getitem__, reverse=True):
            # Sums of shares are not exact.
            if remainder < coverage - 0.001:
                return
            remainder -= self.shares[place]
            alternatives = self.words[place].alternatives
            yield from (a.term for a in alternatives if a.term in self.postings)


def weigh_words(
    words: Sequence[QueryWord], postings: dict[str, Postings], catalogue: int
) -> WeightedWords:
    """``catalogue`` is the number of listed agents."""
    weights = [weight_of(word, postings, catalogue) for word in words]
    all_weights = sum(weights) or 1.0
    return WeightedWords(words, postings, [weight / all_weights for weight in weights])


def score(weighted_words: WeightedWords, numbers: Array, size: int) -> Scores:
    """Score agents by number; ``size`` is more than the highest number in the index."""
    places = _Places(size, numbers)
    total = np.zeros(len(numbers), np.float32)
    coverage = np.zeros(len(numbers), np.float32)
    bits = np.zeros(len(numbers), np.uint32)
    begins = np.ones(len(numbers), bool)
    for place, (word, weight) in enumerate(
        zip(weighted_words.words, weighted_words.shares, strict=True)
    ):
        best, share, in_name = _best_alternative(
            word, weighted_words.postings, places, is_first=place == 0
        )
        begins &= in_name
        bits |= np.where(share > 0, np.uint32(1 << place), np.uint32(0))
        # In place, because new arrays take longer than the sums.
        best *= np.float32(weight)
        share *= np.float32(weight)
        total += best
        coverage += share
    # An agent with some of the words often must not come before one with all of them.
    total *= np.sqrt(coverage)
    tiers, levels = _tiers(total, coverage, begins & (bits > 0)), levels_of(total)
    # Names that begin with the text fit equally well.
    levels[tiers == NAME_BEGINS] = BEST_LEVEL
    return Scores(numbers, tiers, levels, bits, total)


class _Places:
    """The places of agents in arrays that have one for each of some numbers."""

    # To search for a number takes about as long as to look up so many.
    SEARCH_COST = 8

    def __init__(self, size: int, numbers: Array) -> None:
        self.size, self.numbers = size, numbers

    @cached_property
    def _by_number(self) -> Array:
        """The place of each number, or -1."""
        by_number = np.full(self.size, -1, np.int32)
        by_number[self.numbers] = np.arange(len(self.numbers), dtype=np.int32)
        return by_number

    def of(self, posting: Postings) -> tuple[Array, Postings]:
        """The places of the agents of a posting, and the part of it that has places."""
        posted_numbers = posting.numbers
        if self.SEARCH_COST * len(self.numbers) < len(posted_numbers):
            indices = np.minimum(
                np.searchsorted(posted_numbers, self.numbers), len(posted_numbers) - 1
            )
            places = np.flatnonzero(posted_numbers[indices] == self.numbers)
            indices = indices[places]
        else:
            places = self._by_number[posted_numbers]
            indices = np.flatnonzero(places >= 0)
            if len(indices) == len(posted_numbers):
                return places, posting
            places = places[indices]
        return places, Postings(
            posted_numbers[indices], posting.impacts[indices], posting.fields[indices]
        )


def weight_of(word: QueryWord, postings: dict[str, Postings], catalogue: int) -> float:
    """How much a word counts: rare among agents, and telling in general."""
    literal = [alternative.term for alternative in word.alternatives if alternative.weight > 0.7]
    counts = [postings[term].agents for term in literal if term in postings]
    if not counts:
        all_counts = [postings[a.term].agents for a in word.alternatives if a.term in postings]
        counts = [max(all_counts, default=0)]
    agents = max(counts)
    size = max(catalogue, MIN_CATALOGUE)
    idf = float(np.log1p((max(size - agents, 0) + 0.5) / (agents + 0.5)))
    return idf * word.importance


def _best_alternative(
    word: QueryWord, postings: dict[str, Postings], places: _Places, *, is_first: bool
) -> tuple[Array, Array, Array]:
    """Impact (0 to 1) and weight of the best alternative, and if in the name."""
    size = len(places.numbers)
    best, share = np.zeros(size, np.float32), np.zeros(size, np.float32)
    in_name = np.zeros(size, bool)
    field = SearchField.FIRST if is_first else SearchField.NAME
    present = [a for a in word.alternatives if a.term in postings]
    for alternative in present:
        rows, posting = places.of(postings[alternative.term])
        weight = np.float32(alternative.weight)
        impacts = posting.impacts * np.float32(alternative.weight / MAX_POSTED_IMPACT)
        shares = np.where(posting.fields == SearchField.BODY, IN_FILES * weight, weight)
        if len(present) > 1:
            impacts = np.maximum(best[rows], impacts)
            shares = np.maximum(share[rows], shares)
        best[rows], share[rows] = impacts, shares
        if alternative.is_literal:
            in_name[rows] |= posting.fields & np.uint8(field) > 0
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
