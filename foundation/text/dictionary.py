"""How common words are in general, to tell them from typos.

The word lists take a second to read, so the first process packs them into files that all others
map into their memory: see `keep_packed_in`.
"""

import gzip
import json
import os
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from foundation.text.normalise import fold

LANGUAGES = ("en", "de", "es", "fr")
# The logarithm of the frequencies of the most common and of the rarest words in English.
MOST, LEAST = 17.5, 4.0
LEAST_OF_A_WORD = 5.0
FORMAT = 1
"""Increased with every change of what is packed."""

_folder: Path | None = None


class WordLists(NamedTuple):
    """Sorted hashes of words: a set of the words would take thirty times the memory.

    ``words`` are those of all languages, ``english`` those with a frequency.
    """

    words: NDArray[np.uint32]
    english: NDArray[np.uint32]
    frequencies: NDArray[np.float32]


def is_dictionary_word(word: str) -> bool:
    """Whether a dictionary of a common language has a folded word.

    The rarest entries are names and typos.
    """
    return _find(word, _word_lists().words) >= 0


def rarity_of(word: str) -> float:
    """How much a word says in English: 0 for *the*, 1 for an unknown word."""
    lists = _word_lists()
    place = _find(word, lists.english)
    if place < 0:
        return 1.0
    return float(np.clip((MOST - lists.frequencies[place]) / (MOST - LEAST), 0, 1))


def _find(word: str, hashes: NDArray[np.uint32]) -> int:
    value = crc32(word.encode("utf-8", "replace"))
    place = int(np.searchsorted(hashes, np.uint32(value)))
    return place if place < len(hashes) and hashes[place] == value else -1


def keep_packed_in(folder: Path) -> None:
    """Keep packed lists in this folder, which belongs to this application."""
    global _folder
    _folder = folder


@lru_cache(maxsize=1)
def _word_lists() -> WordLists:
    if _folder is None:
        return read_word_lists()
    folder = _folder / f"{version('pyspellchecker')}-{FORMAT}"
    # Mapped, so that processes share the memory; what cannot be read is made again.
    with suppress(OSError, ValueError):
        return WordLists(*(np.load(_file(folder, name), mmap_mode="r") for name in _NAMES))
    lists = read_word_lists()
    # Without a place for the files, each process reads the lists.
    with suppress(OSError):
        _store(lists, folder)
    return lists


_NAMES = WordLists._fields


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.npy"


def _store(lists: WordLists, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(_NAMES, lists, strict=True):
        # Another process may read or write meanwhile, so a file appears as a whole.
        part = folder / f"{name}-{os.getpid()}.part"
        with part.open("wb") as out:
            np.save(out, array)
        part.replace(_file(folder, name))


def read_word_lists() -> WordLists:
    """The word lists of the package; takes a second."""
    languages = {language: _read_language(language) for language in LANGUAGES}
    words = [hashes[counts >= LEAST_OF_A_WORD] for hashes, counts in languages.values()]
    return WordLists(np.unique(np.concatenate(words)), *languages["en"])


def _read_language(language: str) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """The hashes of all words, sorted, and the logarithms of their frequencies."""
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
