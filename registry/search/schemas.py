"""JSON of the search. Names on the wire are in camel case."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from ninja import Schema

from foundation.text.embedding import load_embedder
from registry.agents.schemas import AgentItem, agent_item
from registry.search.query import AgentSearch, parse_search
from registry.search.results import SearchPage
from registry.search.semantic import RelatedAgent
from registry.search.suggest import Suggestion


class AgentSearchIn(Schema):
    """Query of the list. Nothing matches an unknown category; ``tag`` may repeat.

    ``secrets=none`` lists agents that require no secrets, ``language`` those with texts in it, by
    its code of two letters, ``provider`` those that name a model of it, and ``price=free`` or
    ``price=paid`` those whose latest version has no price, or one.
    """

    q: str = ""
    category: str = ""
    tag: list[str] = []
    channel: str = ""
    scope: str = ""
    license: str = ""
    provider: str = ""
    secrets: Literal["", "none"] = ""
    language: str = ""
    price: Literal["", "free", "paid"] = ""
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
            license=self.license,
            provider=self.provider,
            no_secrets=self.secrets == "none",
            language=self.language,
            price=self.price,
            sort=self.sort,
        )


class FoundAgent(AgentItem):
    """An agent in a list; only with ``q``: how it matches, which words it lacks."""

    match: Literal["exact", "text", "meaning", "loose"] | None = None
    missing: list[str] | None = None


class TextFilter(Schema):
    """A part of ``q`` that was taken as a filter. In quotation marks it is text."""

    kind: str
    value: str
    text: str


class AgentPage(Schema):
    """``nextCursor`` is absent on the last page.

    ``spelled`` is the corrected text that was searched for instead of ``q``, ``loosely`` says that
    nothing fits and all items are loosely related, ``filters`` are parts of ``q`` that were taken
    as filters. They are absent if they have nothing to say.
    """

    items: list[FoundAgent]
    nextCursor: str | None = None
    spelled: str | None = None
    loosely: bool | None = None
    filters: list[TextFilter] | None = None


class SemanticSearchIn(Schema):
    """Query of the search by meaning. ``type`` says what is searched: agents."""

    q: str = ""
    type: Literal["agents"] = "agents"
    limit: str | None = None


class SimilarAgentOut(AgentItem):
    """``similarity`` is at most 1; ``snippet`` is the tagline."""

    similarity: float
    snippet: str
    url: str


class SimilarAgents(Schema):
    """The most similar agents first. ``model`` names what compared them."""

    items: list[SimilarAgentOut]
    model: str


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
        "filters": [asdict(intent) for intent in page.interpretation.search.intents],
    }
    items = [agent_item(row) | _match(page, row) for row in page.rows]
    return {"items": items} | {key: value for key, value in optional.items() if value}


def _match(page: SearchPage, row: dict[str, Any]) -> dict[str, Any]:
    match = page.matches.get(row["id"])
    if match is None:
        return {}
    return {"match": match.kind} | ({"missing": match.missing_words} if match.missing_words else {})


def similar_agents(agents: Sequence[RelatedAgent]) -> dict[str, Any]:
    embedder = load_embedder()
    items = [
        agent_item(agent.row)
        | {
            "similarity": agent.similarity,
            "snippet": agent.row["tagline"],
            "url": f"/agents/@{agent.row['scope']}/{agent.row['name']}",
        }
        for agent in agents
    ]
    return {"items": items, "model": embedder.name if embedder else ""}


def suggestion_out(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "id": suggestion.full_id,
        "displayName": suggestion.display_name,
        "tagline": suggestion.tagline,
        "exact": suggestion.is_exact,
    }
