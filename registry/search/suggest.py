"""Suggestions for the text typed so far: the first results of its search."""

from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Indel
from rapidfuzz.process import extract

from registry.agents.addresses import icon_address
from registry.models import Agent
from registry.search.query import BEST_MATCH, MAX_TEXT_LENGTH, parse_search
from registry.search.results import search
from registry.search.scoring import EXACT_NAME

MAX_SUGGESTIONS = 8
MAX_SIMILAR = 3
# Names are compared in Python, and an address that anyone can type must not cost more.
MAX_OF_AUTHOR = 200
MIN_SIMILARITY = 0.6
COLUMNS = ("scope", "name", "display_name", "tagline", "row_facts")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``is_exact``: no other agent has this id or name. ``row_facts`` tells the icon."""

    scope: str
    name: str
    display_name: str
    tagline: str
    row_facts: dict[str, Any]
    is_exact: bool

    @property
    def icon(self) -> str:
        """The address of the icon; blank without one."""
        return icon_address(self.scope, self.name, self.row_facts)

    @property
    def full_id(self) -> str:
        return f"@{self.scope}/{self.name}"


def suggest_agents(text: str) -> list[Suggestion]:
    """The first agents that match; none for a blank text or one that is too long."""
    # Nothing instead of a refusal: suggestions come while the text is being typed.
    if not text.strip() or len(text) > MAX_TEXT_LENGTH:
        return []
    page = search(parse_search(text, sort=BEST_MATCH), columns=COLUMNS, limit=MAX_SUGGESTIONS)
    exact_ids = []
    if page.matches and not page.interpretation.is_fallback:
        exact_ids = [row["id"] for row in page.rows if row["match_tier"] <= EXACT_NAME]
    return [make_suggestion(row, is_exact=exact_ids == [row["id"]]) for row in page.rows]


def similar_agents(scope: str, name: str) -> list[Suggestion]:
    """The agents that an address with an unknown name may have meant.

    First those with a similar name, of the same author or found by a search for the words of the
    name; then others that fit these words.
    """
    same_author = Agent.objects.listed().filter(scope=scope.lower()).order_by("id")
    suggestions = [
        Suggestion(**row, is_exact=False) for row in same_author.values(*COLUMNS)[:MAX_OF_AUTHOR]
    ]
    fitting = _fitting_agents(name.replace("-", " "))
    suggestions += fitting
    by_id = {suggestion.full_id: suggestion for suggestion in suggestions}
    names = {full_id: suggestion.name for full_id, suggestion in by_id.items()}
    closest = extract(
        name.lower(),
        names,
        scorer=Indel.normalized_similarity,
        score_cutoff=MIN_SIMILARITY,
        limit=MAX_SIMILAR,
    )
    by_name = {full_id: by_id[full_id] for _, _, full_id in closest}
    by_words = {suggestion.full_id: suggestion for suggestion in fitting}
    return list((by_name | by_words).values())[:MAX_SIMILAR]


def _fitting_agents(text: str) -> list[Suggestion]:
    """The first results of a search, without loosely related ones."""
    page = search(parse_search(text[:MAX_TEXT_LENGTH], sort=BEST_MATCH), columns=COLUMNS, limit=8)
    if page.interpretation.is_loose:
        return []
    return [make_suggestion(row) for row in page.rows if page.matches[row["id"]].kind != "loose"]


def make_suggestion(row: dict[str, Any], *, is_exact: bool = False) -> Suggestion:
    """A suggestion from the values of COLUMNS."""
    return Suggestion(**{column: row[column] for column in COLUMNS}, is_exact=is_exact)
