"""Splits text into the terms of a search index.

Stored text and queries pass through the same functions, so they give the same terms.
"""

import re
from collections.abc import Iterator

from foundation.text.normalise import fold, is_unspaced

MAX_WORD_LENGTH = 40
# "c++", "c#" and "f#" would be single letters without their signs. Pictographs are words too.
_TOKENS = re.compile(
    r"(?<![^\W_])[a-z](?:\+\+|#)|[^\W_]+(?:'[^\W_]+)*|[\u2600-\u27bf\U0001f300-\U0001faff]"
)
_SCRIPT_RUNS = re.compile(
    "(?P<han>[\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+)"
    "|(?P<katakana>[\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff]+)"
    "|(?P<hiragana>[\u3041-\u309f]+)"
    "|(?P<hangul>[\uac00-\ud7af]+)"
    "|(?P<other>[^\\W_])+"
)


def words_in(text: str) -> list[str]:
    """The words of a text, folded, in order and with repetitions.

    A run of a script without blanks between words is one word here; `grams_of` splits it.
    """
    words: list[str] = []
    for token in _TOKENS.findall(fold(text)):
        # Nearly all of most texts, and a generator for each takes as long as finding it.
        if token.isascii() and token.isalnum() and len(token) <= MAX_WORD_LENGTH:
            words.append(token)
        else:
            words.extend(_split(token))
    return words


def _split(token: str) -> Iterator[str]:
    stem, apostrophe, ending = token.partition("'")
    if apostrophe and len(ending) > 2:
        # "l'agenda" is two words; the ending of "what's" is none.
        yield from (part[:MAX_WORD_LENGTH] for part in token.split("'") if len(part) > 1)
    else:
        yield stem[:MAX_WORD_LENGTH] if not is_unspaced(stem) else stem


def index_terms(word: str) -> list[str]:
    """The terms under which a word is stored."""
    return [word] if not is_unspaced(word) else list(dict.fromkeys(_stored_grams(word)))


def _stored_grams(word: str) -> Iterator[str]:
    for kind, run in _runs(word):
        if kind == "other":
            yield run[:MAX_WORD_LENGTH]
        else:
            yield from run
            yield from _pairs(run)
            if kind == "katakana":
                yield run[:MAX_WORD_LENGTH]


def query_terms(word: str) -> list[str]:
    """The terms to look up for a word: the word, or the parts that its script shows.

    Most Chinese words and many Japanese and Korean ones have two characters. Hiragana is mostly
    between words, so it counts only if there is nothing else.
    """
    if not is_unspaced(word):
        return [word]
    runs = [(kind, run) for kind, run in _runs(word) if kind != "hiragana"] or list(_runs(word))
    terms: list[str] = []
    for kind, run in runs:
        is_whole = kind in {"katakana", "other"} or len(run) == 1
        terms += [run[:MAX_WORD_LENGTH]] if is_whole else _pairs(run)
    return list(dict.fromkeys(terms))


def _runs(word: str) -> Iterator[tuple[str, str]]:
    for match in _SCRIPT_RUNS.finditer(word):
        yield match.lastgroup or "other", match.group()


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)]
