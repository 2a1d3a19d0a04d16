"""The curated synonyms of `synonyms.txt`."""

from functools import lru_cache
from pathlib import Path

from foundation.text.stems import stem
from foundation.text.terms import words_in

FILE = Path(__file__).parent / "synonyms.txt"


def synonyms_of(word: str) -> frozenset[str]:
    """Other words that a search for a folded word also looks for, less eagerly."""
    return _by_stem().get(stem(word), frozenset())


@lru_cache(maxsize=1)
def stems_with_synonym() -> dict[str, frozenset[str]]:
    """The stems of the words that also look for a word, by the stem of that word."""
    stems: dict[str, set[str]] = {}
    for key, synonyms in _by_stem().items():
        for synonym in synonyms:
            stems.setdefault(stem(synonym), set()).add(key)
    return {key: frozenset(words) for key, words in stems.items()}


@lru_cache(maxsize=1)
def _by_stem() -> dict[str, frozenset[str]]:
    synonyms_by_stem: dict[str, set[str]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        head, arrow, tail = line.partition(">")
        members = _words(tail if arrow else line)
        for word in _words(head) if arrow else members:
            synonyms = (member for member in members if stem(member) != stem(word))
            synonyms_by_stem.setdefault(stem(word), set()).update(synonyms)
    return {key: frozenset(words) for key, words in synonyms_by_stem.items()}


def _words(text: str) -> list[str]:
    # "self-employed" is stored as its words, and the telling one is the last.
    return [words_in(part)[-1] for part in text.split(",") if part.strip()]
