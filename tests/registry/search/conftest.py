"""Catalogues to search: that of the demo, and ten thousand agents that nobody wrote."""

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
from registry.agents.listing import narrowing_columns, searched_columns
from registry.models import Agent, AgentTag
from registry.rules.semver import is_prerelease
from tests.support.factories import make_agent, make_user, make_version

LISTING = ("tagline", "description", "license")


@pytest.fixture
def demo(db: None) -> None:
    """The demo agents as their newest stable version lists them, without their packages."""
    owners: dict[str, User] = {}
    for folder in sorted(DEMO.glob("demo-*/*")):
        stable = [n for n in list_numbers(folder) if not is_prerelease(n)]
        number = (stable or list_numbers(folder))[-1]
        said = json.loads((folder / number / "agent.json").read_text(encoding="utf-8"))
        scope = folder.parent.name
        owner = owners.setdefault(
            scope, User.objects.filter(username=scope).first() or make_user(scope)
        )
        add_agent(owner, folder.name, number, said)


def add_agent(owner: User, name: str, number: str, said: dict[str, Any]) -> Agent:
    agent = make_agent(
        owner,
        name,
        display_name=said["name"],
        category_id=said["category"],
        tags=said["tags"],
        **{key: said[key] for key in LISTING},
        **narrowing_columns(said),
    )
    make_version(agent, number, manifest=said)
    return agent


@pytest.fixture
def many(ada: User) -> Callable[[int], list[SyntheticAgent]]:
    """``many(10_000)`` lists so many synthetic agents, all Ada's whatever their scope; rows alone,
    and in them what a search by words looks at."""

    def add(count: int) -> list[SyntheticAgent]:
        dice = Random(7)
        crowd, ids, taken = (
            make_people(dice, count),
            AscendingIds(dice, count),
            set[tuple[str, str]](),
        )
        ideas = [make_synthetic_agent(dice, ids, crowd, taken) for _ in range(count)]
        Agent.objects.bulk_create([_row(dice, idea, ada) for idea in ideas], batch_size=500)
        tags = [AgentTag(agent_id=idea.id, tag=tag) for idea in ideas for tag in idea.tags]
        AgentTag.objects.bulk_create(tags, batch_size=1000)
        return ideas

    return add


def _row(dice: Random, idea: SyntheticAgent, owner: User) -> Agent:
    agent = Agent(
        id=idea.id,
        scope=idea.owner.login,
        name=idea.name,
        owner_user=owner,
        category_id=idea.category,
        display_name=idea.display_name,
        tagline=idea.tagline,
        description=idea.description,
        license=idea.license,
        updated_at=random_time_before(dice, TODAY, 300),
        downloads_30d=int(3 * dice.paretovariate(0.9)),
        is_listed=True,
        latest_channel="community",
    )
    for column, value in searched_columns(agent, idea.tags).items():
        setattr(agent, column, value)
    return agent
