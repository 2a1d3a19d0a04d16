"""The search index and the vectors of many synthetic agents, computed from arrays."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Max
from numpy.typing import NDArray

from devtools.synthetic.words import CATEGORIES
from foundation.bulk_writes import BulkInsert
from foundation.text.embedding import Embedder, load_embedder
from foundation.text.stems import german_stem, stem
from foundation.text.stop_words import STOP_WORDS
from foundation.text.terms import words_in
from registry.models import (
    Agent,
    AgentVector,
    IndexedAgent,
    SearchColumns,
    SearchPosting,
    SearchValue,
    SearchWord,
    VectorBlock,
)
from registry.search_index.columns import (
    COLUMN_BLOCK_SIZE,
    COLUMNS,
    FACETS,
    LANGUAGE_BITS,
    TAG,
    Flag,
    language_bits,
)
from registry.search_index.entries import (
    INDEX_VERSION,
    RULES,
    SATURATION,
    SearchField,
    language_term,
    scope_term,
    tag_term,
)
from registry.search_index.postings import BLOCK_SIZE, MAX_POSTED_IMPACT, POSTING
from registry.search_index.word_filter import add_to_filter
from registry.vectors import blocks as vector_blocks

if TYPE_CHECKING:
    from devtools.synthetic.bulk import BulkTexts

Array = NDArray[Any]
# Agents get the numbers from one on, so a number of a posting has so many bits.
NUMBER_BITS = 20
AGENTS_AT_ONCE = 2_000
EMBEDDED_WORDS = 24
NAME, TAGLINE, TAGS, CATEGORY, DESCRIPTION = 1.0, 1.5, 1.0, 0.7, 1.0
"""How much the words of each text count in the vector of a synthetic agent."""


def save_index(texts: "BulkTexts", rows: list[dict[str, Any]]) -> None:
    """Store the index of agents with the numbers 1, 2, …"""
    if IndexedAgent.objects.aggregate(last=Max("number"))["last"]:
        raise ValueError("The index must be empty.")
    insert = BulkInsert(IndexedAgent, ("number", "agent_id", "rule_set", "entries"))
    insert.insert((n, row["id"], INDEX_VERSION, b"") for n, row in enumerate(rows, 1))
    keys, impacts, fields = _postings_of_words(texts)
    counts = np.bincount(keys >> NUMBER_BITS, minlength=len(texts.words))
    _save_postings(texts.words, keys, impacts, fields)
    words = [(word, int(n)) for word, n in zip(texts.words, counts, strict=True) if n]
    add_to_filter(word for word, _ in words)
    BulkInsert(SearchWord, ("word", "stem", "german_stem", "agents")).insert(
        (word, stem(word), german_stem(word), n) for word, n in words
    )
    _save_filter_terms(texts, rows)
    _save_columns(rows)


def _postings_of_words(texts: "BulkTexts") -> tuple[Array, Array, Array]:
    """Word and number in one key, ascending, with impact and fields of each."""
    categories = _category_words(texts)
    parts = [
        _weighted(texts.names, SearchField.NAME),
        _weighted(texts.taglines, SearchField.TAGLINE),
        _weighted(texts.tags, SearchField.TAG),
        _weighted(categories, SearchField.CATEGORY),
        _weighted(texts.prose, SearchField.DESCRIPTION),
        _first_words(texts.names),
    ]
    keys, weights, fields = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    del parts
    order = np.argsort(keys, kind="stable")
    keys, weights, fields = keys[order], weights[order], fields[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    sums = np.add.reduceat(weights, starts)
    impacts = np.maximum(1, np.rint(MAX_POSTED_IMPACT * sums / (SATURATION + sums)))
    return keys[starts], impacts.astype(np.uint8), np.bitwise_or.reduceat(fields, starts)


def _category_words(texts: "BulkTexts") -> Array:
    places = {word: place for place, word in enumerate(texts.words)}
    rows = [[places[word] for word in words_in(category)] for category in CATEGORIES]
    table = np.array([row + [-1] * (2 - len(row)) for row in rows])
    words: Array = table[texts.categories]
    return words


def _weighted(rows: Array, field: SearchField) -> tuple[Array, Array, Array]:
    rule, is_word = RULES[field], rows >= 0
    lengths = 1 - rule.b + rule.b * is_word.sum(axis=1) / rule.average
    weights = np.broadcast_to((rule.weight / lengths)[:, None], rows.shape)[is_word]
    keys = _keys(rows)[is_word]
    return keys, weights.astype(np.float32), np.full(len(keys), int(field), np.uint8)


def _keys(rows: Array) -> Array:
    numbers = np.arange(1, len(rows) + 1)[:, None]
    keys: Array = (rows.astype(np.int64) << NUMBER_BITS) | numbers
    return keys


def _first_words(names: Array) -> tuple[Array, Array, Array]:
    first = np.where(names[:, :1] >= 0, names[:, :1], names[:, 1:2])
    keys = _keys(first)[:, 0]
    return (
        keys,
        np.zeros(len(keys), np.float32),
        np.full(len(keys), int(SearchField.FIRST), np.uint8),
    )


def _save_postings(terms: list[str], keys: Array, impacts: Array, fields: Array) -> None:
    """Store postings of terms by their places; the keys ascend."""
    numbers = keys & ((1 << NUMBER_BITS) - 1)
    places, numbers_of_blocks = keys >> NUMBER_BITS, numbers // BLOCK_SIZE
    rows = np.zeros(len(keys), POSTING)
    rows["offset"], rows["impact"], rows["fields"] = numbers % BLOCK_SIZE, impacts, fields
    keys_of_blocks = places * (1 << NUMBER_BITS) + numbers_of_blocks
    starts = np.flatnonzero(np.concatenate([[True], keys_of_blocks[1:] != keys_of_blocks[:-1]]))
    ends = np.append(starts[1:], len(keys_of_blocks))
    blocks = zip(
        places[starts].tolist(),
        numbers_of_blocks[starts].tolist(),
        starts.tolist(),
        ends.tolist(),
        strict=True,
    )
    BulkInsert(SearchPosting, ("term", "block", "count", "data")).insert(
        (terms[place], block, end - start, rows[start:end].tobytes())
        for place, block, start, end in blocks
    )


def _save_filter_terms(texts: "BulkTexts", rows: list[dict[str, Any]]) -> None:
    tags, scopes = texts.tags, [scope_term(row["scope"]) for row in rows]
    tag_keys = _keys(tags)[tags >= 0]
    used_tags = np.unique(tag_keys >> NUMBER_BITS)
    terms = [*sorted(set(scopes)), language_term("en")]
    places = {term: place for place, term in enumerate(terms)}
    scope_rows = np.array([[places[scope], places[language_term("en")]] for scope in scopes])
    for names, keys in (
        ([tag_term(word) for word in texts.words], np.sort(tag_keys)),
        (terms, np.sort(_keys(scope_rows).ravel())),
    ):
        impacts = np.full(len(keys), MAX_POSTED_IMPACT, np.uint8)
        _save_postings(names, keys, impacts, np.zeros(len(keys), np.uint8))
    counts = np.bincount(tag_keys >> NUMBER_BITS)
    BulkInsert(SearchValue, ("kind", "value", "agents")).insert(
        (TAG, texts.words[place], int(counts[place])) for place in used_tags.tolist()
    )


def _save_columns(rows: list[dict[str, Any]]) -> None:
    kinds = {
        "category": "category_id",
        "channel": "latest_channel",
        "license": "license",
        "provider": "model_provider",
    }
    codes = {
        (kind, value): SearchValue.objects.create(kind=kind, value=value).pk
        for kind in FACETS
        for value in sorted({str(row[kinds[kind]]) for row in rows})
    }
    weights = dict(Agent.objects.values_list("pk", "search_weight"))
    columns = np.zeros(-(-(len(rows) + 1) // COLUMN_BLOCK_SIZE) * COLUMN_BLOCK_SIZE, COLUMNS)
    for number, row in enumerate(rows, 1):
        flags = Flag.LISTED | (Flag.REQUIRES_SECRETS if row["requires_secrets"] else 0)
        values = [codes[kind, str(row[kinds[kind]])] for kind in FACETS]
        seconds = int(row["updated_at"].timestamp())
        columns[number] = (int(flags), weights[row["id"]], *values, seconds)
    languages = np.full(COLUMN_BLOCK_SIZE, language_bits(["en"]), LANGUAGE_BITS).tobytes()
    insert = BulkInsert(SearchColumns, ("block", "revision", "data", "languages"))
    insert.insert(
        (
            start // COLUMN_BLOCK_SIZE,
            1,
            columns[start : start + COLUMN_BLOCK_SIZE].tobytes(),
            languages,
        )
        for start in range(0, len(columns), COLUMN_BLOCK_SIZE)
    )


def save_vectors(texts: "BulkTexts", rows: list[dict[str, Any]]) -> None:
    """Store the vectors of agents with the numbers 1, 2, …, without neighbours."""
    embedder = load_embedder()
    if embedder is None:
        return
    vectors = _word_vectors(embedder, texts.words)
    fields = (
        (NAME, texts.names),
        (TAGLINE, texts.taglines),
        (TAGS, texts.tags),
        (CATEGORY, _category_words(texts)),
        (DESCRIPTION, texts.prose[:, :EMBEDDED_WORDS]),
    )
    size = vector_blocks.BLOCK_SIZE
    packed_vectors = np.zeros((-(-(len(rows) + 1) // size) * size, embedder.width), np.int8)
    for start in range(0, len(rows), AGENTS_AT_ONCE):
        part = slice(start, start + AGENTS_AT_ONCE)
        parts = [weight * _unit(vectors[words[part]].sum(axis=1)) for weight, words in fields]
        total = np.sum(parts, axis=0)
        packed_vectors[start + 1 : start + 1 + len(total)] = vector_blocks.pack_vector(_unit(total))
    BulkInsert(VectorBlock, ("block", "revision", "data")).insert(
        (start // size, 1, packed_vectors[start : start + size].tobytes())
        for start in range(0, len(packed_vectors), size)
    )
    BulkInsert(AgentVector, ("agent_id", "model", "digest", "similar")).insert(
        (row["id"], embedder.name, "", b"") for row in rows
    )


def _word_vectors(embedder: Embedder, words: Sequence[str]) -> Array:
    """A vector for each word. The model reads only topics: all words take too long."""
    topics = {topic for _, category_topics in CATEGORIES.values() for topic in category_topics}
    vectors = np.random.default_rng(7).normal(size=(len(words) + 1, embedder.width)) / 40
    for place, word in enumerate(words):
        if word in topics:
            vectors[place] = embedder.embed_text(word)
        elif word in STOP_WORDS:
            vectors[place] = 0
    vectors[-1] = 0
    word_vectors: Array = vectors.astype(np.float32)
    return word_vectors


def _unit(vectors: Array) -> Array:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit_vectors: Array = vectors / np.maximum(lengths, np.float32(1e-6))
    return unit_vectors
