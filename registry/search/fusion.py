"""Adds the meaning of a search to the scores of its words.

Two agents may mean the same in different words, and the same words may mean different things. So
the similarity to the text is added to the relevance of the words, and what is similar enough is
found without any of the words (ADR 38).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foundation.text.embedding import load_embedder
from registry.search.scoring import BEST_LEVEL, LOOSE, NAME_BEGINS, TEXT, Scores, levels_of
from registry.vectors.queries import read_vectors

Array = NDArray[Any]

# Similarities of most agents to a text are below this. Above it, they are added to the relevance,
# with this weight.
USUAL_SIMILARITY, WEIGHT = 0.1, np.float32(2)
# From here on, an agent is loosely related, or found, without any of the words. Calibrated with the
# judged set, so that nothing is found where nothing fits.
LOOSE_SIMILARITY, MIN_SIMILARITY = 0.15, 0.36
# From here on, an agent is found that is loosely related by its words, too.
MIN_WITH_WORDS = 0.27


@dataclass(frozen=True, slots=True)
class Similarities:
    """How similar the likeliest agents are to the text of a search, by agent number."""

    numbers: Array
    values: Array

    @property
    def near_numbers(self) -> Array:
        """The numbers of the agents that are found without any of the words."""
        numbers: Array = self.numbers[self.values >= LOOSE_SIMILARITY]
        return numbers


def measure_similarities(text: str, candidates: Array, revision: object) -> Similarities | None:
    """The similarities of candidates (a mask); None if the text has no meaning."""
    embedder = load_embedder() if text else None
    if embedder is None or not (query := embedder.embed_query(text)).any():
        return None
    return Similarities(*read_vectors(revision).nearest(query, candidates))


@dataclass(frozen=True, slots=True)
class Fusion:
    """Scores of words and meaning. ``by_meaning``: not found by words alone."""

    scores: Scores
    by_meaning: Array


def add_meaning(similarities: Similarities | None, scores: Scores) -> Fusion:
    """The scores with the similarities added; those of other agents stay as they are."""
    by_meaning = np.zeros(len(scores.numbers), bool)
    if similarities is None:
        return Fusion(scores, by_meaning)
    places, is_present = scores.places_of(similarities.numbers)
    values = similarities.values[is_present]
    relevance, tiers, levels = scores.relevance, scores.tiers, scores.levels
    relevance[places] += WEIGHT * np.maximum(0, values - np.float32(USUAL_SIMILARITY))
    has_words = tiers[places] <= LOOSE
    loose = places[values >= LOOSE_SIMILARITY]
    tiers[loose] = np.minimum(tiers[loose], LOOSE)
    near = places[(values >= MIN_SIMILARITY) | (has_words & (values >= MIN_WITH_WORDS))]
    by_meaning[near] = tiers[near] > TEXT
    tiers[near] = np.minimum(tiers[near], TEXT)
    levels[places] = np.where(
        tiers[places] <= NAME_BEGINS, BEST_LEVEL, levels_of(relevance[places])
    )
    return Fusion(scores, by_meaning)
