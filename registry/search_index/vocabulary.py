"""Counts the agents that have each word and each tag."""

from collections.abc import Mapping

from foundation.batches import in_batches
from foundation.bulk_writes import BulkInsert
from foundation.text.stems import german_stem, stem
from registry.models import SearchValue, SearchWord
from registry.search_index.columns import TAG
from registry.search_index.entries import is_word, tag_of, tag_term
from registry.search_index.word_filter import add_to_filter

WORDS_AT_ONCE = 500

SAVED_WORDS = BulkInsert(
    SearchWord,
    ("word", "stem", "german_stem", "agents"),
    replace=("agents",),
    unique=("word",),
)
SAVED_TAGS = BulkInsert(
    SearchValue, ("kind", "value", "agents"), replace=("agents",), unique=("kind", "value")
)


def save_counts(changes: Mapping[str, int]) -> None:
    """Add to the numbers of agents that have each word, and each tag."""
    terms = sorted(term for term, change in changes.items() if change)
    new_words: list[str] = []
    for batch in in_batches(filter(is_word, terms), WORDS_AT_ONCE):
        new_words += _save_words({word: changes[word] for word in batch})
    # Once: new words are in all blocks of the filter.
    add_to_filter(new_words)
    for batch in in_batches(filter(None, map(tag_of, terms)), WORDS_AT_ONCE):
        _save_tags({tag: changes[tag_term(tag)] for tag in batch})


def _save_words(changes: Mapping[str, int]) -> list[str]:
    """Save the counts of words; returns those that no agent had before."""
    rows = SearchWord.objects.filter(word__in=list(changes))
    present = dict(rows.values_list("word", "agents"))
    counts = {word: present.get(word, 0) + change for word, change in changes.items()}
    SAVED_WORDS.insert(
        (word, *(_stems(word) if word not in present else ("", "")), count)
        for word, count in counts.items()
        if count > 0
    )
    unused_words = [word for word, count in counts.items() if count <= 0 and word in present]
    if unused_words:
        SearchWord.objects.filter(word__in=unused_words).delete()
    return [word for word, count in counts.items() if count > 0 and word not in present]


def _save_tags(changes: Mapping[str, int]) -> None:
    tags = SearchValue.objects.filter(kind=TAG, value__in=list(changes))
    present = dict(tags.values_list("value", "agents"))
    SAVED_TAGS.insert((TAG, tag, present.get(tag, 0) + n) for tag, n in changes.items())


def _stems(word: str) -> tuple[str, str]:
    return stem(word), german_stem(word)
