"""The index of all agents, in which most searches look up."""

from registry.agents.revisions import site_revisions
from registry.search.names import find_named
from registry.search_index.queries import (
    find_words,
    find_words_beginning,
    read_columns,
    read_postings,
)


class WholeIndex:
    """The index of all agents, at the present revision of the catalogue."""

    def __init__(self) -> None:
        revisions = site_revisions()
        self.revision: object = revisions.catalogue
        self.columns = read_columns((revisions.catalogue, revisions.ranking))

    find_words = staticmethod(find_words)
    find_words_beginning = staticmethod(find_words_beginning)
    read_postings = staticmethod(read_postings)
    find_named = staticmethod(find_named)
