"""The author's own agents and versions: delisted, withheld, yanked, and appeals."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import delist_agent, lift_withholding, withhold_version, yank_version
from registry.models import Agent
from tests.support.factories import make_agent, make_version

AGENTS = "/publish/agents"
VERSIONS = "/publish/agents/@ada/coach"
APPEAL = 'href="/appeals"'


@pytest.fixture
def coach(coach: Agent) -> Agent:
    """The agent with two more versions."""
    for number in ("1.1.0", "1.2.0"):
        make_version(coach, number)
    return coach


def page_text(ada_client: Client, path: str) -> str:
    page = ada_client.get(path)
    assert page.status_code == 200
    return page.content.decode()


def withhold(agent: Agent, number: str, by: Actor, text: str = "A <key> in it.") -> None:
    withhold_version(agent, number, reason="leaked_secrets", text=text, by=by)


@pytest.mark.once
def test_listed_agent_has_no_appeal_link(coach: Agent, ada_client: Client) -> None:
    for path in (AGENTS, VERSIONS):
        page = page_text(ada_client, path)
        assert APPEAL not in page
        assert "ithheld" not in page
        assert "Delisted" not in page


@pytest.mark.once
def test_withheld_version_shows_reason_and_appeal_link(
    coach: Agent, ada_client: Client, as_root: Actor
) -> None:
    withhold(coach, "1.0.0", as_root)
    withhold(coach, "1.2.0", as_root)

    assert "2 versions withheld" in page_text(ada_client, AGENTS)
    page = page_text(ada_client, VERSIONS)
    assert page.count("Withheld for leaked secrets") == page.count(APPEAL) == 2
    assert "A &lt;key&gt; in it." in page

    lift_withholding(coach, "1.0.0", reason="Gone.", by=as_root)
    assert "1 version withheld" in page_text(ada_client, AGENTS)
    assert page_text(ada_client, VERSIONS).count("Withheld for leaked secrets") == 1


@pytest.mark.once
def test_delisted_agent_shows_reason_and_appeal_link(
    coach: Agent, ada_client: Client, as_root: Actor
) -> None:
    delist_agent(coach, reason="It is <spam>.", by=as_root)

    for path, title in ((AGENTS, "Delisted:"), (VERSIONS, "A maintainer delisted this agent.")):
        page = page_text(ada_client, path)
        assert title in page
        assert "It is &lt;spam&gt;." in page
        assert page.count(APPEAL) == 1


@pytest.mark.once
def test_only_a_maintainers_yank_has_an_appeal_link(
    coach: Agent, ada_client: Client, as_ada: Actor, as_root: Actor
) -> None:
    yank_version(coach, "1.0.0", reason="Mine.", by=as_ada)
    assert APPEAL not in page_text(ada_client, VERSIONS)
    assert "yanked by a maintainer" not in page_text(ada_client, AGENTS)

    yank_version(coach, "1.1.0", reason="It lies.", by=as_root)

    assert "1 version yanked by a maintainer" in page_text(ada_client, AGENTS)
    page = page_text(ada_client, VERSIONS)
    assert page.count(APPEAL) == page.count("Yanked by a maintainer:") == 1
    assert "It lies." in page


@pytest.mark.once
def test_maintainer_sees_no_appeal_link(coach: Agent, root: User, as_root: Actor) -> None:
    withhold(coach, "1.0.0", as_root)
    yank_version(coach, "1.1.0", reason="It lies.", by=as_root)
    delist_agent(coach, reason="Spam.", by=as_root)
    client = Client()
    client.force_login(root)

    page = page_text(client, VERSIONS)

    assert "Withheld for leaked secrets" in page
    assert "Spam." in page
    assert APPEAL not in page


def test_own_pages_take_a_constant_number_of_queries(
    coach: Agent, ada_client: Client, as_root: Actor, django_assert_num_queries: Callable[..., Any]
) -> None:
    ada_client.get(AGENTS)
    for number in ("1.0.0", "1.1.0", "1.2.0"):
        withhold(coach, number, as_root)
    other = make_agent(coach.owner_user, "other")
    make_version(other)
    delist_agent(other, reason="Spam.", by=as_root)

    # One query is for the domains of others in which one publishes.
    with django_assert_num_queries(9):
        ada_client.get(AGENTS)
    with django_assert_num_queries(8):
        ada_client.get(VERSIONS)
