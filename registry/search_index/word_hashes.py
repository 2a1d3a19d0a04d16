"""Hashes of words, and of all words one edit away, without making those words.

The hash is a polynomial in the characters, so the hash of a changed word follows from the hashes of
its parts, for some hundred words at once.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

BASE = 0x9E3779B97F4A7C15
INVERSE = pow(BASE, -1, 2**64)
MASK = 2**64 - 1


def hash_of(word: str) -> int:
    """The hash of a word, as a number of 64 bits."""
    value = 0
    for character in word:
        value = (value * BASE + ord(character) + 1) & MASK
    return value


def with_ending(hashes: Array, character: str) -> Array:
    """The hashes of words with one more character at their end."""
    return hashes * np.uint64(BASE) + np.uint64(ord(character) + 1)


def without_ending(hashes: Array, character: str) -> Array:
    """The hashes of words that end with a character, without it."""
    return (hashes - np.uint64(ord(character) + 1)) * np.uint64(INVERSE)


class Edits:
    """All texts one edit away from a word.

    An edit is a character too many or too few, a wrong one, or two neighbours exchanged. ``hashes``
    has the hash of each, which may be that of the word itself.
    """

    def __init__(self, word: str, alphabet: Sequence[str]) -> None:
        self.word, self.alphabet = word, alphabet
        count = len(word)
        codes = np.array([ord(character) + 1 for character in word], np.uint64)
        letters = np.array([ord(letter) + 1 for letter in alphabet], np.uint64)
        powers = np.array([pow(BASE, place, 2**64) for place in range(count + 2)], np.uint64)
        # The hashes of the part before each place, and of the part after it.
        starts = np.array([hash_of(word[:place]) for place in range(count + 1)], np.uint64)
        endings = np.array([hash_of(word[place:]) for place in range(count + 1)], np.uint64)
        # The power of the base that the polynomial has for the character at each place.
        at = powers[count - 1 :: -1][:count]
        first = starts[:-1] * at
        deletions = first + endings[1:]
        swaps = (
            starts[:-2] * powers[count:1:-1]
            + codes[1:] * powers[count - 1 : 0 : -1]
            + codes[:-1] * powers[count - 2 :: -1][: count - 1]
            + endings[2:]
        )
        replacements = (starts[:-1] * powers[count:0:-1] + endings[1:])[:, None] + (
            letters * at[:, None]
        )
        insertions = (starts * powers[count + 1 : 0 : -1] + endings)[:, None] + (
            letters * powers[count::-1][:, None]
        )
        self.hashes = np.concatenate([deletions, swaps, replacements.ravel(), insertions.ravel()])

    def texts(self, is_selected: Array) -> Iterator[str]:
        """The texts at the selected places of the hashes."""
        word, count = self.word, len(self.word)
        for index in np.flatnonzero(is_selected).tolist():
            if index < count:
                yield word[:index] + word[index + 1 :]
                continue
            place = index - count
            if place < count - 1:
                yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
                continue
            place, letter = divmod(place - count + 1, len(self.alphabet))
            if place < count:
                yield word[:place] + self.alphabet[letter] + word[place + 1 :]
            else:
                place -= count
                yield word[:place] + self.alphabet[letter] + word[place:]
