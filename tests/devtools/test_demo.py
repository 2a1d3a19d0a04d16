"""Picks of the demo catalogue."""

import json
from pathlib import Path
from typing import Any

import pytest

from clawstore.home.queries import home_page
from devtools.demo import DEMO, NotInProduction, add_picks, load_demo
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from registry.agents.actions import unpick_agent
from registry.models import AgentPick
from tests.support.uploads import publish

CATALOGUE = json.loads((DEMO / "catalogue.json").read_text(encoding="utf-8"))
PICKS = [
    {"id": "@ada/coach", "reason": "It asks for nothing."},
    {"id": "@ada/planner", "reason": "It plans."},
]


def list_picks() -> list[tuple[str, str]]:
    return [(f"@{pick.row.scope}/{pick.row.name}", pick.pick.reason) for pick in home_page().picks]


@pytest.fixture
def agents(as_ada: Actor) -> None:
    for pick in PICKS:
        publish(as_ada, pick["id"])


def test_picks_are_on_the_home_page_and_added_once(agents: None, as_root: Actor) -> None:
    for _ in range(2):
        add_picks(PICKS, by=as_root)

        assert list_picks() == [(pick["id"], pick["reason"]) for pick in reversed(PICKS)]
        assert AuditLog.objects.filter(action="agent.picked").count() == 2


def test_removed_pick_stays_removed(agents: None, as_root: Actor) -> None:
    add_picks(PICKS, by=as_root)
    unpick_agent(AgentPick.objects.get(reason="It plans.").agent, by=as_root)

    add_picks(PICKS, by=as_root)

    assert list_picks() == [("@ada/coach", "It asks for nothing.")]


def test_catalogue_picks_agents_of_others_that_exist() -> None:
    max_length = AgentPick._meta.get_field("reason").max_length
    people = {user["login"] for user in CATALOGUE["users"]}

    assert CATALOGUE["maintainer"] in people
    assert len(CATALOGUE["picks"]) == 3
    for pick in CATALOGUE["picks"]:
        scope, name = pick["id"].removeprefix("@").split("/")
        assert Path(DEMO, scope, name).is_dir()
        assert scope != CATALOGUE["maintainer"]
        assert 0 < len(pick["reason"]) <= (max_length or 0)


@pytest.mark.django_db
def test_demo_is_not_loaded_in_production(settings: Any) -> None:
    settings.IN_DEVELOPMENT = False

    with pytest.raises(NotInProduction):
        load_demo()

    assert AgentPick.objects.count() == 0
