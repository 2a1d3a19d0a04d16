"""The terms of an agent, each with an impact.

The impact is the part of BM25F that depends on the agent alone, so it is computed at publish. The
other part, how rare a term is, is counted at search.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntFlag
from itertools import pairwise

from foundation.text.languages import languages_of
from foundation.text.normalise import fold
from foundation.text.terms import index_terms, words_in
from registry.models import Agent
from registry.search_index.postings import MAX_POSTED_IMPACT, Entry

INDEX_VERSION = 4
"""Increased with every change of entries or columns; `prepare` then makes them anew."""

# More words of a text say nothing new about an agent.
MAX_DESCRIPTION_WORDS, MAX_BODY_WORDS = 1_000, 3_000
# The most frequent terms of the files, so that one agent cannot fill the index.
MAX_BODY_TERMS = 150
SATURATION = 4.0


class SearchField(IntFlag):
    """Where a term occurs. FIRST: as the first word of the name."""

    NAME = 1
    FIRST = 2
    TAGLINE = 4
    TAG = 8
    CATEGORY = 16
    DESCRIPTION = 32
    BODY = 64
    SCOPE = 128


@dataclass(frozen=True, slots=True)
class FieldRule:
    """``average``: usual number of words; ``b``: how much length matters."""

    weight: float
    average: int
    b: float


RULES = {
    SearchField.NAME: FieldRule(8.0, 3, 0.2),
    SearchField.TAGLINE: FieldRule(4.5, 11, 0.2),
    SearchField.TAG: FieldRule(4.5, 4, 0.2),
    SearchField.CATEGORY: FieldRule(2.5, 2, 0.0),
    SearchField.DESCRIPTION: FieldRule(2.0, 80, 0.3),
    SearchField.BODY: FieldRule(0.6, 400, 0.5),
    SearchField.SCOPE: FieldRule(1.0, 1, 0.0),
}


@dataclass(frozen=True, slots=True)
class AgentTexts:
    """The searched texts of an agent.

    ``files`` are those of its package, ``translations`` its descriptions in other languages.
    """

    agent: Agent
    tags: Sequence[str]
    files: Sequence[str] = ()
    translations: Sequence[str] = ()


def entries_of(texts: AgentTexts) -> dict[str, Entry]:
    """All terms of an agent, and those that filters look up."""
    words = _words_by_field(texts)
    frequencies: dict[str, float] = {}
    fields: dict[str, int] = {}
    for field, rule in RULES.items():
        field_words = words[field]
        # A flag of `enum` takes ten times as long to combine as a number.
        bit = int(field)
        length = 1 - rule.b + rule.b * len(field_words) / rule.average
        counts = _count_terms(field_words)
        if field == SearchField.BODY:
            counts = dict(Counter(counts).most_common(MAX_BODY_TERMS))
        # A fourth occurrence counts no more, so that repeating a word wins no place.
        weights = [0.0, *(rule.weight * count / length for count in (1, 2, 3))]
        for term, count in counts.items():
            frequencies[term] = frequencies.get(term, 0.0) + weights[count if count < 3 else 3]
            fields[term] = fields.get(term, 0) | bit
    first = int(SearchField.FIRST)
    for term in _first_terms(texts.agent):
        fields[term] = fields.get(term, 0) | first
    # Most terms of an agent occur once in the same field, so their entries are equal.
    equal_entries: dict[tuple[float, int], Entry] = {}
    entries: dict[str, Entry] = {}
    for term, frequency in frequencies.items():
        key = frequency, fields[term]
        if key not in equal_entries:
            impact = _impact(frequency) // (2 if texts.agent.is_retired else 1)
            equal_entries[key] = Entry(max(1, impact), fields[term])
        entries[term] = equal_entries[key]
    return entries | {term: Entry(MAX_POSTED_IMPACT, 0) for term in _filter_terms(texts, words)}


def _count_terms(words: Sequence[str]) -> dict[str, int]:
    counts = Counter(words)
    if all(word.isascii() for word in counts):
        return counts
    return Counter(term for word in words for term in index_terms(word))


def _impact(frequency: float) -> int:
    return max(1, round(MAX_POSTED_IMPACT * frequency / (SATURATION + frequency)))


def _words_by_field(texts: AgentTexts) -> dict[SearchField, list[str]]:
    agent = texts.agent
    name_words = words_in(agent.display_name)
    id_words = words_in(agent.name)
    missing_words = [word for word in id_words if word not in name_words]
    # People write "change log" and "changelog".
    compounds = {"".join(pair) for pair in pairwise(name_words)}
    compounds |= {"".join(id_words)} if len(id_words) > 1 else set()
    # Words are shorter than twelve characters on average, so no more than that is split.
    body = [word for text in texts.files for word in words_in(text[: MAX_BODY_WORDS * 12])]
    return {
        SearchField.NAME: [*name_words, *missing_words, *sorted(compounds - set(name_words))],
        SearchField.TAGLINE: words_in(agent.tagline),
        SearchField.TAG: [word for tag in texts.tags for word in words_in(tag)],
        SearchField.CATEGORY: words_in(agent.category_id),
        SearchField.DESCRIPTION: [
            *words_in(agent.description)[:MAX_DESCRIPTION_WORDS],
            *(word for tagline in agent.taglines.values() for word in words_in(tagline)),
            *(
                word
                for translation in texts.translations
                for word in words_in(translation)[:MAX_DESCRIPTION_WORDS]
            ),
        ],
        SearchField.BODY: body[:MAX_BODY_WORDS],
        SearchField.SCOPE: words_in(agent.scope),
    }


def _first_terms(agent: Agent) -> Iterable[str]:
    for name in (agent.display_name, agent.name):
        words = words_in(name)[:1]
        yield from (term for word in words for term in index_terms(word)[:1])
        yield from words if words and len(words[0]) == len(index_terms(words[0])[0]) else ()


def _filter_terms(texts: AgentTexts, words: dict[SearchField, list[str]]) -> Iterable[str]:
    yield scope_term(texts.agent.scope)
    yield from (tag_term(tag) for tag in texts.tags)
    sample = (
        *words[SearchField.TAGLINE],
        *words[SearchField.DESCRIPTION],
        *words[SearchField.BODY],
    )
    yield from (language_term(language) for language in languages_of(sample))


def scope_term(scope: str) -> str:
    return f"@{scope}"


def tag_term(tag: str) -> str:
    return f"tag:{fold(tag)}"[:160]


def tag_of(term: str) -> str:
    """The tag of a term; "" for other terms."""
    return term.removeprefix("tag:") if term.startswith("tag:") else ""


def language_term(language: str) -> str:
    return f"lang:{language}"


def languages_in(terms: Iterable[str]) -> list[str]:
    """The languages among the terms of an agent."""
    return [term.removeprefix("lang:") for term in terms if term.startswith("lang:")]


def is_word(term: str) -> bool:
    """Whether a term is in the vocabulary; terms of filters are not."""
    return ":" not in term


# --- Stored with the agent, so that a change touches only the terms that changed ---------------


def pack_entries(entries: dict[str, Entry]) -> bytes:
    # "replace", because a text may have half of a surrogate pair, which UTF-8 cannot write.
    lines = (f"{term}\t{entry.impact}\t{entry.fields}" for term, entry in sorted(entries.items()))
    return zlib.compress("\n".join(lines).encode("utf-8", "replace"), 6)


def unpack_entries(data: bytes | memoryview) -> dict[str, Entry]:
    if not data:
        return {}
    lines = zlib.decompress(data).decode().split("\n")
    rows = (line.split("\t") for line in lines if line)
    return {term: Entry(int(impact), int(fields)) for term, impact, fields in rows}
