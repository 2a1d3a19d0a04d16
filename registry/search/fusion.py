"""Adds the meaning of a search to the scores of its words.

Two agents may mean the same in different words, and the same words may mean different things. So
the similarity to the text is added to the relevance of the words, and what is similar enough is
found without any of the words (ADR 34).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foundation.text.embedding import load_embedder
from registry.search.scoring import BEST_LEVEL, LOOSE, NAME_BEGINS, TEXT, Scores, levels_of
from registry.vectors.queries import read_vectors

Array = NDArray[Any]

# Similarities of most agents to a text are below this. Above it, they are added to the relevance.
USUAL_SIMILARITY = 0.2
# From here on, an agent is loosely related, or found, without any of the words. Calibrated with the
# judged set, so that nothing is found where nothing fits.
LOOSE_SIMILARITY, MIN_SIMILARITY = 0.35, 0.43


@dataclass(frozen=True, slots=True)
class Fusion:
    """Scores of words and meaning. ``by_meaning``: not found by words alone."""

    scores: Scores
    by_meaning: Array


def add_meaning(text: str, scores: Scores, candidates: Array, revision: object) -> Fusion:
    """The scores with the similarities of the candidates, a mask, to the text.

    Without a model, or without a known word, the scores stay as they are.
    """
    by_meaning = np.zeros(len(scores.tiers), bool)
    embedder = load_embedder() if text else None
    if embedder is None or not (query := embedder.embed(text)).any():
        return Fusion(scores, by_meaning)
    numbers, similarities = read_vectors(revision).nearest(query, candidates)
    relevance = scores.relevance.copy()
    relevance[numbers] += np.maximum(0, similarities - np.float32(USUAL_SIMILARITY))
    tiers = scores.tiers.copy()
    loose = numbers[similarities >= LOOSE_SIMILARITY]
    tiers[loose] = np.minimum(tiers[loose], LOOSE)
    near = numbers[similarities >= MIN_SIMILARITY]
    by_meaning[near] = tiers[near] > TEXT
    tiers[near] = np.minimum(tiers[near], TEXT)
    # Of the others, which are most of the catalogue, nothing has changed.
    levels = scores.levels.copy()
    levels[numbers] = np.where(
        tiers[numbers] <= NAME_BEGINS, BEST_LEVEL, levels_of(relevance[numbers])
    )
    return Fusion(replace(scores, tiers=tiers, levels=levels, relevance=relevance), by_meaning)
