"""How common words are in general, to tell them from typos."""

import gzip
import json
from functools import lru_cache
from importlib.resources import files
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from foundation.text.normalise import fold

LANGUAGES = ("en", "de", "es", "fr")
# The logarithm of the frequencies of the most common and of the rarest words in English.
MOST, LEAST = 17.5, 4.0
LEAST_OF_A_WORD = 5.0


def is_dictionary_word(word: str) -> bool:
    """Whether a dictionary of a common language has a folded word.

    The rarest entries are names and typos.
    """
    for language in LANGUAGES:
        hashes, frequencies = _words(language)
        place = _find(word, hashes)
        if place >= 0 and frequencies[place] >= LEAST_OF_A_WORD:
            return True
    return False


def rarity_of(word: str) -> float:
    """How much a word says in English: 0 for *the*, 1 for an unknown word."""
    hashes, frequencies = _words("en")
    place = _find(word, hashes)
    if place < 0:
        return 1.0
    return float(np.clip((MOST - frequencies[place]) / (MOST - LEAST), 0, 1))


def _find(word: str, hashes: NDArray[np.uint32]) -> int:
    value = crc32(word.encode("utf-8", "replace"))
    place = int(np.searchsorted(hashes, np.uint32(value)))
    return place if place < len(hashes) and hashes[place] == value else -1


@lru_cache(maxsize=len(LANGUAGES))
def _words(language: str) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """The hashes of all words, sorted, and the logarithms of their frequencies.

    A set of the words would take thirty times the memory.
    """
    path = files("spellchecker") / "resources" / f"{language}.json.gz"
    frequencies = json.loads(gzip.decompress(path.read_bytes()))
    hashes = np.fromiter(
        (crc32((w if w.isascii() else fold(w)).encode()) for w in frequencies),
        np.uint32,
        len(frequencies),
    )
    order = np.argsort(hashes)
    counts = np.fromiter(frequencies.values(), np.float32, len(frequencies))
    return hashes[order], np.log1p(counts[order])
