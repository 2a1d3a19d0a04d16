"""Stems of words: one text for the forms of a word, for search."""

import re
from functools import lru_cache
from threading import Lock

import Stemmer

MIN_LENGTH = 4
# A stemmer keeps its state while it works.
_lock = Lock()
# Its own cache would make each new stem slower: an import asks for most words once.
_english = Stemmer.Stemmer("english", 0)
_german = Stemmer.Stemmer("german", 0)
# British spellings and their American ones.
_SPELLINGS = (
    (re.compile(r"(?<=\w{4})is(e|ed|es|er|ers|ing|ation|ations)$"), r"iz\1"),
    (re.compile(r"(?<=\w{3})our(s|ed|ing|ful)?$"), r"or\1"),
    (re.compile(r"(?<=\w{3})tre(s?)$"), r"ter\1"),
)
# Forms whose stem would be that of another word.
_EXCEPTIONS = {"news": "news", "runner": "run", "runners": "run", "logs": "log", "gas": "gas"}


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The English stem of a folded word; *planner* has the stem of *plan*.

    Words of other languages lose at most what looks like an English plural.
    """
    if len(word) < MIN_LENGTH or not word.isascii():
        return _EXCEPTIONS.get(word, word)
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    for british, american in _SPELLINGS:
        word = british.sub(american, word)
    with _lock:
        result = str(_english.stemWord(word))
    if word.endswith(("er", "ers", "or", "ors")) and len(result) >= MIN_LENGTH + 2:
        result = _without_agent_ending(result)
    return result.removesuffix("e") if len(result) > MIN_LENGTH else result


def _without_agent_ending(word: str) -> str:
    base = word.removesuffix("er").removesuffix("or")
    is_doubled = base != word and len(base) > MIN_LENGTH and base[-1] == base[-2]
    return base[:-1] if is_doubled and base[-1] not in "sl" else base


@lru_cache(maxsize=50_000)
def german_stem(word: str) -> str:
    """The German stem of a folded word."""
    if len(word) < MIN_LENGTH or not word.isascii():
        return word
    with _lock:
        return str(_german.stemWord(word))
