"""Counts the matches of each filter value, with all other filters applied."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from django.db.models import IntegerField
from numpy.typing import NDArray

from foundation.compiled_query import CompiledQuery, list_parameter
from registry.models import AgentTag, Channel
from registry.search.masks import has_price, is_in_channel, requires_secrets
from registry.search.matching import AgentMatches
from registry.search.query import FREE, PAID, RECENT, AgentSearch
from registry.search_index.columns import LANGUAGES
from registry.search_index.entries import tag_term
from registry.search_index.queries import find_common_tags, read_postings

Array = NDArray[Any]
# The best results, whose tags are offered.
MAX_TAGGED = 200


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """The counts of each facet by its values; values without agents are missing.

    ``total`` is the number of agents that match the search, and ``without_secrets`` the number that
    would match if required secrets were excluded. The channel "" is any channel.
    """

    total: int = 0
    without_secrets: int = 0
    prices: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    licenses: Counter[str] = field(default_factory=Counter)
    providers: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    # The most frequent tags; a count of None is not known.
    tags: Sequence[tuple[str, int | None]] = ()


def count_facets(matches: AgentMatches) -> FacetCounts:
    """Count all facets of a search but the tags: each with all other filters applied."""
    columns = matches.columns

    @cache
    def found_without(facet: str) -> Array:
        # Without its own filter, or a facet would offer nothing but the value that is chosen.
        places = np.flatnonzero(matches.found_without(facet))
        numbers: Array = matches.scores.numbers[places]
        return numbers

    def numbers_without(facet: str) -> Array:
        # Most searches have no filter, so most facets are counted among the same agents.
        return found_without(facet if facet in matches.filters else "")

    def count(facet: str) -> Counter[str]:
        # Codes are small numbers, so counting needs no sorting.
        counts = np.bincount(columns.rows[facet][numbers_without(facet)])
        codes = np.flatnonzero(counts).tolist()
        return Counter(
            {columns.values[code]: int(counts[code]) for code in codes if code in columns.values}
        )

    of_any_channel = numbers_without("channel")
    channels = {
        channel: int(np.count_nonzero(is_in_channel(columns, channel, of_any_channel)))
        for channel in ("", *Channel.values)
    }
    with_secrets = requires_secrets(columns, numbers_without("no_secrets"))
    of_any_price = numbers_without("price")
    paid_count = int(np.count_nonzero(has_price(columns, of_any_price)))
    return FacetCounts(
        total=matches.total,
        without_secrets=int(np.count_nonzero(~with_secrets)),
        prices=Counter({FREE: len(of_any_price) - paid_count, PAID: paid_count}),
        categories=count("category"),
        channels=+Counter(channels),
        licenses=count("license"),
        providers=count("provider"),
        languages=_count_languages(columns.rows["languages"][numbers_without("language")]),
    )


def _count_languages(bits: Array) -> Counter[str]:
    """Count the agents by language, from the bits of each."""
    counts = np.bincount(bits)
    languages: Counter[str] = Counter()
    # Few sets of languages are in use.
    for languages_together in np.flatnonzero(counts).tolist():
        for place, language in enumerate(LANGUAGES):
            if languages_together >> place & 1:
                languages[language] += int(counts[languages_together])
    return languages


def common_tags(matches: AgentMatches, limit: int = 12) -> list[tuple[str, int | None]]:
    """The most frequent tags of the matches with counts, without the searched ones.

    Those of many matches are the tags of the best, and their counts among all are None.
    """
    search = matches.search
    if replace(search, sort=RECENT) == AgentSearch():
        counts = _count_tags(find_common_tags(2 * limit), matches)
        return list(_most_common(counts, limit))
    counts = Counter(_read_tags(matches.best(MAX_TAGGED).tolist()))
    for tag in search.tags:
        counts.pop(tag, None)
    tags = _most_common(counts, limit)
    # To count them among all would take longer than the search.
    return list(tags) if matches.total <= MAX_TAGGED else [(tag, None) for tag, _ in tags]


def _most_common(counts: Counter[str], limit: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]


def _read_tags(numbers: list[int]) -> list[str]:
    """The tags of up to `MAX_TAGGED` agents, once for each of them."""
    if not numbers:
        return []
    # One query for all numbers of agents: repeated numbers change nothing.
    padding = [numbers[0]] * (MAX_TAGGED - len(numbers))
    return [tag for (tag,) in _tags_query().tuples(numbers=[*numbers, *padding])]


@cache
def _tags_query() -> CompiledQuery:
    numbers = list_parameter("numbers", IntegerField(), MAX_TAGGED)
    return CompiledQuery(AgentTag.objects.filter(agent__indexed__number__in=numbers).values("tag"))


def _count_tags(tags: Sequence[str], matches: AgentMatches) -> Counter[str]:
    """How many matches have each tag."""
    postings = read_postings([tag_term(tag) for tag in tags])
    is_match = np.zeros(matches.columns.size, bool)
    is_match[matches.numbers] = True
    counts: Counter[str] = Counter()
    for tag in tags:
        if tag_term(tag) in postings:
            numbers = postings[tag_term(tag)].numbers
            counts[tag] = int(np.count_nonzero(is_match[numbers[numbers < len(is_match)]]))
    return +counts
