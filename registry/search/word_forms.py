"""Looks up forms, synonyms and corrections of the words of a search.

Everything is looked up in the vocabulary, never in the agents, so the cost does not depend on
their number.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from string import ascii_lowercase, digits

from foundation.text.dictionary import is_dictionary_word, rarity_of
from foundation.text.normalise import is_unspaced
from foundation.text.stems import german_stem, stem
from foundation.text.terms import query_terms
from registry.search.index import Index
from registry.search.synonyms import synonyms_of
from registry.search_index.queries import Word, find_present_words
from registry.search_index.word_filter import WordFilter, read_word_filter
from registry.search_index.word_hashes import Edits, with_ending, without_ending

# How much the forms of a word count, compared to the word itself.
LITERAL, FORM, JOINED, CORRECTED, SYNONYM, BEGINNING = 1.0, 0.95, 0.9, 0.9, 0.6, 0.5
MIN_GERMAN_LENGTH = 6
MAX_BEGINNINGS = 24
MIN_BEGINNING = 4
# Characters of a word that is corrected, and words of a search that are.
MIN_TYPO, MAX_TYPO, MAX_CORRECTIONS = 3, 24, 4
# A word that the whole language knows says less, however rare it is among the agents.
LEAST_IMPORTANCE = 0.5


@dataclass(frozen=True, slots=True)
class Alternative:
    """A term that may stand for a word. Literal ones count for the name of an agent."""

    term: str
    weight: float
    is_literal: bool = False


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of a search. ``importance`` is how much it says in general, from 0 to 1."""

    text: str
    alternatives: tuple[Alternative, ...]
    importance: float = 1.0
    correction: str = ""


def understand(words: Sequence[str], index: Index, *, corrects: bool) -> list[QueryWord]:
    """The words with their alternatives in an index, in order.

    Of scripts without blanks between words, these are parts of words. ``corrects``: unknown words
    are replaced by known ones.
    """
    parts = [
        (part, len(terms)) for word in words for terms in [query_terms(word)] for part in terms
    ]
    texts = [part for part, _ in parts]
    vocabulary = _read_vocabulary(texts, index)
    corrections = 0
    query_words: list[QueryWord] = []
    for place, (word, share) in enumerate(parts):
        alternatives = _alternatives(word, place, texts, vocabulary, index)
        correction = ""
        # A correction tries some hundred words, so a text of many typing errors would cost as many
        # queries.
        if corrects and not alternatives and corrections < MAX_CORRECTIONS:
            corrections += 1
            correction = correct(word, read_word_filter(index.revision))
            if correction:
                numbers = [correction, *_other_number(correction)]
                alternatives = {term: Alternative(term, CORRECTED) for term in numbers}
        importance = LEAST_IMPORTANCE + (1 - LEAST_IMPORTANCE) * rarity_of(correction or word)
        query_words.append(
            QueryWord(word, tuple(alternatives.values()), importance / share, correction)
        )
    return query_words


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    by_word: dict[str, Word]
    by_stem: dict[str, list[str]]
    by_german_stem: dict[str, list[str]]


def _read_vocabulary(words: Sequence[str], index: Index) -> _Vocabulary:
    """The part of the vocabulary that these words can have to do with, in one query."""
    related_words = {synonym for word in words for synonym in synonyms_of(word)}
    compounds = {"".join(pair) for pair in pairwise(words)}
    stems = {stem(word) for word in (*words, *related_words)}
    german = {german_stem(word) for word in words if len(word) >= MIN_GERMAN_LENGTH}
    by_stem: dict[str, list[str]] = {}
    by_german_stem: dict[str, list[str]] = {}
    entries = index.find_words([*words, *compounds], stems, german)
    entries = sorted(entries, key=lambda word: word.word)
    for word in entries:
        by_stem.setdefault(word.stem, []).append(word.word)
        by_german_stem.setdefault(word.german_stem, []).append(word.word)
    return _Vocabulary({word.word: word for word in entries}, by_stem, by_german_stem)


