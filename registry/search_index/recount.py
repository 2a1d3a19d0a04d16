"""Compares the search index with the agents, and its numbers with its postings."""

from django.db import transaction
from django.db.models import Sum

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.caching.actions import bump_revision
from registry.models import Agent, IndexedAgent, SearchPosting, SearchValue, SearchWord
from registry.search_index.actions import (
    CATALOGUE,
    is_findable,
    lock_index,
    read_texts,
)
from registry.search_index.columns import TAG
from registry.search_index.entries import entries_of, is_word, tag_of, tag_term, unpack_entries
from registry.search_index.postings import BLOCK_SIZE, Entry, unpack
from registry.search_index.vocabulary import save_counts


def count_wrong_terms(agent: Agent) -> int:
    """How many terms of an agent the index has wrongly; 0 if all is well."""
    texts = read_texts([agent]) if is_findable(agent) else {}
    expected_entries = entries_of(texts[agent.pk]) if texts else {}
    row = IndexedAgent.objects.filter(agent=agent).first()
    if row is None:
        return len(expected_entries)
    entries = unpack_entries(row.entries)
    wrong = sum(
        entries.get(term) != expected_entries.get(term)
        for term in entries.keys() | expected_entries.keys()
    )
    return wrong + _count_wrong_postings(row.number, expected_entries)


def _count_wrong_postings(number: int, expected_entries: dict[str, Entry]) -> int:
    block, offset = divmod(number, BLOCK_SIZE)
    present: dict[str, Entry] = {}
    rows = SearchPosting.objects.filter(block=block, term__in=list(expected_entries))
    for term, data in rows.values_list("term", "data"):
        postings = unpack(data)
        for posting in postings[postings["offset"] == offset]:
            present[term] = Entry(int(posting["impact"]), int(posting["fields"]))
    return sum(present.get(term) != entry for term, entry in expected_entries.items())


def find_wrong_counts() -> dict[str, tuple[int, int]]:
    """The terms whose stored number of agents is wrong: stored and actual number.

    `count_wrong_terms` proves the postings that are counted here.
    """
    sums = SearchPosting.objects.values_list("term").annotate(n=Sum("count")).order_by("term")
    actual = {term: n for term, n in sums.iterator() if is_word(term) or tag_of(term)}
    cached_counts = dict(SearchWord.objects.values_list("word", "agents").iterator())
    tags = SearchValue.objects.filter(kind=TAG).exclude(agents=0).values_list("value", "agents")
    cached_counts |= {tag_term(tag): agents for tag, agents in tags.iterator()}
    return {
        term: (cached_counts.get(term, 0), actual.get(term, 0))
        for term in sorted(cached_counts.keys() | actual.keys())
        if cached_counts.get(term) != actual.get(term)
    }


@transaction.atomic
def repair_counts(*, by: Actor) -> None:
    """Store the actual numbers of agents of all words and tags."""
    lock_index()
    wrong = find_wrong_counts()
    save_counts(
        {term: actual_count - cached_count for term, (cached_count, actual_count) in wrong.items()}
    )
    bump_revision(CATALOGUE)
    record("search_counts.repaired", "catalogue", "all", by=by, terms=len(wrong))
