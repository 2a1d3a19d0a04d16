"""Decisions about an agent with a version 1.0.0, as parameters of tests."""

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


def yank(agent: Agent, by: dict[str, Actor]) -> None:
    yank_version(agent, "1.0.0", reason="No", by=by["root"])


def unyank(agent: Agent, by: dict[str, Actor]) -> None:
    unyank_version(agent, "1.0.0", by=by["root"])


def withhold(agent: Agent, by: dict[str, Actor]) -> None:
    withhold_version(agent, "1.0.0", reason="malware", text="It is one", by=by["root"])


def lift(agent: Agent, by: dict[str, Actor]) -> None:
    lift_withholding(agent, "1.0.0", reason="It is none", by=by["root"])


def delist(agent: Agent, by: dict[str, Actor]) -> None:
    delist_agent(agent, reason="No", by=by["root"])


def relist(agent: Agent, by: dict[str, Actor]) -> None:
    relist_agent(agent, by=by["root"])