def _alternatives(
    word: str, place: int, words: Sequence[str], vocabulary: _Vocabulary, index: Index
) -> dict[str, Alternative]:
    """The alternatives of a word by their terms, the best of each term."""
    alternatives: dict[str, Alternative] = {}

    def add(terms: Iterable[str], weight: float, *, is_literal: bool = False) -> None:
        for term in terms:
            alternatives.setdefault(term, Alternative(term, weight, is_literal))

    if word in vocabulary.by_word:
        add([word], LITERAL, is_literal=True)
    add(vocabulary.by_stem.get(stem(word), ()), FORM, is_literal=True)
    if len(word) >= MIN_GERMAN_LENGTH and len(german_stem(word)) >= MIN_BEGINNING:
        add(vocabulary.by_german_stem.get(german_stem(word), ()), FORM - 0.1)
    neighbours = (words[place - 1 : place + 1], words[place : place + 2])
    compounds = ("".join(pair) for pair in neighbours if len(pair) == 2)
    add((pair for pair in compounds if pair in vocabulary.by_word), JOINED)
    is_known = bool(alternatives)
    for synonym in sorted(synonyms_of(word)):
        add(vocabulary.by_stem.get(stem(synonym), ()), SYNONYM)
    is_last = place == len(words) - 1
    if _may_be_a_beginning(word, is_known=is_known, is_last=is_last, is_alone=len(words) == 1):
        beginnings = [entry.word for entry in index.find_words_beginning(word, MAX_BEGINNINGS)]
        add(beginnings, BEGINNING, is_literal=is_last)
    return alternatives


def _may_be_a_beginning(word: str, *, is_known: bool, is_last: bool, is_alone: bool) -> bool:
    # Parts of such words have two characters, and most words begin with them.
    if is_unspaced(word):
        return False
    if is_known:
        return is_alone or (is_last and len(word) < MIN_BEGINNING)
    return is_last or len(word) >= MIN_BEGINNING


# --- Typos -----------------------------------------------------------------------------------


def correct(word: str, word_filter: WordFilter) -> str:
    """The most frequent known word that is one edit away, or "".

    The word may be known in its other number only. A word of a dictionary is no typo.
    """
    if not MIN_TYPO <= len(word) <= MAX_TYPO or is_unspaced(word) or word.isdigit():
        return ""
    edits = Edits(word, _alphabet_of(word))
    texts = edits.texts(word_filter.may_have(edits.hashes))
    present = find_present_words(sorted({text for text in texts if len(text) >= MIN_TYPO} - {word}))
    counts = {entry.word: entry.agents for entry in present}
    if not counts:
        numbers = dict(sorted(_other_numbers(edits, word_filter), key=itemgetter(1)))
        present = find_present_words(sorted(numbers.keys() - {word}))
        counts = {numbers[entry.word]: entry.agents for entry in present}
    if not counts or is_dictionary_word(word):
        return ""
    # Few people mistype the first letter.
    return min(counts, key=lambda other: (other[0] != word[0], -counts[other], other))


def _other_numbers(edits: Edits, word_filter: WordFilter) -> Iterator[tuple[str, str]]:
    """The other number of each edit that agents may have, with the edit."""
    longer = word_filter.may_have(with_ending(edits.hashes, "s"))
    shorter = word_filter.may_have(without_ending(edits.hashes, "s"))
    for edit in edits.texts(longer | shorter):
        if len(edit) >= MIN_TYPO and edit != edits.word:
            yield from ((other, edit) for other in _other_number(edit))


def _other_number(word: str) -> list[str]:
    return [f"{word}s", *([word[:-1]] if word.endswith("s") else [])]


def _alphabet_of(word: str) -> Sequence[str]:
    """The letters of the alphabet that the word is written in."""
    if word.isascii():
        return ascii_lowercase + (digits if any(c.isdigit() for c in word) else "")
    first = next(character for character in word if not character.isascii())
    for start, end in ((0x3B1, 0x3C9), (0x430, 0x44F), (0x561, 0x586), (0x5D0, 0x5EA)):
        if start <= ord(first) <= end:
            return [chr(code) for code in range(start, end + 1)]
    return ascii_lowercase
