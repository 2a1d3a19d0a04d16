"""Short forms for tests of the search."""

from typing import Any

from foundation.accounts.models import User
from registry.models import Agent
from registry.search import parse_search, search
from tests.support.factories import make_agent, make_version


def list_agent(owner: User, name: str, **listing: Any) -> Agent:
    """An agent with one stable version, whose other texts do not match by chance."""
    agent = make_agent(owner, name, **{"tagline": "Nothing", "description": "Nil", **listing})
    make_version(agent)
    return agent


def search_names(text: str, **filters: Any) -> list[str]:
    """The names of the agents that a search returns, best first."""
    page = search(parse_search(text, **filters), columns=("name",), limit=50)
    return [row["name"] for row in page.rows]


def fallback_of(text: str) -> tuple[str, bool]:
    """The corrected spelling of the text, and whether it was searched for loosely."""
    interpretation = search(parse_search(text), limit=5).interpretation
    return interpretation.spelling, interpretation.is_loose
