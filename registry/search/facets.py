"""Counts the matches of each filter value, with all other filters applied."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from django.db.models import Count, QuerySet
from numpy.typing import NDArray

from foundation.text.languages import NAMES
from registry.models import AgentTag, Channel
from registry.search.matching import AgentMatches, is_in_channel
from registry.search.query import RECENT, AgentSearch
from registry.search_index.columns import Flag
from registry.search_index.entries import language_term, tag_term
from registry.search_index.queries import find_common_tags, read_postings

Array = NDArray[Any]
# The best results, whose tags are counted among all results.
MAX_TAGGED = 500


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """The counts of each facet by its values; values without agents are missing.

    ``total`` is the number of agents that match the search, and ``without_secrets`` the number that
    would match if required secrets were excluded. The channel "" is any channel.
    """

    total: int = 0
    without_secrets: int = 0
    categories: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    licenses: Counter[str] = field(default_factory=Counter)
    providers: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    # The most frequent tags of the matches.
    tags: Sequence[tuple[str, int]] = ()


def count_facets(matches: AgentMatches) -> FacetCounts:
    """Count all facets of a search but the tags: each with all other filters applied."""
    columns = matches.columns

    def mask_without(facet: str) -> Array:
        # Without its own filter, or a facet would offer nothing but the value that is chosen.
        mask = matches.candidates & (matches.scores.tiers <= matches.worst_tier)
        for kind, passes in matches.filters.items():
            if kind != facet:
                mask &= passes
        return mask

    def count(facet: str) -> Counter[str]:
        # Codes are small numbers, so counting needs no sorting.
        counts = np.bincount(columns.rows[facet][mask_without(facet)])
        codes = np.flatnonzero(counts).tolist()
        return Counter(
            {columns.values[code]: int(counts[code]) for code in codes if code in columns.values}
        )

    any_channel = mask_without("channel")
    channels = {
        channel: int(np.count_nonzero(any_channel & is_in_channel(columns, channel)))
        for channel in ("", *Channel.values)
    }
    asks = columns.rows["flags"] & Flag.REQUIRES_SECRETS > 0
    return FacetCounts(
        total=matches.total,
        without_secrets=int(np.count_nonzero(mask_without("no_secrets") & ~asks)),
        categories=count("category"),
        channels=+Counter(channels),
        licenses=count("license"),
        providers=count("provider"),
        languages=_count_languages(mask_without("language")),
    )


def _count_languages(mask: Array) -> Counter[str]:
    terms = {language_term(language): language for language in NAMES}
    postings = read_postings(list(terms))
    return +Counter(
        {
            terms[term]: int(np.count_nonzero(mask[posting.numbers]))
            for term, posting in postings.items()
        }
    )


def common_tags(matches: AgentMatches, limit: int = 12) -> list[tuple[str, int]]:
    """The most frequent tags of the matches with counts, without the searched ones."""
    search = matches.search
    if replace(search, sort=RECENT) == AgentSearch():
        tags = find_common_tags(2 * limit)
    else:
        numbers = matches.best(MAX_TAGGED).tolist()
        rows = AgentTag.objects.exclude(tag__in=search.tags).filter(agent__indexed__in=numbers)
        candidates = _most_common(rows, 2 * limit)
        if matches.total <= MAX_TAGGED:
            return candidates[:limit]
        tags = [tag for tag, _ in candidates]
    counts = _count_tags(tags, matches)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]


def _count_tags(tags: Sequence[str], matches: AgentMatches) -> Counter[str]:
    """How many matches have each tag."""
    postings = read_postings([tag_term(tag) for tag in tags])
    is_match = np.zeros(matches.columns.size, bool)
    is_match[matches.numbers] = True
    counts = {
        tag: int(np.count_nonzero(is_match[postings[tag_term(tag)].numbers]))
        for tag in tags
        if tag_term(tag) in postings
    }
    return +Counter(counts)


def _most_common(tags: QuerySet[AgentTag], limit: int | None = None) -> list[tuple[str, int]]:
    counts = tags.order_by().values_list("tag").annotate(n=Count("*")).order_by("-n", "tag")
    return list(counts[:limit])
