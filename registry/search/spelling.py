"""Corrects words that no agent has to a word that is one edit away.

An edit is a character too many or too few, a wrong one, or two neighbours exchanged.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from foundation.text.normalise import is_unspaced
from registry.agents.revisions import catalogue_revision
from registry.agents.search_text import FIELD, TAG, WORD
from registry.models import Agent
from registry.search.query import Term

# Characters of a word that is corrected.
MIN_LENGTH, MAX_LENGTH = 3, 40

WordsByLength = dict[int, list[str]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words and ids of all listed agents.

    ``counts``: in how many agents a word is. ``plurals`` counts the same for the singular and the
    plural of each word. ``joined`` has all words between marks, to look for parts of words.
    """

    counts: Counter[str]
    plurals: Counter[str]
    joined: str
    words_by_length: WordsByLength
    plurals_by_length: WordsByLength


def correct_spelling(terms: Sequence[Term]) -> str:
    """The terms with unknown words corrected.

    "" if all words are known, or if one has no correction.
    """
    vocabulary = read_vocabulary(catalogue_revision())
    corrections = [_correct_term(term, vocabulary) for term in terms]
    is_changed = corrections != [term.text for term in terms]
    return " ".join(corrections) if all(corrections) and is_changed else ""


def _correct_term(term: Term, vocabulary: Vocabulary) -> str:
    if not term.words:
        return term.text if "/" not in term.text else _correct(term.text.lstrip("@"), vocabulary)
    words = [_correct(word, vocabulary) for word in term.words]
    return "-".join(words) if all(words) else ""


def _correct(word: str, vocabulary: Vocabulary) -> str:
    if word in vocabulary.counts or word in vocabulary.joined:
        return word
    if not MIN_LENGTH <= len(word) <= MAX_LENGTH:
        return ""
    for counts, words_by_length in (
        (vocabulary.counts, vocabulary.words_by_length),
        # A search finds the singular by the plural, and the other way round.
        (vocabulary.plurals, vocabulary.plurals_by_length),
    ):
        candidates = _one_edit_away(word, words_by_length)
        if candidates:
            # Few people mistype the first letter.
            return min(candidates, key=lambda other: (other[0] != word[0], -counts[other], other))
    return ""


def _one_edit_away(word: str, words_by_length: WordsByLength) -> list[str]:
    return [
        candidate
        for length in (len(word) - 1, len(word), len(word) + 1)
        for candidate, _, _ in extract(
            word,
            words_by_length.get(length, []),
            scorer=OSA.distance,
            score_cutoff=1,
            limit=None,
        )
    ]


# --- The vocabulary --------------------------------------------------------------------------


@lru_cache(maxsize=1)
def read_vocabulary(revision: int) -> Vocabulary:
    """The vocabulary of all listed agents at a revision of the catalogue.

    Kept in memory: a cache would copy it for each use, which takes longer than a correction.
    """
    texts = Agent.objects.listed().values_list("search_text", flat=True)
    counts: Counter[str] = Counter()
    for text in texts.iterator():
        counts.update(set(_words_in(text)))
    plurals = _plurals(counts)
    joined = WORD + WORD.join(counts) + WORD
    return Vocabulary(counts, plurals, joined, _by_length(counts), _by_length(plurals))


def _words_in(text: str) -> Iterator[str]:
    """The id and the words of an agent's search text."""
    fields, _, marked = text.partition(FIELD + WORD)
    yield fields.split(FIELD, 2)[1].removeprefix("@")
    for words in marked.split(TAG):
        yield from (word for word in words.split(WORD) if word)


def _plurals(counts: Counter[str]) -> Counter[str]:
    plurals: Counter[str] = Counter()
    for word, count in counts.items():
        if len(word) >= MIN_LENGTH:
            plurals[f"{word}s"] += count
        if word.endswith("s") and len(word) > MIN_LENGTH:
            plurals[word[:-1]] += count
    return plurals


def _by_length(words: Iterable[str]) -> WordsByLength:
    words_by_length: WordsByLength = defaultdict(list)
    for word in words:
        # Scripts without blanks between words are not corrected.
        if not is_unspaced(word):
            words_by_length[len(word)].append(word)
    return dict(words_by_length)
