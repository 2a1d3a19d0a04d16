"""Catalogues to search: the demo agents, and synthetic ones."""

from collections.abc import Callable
from random import Random

import pytest
from django.db import transaction

from devtools.synthetic.agents import SyntheticAgent, make_synthetic_agent
from devtools.synthetic.people import make_people
from devtools.synthetic.random_values import TODAY, AscendingIds, random_time_before
from foundation.accounts.models import User
from foundation.batches import in_batches
from foundation.caching.actions import bump_revision
from registry.agents.listing import folded_name_of
from registry.models import Agent, AgentTag
from registry.search_index.actions import CATALOGUE, index_agents
from tests.registry.search.judged_set import load_demo_agents


@pytest.fixture
def demo(db: None) -> None:
    """The demo agents, listed by their newest stable version, without packages."""
    load_demo_agents()


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
        with transaction.atomic():
            bump_revision(CATALOGUE)
            for batch in in_batches([synthetic.id for synthetic in agents], 2_000):
                index_agents(batch)
        return agents

    return add


def _row(dice: Random, synthetic: SyntheticAgent, owner: User) -> Agent:
    return Agent(
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
        folded_name=folded_name_of(synthetic.display_name),
    )
