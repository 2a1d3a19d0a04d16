"""What is offered while somebody types: the first of what the search itself would give."""

from dataclasses import dataclass

from registry.search.fallback import take_agents
from registry.search.matching import EXACT_NAME
from registry.search.query import BEST_MATCH, MOST_TEXT, AgentSearch

MOST_SUGGESTIONS = 8
COLUMNS = ("scope", "name", "display_name", "tagline")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``is_exact``: it is the one and only agent with this id or name."""

    scope: str
    name: str
    display_name: str
    tagline: str
    is_exact: bool

    @property
    def full_id(self) -> str:
        return f"@{self.scope}/{self.name}"


def suggest_agents(text: str) -> list[Suggestion]:
    """The first agents for what was typed so far; nothing for no text, or for one too long."""
    if not text.strip() or len(text) > MOST_TEXT:
        return []
    search = AgentSearch(text=text, sort=BEST_MATCH).checked()
    taken = take_agents(search, COLUMNS, limit=MOST_SUGGESTIONS, cursor=None)
    rows = taken.page.items
    is_literal = search.text and not (taken.reading.is_loose or taken.reading.spelled)
    exact = [row["id"] for row in rows if is_literal and row["match_tier"] <= EXACT_NAME]
    return [
        Suggestion(
            scope=row["scope"],
            name=row["name"],
            display_name=row["display_name"],
            tagline=row["tagline"],
            is_exact=exact == [row["id"]],
        )
        for row in rows
    ]
