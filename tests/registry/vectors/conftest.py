"""Agents that are about cooking, and others."""

import pytest

from foundation.accounts.models import User
from registry.models import Agent
from registry.vectors.actions import embed_next
from tests.support.factories import make_agent, make_version

TAGLINES = {
    "soup": "Plans vegetarian dinners and writes the shopping list for the recipes",
    "bread": "Recipes for a family that bakes its own bread and cakes",
    "pods": "Explains why a container on a Kubernetes server has crashed",
}


@pytest.fixture
def agents(ada: User) -> dict[str, Agent]:
    """Embedded agents by name: two about food, one about servers."""
    agents = {}
    for name, tagline in TAGLINES.items():
        agents[name] = make_agent(ada, name, tagline=tagline, display_name=name.title())
        make_version(agents[name])
    embed_next(10)
    return agents
