"""What can happen to an agent with a version 1.0.0, for tests of what must be seen at once."""

from foundation.actor import Actor
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    relist_agent,
    unyank_version,
    withhold_version,
    yank_version,
)
from registry.models import Agent


def a_yank(agent: Agent, by: dict[str, Actor]) -> None:
    yank_version(agent, "1.0.0", reason="No", by=by["root"])


def an_unyank(agent: Agent, by: dict[str, Actor]) -> None:
    unyank_version(agent, "1.0.0", by=by["root"])


def a_withholding(agent: Agent, by: dict[str, Actor]) -> None:
    withhold_version(agent, "1.0.0", reason="malware", text="It is one", by=by["root"])


def its_end(agent: Agent, by: dict[str, Actor]) -> None:
    lift_withholding(agent, "1.0.0", reason="It is none", by=by["root"])


def a_delisting(agent: Agent, by: dict[str, Actor]) -> None:
    delist_agent(agent, reason="No", by=by["root"])


def a_relisting(agent: Agent, by: dict[str, Actor]) -> None:
    relist_agent(agent, by=by["root"])
