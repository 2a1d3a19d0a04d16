"""Scores all agents for a search at once, by BM25F over all fields.

The arrays have one place for each agent number. A term costs as much as it has agents, and the
sums a pass over the numbers, which takes a millisecond for 250,000 agents.
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
    total = np.zeros(size, np.float32)
    coverage = np.zeros(size, np.float32)
    had = np.zeros(size, np.uint32)
    begins = np.ones(size, bool)
    weights = [weight_of(word, postings, catalogue) for word in words]
    for place, (word, weight) in enumerate(zip(words, weights, strict=True)):
        best, share, in_name = _best_alternative(word, postings, size, is_first=place == 0)
        total += weight * best
        coverage += weight * share
        had[share > 0] |= 1 << place
        begins &= in_name
    all_weights = sum(weights) or 1.0
    coverage /= all_weights
    relevance = total / all_weights * np.sqrt(coverage)
    tiers, levels = _tiers(relevance, coverage, begins & (had > 0)), levels_of(relevance)
    # Names that begin with the text fit equally well.
    levels[tiers == NAME_BEGINS] = BEST_LEVEL
    return Scores(tiers, levels, had, relevance)


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
    word: QueryWord, postings: dict[str, Postings], size: int, *, is_first: bool
) -> tuple[Array, Array, Array]:
    """Impact (0 to 1) and weight of the best alternative, and if in the name."""
    best, share = np.zeros(size, np.float32), np.zeros(size, np.float32)
    in_name = np.zeros(size, bool)
    field = SearchField.FIRST if is_first else SearchField.NAME
    for alternative in word.alternatives:
        posting = postings.get(alternative.term)
        if posting is None:
            continue
        numbers = posting.numbers
        impacts = posting.impacts * np.float32(alternative.weight / MAX_POSTED_IMPACT)
        best[numbers] = np.maximum(best[numbers], impacts)
        in_files = posting.fields == SearchField.BODY
        shares = np.where(in_files, IN_FILES, np.float32(1.0)) * np.float32(alternative.weight)
        share[numbers] = np.maximum(share[numbers], shares)
        if alternative.is_literal:
            in_name[numbers] |= (posting.fields & field) > 0
    return best, share, in_name


def _tiers(relevance: Array, coverage: Array, begins: Array) -> Array:
    tiers = np.full(len(relevance), NONE, np.uint8)
    tiers[(coverage >= MIN_LOOSE_COVERAGE) & (relevance >= MIN_LOOSE_RELEVANCE)] = LOOSE
    tiers[(coverage >= MIN_COVERAGE) & (relevance >= MIN_RELEVANCE)] = TEXT
    tiers[begins] = NAME_BEGINS
    return tiers


def levels_of(relevance: Array) -> Array:
    """The scores in steps of a few percent, so that near-equal ones are equal."""
    steps = np.log(np.maximum(relevance, 1e-6)) / np.log(STEP)
    levels: Array = np.clip(np.round(steps) + BEST_LEVEL, 0, BEST_LEVEL).astype(np.uint8)
    return levels
