"""List and search of agents, and suggestions."""

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Schema

from foundation.access.api import public
from foundation.limits.middleware import Limited
from foundation.paging import read_limit
from foundation.refusals import InvalidParameter
from foundation.web.requests import Request
from foundation.web.responses import json_response
from registry.agents.schemas import LIST_COLUMNS
from registry.search.results import search
from registry.search.schemas import (
    AgentPage,
    AgentSearchIn,
    SemanticSearchIn,
    SimilarAgents,
    SuggestionOut,
    agent_page,
    similar_agents,
    suggestion_out,
)
from registry.search.semantic import search_by_meaning
from registry.search.suggest import suggest_agents

router = Router(tags=["agents"])
READ: dict[str, Any] = {"auth": public, "throttle": [Limited("read")]}


def refuse_unknown_parameters(request: Request, schema: type[Schema]) -> None:
    """Raise InvalidParameter for a parameter that would change nothing."""
    allowed_names = schema.model_fields.keys()
    for name in request.GET:
        if name not in allowed_names:
            names = ", ".join(allowed_names)
            # Refused and not ignored: a misspelled filter would otherwise look like one that all
            # agents pass.
            message = f"There is no parameter {name[:40]!r}. There are {names}."
            raise InvalidParameter(message, parameter=name[:40])


@router.get("/agents", response=AgentPage, **READ)
def list_agents(request: Request, query: Query[AgentSearchIn]) -> HttpResponse:
    """Find agents.

    Without a `sort`, a `q` is sorted by best match and everything else by last update. If no agent
    matches `q` exactly, `spelled` is the corrected text that was searched for instead, and
    `loosely` says that some of the words are missing. `q` has at most 256 characters, and only its
    first 16 words are searched for. A parameter that is not listed here is refused.
    """
    refuse_unknown_parameters(request, AgentSearchIn)
    limit = read_limit(query.limit)
    page = search(query.agent_search(), columns=LIST_COLUMNS, limit=limit, cursor=query.cursor)
    return json_response(agent_page(page))


@router.get("/search/semantic", response=SimilarAgents, **READ)
def search_semantic(request: Request, query: Query[SemanticSearchIn]) -> HttpResponse:
    """Find agents by the meaning of a text, whatever its words.

    `GET /agents?q=` combines words and meaning; this is the meaning alone. `q` has at most 256
    characters. Listed agents that are similar enough come with their similarity, the most similar
    one first, at most `limit` of them. There are no further pages. Without a model, the server
    answers 503 with `meaning_unavailable`.
    """
    refuse_unknown_parameters(request, SemanticSearchIn)
    limit = read_limit(query.limit)
    agents = search_by_meaning(query.q, columns=LIST_COLUMNS, limit=limit)
    return json_response(similar_agents(agents))


@router.get("/suggest", response=list[SuggestionOut], **READ)
def suggest(request: Request, q: str = "") -> HttpResponse:
    """The first agents that a search for the text so far finds, at most eight.

    `exact` is true if this agent alone has this id or name.
    """
    return json_response([suggestion_out(suggestion) for suggestion in suggest_agents(q)])
