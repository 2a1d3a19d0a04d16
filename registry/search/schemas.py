"""JSON of the search. Names on the wire are in camel case."""

from typing import Any

from ninja import Schema

from registry.agents.schemas import AgentItem, agent_item
from registry.search.query import AgentSearch, parse_search
from registry.search.results import SearchPage
from registry.search.suggest import Suggestion


class AgentSearchIn(Schema):
    """Query of the list. Nothing matches an unknown category; ``tag`` may repeat."""

    q: str = ""
    category: str = ""
    tag: list[str] = []
    channel: str = ""
    scope: str = ""
    sort: str = ""
    limit: str | None = None
    cursor: str | None = None

    def agent_search(self) -> AgentSearch:
        return parse_search(
            self.q,
            category=self.category,
            tags=tuple(self.tag),
            channel=self.channel,
            scope=self.scope,
            sort=self.sort,
        )


class AgentPage(Schema):
    """``nextCursor`` is absent on the last page.

    ``spelled`` and ``loosely`` are present only if no agent matches ``q`` exactly: the corrected
    text that was searched for instead, and that some words are missing.
    """

    items: list[AgentItem]
    nextCursor: str | None = None
    spelled: str | None = None
    loosely: bool | None = None


class SuggestionOut(Schema):
    """``exact`` is true if this agent alone has this id or name."""

    id: str
    displayName: str
    tagline: str
    exact: bool


def agent_page(page: SearchPage) -> dict[str, Any]:
    optional = {
        "nextCursor": page.next_cursor,
        "spelled": page.interpretation.spelling,
        "loosely": page.interpretation.is_loose,
    }
    items = [agent_item(row) for row in page.rows]
    return {"items": items} | {key: value for key, value in optional.items() if value}


def suggestion_out(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "id": suggestion.full_id,
        "displayName": suggestion.display_name,
        "tagline": suggestion.tagline,
        "exact": suggestion.is_exact,
    }
