"""Catalogues to search: the demo agents, and synthetic ones."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from devtools.demo import DEMO, list_numbers
from devtools.synthetic.agents import SyntheticAgent, make_synthetic_agent
from devtools.synthetic.people import make_people
from devtools.synthetic.random_values import TODAY, AscendingIds, random_time_before
from foundation.accounts.models import User
from registry.agents.listing import filter_columns, searched_columns
from registry.models import Agent, AgentTag
from registry.rules.semver import is_prerelease
from tests.support.factories import make_agent, make_user, make_version

LISTING = ("tagline", "description", "license")


@pytest.fixture
def demo(db: None) -> None:
    """The demo agents, listed by their newest stable version, without packages."""
    owners: dict[str, User] = {}
    for folder in sorted(DEMO.glob("demo-*/*")):
        stable = [n for n in list_numbers(folder) if not is_prerelease(n)]
        number = (stable or list_numbers(folder))[-1]
        manifest = json.loads((folder / number / "agent.json").read_text(encoding="utf-8"))
        scope = folder.parent.name
        owner = owners.setdefault(
            scope, User.objects.filter(username=scope).first() or make_user(scope)
        )
        add_agent(owner, folder.name, number, manifest)


def add_agent(owner: User, name: str, number: str, manifest: dict[str, Any]) -> Agent:
    agent = make_agent(
        owner,
        name,
        display_name=manifest["name"],
        category_id=manifest["category"],
        tags=manifest["tags"],
        **{key: manifest[key] for key in LISTING},
        **filter_columns(manifest),
    )
    make_version(agent, number, manifest=manifest)
    return agent


@pytest.fixture
def many(ada: User) -> Callable[[int], list[SyntheticAgent]]:
    """``many(10_000)`` lists synthetic agents: only rows with search columns.

    All belong to Ada, whatever their scope.
    """

    def add(count: int) -> list[SyntheticAgent]:
        dice = Random(7)
        people, ids, names = (
            make_people(dice, count),
            AscendingIds(dice, count),
            set[tuple[str, str]](),
        )
        agents = [make_synthetic_agent(dice, ids, people, names) for _ in range(count)]
        Agent.objects.bulk_create(
            [_row(dice, synthetic, ada) for synthetic in agents], batch_size=500
        )
        tags = [
            AgentTag(agent_id=synthetic.id, tag=tag)
            for synthetic in agents
            for tag in synthetic.tags
        ]
        AgentTag.objects.bulk_create(tags, batch_size=1000)
        return agents

    return add


def _row(dice: Random, synthetic: SyntheticAgent, owner: User) -> Agent:
    agent = Agent(
        id=synthetic.id,
        scope=synthetic.owner.login,
        name=synthetic.name,
        owner_user=owner,
        category_id=synthetic.category,
        display_name=synthetic.display_name,
        tagline=synthetic.tagline,
        description=synthetic.description,
        license=synthetic.license,
        updated_at=random_time_before(dice, TODAY, 300),
        downloads_30d=int(3 * dice.paretovariate(0.9)),
        is_listed=True,
        latest_channel="community",
    )
    for column, value in searched_columns(agent, synthetic.tags).items():
        setattr(agent, column, value)
    return agent
