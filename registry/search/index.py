"""Where a search looks up words, names and agents."""

from collections.abc import Collection
from typing import Protocol

from registry.search_index.queries import Columns, Postings, Word


class Index(Protocol):
    """The whole index, or the part of it that one agent has (`one_agent`)."""

    revision: object
    columns: Columns

    def find_words(
        self, words: Collection[str], stems: Collection[str], german_stems: Collection[str]
    ) -> list[Word]:
        """The words of the vocabulary that are one of these or have one of these stems."""

    def find_words_beginning(self, prefix: str, limit: int) -> list[Word]:
        """The most frequent words that begin with a prefix."""

    def read_postings(self, terms: Collection[str]) -> dict[str, Postings]:
        """The postings of these terms, without terms that no agent has."""

    def find_named(self, text: str) -> dict[int, list[int]]:
        """The numbers of the agents with this id or name, or beginning, by tier."""
