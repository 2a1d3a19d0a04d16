"""List and search of agents, and suggestions."""

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Schema

from foundation.access.api import public
from foundation.limits.middleware import Limited
from foundation.paging import read_limit
from foundation.web.requests import Request
from foundation.web.responses import json_response
from registry.agents.schemas import (
    LIST_COLUMNS,
    AgentPage,
    agent_item,
)
from registry.search import AgentSearch, Reading, suggest_agents, take_agents
from registry.search.schemas import SuggestionOut, suggestion_out

router = Router(tags=["agents"])
READ: dict[str, Any] = {"auth": public, "throttle": [Limited("read")]}


class AgentSearchIn(Schema):
    """Query of the list. An unknown category or tag is an empty list; ``tag`` may repeat."""

    q: str = ""
    category: str = ""
    tag: list[str] = []
    channel: str = ""
    scope: str = ""
    sort: str = ""
    limit: str | None = None
    cursor: str | None = None

    def search(self) -> AgentSearch:
        return AgentSearch(
            text=self.q,
            category=self.category,
            tags=tuple(self.tag),
            channel=self.channel,
            scope=self.scope,
            sort=self.sort,
        ).checked()


@router.get("/agents", response=AgentPage, **READ)
def list_agents(request: Request, asked: Query[AgentSearchIn]) -> HttpResponse:
    """Find agents. Sorted by match where there is a `q` and no `sort`, else the newest first.

    Where no agent fits the `q` by the letter, `spelled` is the text that was looked for instead,
    and `loosely` says that only some of its words are there."""
    search = asked.search()
    limit = read_limit(asked.limit)
    taken = take_agents(search, LIST_COLUMNS, limit=limit, cursor=asked.cursor)
    items = [agent_item(row) for row in taken.page.items]
    answer = {"items": items} | _next(taken.page.next_cursor) | _said_of(taken.reading)
    return json_response(answer)


def _said_of(reading: Reading) -> dict[str, Any]:
    said = {"spelled": reading.spelled, "loosely": reading.is_loose}
    return {key: value for key, value in said.items() if value}


def _next(cursor: str | None) -> dict[str, str]:
    return {"nextCursor": cursor} if cursor else {}


@router.get("/suggest", response=list[SuggestionOut], **READ)
def suggest(request: Request, q: str = "") -> HttpResponse:
    """The first agents for what was typed so far, at most eight: those that a search would give.
    `exact` is true of the one agent with this id or name."""
    return json_response([suggestion_out(found) for found in suggest_agents(q)])
