"""Other interpretations of a search without matches; the result says which."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from registry.search.query import AgentSearch
from registry.search.spelling import correct_spelling


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A search as it was answered; ``spelling`` is the corrected text, if any."""

    search: AgentSearch
    spelling: str = ""

    @property
    def is_loose(self) -> bool:
        return self.search.loose

    @property
    def is_fallback(self) -> bool:
        return self.is_loose or self.spelling != ""


def interpretations(search: AgentSearch) -> Iterator[Interpretation]:
    """The search itself, then with corrected spelling, then loose.

    The next one is for when the one before has no match.
    """
    yield Interpretation(search)
    if not search.text:
        return
    spelling = correct_spelling(search.terms)
    if spelling:
        search = replace(search, text=spelling)
        yield Interpretation(search, spelling)
    yield Interpretation(replace(search, loose=True), spelling)
