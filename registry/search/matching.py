"""Finds the agents of a search and their order, once for all of a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foundation.text.stems import stem
from registry.agents.revisions import site_revisions
from registry.models import Channel
from registry.search.fusion import add_meaning
from registry.search.names import find_named, is_id
from registry.search.query import AgentSearch, Operator
from registry.search.scoring import (
    BEST_LEVEL,
    LOOSE,
    NAME_BEGINS,
    NONE,
    TEXT,
    Scores,
    score,
)
from registry.search.understanding import QueryWord, understand
from registry.search_index.columns import Flag
from registry.search_index.entries import language_term, scope_term, tag_term
from registry.search_index.queries import (
    Columns,
    Postings,
    find_words,
    find_words_beginning,
    read_columns,
    read_postings,
)

Array = NDArray[Any]

# Loosely related agents are listed below fewer results than this, and at most so many of them.
ENOUGH, MAX_LOOSE = 5, 20
MAX_SCOPES = 50
LAST_RANK = np.int64(2**62)
_SECONDS = 2**32 - 1


@dataclass
class AgentMatches:
    """The agents that a search finds.

    ``candidates`` pass all filters that no facet counts, ``filters`` has the mask of each of the
    others. All arrays have one place for each agent number.
    """

    search: AgentSearch
    columns: Columns
    scores: Scores
    candidates: Array
    filters: dict[str, Array]
    words: Sequence[QueryWord] = ()
    # Which agents the words alone do not find.
    by_meaning: Array = field(default_factory=lambda: np.zeros(0, bool))

    @cached_property
    def passing(self) -> Array:
        """Which agents pass all filters, whatever the text."""
        mask = self.candidates.copy()
        for passes in self.filters.values():
            mask &= passes
        return mask

    @cached_property
    def mask(self) -> Array:
        """Which agents are found."""
        return self.passing & (self.scores.tiers <= self.worst_tier)

    @cached_property
    def worst_tier(self) -> int:
        """The worst listed tier: loose results only if there is little else."""
        better = int(np.count_nonzero(self.passing & (self.scores.tiers < LOOSE)))
        return LOOSE if better < ENOUGH else TEXT

    @property
    def total(self) -> int:
        return len(self.numbers)

    @cached_property
    def numbers(self) -> Array:
        """The numbers of all that are found, in no order."""
        numbers = np.flatnonzero(self.mask)
        if self.worst_tier < LOOSE:
            return numbers
        loose = self.scores.tiers[numbers] == LOOSE
        count = len(numbers) - max(0, int(np.count_nonzero(loose)) - MAX_LOOSE)
        return self._first(numbers, count)

    def ranks_of(self, numbers: Array) -> Array:
        """The ranks of agents, lower is better: tier, score, weight, last publish."""
        rows = self.columns.rows
        ranks: Array = self.scores.tiers[numbers].astype(np.int64) << 48
        ranks |= (255 - self.scores.levels[numbers]).astype(np.int64) << 40
        ranks |= (255 - rows["weight"][numbers]).astype(np.int64) << 32
        ranks |= _SECONDS - rows["updated"][numbers].astype(np.int64)
        return ranks

    def best(self, count: int) -> Array:
        """The numbers of the first that are found, best first."""
        return self._first(self.numbers, count)

    def _first(self, numbers: Array, count: int) -> Array:
        ranks = self.ranks_of(numbers)
        if 4 * count < len(numbers):
            # To sort all of a common word takes ten times as long as the rest of the search.
            worst = np.partition(ranks, count - 1)[count - 1] if count > 0 else -1
            is_first = ranks <= worst
            numbers, ranks = numbers[is_first], ranks[is_first]
        # By number in the end, so that equal ranks have one order on each page.
        return numbers[np.lexsort((numbers, ranks))][:count]

    @property
    def is_loose(self) -> bool:
        """Whether all that is found is loosely related."""
        return self.best_tier == LOOSE

    @cached_property
    def best_tier(self) -> int:
        """The tier of the first result; NONE without results."""
        return int(self.scores.tiers[self.numbers].min(initial=NONE))

    @property
    def spelling(self) -> str:
        """The text with its corrections, or "" without any."""
        if not any(word.correction for word in self.words):
            return ""
        return " ".join(word.correction or word.text for word in self.words)

    def is_by_meaning(self, number: int) -> bool:
        """Whether an agent is found by the meaning of the text, and not by its words."""
        return number < len(self.by_meaning) and bool(self.by_meaning[number])

    def missing_words(self, number: int) -> list[str]:
        """The words of the search that an agent does not have."""
        bits = int(self.scores.words[number])
        return [word.text for place, word in enumerate(self.words) if not bits >> place & 1]


def find_matches(search: AgentSearch, *, forgiving: bool = True) -> AgentMatches:
    """The matches of a search.

    Filters that were read from the text are text if no agent fits with them. ``forgiving``:
    corrections, meaning and loosely related agents count.
    """
    matches = _find(search, forgiving=forgiving)
    if search.intents and not matches.mask.any():
        # A name such as *Free Writer* is read as a filter, and the agent of this name must be
        # found.
        plain = replace(search, text=search.name, intents=())
        return _find(plain, forgiving=forgiving)
    return matches


def _find(search: AgentSearch, *, forgiving: bool) -> AgentMatches:
    revisions = site_revisions()
    columns = read_columns((revisions.catalogue, revisions.ranking))
    size = columns.size
    words = understand(search.words)
    if not forgiving:
        words = [replace(word, alternatives=()) if word.correction else word for word in words]
    postings = read_postings(sorted({*_terms_of(words), *_filter_terms(search)}))
    scores = _score(search, words, postings, size, columns.listed_count)
    candidates = _candidates(search, columns, postings, size)
    filters = _facet_filters(search, columns)
    if search.languages:
        filters["language"] = np.ones(size, bool)
        for language in search.languages:
            filters["language"] &= _has_term(postings, language_term(language), size)
    if not forgiving:
        scores.tiers[scores.tiers == LOOSE] = NONE
        return AgentMatches(search, columns, scores, candidates, filters, words)
    fusion = add_meaning(_corrected(search, words), scores, candidates, columns.revision)
    return AgentMatches(
        search, columns, fusion.scores, candidates, filters, words, fusion.by_meaning
    )


def _corrected(search: AgentSearch, words: Sequence[QueryWord]) -> str:
    """The text whose meaning is searched; "" for one that is an id or has no words."""
    # An id names one agent, and those of similar meaning would be noise.
    if not words or is_id(search.name) or search.name.startswith("@"):
        return ""
    if any(word.correction for word in words):
        return " ".join(word.correction or word.text for word in words)
    return search.text


def _terms_of(words: Iterable[QueryWord]) -> Iterable[str]:
    return (alternative.term for word in words for alternative in word.alternatives)


# --- Text ------------------------------------------------------------------------------------


def _score(
    search: AgentSearch,
    words: Sequence[QueryWord],
    postings: dict[str, Postings],
    size: int,
    catalogue: int,
) -> Scores:
    scopes = _scope_numbers(search)
    if scopes is not None or is_id(search.name):
        scores = _equal_scores(size, NONE)
        _mark(scores, NAME_BEGINS, [] if scopes is None else scopes.tolist())
    elif words:
        scores = score(words, postings, size, catalogue)
    else:
        scores = _equal_scores(size, NONE if search.text else TEXT)
    if search.has_text:
        for tier, numbers in find_named(search.name).items():
            _mark(scores, tier, numbers)
    return scores


def _equal_scores(size: int, tier: int) -> Scores:
    return Scores(
        np.full(size, tier, np.uint8),
        np.zeros(size, np.uint8),
        np.zeros(size, np.uint32),
        np.zeros(size, np.float32),
    )


def _mark(scores: Scores, tier: int, numbers: Sequence[int]) -> None:
    # An agent may have been published since the columns were read.
    indexed = [number for number in numbers if number < len(scores.tiers)]
    scores.tiers[indexed] = tier
    scores.levels[indexed] = BEST_LEVEL
    scores.words[indexed] = np.uint32(2**32 - 1)


def _scope_numbers(search: AgentSearch) -> Array | None:
    """The agents of the scopes that begin with "@ada"; None for other texts."""
    if not search.name.startswith("@") or not search.name[1:] or {" ", "/"} & {*search.name}:
        return None
    scopes = [word.word for word in find_words_beginning(search.name, MAX_SCOPES)]
    numbers = [posting.numbers for posting in read_postings(scopes).values()]
    return np.concatenate(numbers) if numbers else None


# --- Filters ---------------------------------------------------------------------------------


def _filter_terms(search: AgentSearch) -> Iterable[str]:
    yield from (tag_term(tag) for tag in search.tags)
    yield from [scope_term(search.scope)] if search.scope else []
    for operator in search.operators:
        yield from _operator_terms(operator)
    yield from map(language_term, search.languages)


def _operator_terms(operator: Operator) -> list[str]:
    if operator.kind == "scope":
        return [scope_term(operator.value)]
    return [tag_term(operator.value)] if operator.kind == "tag" else []


def _candidates(
    search: AgentSearch, columns: Columns, postings: dict[str, Postings], size: int
) -> Array:
    """Which agents pass the filters without facets: scope, tags, operators, languages."""
    mask = columns.findable.copy()

    required = [tag_term(tag) for tag in search.tags]
    required += [scope_term(search.scope)] if search.scope else []
    for term in required:
        mask &= _has_term(postings, term, size)
    for operator in search.operators:
        if operator.kind == "word":
            continue
        terms = _operator_terms(operator)
        fits = (
            _has_term(postings, terms[0], size)
            if terms
            else _has_value(columns, "category", [operator.value])
        )
        mask &= ~fits if operator.excludes else fits
    for numbers in _excluded_numbers(search):
        mask[numbers] = False
    return mask


def _has_term(postings: dict[str, Postings], term: str, size: int) -> Array:
    has_term = np.zeros(size, bool)
    if term in postings:
        has_term[postings[term].numbers] = True
    return has_term


def _excluded_numbers(search: AgentSearch) -> Iterable[Array]:
    """The agents that have a word with a minus, in any of its forms."""
    excluded = search.excluded_words
    if not excluded:
        return
    # Without corrections and synonyms: a minus must exclude no more than what was typed.
    forms = find_words(excluded, {stem(word) for word in excluded}, ())
    for posting in read_postings([form.word for form in forms]).values():
        yield posting.numbers


def _facet_filters(search: AgentSearch, columns: Columns) -> dict[str, Array]:
    """The mask of each filter that a facet counts without."""
    flags = columns.rows["flags"]
    masks = {"channel": is_in_channel(columns, search.channel)}
    for kind in ("category", "license", "provider"):
        value = getattr(search, kind)
        if value:
            masks[kind] = _has_value(columns, kind, [value])
    if search.no_secrets:
        masks["no_secrets"] = flags & Flag.REQUIRES_SECRETS == 0
    for intent in search.intents:
        if intent.kind == "secrets":
            masks["no_secrets"] = flags & Flag.REQUIRES_SECRETS == 0
        elif intent.kind == "provider":
            fits = _has_value(columns, "provider", intent.values)
            masks["provider"] = masks.get("provider", True) & fits
        elif intent.kind == "license":
            names = [
                value
                for (kind, value) in columns.codes
                if kind == "license" and value.lower().startswith(intent.value.lower())
            ]
            masks["license"] = masks.get("license", True) & _has_value(columns, "license", names)
    return masks


def is_in_channel(columns: Columns, channel: str) -> Array:
    if channel == Channel.BETA:
        return columns.rows["flags"] & Flag.OFFERS_BETA > 0
    listed = columns.listed
    return listed & _has_value(columns, "channel", [channel]) if channel else listed


def _has_value(columns: Columns, kind: str, values: Iterable[str]) -> Array:
    codes = [columns.codes[kind, value] for value in values if (kind, value) in columns.codes]
    column = columns.rows[kind]
    return column == codes[0] if len(codes) == 1 else np.isin(column, codes)
