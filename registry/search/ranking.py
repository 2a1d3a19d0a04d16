"""The order of matching agents: the tiers of ``docs/SEARCH.md``, and the sorts."""

from functools import reduce
from operator import add

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable

from foundation.paging import Ordering, Sort
from registry.models import AgentQuerySet
from registry.search.matching import (
    ContainsAny,
    contains_loosely,
    filtered_agents,
    has_id,
    has_name,
    matching_agents,
    name_begins,
    whole_words,
    word_parts,
    words_or_tags,
)
from registry.search.query import BEST_MATCH, RECENT, AgentSearch, Term

# The tiers, best first.
EXACT_ID, EXACT_NAME, NAME_BEGINS, WHOLE_WORDS, WORDS_OR_TAGS, WORD_PARTS = range(6)

BY_ID = Sort("id")
NEWEST_FIRST = (Sort("updated_at", descending=True), BY_ID)
# Within a tier.
BY_WEIGHT = (Sort("search_weight", descending=True), *NEWEST_FIRST)
BY_MATCH = (Sort("match_tier"), *BY_WEIGHT)
ORDERINGS: dict[str, Ordering] = {
    RECENT: NEWEST_FIRST,
    "new": (Sort("created_at", descending=True), BY_ID),
    "name": (Sort("name"), BY_ID),
    "downloads": (Sort("download_count", descending=True), BY_ID),
    "downloads-30d": (Sort("downloads_30d", descending=True), BY_ID),
    "rating": (Sort("avg_rating", descending=True, nullable=True), BY_ID),
    BEST_MATCH: BY_MATCH,
}


def tier_conditions(search: AgentSearch) -> dict[int, Q]:
    """The condition of each tier. An agent is in the first tier that it meets.

    `NAME_BEGINS` includes the two before it, and `WORD_PARTS` includes `WORDS_OR_TAGS`, which
    includes `WHOLE_WORDS`.
    """
    text = search.text
    slug = text.replace(" ", "-").lstrip("@")
    return {
        EXACT_ID: has_id(slug),
        EXACT_NAME: has_name(text, slug),
        NAME_BEGINS: name_begins(text, slug),
        WHOLE_WORDS: Q(ContainsAny("search_text", whole_words(search.terms))),
        WORDS_OR_TAGS: Q(ContainsAny("search_text", words_or_tags(search.terms))),
        WORD_PARTS: Q(ContainsAny("search_text", word_parts(search.terms))),
    }


def agents_in_order(search: AgentSearch) -> AgentQuerySet:
    """All agents that match, in the order of the search.

    By best match they come in the order within a tier, each with its ``match_tier``: to sort by
    tier here would keep SQLite from reading the rows in the order of an index.
    """
    agents = matching_agents(search)
    if search.sort == BEST_MATCH and search.loose:
        agents = agents.annotate(match_tier=_loose_tier(search.terms))
    elif search.sort == BEST_MATCH:
        agents = agents.annotate(match_tier=_first_tier(tier_conditions(search)))
        return _ordered(agents, BY_WEIGHT)
    return _ordered(agents, ORDERINGS[search.sort])


def agents_in_tier(search: AgentSearch, tier: int) -> AgentQuerySet:
    """The agents of a tier in order, with their ``match_tier``.

    `NAME_BEGINS` stands for the first three tiers, which are small.
    """
    conditions = tier_conditions(search)
    agents = filtered_agents(search).filter(conditions[tier])
    if tier == NAME_BEGINS:
        names = {tier: conditions[tier] for tier in (EXACT_ID, EXACT_NAME, NAME_BEGINS)}
        return _ordered(agents.annotate(match_tier=_first_tier(names)), BY_MATCH)
    # These two include all better tiers.
    for better_tier in {NAME_BEGINS, tier - 1}:
        agents = agents.exclude(conditions[better_tier])
    return _ordered(agents.annotate(match_tier=Value(tier)), BY_WEIGHT)


def _first_tier(conditions: dict[int, Q]) -> Case:
    *better, last = conditions
    cases = [When(conditions[tier], then=Value(tier)) for tier in better]
    return Case(*cases, default=Value(last), output_field=IntegerField())


def _ordered(agents: AgentQuerySet, ordering: Ordering) -> AgentQuerySet:
    return agents.order_by(*[sort.order_by() for sort in ordering])


# --- Loose matches ---------------------------------------------------------------------------

# Points for each term: the number of terms found counts before the places where they are.
TERM_FOUND = 100
IN_WORDS, IN_WORD_PARTS, IN_DESCRIPTION = 4, 3, 2
LAST_LOOSE_TIER = 10_000


def _loose_tier(terms: tuple[Term, ...]) -> Case:
    """Lower for agents with more of the terms."""
    points = reduce(add, map(_points, terms))
    return Case(default=Value(LAST_LOOSE_TIER) - points, output_field=IntegerField())


def _points(term: Term) -> Combinable:
    words, parts = words_or_tags((term,)), word_parts((term,))
    return Case(
        When(ContainsAny("search_text", words), then=Value(TERM_FOUND + IN_WORDS)),
        When(ContainsAny("search_text", parts), then=Value(TERM_FOUND + IN_WORD_PARTS)),
        When(contains_loosely(term), then=Value(TERM_FOUND + IN_DESCRIPTION)),
        default=Value(0),
        output_field=IntegerField(),
    )
